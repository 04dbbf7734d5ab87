"""The test clock of a sandbox: a service's copy of the installation's time, and what is due by it (docs/clock.md)."""
