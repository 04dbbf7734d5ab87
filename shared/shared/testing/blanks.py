"""Blanks in tests: what the server would fill in."""

from shared.db import rows


def fill(text: bytes) -> bytes:
    """Fill the blanks of JSON with what the last operation of this connection found, as the server does in a reply."""
    ((filled,),) = rows("SELECT filled(%s)", [text.decode()])
    return str(filled).encode()
