"""Attributes and segments over HTTP."""
