"""How long an access token lives: the rule that auth issues by and every service checks by."""

from datetime import timedelta

# RFC 9700, 2.2: a short life is what limits a stolen token, because no service asks auth about each.
ACCESS_LIFETIME = timedelta(minutes=10)
