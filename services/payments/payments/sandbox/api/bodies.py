"""What requests about the test clock say."""

import re
from datetime import timedelta
from typing import Any

from rest_framework import serializers

from shared.http.fields import Body, Text
from shared.http.times import Instant

_DURATION = re.compile(
    r"P(?=.)(?:(?P<weeks>\d{1,2})W)?(?:(?P<days>\d{1,3})D)?"
    r"(?:T(?=.)(?:(?P<hours>\d{1,4})H)?(?:(?P<minutes>\d{1,6})M)?(?:(?P<seconds>\d{1,8})S)?)?",
    re.ASCII,
)


class Duration(Text):
    """A duration of ISO 8601 in weeks, days, hours, minutes and seconds; months and years are no fixed time."""

    pattern = "^P([0-9]{1,2}W)?([0-9]{1,3}D)?(T([0-9]{1,4}H)?([0-9]{1,6}M)?([0-9]{1,8}S)?)?$"
    default_error_messages = {
        "duration": "A duration is written as P30D or PT12H: weeks, days, hours, minutes, seconds."
    }

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"trim_whitespace": False, **options})

    def to_internal_value(self, data: Any) -> Any:
        found = _DURATION.fullmatch(super().to_internal_value(data))
        if not found:
            self.fail("duration")
        return timedelta(**{name: int(number) for name, number in found.groupdict().items() if number})


class ClockMoveBody(Body):
    """Where the installation's time is to be: so much further, or at an instant; one of both."""

    advance = Duration(required=False, help_text="a duration of ISO 8601, as in P30D")
    to = Instant(required=False)

    def validate(self, attrs: Any) -> Any:
        if len(attrs) != 1:
            raise serializers.ValidationError({"advance": ["Name `advance` or `to`, one of both."]}, code="both")
        return attrs
