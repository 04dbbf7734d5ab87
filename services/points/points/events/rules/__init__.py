"""What is decided of events, without a database."""
