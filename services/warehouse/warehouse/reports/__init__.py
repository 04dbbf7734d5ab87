"""Tables for people: what the facts add up to."""
