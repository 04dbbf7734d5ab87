"""Backtests: what a version of rules would have given for the purchases of a span, beside what they earned."""
