"""Fixtures of shared's own tests: a small project that stands in for a service."""

pytest_plugins = ["shared.testing.plugin"]
