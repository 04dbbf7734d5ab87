"""The base of every message, and the envelope it travels in."""

from datetime import datetime
from typing import Any, ClassVar, Self
from uuid import UUID

import msgspec

REGISTRY: dict[tuple[str, int], type["Contract"]] = {}


class Contract(msgspec.Struct, frozen=True, kw_only=True):
    """One message: its payload's fields, its name and version, and the service that says it.

    A message that every service may say (`ledger_day_totals`) has no fixed producer. A reader ignores
    fields it does not know; a new field needs a default, anything else is a new version.
    """

    NAME: ClassVar[str] = ""
    VERSION: ClassVar[int] = 1
    PRODUCER: ClassVar[str] = ""
    # Somebody waits for it: no pack is let fill for the sake of these (shared.messaging.relay).
    AT_ONCE: ClassVar[bool] = False

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if cls.NAME:
            assert REGISTRY.setdefault((cls.NAME, cls.VERSION), cls).__qualname__ == cls.__qualname__

    def payload(self) -> dict[str, Any]:
        """Return the payload as JSON values."""
        found: dict[str, Any] = msgspec.to_builtins(self)
        return found

    @classmethod
    def read(cls, payload: Any) -> Self:
        """Read a payload.

        :raises msgspec.ValidationError: a field is missing or of another type.
        """
        return msgspec.convert(payload, cls)


def may_say(producer: str, name: str) -> bool:
    """Whether a service may say messages of this name: those that are its own, and those that every service may.

    A name that nobody knows is nobody's.
    """
    return all(one.PRODUCER in ("", producer) for (known, _), one in REGISTRY.items() if known == name)


class JobStep(Contract, frozen=True, kw_only=True):
    """A service asks itself for the next chunk of a long job: bulk work, as is all that it publishes."""


class Envelope(msgspec.Struct, frozen=True, kw_only=True):
    """What travels: a payload with its identity, its origin, and the journey it belongs to."""

    id: UUID
    name: str
    version: int
    producer: str
    occurred_at: datetime
    correlation_id: str
    causation_id: str
    payload: dict[str, Any]

    def contract(self) -> Contract:
        """Return the typed message.

        :raises KeyError: nobody knows this name and version.
        :raises msgspec.ValidationError: the payload is not of that contract.
        """
        return REGISTRY[self.name, self.version].read(self.payload)

    def json(self) -> dict[str, Any]:
        """Return the envelope as JSON values."""
        found: dict[str, Any] = msgspec.to_builtins(self)
        return found

    @classmethod
    def read(cls, value: Any) -> Self:
        """Read an envelope from JSON values.

        :raises msgspec.ValidationError: it is not one.
        """
        return msgspec.convert(value, cls)
