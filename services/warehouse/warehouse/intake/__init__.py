"""Taking every message in, whole."""
