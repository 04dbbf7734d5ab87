"""Placeholders in tests: what the server would render."""

from shared.db import rows


def render(text: bytes) -> bytes:
    """Render JSON with what the last operation of this connection found, as the server does in a reply."""
    ((rendered,),) = rows("SELECT rendered(%s)", [text.decode()])
    return str(rendered).encode()
