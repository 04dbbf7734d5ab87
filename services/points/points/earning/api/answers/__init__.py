"""What is answered about rules."""
