"""The test clock of the installation: this service owns it, and tells the others (docs/clock.md)."""
