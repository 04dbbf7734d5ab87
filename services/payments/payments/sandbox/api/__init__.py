"""The test clock over HTTP."""
