"""Who changes a programme's rules at once: two versions never are active together, and no number is given twice."""

from datetime import timedelta
from uuid import UUID

import pytest

from points.earning import operations, queries
from points.earning.errors import AnotherScheduled, NoDraft
from points.earning.models import RuleSet
from points.earning.rules import Schema, Type, state_of
from points.programmes.rules import Programme
from shared.testing.proofs import race
from shared.testing.roles import OPERATOR
from tests.factories import AT, make_programme
from tests.rule_factories import activate, draft
from tests.rules.earning.factories import fixed, rule, rule_set

pytestmark = pytest.mark.django_db(transaction=True)
MINUTE = timedelta(minutes=1)
GIFT = {"field": "purchase.metadata.gift", "op": "eq", "value": True}


@pytest.fixture
def plaza() -> Programme:
    return make_programme()


def active(programme_id: UUID, minutes: int) -> list[int]:
    spans = queries.spans(programme_id)
    return [span.version for span in spans if state_of(span, spans, at=AT + minutes * MINUTE) == "active"]


def test_of_versions_that_are_activated_at_once_one_is_active_at_each_instant(plaza: Programme) -> None:
    drafts = [draft(plaza) for _ in range(8)]

    done = race(8, lambda turn: activate(drafts[turn], starts_at=AT + (turn // 2) * MINUTE))

    won = [one for one in done if isinstance(one, RuleSet)]
    assert won
    assert all(isinstance(one, RuleSet | AnotherScheduled) for one in done), done
    assert len({one.starts_at for one in won}) == len(won)
    assert all(len(active(plaza.id, minute)) <= 1 for minute in range(6))
    assert active(plaza.id, 5) == [max(won, key=lambda one: one.starts_at or AT).version]


def test_a_draft_that_is_activated_twice_at_once_is_activated_once(plaza: Programme) -> None:
    row = draft(plaza)

    done = race(4, lambda turn: activate(row, at=AT + turn * MINUTE))

    assert sorted(type(one).__name__ for one in done) == ["NoDraft"] * 3 + ["RuleSet"]
    assert any(isinstance(one, NoDraft) for one in done)


def test_drafts_that_are_made_at_once_have_numbers_of_their_own(plaza: Programme) -> None:
    race(8, lambda _: draft(plaza))

    assert [span.version for span in queries.spans(plaza.id)] == list(range(1, 9))


def test_no_draft_outlives_its_field(plaza: Programme) -> None:
    def say(schema: Schema) -> None:
        operations.change_schema(plaza.id, schema, actor_id=OPERATOR.id, at=AT)

    say(Schema(purchase_metadata={"gift": Type.BOOLEAN}))
    document = rule_set(rule("gifts", fixed(5), condition=GIFT))

    done = race(2, lambda turn: draft(plaza, document) if turn else say(Schema()))

    # Whoever came second was refused.
    assert sorted(isinstance(one, Exception) for one in done) == [False, True], done
