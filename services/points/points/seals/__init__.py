"""Sealed blocks: what was posted, chained and signed, so that anybody can check it without us."""
