"""Budgets: how many points rules may give everybody together, in a period."""
