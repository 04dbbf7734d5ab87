"""What the present piece of work belongs to: request, journey and cause; carried into logs and messages."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from uuid import UUID

request_id: ContextVar[str] = ContextVar("request_id", default="")
correlation_id: ContextVar[str] = ContextVar("correlation_id", default="")
causation_id: ContextVar[str] = ContextVar("causation_id", default="")


@contextmanager
def caused_by(*, correlation: str, causation: str | UUID) -> Iterator[None]:
    """Run a block as part of a journey, on behalf of the message or request that caused it."""
    tokens = correlation_id.set(correlation), causation_id.set(str(causation))
    try:
        yield
    finally:
        correlation_id.reset(tokens[0])
        causation_id.reset(tokens[1])
