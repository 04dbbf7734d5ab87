"""From the cells of a row to the posting that it asks for."""

import hashlib
import json
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from msgspec import Struct

from points.imports.errors import InvalidValue, KeyRepeated, RowMalformed
from points.imports.rules import cells as read
from points.imports.rules.plan import Heading, Plan, plain
from points.imports.rules.records import content_of
from points.imports.rules.texts import refuse_no_texts
from points.ledger.errors import ApprovalNeeded
from points.ledger.rules.earnings import Terms, check_amount, check_open, check_points, named_or_end_of_lot, terms
from points.ledger.rules.values import Kind, Posting
from points.programmes.rules import Programme, needs_approval
from points.programmes.rules.expiry import NEVER
from shared.errors import DomainError, InsufficientScope

SCOPES = {"earn": "points:earn", "redeem": "points:redeem-any", "adjust": "points:adjust"}
_KINDS = {"earn": Kind.EARNED, "redeem": Kind.REDEEMED, "adjust": Kind.ADJUSTED}
_LONGEST_KEY = 200
# Tills' clocks are not ours.
CLOCKS_DIFFER = timedelta(minutes=5)


class Command(Struct, frozen=True):
    """What a row asks for. `points` are signed for an adjustment and 0 where an earning is too small for a point;
    `amount` is the money that earned them, or 0.

    `identity` is a digest of the row's key, or of its content where it has no `key`.
    """

    kind: Kind
    member_id: UUID
    points: int
    amount: int
    reference: str
    reason: str
    occurred_at: datetime | None
    expires_at: datetime | None
    identity: str
    key: str


class Layout:
    """Where the cells of each field stand in a row; made once for a chunk of rows."""

    def __init__(self, plan: Plan, heading: Heading) -> None:
        self.plan, self.heading, self.width = plan, heading, len(heading.columns)
        place = {name: number for number, name in reversed(list(enumerate(heading.columns)))}
        self.places = {field: place[plain(name)] for field, name in plan.columns.items()}
        self.key = [place[plain(name)] for name in plan.key]
        self.columns = heading.columns
        # The whole content of an object is its last cell; a row's is all its cells, by their columns' names.
        self.is_object = plan.format == "ndjson"
        self.order = sorted(range(self.width), key=lambda at: (heading.columns[at], at))
        # What was read of fields that no column has, which all rows say alike; and the kinds that were said.
        self.alike: dict[str, Any] = {}
        self.kinds: dict[str, str] = {}

    def fitted(self, cells: list[str]) -> list[str]:
        """Return a row with as many cells as there are columns; empty ones too many, at its end, are dropped.

        :raises RowMalformed: it has others too many, or too few.
        """
        if len(cells) > self.width and not any(cells[self.width :]):
            return cells[: self.width]
        if len(cells) != self.width:
            raise RowMalformed(f"It has {len(cells)} cells, and the heading {self.width}.")
        return cells

    def cell(self, cells: Sequence[str], field: str) -> str:
        """Return what a row says of a field: its cell, or where that is empty what all rows say."""
        place = self.places.get(field)
        return (cells[place].strip() if place is not None else "") or self.plan.constants.get(field, "")


def command_of(row: list[str], layout: Layout, *, at: datetime) -> Command:
    """Return what a row asks for, judged as of an instant.

    :raises RowMalformed: it has another number of cells than the heading, or one that is no text.
    :raises InvalidValue: a cell has no proper value.
    :raises InsufficientScope: the caller may not post this kind.
    """
    cells = layout.fitted(row)
    if not layout.is_object:  # whose texts were looked at as they were read, under all their names
        refuse_no_texts(layout.columns, cells)
    kind = _kind(cells, layout)
    points, amount = _points(cells, layout, kind)
    identity, key = _identity(cells, layout)
    occurred_at, expires_at = _instants(cells, layout, at)
    return Command(
        kind=_KINDS[kind],
        member_id=_read(cells, layout, "member_id", read.identifier),
        points=points,
        amount=amount,
        reference=_read(cells, layout, "reference", read.external_id, longest=100),
        reason=_read(cells, layout, "reason", read.short_text, longest=200) or "import",
        occurred_at=occurred_at,
        expires_at=expires_at,
        identity=identity,
        key=key,
    )


def _kind(cells: list[str], layout: Layout) -> str:
    said = layout.cell(cells, "kind")
    if said in layout.kinds:
        return layout.kinds[said]
    kind = layout.plan.kinds.get(plain(said), plain(said))
    if kind not in SCOPES:
        raise _invalid(layout, "kind", f"{said[:40]!r} is none of the kinds that the mapping names")
    if kind not in layout.plan.may:
        raise InsufficientScope(required=[SCOPES[kind]])
    layout.kinds[said] = kind
    return kind


def _points(cells: list[str], layout: Layout, kind: str) -> tuple[int, int]:
    """Return the points of a row and the money that earned them; its points count before its amount."""
    plan = layout.plan
    if layout.cell(cells, "points"):
        points = _read(cells, layout, "points", read.whole_number, mark=plan.decimal_mark)
        if (points == 0 and kind != "earn") or (points < 0 and kind != "adjust"):
            raise _invalid(layout, "points", "a positive number is expected; an adjustment may be negative")
        return points, 0
    if "amount" not in layout.places or kind != "earn":
        raise _invalid(layout, "points", "a number of points is expected")
    how = {"currency": plan.currency, "mark": plan.decimal_mark, "amounts_in": plan.amounts_in}
    amount = _read(cells, layout, "amount", read.minor_units, **how)
    if amount < 0:
        raise _invalid(layout, "amount", "money that was paid is expected, not given back")
    if (points := amount * plan.earn_points // plan.earn_amount) > read.LARGEST_POINTS:
        raise _invalid(layout, "amount", "it earns more points than one posting can have")
    return points, amount


def _instants(cells: list[str], layout: Layout, at: datetime) -> tuple[datetime | None, datetime | None]:
    """Return when a row occurred and when its points end, which may have passed as what the programme says may."""
    occurred_at = _instant(cells, layout, "occurred_at")
    if occurred_at is not None and occurred_at > at + CLOCKS_DIFFER:
        raise _invalid(layout, "occurred_at", "it is in the future")
    expires_at = _instant(cells, layout, "expires_at")
    if occurred_at is not None and expires_at is not None and expires_at <= occurred_at:
        raise _invalid(layout, "expires_at", "it comes before the row's own instant")
    return occurred_at, expires_at


def _instant(cells: list[str], layout: Layout, field: str) -> datetime | None:
    if field not in layout.places or not layout.cell(cells, field):
        return None
    plan, is_end = layout.plan, field == "expires_at"
    found: datetime = _read(cells, layout, field, read.instant, dates=plan.dates, timezone=plan.timezone, is_end=is_end)
    return found


def _read(cells: list[str], layout: Layout, field: str, reader: Callable[..., Any], **how: Any) -> Any:
    if field in layout.alike:
        return layout.alike[field]
    try:
        found = reader(layout.cell(cells, field), **how)
    except ValueError as error:
        raise _invalid(layout, field, str(error)) from None
    if field not in layout.places:
        layout.alike[field] = found
    return found


def _invalid(layout: Layout, field: str, detail: str) -> InvalidValue:
    column = layout.plan.columns.get(field, field)
    return InvalidValue(f"{column}: {detail}.", column=column)


def _identity(cells: list[str], layout: Layout) -> tuple[str, str]:
    """Return the digest of a row's identity, and its key: empty where its content is its identity."""
    if not layout.key:
        named = [(layout.columns[place], cells[place].strip()) for place in layout.order]
        return _digest(cells[-1] if layout.is_object else content_of(named)), ""
    said = [cells[place].strip() for place in layout.key]
    key = said[0] if len(said) == 1 else json.dumps(said, ensure_ascii=False, separators=(",", ":"))
    try:
        if not all(said):
            raise ValueError("every row needs its key")
        key = read.external_id(key, longest=_LONGEST_KEY)
    except ValueError as error:
        column = layout.plan.key[0]
        raise InvalidValue(f"{column}: {error}.", column=column) from None
    return _digest(key), key


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def posting_of(
    command: Command,
    occurrence: int,
    programme: Programme,
    *,
    posting_id: UUID,
    actor_id: UUID,
    at: datetime,
    known: dict[object, Terms],
) -> Posting:
    """Return the posting of a row that is the so-maniest of its identity in the file, counted from one.

    `known` are the terms of the file's rows before it, as of the same instant; most rows have the same ones.

    :raises KeyRepeated: an earlier row has its key.
    :raises ProgrammeClosed: it earns in a programme that gives no more points.
    :raises AmountTooLarge, TooManyPoints: it earns by an amount, beyond the programme's bounds.
    :raises ApprovalNeeded: it adjusts by more than one person may.
    :raises EndsBeforeActivation: its points would end before they can be spent.
    """
    _refuse(command, occurrence, programme)
    said = command.kind, command.points > 0, command.occurred_at, command.expires_at
    if said not in known:
        known[said] = _terms(command, programme, at=at)
    return Posting(
        id=posting_id,
        kind=command.kind,
        programme_id=programme.id,
        member_id=command.member_id,
        points=command.points,
        reference=command.reference,
        reason=command.reason,
        # Not the import's: the same row has one effect, by whatever file it comes.
        source_key=f"import:{programme.id}:"
        + (f"key:{command.key}" if command.key else f"row:{command.identity}:{occurrence}"),
        occurred_at=command.occurred_at,
        actor_id=actor_id,
        **known[said],
    )


_PREFIX = len(f"import:{UUID(int=0)}:")
_AGAIN = "again"


def key_after(key: str, times: int) -> str:
    """Return the source key of a row whose posting imports have reversed so many times."""
    return f"{key[:_PREFIX]}{_AGAIN}{times}:{key[_PREFIX:]}" if times else key


def first_key(key: str) -> str:
    """Return the source key that a row had before anything of it was reversed."""
    rest = key[_PREFIX:]
    return key[:_PREFIX] + rest.partition(":")[2] if rest.startswith(_AGAIN) else key


def _refuse(command: Command, occurrence: int, programme: Programme) -> None:
    if command.key and occurrence > 1:
        raise KeyRepeated()
    if command.kind == Kind.EARNED:
        check_open(programme)
    if command.amount:
        # What is given as points is history, which has no such bounds.
        check_amount(programme, command.amount)
        check_points(programme, command.points)
    if command.kind == Kind.ADJUSTED and needs_approval(programme, points=command.points):
        raise ApprovalNeeded(limit=programme.adjustment_limit)


def _terms(command: Command, programme: Programme, *, at: datetime) -> Terms:
    earned_at = command.occurred_at or at
    if command.kind == Kind.EARNED:
        return terms(programme, earned_at=earned_at, expires_at=command.expires_at, at=at)
    gives = command.kind == Kind.ADJUSTED and command.points > 0
    end = named_or_end_of_lot(programme, command.expires_at, earned_at=earned_at) if gives else NEVER
    return Terms(activates=None, expires_at=end.expires_at, expires_on=end.expires_on)


def judged(row: list[str], layout: Layout, *, at: datetime) -> Command | DomainError:
    """Return what a row asks for, or why it is refused."""
    try:
        return command_of(row, layout, at=at)
    except DomainError as refusal:
        return refusal
