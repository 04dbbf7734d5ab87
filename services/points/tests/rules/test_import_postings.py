"""Rows become postings: by which key each is known, on which terms, and how they are counted."""

from typing import Any
from uuid import UUID

import pytest

from points.imports.errors import InvalidValue, KeyRepeated, RowMalformed
from points.imports.rules.rows import Command, posting_of
from points.imports.rules.tallies import (
    Accepted,
    EarnsNothing,
    Known,
    LeftOut,
    Tally,
    refusals_by_code,
    tally,
    together,
)
from points.ledger.errors import ApprovalNeeded
from points.ledger.rules.values import Posting
from points.programmes.errors import ProgrammeClosed
from points.programmes.rules import Programme
from shared.ids import new_id
from shared.testing.texts import UNSEEN
from tests.rules.row_factories import AT, MEMBER, command

PROGRAMME = Programme(
    id=UUID("00000000-0000-7000-8000-0000000000aa"),
    name="Plaza",
    currency="EUR",
    timezone="Europe/Berlin",
    earn_points=1,
    earn_amount=100,
    lot_days=None,
    value_points=100,
    value_amount=100,
    rounding="floor",
    status="active",
    is_default=True,
    created_at=AT,
    adjustment_limit=50,
)


def against() -> dict[str, Any]:
    """What a posting is made with, as the first of its file."""
    return {"posting_id": new_id(), "actor_id": MEMBER, "at": AT, "known": {}}


def key_of(made: Command, occurrence: int = 1) -> str:
    found = posting_of(made, occurrence, PROGRAMME, **against()).source_key
    assert found
    return found.removeprefix(f"import:{PROGRAMME.id}:")


def test_a_row_is_itself_by_its_content_and_its_number_among_equals() -> None:
    first, second = key_of(command({"Shop": "1"})), key_of(command({"Shop": "1"}), 2)

    assert second == first.replace(":1", ":2")
    assert first != key_of(command({"Shop": "2"}))


def test_the_content_does_not_depend_on_how_the_row_is_read() -> None:
    assert key_of(command({})) == key_of(command({}, kinds={"sale": "adjust"}))


def test_a_row_is_itself_by_its_key_columns() -> None:
    assert key_of(command({"Receipt": "r-1"}, key=("receipt",))) == "key:r-1"
    assert key_of(command({"Receipt": "r-1", "Shop": "7"}, key=("Receipt", "Shop"))) == 'key:["r-1","7"]'


@pytest.mark.parametrize("receipt", ["", "x" * 201])
def test_a_key_that_is_none_is_refused(receipt: str) -> None:
    with pytest.raises(InvalidValue):
        command({"Shop": receipt}, key=("Shop",))


def test_a_key_that_an_earlier_row_has_is_refused() -> None:
    with pytest.raises(KeyRepeated):
        posting_of(command({"Receipt": "r"}, key=("Receipt",)), 2, PROGRAMME, **against())


def test_the_longest_source_key_fits_its_column() -> None:
    found = posting_of(command({"Shop": "x" * 200}, key=("Shop",)), 1, PROGRAMME, **against())

    assert found.source_key
    assert len(found.source_key) <= 320


def test_a_closed_programme_and_a_large_adjustment_are_refused() -> None:
    closed = Programme(**{name: getattr(PROGRAMME, name) for name in Programme.__slots__} | {"status": "closed"})
    with pytest.raises(ProgrammeClosed):
        posting_of(command({}), 1, closed, **against())
    with pytest.raises(ApprovalNeeded):
        posting_of(command({"Points": "-51", "Type": "adjust"}), 1, PROGRAMME, **against())


def test_rows_are_counted_by_what_became_of_them() -> None:
    adjusted = [command({"Type": "adjust", "Points": points}) for points in ("5", "-3")]
    spent = command({"Type": "spent", "Points": "2"})
    ended, left_out = (
        Accepted(command({"Points": "4"}), has_ended=True, is_unknown=True),
        LeftOut(command({"Points": "8"})),
    )
    accepted = [Accepted(command({})), *map(Accepted, adjusted), Accepted(spent), ended]

    found = tally([*accepted, left_out, Known(), EarnsNothing(), EarnsNothing(), KeyRepeated()])

    assert found == Tally(
        rows=10, accepted=5, known=1, refused=1, earns_nothing=2, left_out=1, earned=14, redeemed=2, added=5,
        deducted=3, earned_rows=2, redeemed_rows=1, adjusted_rows=2, already_expired_rows=2, already_expired=12,
        unknown_members=1,
    )  # fmt: skip
    assert found.points == 14


def test_who_registered_meanwhile_changes_nothing_of_what_is_posted() -> None:
    seen = tally([Accepted(command({}), is_unknown=True)])

    assert seen.moves_as(tally([Accepted(command({}))]))
    assert not seen.moves_as(tally([Accepted(command({"Points": "9"}), is_unknown=True)]))


def test_refusals_are_counted_by_code_over_all_chunks() -> None:
    first = together({}, refusals_by_code([KeyRepeated(), Known(), RowMalformed(), KeyRepeated()]))

    assert first == {"imports.key_repeated": 2, "imports.row_malformed": 1}
    assert together(first, refusals_by_code([RowMalformed()])) == {
        "imports.key_repeated": 2, "imports.row_malformed": 2,
    }  # fmt: skip


def test_what_a_row_earns_waits_as_the_programme_says() -> None:
    waits = Programme(**{name: getattr(PROGRAMME, name) for name in Programme.__slots__} | {"pending_days": 14})

    earned = posting_of(command({}), 1, waits, **against())
    adjusted = posting_of(command({"Points": "5", "Type": "adjust"}), 1, waits, **against())

    assert earned.activates is not None
    assert (earned.activates.on_event, adjusted.activates) == ("", None)
    assert earned.activates.due_at > AT


def test_rows_that_say_the_same_have_the_same_terms_and_others_have_their_own():
    known: dict[object, Any] = {}
    yearly = Programme(**{name: getattr(PROGRAMME, name) for name in Programme.__slots__} | {"lot_days": 365})
    rows = [
        {},
        {"Points": "7"},
        {"Sold": "2026-02-01T10:00:00Z"},
        {"Ends": "2026-12-24"},
        {"Points": "5", "Type": "adjust"},
        {"Points": "-5", "Type": "adjust"},
        {"Points": "5", "Type": "spent"},
    ]
    together = [posting_of(command(row), 1, yearly, **against() | {"known": known}) for row in rows]
    apart = [posting_of(command(row), 1, yearly, **against()) for row in rows]

    def ends(posting: Posting) -> tuple[object, ...]:
        return posting.expires_at, posting.expires_on, posting.activates

    assert [ends(one) for one in together] == [ends(one) for one in apart]
    assert len({ends(one) for one in together}) == 4
    assert len(known) == 6


@pytest.mark.parametrize(("column", "key"), [("Receipt", ()), ("Shop", ("Shop",))])
@pytest.mark.parametrize("text", [text for text in UNSEEN if text == text.strip()], ids=ascii)
def test_an_id_that_looks_like_another_is_refused(column: str, key: tuple[str, ...], text: str) -> None:
    with pytest.raises(InvalidValue) as refusal:
        command({column: text}, key=key)

    assert (refusal.value.members["column"].casefold(), command({"Note": text}).reason) == (column.casefold(), text)


def test_ids_are_composed() -> None:
    assert command({"Receipt": "A\u030a-1"}).reference == "\u00c5-1"
    assert key_of(command({"Shop": "A\u030a-1"}, key=("Shop",))) == "key:\u00c5-1"
