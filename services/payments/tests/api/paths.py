"""Every path of the service, with who may use it."""

SOME_ID = "01987a50-0000-7000-8000-00000000ffff"
MERCHANTS = "/api/v1/merchants"
WALLETS = "/api/v1/wallets"
INTENTS = "/api/v1/payments/intents"
REFUNDS = "/api/v1/payments/refunds"
CLOCK = "/api/v1/sandbox/clock"

# Method, path, and a role whose token lacks the scope.
CLOSED = [
    ("GET", MERCHANTS, "member"),
    ("POST", MERCHANTS, "member"),
    ("POST", MERCHANTS, "merchant"),
    ("GET", f"{MERCHANTS}/{SOME_ID}", "analyst"),
    ("GET", WALLETS, "merchant"),
    ("POST", WALLETS, "operator"),
    ("GET", f"{WALLETS}/{SOME_ID}", "analyst"),
    ("GET", f"{WALLETS}/{SOME_ID}/entries", "merchant"),
    ("POST", f"{WALLETS}/{SOME_ID}/topups", "operator"),
    ("GET", INTENTS, "analyst"),
    ("POST", INTENTS, "merchant"),
    ("GET", f"{INTENTS}/{SOME_ID}", "analyst"),
    ("POST", f"{INTENTS}/{SOME_ID}/confirm", "operator"),
    ("POST", f"{INTENTS}/{SOME_ID}/cancel", "analyst"),
    ("POST", f"{INTENTS}/{SOME_ID}/refunds", "member"),
    ("GET", f"{REFUNDS}/{SOME_ID}", "analyst"),
    ("GET", CLOCK, "member"),
    ("POST", CLOCK, "merchant"),
]
OPEN = [("GET", "/api/v1/sandbox/cards")]
# Path, a role that may post there, and whether a key is needed.
POSTS = [
    (MERCHANTS, "operator", True),
    (WALLETS, "member", False),
    (f"{WALLETS}/{SOME_ID}/topups", "member", True),
    (INTENTS, "member", True),
    (f"{INTENTS}/{SOME_ID}/confirm", "member", True),
    (f"{INTENTS}/{SOME_ID}/cancel", "member", True),
    (f"{INTENTS}/{SOME_ID}/refunds", "merchant", True),
    (CLOCK, "operator", True),
]
