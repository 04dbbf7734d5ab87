"""Plumbing that every service needs, and the message contracts; no business rule lives here."""
