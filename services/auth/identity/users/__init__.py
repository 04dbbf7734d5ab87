"""The module users: people, their roles, and the audit of what was done."""
