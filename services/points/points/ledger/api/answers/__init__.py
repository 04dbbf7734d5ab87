"""What is answered about points."""
