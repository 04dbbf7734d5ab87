"""Fields of instants, days and time zones: each takes one way of writing, and none assumes what was not said."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from rest_framework import serializers

from shared import clock, instants, zones
from shared.http.fields import Text

CLOCKS_DIFFER = timedelta(minutes=5)
OFFSET_MISSING = "offset_missing"
DAY_OR_INSTANT = (
    "an instant with its offset, or a day (`YYYY-MM-DD`) of the programme's time zone: as a beginning its first moment,"
    " as an end its last"
)


def _read(value: Any, reader: Callable[[str], Any]) -> Any:
    if not isinstance(value, str):
        raise serializers.ValidationError("A text is expected.", "invalid")
    try:
        return reader(value)
    except instants.OffsetMissing as error:
        raise serializers.ValidationError(str(error), OFFSET_MISSING) from None
    except ValueError as error:
        raise serializers.ValidationError(str(error)[:200], "invalid") from None


class Instant(serializers.DateTimeField):
    """An instant with its offset from UTC, in this century or the next."""

    def to_internal_value(self, value: Any) -> datetime:
        instant: datetime = _read(value, instants.read_instant)
        return instant

    def to_representation(self, value: Any) -> str:
        return clock.iso(value)


class Past(Instant):
    """An instant that is not in the future, but for clocks that differ."""

    def to_internal_value(self, value: Any) -> datetime:
        instant = super().to_internal_value(value)
        if instant > clock.now() + CLOCKS_DIFFER:
            raise serializers.ValidationError("The instant is in the future.", "in_future")
        return instant


class Future(Instant):
    """An instant that is still to come."""

    def to_internal_value(self, value: Any) -> datetime:
        instant = super().to_internal_value(value)
        if instant <= clock.now():
            raise serializers.ValidationError("The instant has passed.", "in_past")
        return instant


class Day(serializers.DateField):
    """A calendar day of this century or the next, as `YYYY-MM-DD`."""

    def to_internal_value(self, value: Any) -> date:
        day: date = _read(value, instants.read_day)
        return day


class DayOrInstant(serializers.Field[Any, Any, Any, Any]):
    """An instant with its offset, or a day of the programme's time zone; reads to `datetime` or `date`.

    What it means is known with the zone: `shared.instants.beginning` and `end`.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"help_text": DAY_OR_INSTANT, **options})

    def to_internal_value(self, data: Any) -> date | datetime:
        found: date | datetime = _read(data, instants.read_day_or_instant)
        return found

    def to_representation(self, value: Any) -> str:
        return str(value)


class Timezone(Text):
    """The present IANA name of a time zone of an area, or `UTC`."""

    form = "time-zone"

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_length": 64, "help_text": "as in Europe/Berlin", **options})

    def to_internal_value(self, data: Any) -> str:
        name = super().to_internal_value(data)
        if name not in zones.names():
            raise serializers.ValidationError("An IANA time zone is expected, for example Europe/Berlin.", "unknown")
        return name
