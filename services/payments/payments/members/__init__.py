"""Members: who registered and who was shut out, as auth says."""
