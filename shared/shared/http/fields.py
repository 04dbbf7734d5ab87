"""Fields and bodies that take exactly the JSON they ask for: no coercion, no unknown member."""

import re
from base64 import b64decode
from collections.abc import Mapping
from functools import cached_property
from itertools import islice
from typing import Any, ClassVar

from rest_framework import serializers

from shared.errors import InvalidRequest, MalformedRequest
from shared.http import Id
from shared.money import EXPONENTS, LARGEST_AMOUNT, Money
from shared.texts import composed, is_id, is_text

LARGEST_POINTS = 10**12
# Beyond, readers of JSON who know one kind of number take it for another one.
LARGEST_EXACT = 2**53 - 1
# Of the members that a body has not, so many are named.
_MOST_UNKNOWN = 20
_UUID = re.compile(Id.regex, re.ASCII)
_DIGITS = re.compile("0|-?[1-9][0-9]{0,18}", re.ASCII)


class Body(serializers.Serializer[Any]):
    """A request body; a member that is not declared is refused, because a typing error must not be ignored."""

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, Mapping):
            return super().to_internal_value(data)  # which says what is wrong with it
        if unknown := list(islice((name for name in data if name not in self._checks), _MOST_UNKNOWN)):
            raise serializers.ValidationError(
                {str(name)[:64]: [serializers.ErrorDetail("Unknown field.", code="unknown")] for name in unknown}
            )
        found: dict[str, Any] = {}
        errors: dict[str, Any] = {}
        for name, check in self._checks.items():
            if name in data or check.says_when_absent:
                check.run(data.get(name, serializers.empty), found, errors)
        if errors:
            raise serializers.ValidationError(errors)
        return found

    @cached_property
    def _checks(self) -> dict[str, "_Check"]:
        return {name: _Check(self, name, field) for name, field in self.fields.items()}


class _Check:
    """What is done with one member: what the base does with each field in turn, decided once."""

    def __init__(self, body: Body, name: str, field: "serializers.Field[Any, Any, Any, Any]") -> None:
        assert not field.read_only
        assert field.source == name
        self.name, self.field = name, field
        self.also = getattr(body, f"validate_{name}", None)
        self.says_when_absent = field.required or field.default is not serializers.empty

    def run(self, value: Any, found: dict[str, Any], errors: dict[str, Any]) -> None:
        """Check a value and put it into what was found, or what is wrong with it into the errors."""
        try:
            value = self.field.run_validation(value)
            found[self.name] = self.also(value) if self.also else value
        except serializers.SkipField:
            return
        except serializers.ValidationError as error:
            errors[self.name] = error.detail


_READY: dict[type[Body], Body] = {}


def parse(body: type[Body], data: Any) -> dict[str, Any]:
    """Check a body and return its validated members.

    One instance of each class is kept: making a serializer copies all its fields and costs more
    than checking them. So a `Body` keeps no state of a request.

    :raises InvalidRequest: with one item in `errors` for each wrong field.
    """
    checker = _READY.get(body) or _READY.setdefault(body, body())
    if not isinstance(data, Mapping):
        raise InvalidRequest(errors=[{"field": "", "code": "invalid", "detail": "A JSON object is expected."}])
    validated: dict[str, Any] = checker.run_validation(dict(data))
    return validated


class WholeNumber(serializers.IntegerField):
    """An integer written as one: no text, no fraction, no `true`."""

    def to_internal_value(self, data: Any) -> int:
        if type(data) is not int:
            self.fail("invalid")
        return super().to_internal_value(data)


class Number(serializers.IntegerField):
    """An integer in a query, where everything is text: its digits, and nothing else that could be read as one."""

    def to_internal_value(self, data: Any) -> int:
        if not isinstance(data, str) or not _DIGITS.fullmatch(data):
            self.fail("invalid")
        return super().to_internal_value(data)


class Flag(serializers.BooleanField):
    """`true` or `false`, and nothing that looks like it."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class Choice(serializers.ChoiceField):
    """One of some texts, also `true` and `false` in a query; the base would make a text of anything, too."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str) or data not in self.choices:
            # Given back in answers that are stored: in ASCII, and not however long it is.
            self.fail("invalid_choice", input=ascii(data).strip("'")[:40])
        return data


class Text(serializers.CharField):
    """Text written as text, of characters alone: no control, no unassigned and no half of one (`shared.texts`).

    It comes composed (NFC): an id that one keyboard types otherwise than another is the same id.
    """

    # The `format` and `pattern` that Swagger names, of a text that has them.
    form: ClassVar[str] = ""
    pattern: ClassVar[str] = ""
    # For what may be older than these rules; NUL and halves of characters are refused by the base all the same.
    any_character: ClassVar[bool] = False
    default_error_messages = {"characters": "Control and unassigned characters are not allowed."}

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        # Before the base takes blanks from its ends, among which it counts control characters.
        if not self.any_character and not is_text(data):
            self.fail("characters")
        text = super().to_internal_value(data)
        return text if self.any_character else composed(text)


class ExternalId(Text):
    """An id that somebody else gave: an order's, a line's, a reference. None looks like another by what nobody sees."""

    # All that `is_id` refuses of the first 65,536 characters; beyond, one pattern cannot say it in every language.
    pattern = (
        r"^[^\x00-\x1f\x7f-\xa0\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u1680"
        r"\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff"
        r"\uffa0\ufff9-\ufffb]*$"
    )
    default_error_messages = {"unseen": "Characters that nobody sees are not allowed, nor blanks but the plain one."}

    def to_internal_value(self, data: Any) -> str:
        if isinstance(data, str) and is_text(data) and not is_id(data):
            self.fail("unseen")
        return super().to_internal_value(data)


class Identifier(serializers.UUIDField):
    """A UUID in its usual form, in small letters or capitals; the base would make one of much else, too.

    Not the nil UUID, which RFC 9562 (5.9) gives to nobody: lists and jobs begin behind it.
    """

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str) or not _UUID.fullmatch(data) or not data.strip("0-"):
            self.fail("invalid", value=data)
        return super().to_internal_value(data)


class PageQuery(Body):
    """Which page of a list."""

    cursor = Text(max_length=200, required=False, help_text="from `next` or `previous`")
    page_size = Number(min_value=1, max_value=200, required=False, help_text="50 where left out")

    def validate_cursor(self, cursor: str) -> str:
        """Refuse what no list ever gave before anything is looked up; a list refuses another list's cursor itself.

        :raises MalformedRequest: it is not base64.
        """
        try:
            b64decode(cursor, validate=True)
        except ValueError:
            raise MalformedRequest("The cursor is not one of this list.") from None
        return cursor


class Points(WholeNumber):
    """A positive number of points."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"min_value": 1, "max_value": LARGEST_POINTS, **options})


class Currency(Choice):
    """A currency this system knows, by its ISO 4217 code."""

    def __init__(self, **options: Any) -> None:
        super().__init__(choices=sorted(EXPONENTS), **options)


class MoneyField(Body):
    """`{"amount": 1999, "currency": "EUR"}`: positive minor units; reads to `Money`."""

    amount = WholeNumber(min_value=1, max_value=LARGEST_AMOUNT)
    currency = Currency()

    def to_internal_value(self, data: Any) -> Money:
        return Money(**super().to_internal_value(data))

    def to_representation(self, instance: Money) -> dict[str, Any]:
        return dict(instance.json())

    class Meta:
        ref_name = "Money"


class MetadataValue(serializers.Field[Any, Any, Any, Any]):
    """A short text, a whole number, or `true` or `false`."""

    default_error_messages = {"invalid": "A text, a whole number, true or false is expected."}

    def to_internal_value(self, data: Any) -> str | int | bool:
        if isinstance(data, bool):
            return data
        if not isinstance(data, str | int):
            self.fail("invalid")
        said: str | int = (_SHORT if isinstance(data, str) else _EXACT).run_validation(data)
        return said

    def to_representation(self, value: Any) -> Any:
        return value


class Metadata(serializers.DictField):
    """Up to 20 short values of the caller's own, kept and given back as they are."""

    child = MetadataValue()

    def to_internal_value(self, data: Any) -> dict[str, str | int | bool]:
        found: dict[str, str | int | bool] = super().to_internal_value(data)
        if len(found) > 20:
            raise serializers.ValidationError("At most 20 members.", code="too_many")
        for name in found:
            _NAME.run_validation(name)
        return found


_NAME = Text(max_length=40, allow_blank=True, trim_whitespace=False)
_SHORT = Text(max_length=200, allow_blank=True)
_EXACT = WholeNumber(min_value=-LARGEST_EXACT, max_value=LARGEST_EXACT)
