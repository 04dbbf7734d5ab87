"""The star schema: dimensions and facts, made from the staged messages."""
