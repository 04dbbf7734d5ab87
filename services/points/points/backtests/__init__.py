"""Backtests: what a version of rules would have given for the purchases and events of a span, beside what they
earned."""
