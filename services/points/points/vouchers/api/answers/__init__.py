"""What is answered about campaigns and vouchers."""
