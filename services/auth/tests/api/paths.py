"""The paths of this service, and who may use them."""

BASE = "/api/v1/auth"
SOME_ID = "01a20000-0000-7000-8000-000000000001"

# Without a token.
OPEN = [
    ("POST", f"{BASE}/register"),
    ("POST", f"{BASE}/token"),
    ("POST", f"{BASE}/token/refresh"),
    ("POST", f"{BASE}/token/revoke"),
]
# With any token.
OWN = [
    ("GET", f"{BASE}/me"),
    ("PATCH", f"{BASE}/me"),
    ("POST", f"{BASE}/password/change"),
    ("GET", f"{BASE}/roles"),
    ("GET", f"{BASE}/sessions"),
    ("DELETE", f"{BASE}/sessions"),
    ("DELETE", f"{BASE}/sessions/{SOME_ID}"),
]
# With an operator's.
MANAGED = [
    ("GET", f"{BASE}/users"),
    ("GET", f"{BASE}/users/{SOME_ID}"),
    ("POST", f"{BASE}/users/{SOME_ID}/roles"),
    ("DELETE", f"{BASE}/users/{SOME_ID}/roles/member"),
    ("POST", f"{BASE}/users/{SOME_ID}/deactivate"),
    ("GET", f"{BASE}/audit"),
    ("GET", f"{BASE}/clients"),
    ("POST", f"{BASE}/clients"),
    ("POST", f"{BASE}/clients/{SOME_ID}/secrets"),
    ("DELETE", f"{BASE}/clients/{SOME_ID}/secrets/{SOME_ID}"),
    ("POST", f"{BASE}/clients/{SOME_ID}/deactivate"),
]
# That read a JSON body.
WITH_BODY = [
    *OPEN,
    ("PATCH", f"{BASE}/me"),
    ("POST", f"{BASE}/password/change"),
    ("POST", f"{BASE}/users/{SOME_ID}/roles"),
    ("POST", f"{BASE}/clients"),
]
