"""Adjustments, and the earnings that may have to wait as they do, over HTTP."""
