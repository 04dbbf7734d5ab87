"""What requests about points say."""
