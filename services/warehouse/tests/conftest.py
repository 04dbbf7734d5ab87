"""Fixtures of the warehouse service's tests; the roles come from shared.testing.plugin."""

pytest_plugins = ["shared.testing.plugin"]
