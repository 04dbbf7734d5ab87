"""What is decided of purchases, without a database."""
