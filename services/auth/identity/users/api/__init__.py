"""The HTTP side of the module users."""
