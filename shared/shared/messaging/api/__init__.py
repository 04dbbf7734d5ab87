"""A service's messages over HTTP."""
