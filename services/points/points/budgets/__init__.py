"""Budgets: how much rules may give everybody together in a period, or the vouchers of a campaign."""
