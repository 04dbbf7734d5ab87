"""What requests about campaigns and vouchers say."""
