"""Tables of vouchers, step by step."""
