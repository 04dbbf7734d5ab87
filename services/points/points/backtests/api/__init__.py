"""Backtests over HTTP."""
