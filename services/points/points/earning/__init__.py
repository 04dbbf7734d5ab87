"""Earning: the rules by which members earn, and what each of them gave."""
