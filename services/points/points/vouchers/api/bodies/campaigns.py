"""What requests about campaigns and their codes say."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from rest_framework import serializers

from points.programmes.rules import Programme
from points.segments.api.fields import SegmentCode
from points.tiers.rules.scheme import MOST_TIERS
from points.vouchers.codes import DEFAULT_PATTERN, LONGEST, is_pattern
from shared.errors import InvalidRequest
from shared.http.fields import LARGEST_POINTS, Body, Choice, Currency, Identifier, MoneyField, Text, WholeNumber
from shared.http.times import DayOrInstant
from shared.instants import beginning, end
from shared.money import Money

MOST_CODES = 10_000_000
MOST_PRIORITY = 1_000_000
STACKING = ["exclusive", "all"]
_MOST_USES = 1_000_000
_MOST_USES_TOTAL = 10**12
# The amounts a campaign may have; all in its one currency.
MONEY = ("amount", "max_discount", "min_spend")


def _limit(largest: int, **options: Any) -> WholeNumber:
    return WholeNumber(min_value=1, max_value=largest, **options)


class TierPrice(Body):
    """What members of a tier pay."""

    tier = SegmentCode()
    price_points = WholeNumber(min_value=0, max_value=LARGEST_POINTS)


class _ForTiers(serializers.ListField):
    """A list that names each tier once, or null."""

    default_error_messages = {"twice": "A tier is named twice."}

    def __init__(self, **options: Any) -> None:
        super().__init__(min_length=1, max_length=MOST_TIERS, allow_null=True, **options)

    def to_internal_value(self, data: Any) -> list[Any]:
        found: list[Any] = super().to_internal_value(data)
        codes = [one["tier"] if isinstance(one, dict) else one for one in found]
        if len(set(codes)) < len(codes):
            self.fail("twice")
        return found


class Tiers(_ForTiers):
    """The codes of tiers."""

    child = SegmentCode()


class Prices(_ForTiers):
    """What members of tiers pay."""

    child = TierPrice()


class NewCampaign(Body):
    """The terms of a campaign. `amount` for kind `amount`, `percent` (and `max_discount`) for kind `percent`.

    Its vouchers count alone on an order (`stacking` is `exclusive`) or beside others (`all`), in the order of
    `priority`, lower first, then of their codes.

    `tiers` are the codes of the programme's tiers whose members may take and use them, everybody where left out.
    Members of the tiers in `prices` pay what that says instead of `price_points`.
    """

    programme = Identifier(required=False)
    name = Text(max_length=100)
    kind = Choice(choices=["amount", "percent"])
    amount = MoneyField(required=False, allow_null=True)
    percent = _limit(100, required=False, allow_null=True)
    currency = Currency(required=False)
    max_discount = MoneyField(required=False, allow_null=True)
    min_spend = MoneyField(required=False, allow_null=True)
    starts_at = DayOrInstant(required=False)
    ends_at = DayOrInstant()
    uses_per_code = _limit(_MOST_USES, default=1)
    uses_per_member = _limit(_MOST_USES, allow_null=True, default=None)
    uses_total = _limit(_MOST_USES_TOTAL, allow_null=True, default=None)
    price_points = WholeNumber(min_value=0, max_value=LARGEST_POINTS, default=0)
    prices = Prices(default=None)
    tiers = Tiers(default=None)
    stacking = serializers.ChoiceField(choices=STACKING, default="exclusive")
    priority = WholeNumber(min_value=-MOST_PRIORITY, max_value=MOST_PRIORITY, default=0)


class ChangedCampaign(Body):
    """What to change; after the activation only `name`, `ends_at` and `uses_total`."""

    name = Text(max_length=100, required=False)
    kind = Choice(choices=["amount", "percent"], required=False)
    amount = MoneyField(required=False, allow_null=True)
    percent = _limit(100, required=False, allow_null=True)
    max_discount = MoneyField(required=False, allow_null=True)
    min_spend = MoneyField(required=False, allow_null=True)
    starts_at = DayOrInstant(required=False)
    ends_at = DayOrInstant(required=False)
    uses_per_code = _limit(_MOST_USES, required=False)
    uses_per_member = _limit(_MOST_USES, allow_null=True, required=False)
    uses_total = _limit(_MOST_USES_TOTAL, allow_null=True, required=False)
    price_points = WholeNumber(min_value=0, max_value=LARGEST_POINTS, required=False)
    prices = Prices(required=False)
    tiers = Tiers(required=False)
    stacking = serializers.ChoiceField(choices=STACKING, required=False)
    priority = WholeNumber(min_value=-MOST_PRIORITY, max_value=MOST_PRIORITY, required=False)


class NewCodes(Body):
    """How many codes to make; in `pattern` each `#` but the last is random, and the last checks the others."""

    count = WholeNumber(min_value=1, max_value=MOST_CODES)
    pattern = Text(max_length=LONGEST, default=DEFAULT_PATTERN)

    def validate_pattern(self, pattern: str) -> str:
        """Refuse what is no pattern."""
        if not is_pattern(pattern):
            raise serializers.ValidationError("Capital letters, digits, dashes and at least two # are expected.")
        return pattern


def campaign_fields(body: dict[str, Any], programme: Programme, *, at: datetime) -> dict[str, Any]:
    """Return the fields of a new campaign: it starts now, in the programme's currency, where it does not say otherwise.

    :raises InvalidRequest: its amounts are in several currencies.
    """
    named = [body[name].currency for name in MONEY if body.get(name)]
    currency = body.get("currency") or (named[0] if named else programme.currency)
    body.pop("programme", None)
    fields = {"starts_at": at, **with_instants(body, programme), "programme_id": programme.id, "currency": currency}
    return with_plain_amounts(fields, currency)


def with_instants(fields: Mapping[str, Any], programme: Programme) -> dict[str, Any]:
    """Return a campaign's fields with each day as an instant: it starts with its first one, and ends after its last."""
    readers = {"starts_at": beginning, "ends_at": end}
    return {
        **fields,
        **{name: read(fields[name], programme.timezone) for name, read in readers.items() if name in fields},
    }


def with_plain_amounts(fields: Mapping[str, Any], currency: str) -> dict[str, Any]:
    """Return a campaign's fields with each amount of money as a number of its currency.

    :raises InvalidRequest: an amount is in another currency.
    """
    given = {name: fields[name] for name in MONEY if fields.get(name)}
    _check_one_currency(given.items(), currency)
    return {**fields, **{name: money.amount for name, money in given.items()}}


def _check_one_currency(given: Iterable[tuple[str, Money]], currency: str) -> None:
    wrong = [name for name, money in given if money.currency != currency]
    if wrong:
        detail = f"The campaign's currency is {currency}."
        raise InvalidRequest(errors=[{"field": name, "code": "currency", "detail": detail} for name in wrong])
