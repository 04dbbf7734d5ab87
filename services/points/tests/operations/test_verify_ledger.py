"""The command that proves the ledger; what it finds of each invariant is in tests/invariants."""

from io import StringIO
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command

from points.ledger.proofs import INVARIANTS, differences
from shared.ids import new_id
from shared.testing.actors import Actor
from shared.testing.owner import as_owner
from tests.invariants import world

pytestmark = pytest.mark.django_db


@pytest.fixture
def me(member: Actor, other_member: Actor) -> UUID:
    world.fill(member.id, other_member.id)
    return member.id


def break_ledger() -> None:
    as_owner("UPDATE lot SET remaining = remaining - 1 WHERE points = 50")


def test_a_right_ledger_passes(me: UUID) -> None:
    out = StringIO()

    call_command("verify_ledger", stdout=out)

    assert out.getvalue() == f"the ledger holds: {len(INVARIANTS)} invariants\n"


def test_the_command_prints_the_first_wrong_row_and_fails(me: UUID) -> None:
    break_ledger()
    errors = StringIO()

    with pytest.raises(SystemExit) as end:
        call_command("verify_ledger", stderr=errors)

    assert end.value.code == 1
    assert '"remaining":49' in errors.getvalue()


def test_one_member_can_be_looked_at_alone(me: UUID, other_member: Actor) -> None:
    break_ledger()

    assert differences(me) == []
    assert differences(other_member.id) != []


def test_nothing_is_said_to_be_right_of_a_member_who_is_not_there(me: UUID) -> None:
    nobody, out = new_id(), StringIO()
    with pytest.raises(CommandError, match=f"there is no member {nobody} here: nobody of this id ever had points"):
        call_command("verify_ledger", member=nobody, stdout=out)
    assert out.getvalue() == ""

    call_command("verify_ledger", member=me, stdout=out)
    assert out.getvalue() == f"the ledger holds: {len(INVARIANTS)} invariants\n"
