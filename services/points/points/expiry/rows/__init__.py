"""The rows of expiry runs and of notices."""
