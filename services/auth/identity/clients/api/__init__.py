"""Service clients over HTTP."""
