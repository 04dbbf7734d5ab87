"""Versions of rules: which is active when, what the database refuses, and how many statements a purchase costs more."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from points.earning import operations, queries
from points.earning.errors import AnotherScheduled, NoDraft, RulesRefused, SchemaInUse, TooManyDrafts, VersionRetired
from points.earning.models import RuleSet
from points.earning.queries import rules_at
from points.earning.rules import Rounding, Schema, Type
from points.programmes.errors import ProgrammeNotFound
from points.programmes.operations import change_programme
from points.programmes.rules import Programme
from points.segments.errors import SegmentInUse
from points.segments.operations.segments import delete_segment
from shared.contracts.rules import RuleChanged
from shared.db import execute
from shared.ids import new_id
from shared.testing.messages import published
from shared.testing.owner import as_owner
from shared.testing.proofs import nothing_written
from shared.testing.roles import OPERATOR
from tests.factories import AT, make_programme
from tests.rule_factories import PAPER, activate, activated, draft, retire
from tests.rules.earning.factories import PER_EURO, fixed, rule, rule_set
from tests.segment_factories import make_segment

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
MICROSECOND = timedelta(microseconds=1)
OF_ACTIVATION = ("starts_at", "activated_at", "activated_by", "schema", "rounding")
GIFT = {"field": "purchase.metadata.gift", "op": "eq", "value": True}


@pytest.fixture
def plaza() -> Programme:
    return make_programme()


def active(programme: Programme, at: Any) -> int | None:
    found = rules_at(programme, at)
    return found and found.version


def test_a_programme_without_rules_has_none_active(plaza: Programme) -> None:
    draft(plaza)

    assert active(plaza, AT) is None


def test_a_version_is_active_from_its_start_to_the_next_ones(plaza: Programme) -> None:
    activated(plaza)
    activated(plaza, at=AT + DAY)

    assert [active(plaza, AT + step) for step in (-MICROSECOND, 0 * DAY, DAY - MICROSECOND, DAY, 99 * DAY)] == [
        None,
        1,
        1,
        2,
        2,
    ]


def test_double_points_on_saturday_are_set_on_thursday(plaza: Programme) -> None:
    activated(plaza)
    saturday, sunday = AT + 2 * DAY, AT + 3 * DAY
    activated(plaza, starts_at=saturday)
    activated(plaza, starts_at=sunday)

    assert [active(plaza, at) for at in (AT, saturday - MICROSECOND, saturday, sunday)] == [1, 1, 2, 3]


def test_a_retired_version_leaves_the_plain_terms_and_one_that_never_started_leaves_the_one_before(
    plaza: Programme,
) -> None:
    first, second = activated(plaza), activated(plaza, starts_at=AT + DAY)
    retire(second, at=AT)
    assert active(plaza, AT + 2 * DAY) == 1

    retire(first, ends_at=AT + DAY)

    assert [active(plaza, at) for at in (AT + DAY - MICROSECOND, AT + DAY)] == [1, None]


def test_what_is_active_is_read_by_the_schema_and_rounding_of_its_activation(plaza: Programme) -> None:
    say(plaza, purchase_metadata={"gift": Type.BOOLEAN})
    change_programme(plaza.id, changes={"rounding": "ceil"}, at=AT)
    activated(plaza, rule_set(rule("gifts", fixed(5), condition=GIFT)))
    say(plaza, purchase_metadata={"gift": Type.BOOLEAN}, attributes={"pets": Type.TEXTS})
    change_programme(plaza.id, changes={"rounding": "floor"}, at=AT)

    found = rules_at(plaza, AT)

    assert found
    assert found.rounding is Rounding.CEIL
    assert "purchase.metadata.gift" in found.fields
    assert "member.attributes.pets" not in found.fields


def test_asking_again_costs_no_statement(plaza: Programme) -> None:
    activated(plaza)
    rules_at(plaza, AT)

    with CaptureQueriesContext(connection) as asked:
        assert rules_at(plaza, AT) is rules_at(plaza, AT + DAY)

    assert len(asked) == 0


def test_a_second_later_another_process_is_heard(plaza: Programme, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "_MEMORY_SECONDS", 0.0)
    row = draft(plaza)
    assert active(plaza, AT) is None

    execute(
        "UPDATE rule_set SET starts_at = %s, activated_at = %s, activated_by = id, schema = '{}', rounding = 'floor'"
        " WHERE id = %s",
        [AT, AT, row.id],
    )

    assert active(plaza, AT) == 1


def test_programmes_have_their_own_numbers_and_rules(plaza: Programme) -> None:
    other = make_programme(name="Piazza")
    activated(plaza)
    activated(other)
    activated(plaza, at=AT + DAY)

    assert (active(plaza, AT + DAY), active(other, AT + DAY)) == (2, 1)


def test_only_a_draft_is_changed_or_activated(plaza: Programme) -> None:
    running, ended, dropped = activated(plaza), activated(plaza, at=AT + DAY), draft(plaza)
    retire(dropped)
    for row, state in ((running, "retired"), (ended, "active"), (dropped, "retired")):
        with nothing_written():
            with pytest.raises(NoDraft) as refused, transaction.atomic():
                activate(row, at=AT + 2 * DAY)
            with pytest.raises(NoDraft), transaction.atomic():
                operations.change_draft(plaza.id, row.version, PAPER, actor_id=OPERATOR.id, at=AT + 2 * DAY)
        assert refused.value.members == {"state": state}


@pytest.mark.parametrize("day", [0, 1, 2])
def test_no_version_starts_before_one_that_is_scheduled_nor_with_it(plaza: Programme, day: int) -> None:
    activated(plaza)
    activated(plaza, starts_at=AT + 2 * DAY)
    row = draft(plaza)
    with nothing_written(), pytest.raises(AnotherScheduled) as refused, transaction.atomic():
        activate(row, starts_at=AT + day * DAY, at=AT + MICROSECOND)

    assert refused.value.members == {"starts_at": AT + 2 * DAY}


def test_a_version_ends_no_later_than_the_next_one_starts(plaza: Programme) -> None:
    row = activated(plaza)
    activated(plaza, starts_at=AT + 2 * DAY)
    with nothing_written(), pytest.raises(AnotherScheduled), transaction.atomic():
        retire(row, ends_at=AT + 2 * DAY + MICROSECOND)

    retire(row, ends_at=AT + DAY)
    # And as long as that is still to come, it may move.
    retire(row, ends_at=AT + 2 * DAY)

    assert [active(plaza, AT + day * DAY) for day in (1, 2)] == [1, 2]


def test_what_has_ended_stays_so(plaza: Programme) -> None:
    first = activated(plaza)
    second = activated(plaza, at=AT + DAY)
    retire(second, at=AT + 2 * DAY)
    for row in (first, second):
        with nothing_written(), pytest.raises(VersionRetired), transaction.atomic():
            retire(row, at=AT + 3 * DAY)


def test_drafts_and_scheduled_ones_are_bounded(plaza: Programme, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operations, "MOST_DRAFTS", 2)
    activated(plaza)
    draft(plaza)
    activated(plaza, starts_at=AT + DAY)
    with nothing_written(), pytest.raises(TooManyDrafts), transaction.atomic():
        draft(plaza)

    assert draft(plaza, at=AT + DAY).version == 4


def test_a_schema_that_breaks_rules_is_refused_and_names_them(plaza: Programme) -> None:
    say(plaza, purchase_metadata={"gift": Type.BOOLEAN})
    gifts = rule_set(rule("base", PER_EURO), rule("gifts", fixed(5), condition={"all": [GIFT]}))
    retired = activated(plaza, gifts)
    activated(plaza, at=AT + DAY)
    draft(plaza, gifts)

    with nothing_written(), pytest.raises(SchemaInUse) as refused, transaction.atomic():
        say(plaza, at=AT + DAY)

    (error,) = refused.value.members["errors"]
    assert retired.version == 1
    assert (error["version"], error["rule_id"]) == (3, "gifts")
    assert (error["pointer"], error["code"]) == ("/rules/1/condition/all/0/field", "unknown_field")
    operations.change_draft(plaza.id, 3, PAPER, actor_id=OPERATOR.id, at=AT)
    say(plaza, at=AT + DAY)
    assert queries.schema(plaza.id) == Schema()


def test_an_active_version_holds_the_schema_too(plaza: Programme) -> None:
    say(plaza, purchase_metadata={"gift": Type.BOOLEAN})
    activated(plaza, rule_set(rule("gifts", fixed(5), condition=GIFT)))

    with nothing_written(), pytest.raises(SchemaInUse), transaction.atomic():
        say(plaza, purchase_metadata={"gift": Type.TEXT})


def of_a_later_language(programme: Programme, *rules: Any) -> None:
    """Let version 1 be a draft that a later release saved."""
    document = rule_set(rule("base", PER_EURO), *rules) | {"language": 2}
    RuleSet.objects.filter(id=draft(programme).id).update(document=document)


@pytest.mark.parametrize(
    ("rules", "where"),
    [
        ([], []),
        ([{"id": "x"}], [(1, "x", "/rules/1", "member_missing")] * 3),
        ([{}], [(1, None, "/rules/1", "member_missing")] * 4),
        (["later"], [(1, None, "/rules/1", "no_object")]),
    ],
)
def test_a_version_of_another_language_is_named_where_it_is_read(
    plaza: Programme, rules: list[Any], where: list[Any]
) -> None:
    make_segment("vip")
    of_a_later_language(plaza, *rules)

    for use, refusal in (
        (lambda: say(plaza), SchemaInUse),
        (lambda: delete_segment(plaza.id, "vip", actor_id=OPERATOR.id, at=AT), SegmentInUse),
    ):
        with nothing_written(), pytest.raises(refusal) as refused, transaction.atomic():
            use()
        errors = [
            (one["version"], one.get("rule_id"), one["pointer"], one["code"]) for one in refused.value.members["errors"]
        ]
        assert errors == [(1, None, "/language", "wrong_value"), *where]


def test_a_draft_of_so_many_rules_that_only_another_release_takes_them_is_named(plaza: Programme) -> None:
    document = rule_set(*(rule(f"r{number}", PER_EURO) for number in range(101)))
    RuleSet.objects.filter(id=draft(plaza).id).update(document=document)

    with nothing_written(), pytest.raises(SchemaInUse) as refused, transaction.atomic():
        say(plaza)
    (error,) = refused.value.members["errors"]
    assert (error["version"], error["pointer"], "rule_id" in error) == (1, "/rules", False)


def test_nothing_is_written_of_an_unknown_programme(plaza: Programme) -> None:
    for write in (
        lambda: operations.create_draft(new_id(), PAPER, actor_id=OPERATOR.id, at=AT),
        lambda: operations.change_schema(new_id(), Schema(), actor_id=OPERATOR.id, at=AT),
    ):
        with nothing_written(), pytest.raises(ProgrammeNotFound), transaction.atomic():
            write()


def test_a_document_that_is_none_is_refused(plaza: Programme) -> None:
    with nothing_written(), pytest.raises(RulesRefused), transaction.atomic():
        operations.create_draft(plaza.id, {"language": 2}, actor_id=OPERATOR.id, at=AT)


def test_each_version_whose_span_changed_is_told_of(plaza: Programme) -> None:
    activated(plaza)
    second = activated(plaza, starts_at=AT + DAY)
    dropped = draft(plaza)
    retire(dropped)
    retire(second)

    told = [(one.version, one.starts_at, one.ends_at) for one in published(RuleChanged)]

    assert told == [
        (1, AT, None),
        (1, AT, AT + DAY),
        (2, AT + DAY, None),
        (1, AT, None),
        (2, AT + DAY, AT),
    ]
    assert msgspec.to_builtins(published(RuleChanged)[0].rules[1]) == {
        "id": "double-shoes",
        "name": "double-shoes",
        "trigger": "purchase",
        "effect": "× 2 on lines with category is shoes",
    }


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE rule_set SET document = '{}'",
        "UPDATE rule_set SET schema = '[]'",
        "UPDATE rule_set SET rounding = 'ceil'",
        "UPDATE rule_set SET starts_at = starts_at + interval '1 hour'",
        "UPDATE rule_set SET activated_by = gen_random_uuid()",
        f"UPDATE rule_set SET {', '.join(f'{name} = NULL' for name in OF_ACTIVATION)}",
        "UPDATE rule_set SET version = 9",
        "UPDATE rule_set SET created_by = gen_random_uuid()",
        "UPDATE rule_set SET retires_at = changed_at - interval '1 second', retired_by = created_by",
        "UPDATE rule_set SET retires_at = changed_at",
        "DELETE FROM rule_set",
        "TRUNCATE rule_set CASCADE",
    ],
)
def test_what_was_activated_never_changes(plaza: Programme, change: str) -> None:
    activated(plaza)
    check(change)


@pytest.mark.parametrize("change", ["document = '{}'", "retires_at = NULL, retired_by = NULL", "changed_by = id"])
@pytest.mark.parametrize("was_active", [True, False])
def test_what_was_retired_never_changes(plaza: Programme, change: str, was_active: bool) -> None:
    retire(activated(plaza) if was_active else draft(plaza), at=AT + DAY)
    check(f"UPDATE rule_set SET changed_at = '{AT + 2 * DAY}', {change}")


@pytest.mark.parametrize(
    "change",
    [
        "starts_at = now()",
        "rounding = 'floor'",
        "schema = '{}', rounding = 'floor', activated_at = now(), activated_by = id",
        "schema = '{}', rounding = 'floor', starts_at = now(), activated_by = id",
        "schema = '{}', rounding = 'floor', starts_at = now(), activated_at = now()",
        "schema = '{}', rounding = 'up', starts_at = now(), activated_at = now(), activated_by = id",
        "schema = '{}', rounding = 'floor', starts_at = '2000-01-01', activated_at = now(), activated_by = id",
        "retires_at = now()",
        "retired_by = id",
        "version = 0",
    ],
)
def test_a_draft_is_activated_with_all_that_belongs_to_it_or_not_at_all(plaza: Programme, change: str) -> None:
    draft(plaza)
    check(f"UPDATE rule_set SET {change}")


def test_a_number_is_one_versions_and_an_instant_starts_one(plaza: Programme) -> None:
    first = activated(plaza)
    draft(plaza)
    check("UPDATE rule_set SET version = 1")
    check(COPY.format(version=1, starts_at="starts_at + interval '1 day'"))
    check(COPY.format(version=7, starts_at="starts_at"))
    assert as_owner(COPY.format(version=7, starts_at="starts_at + interval '1 day'")) == 1
    assert RuleSet.objects.filter(programme_id=first.programme_id).count() == 3


COPY = """
INSERT INTO rule_set (id, programme_id, version, document, schema, rounding, created_at, created_by, changed_at,
    changed_by, activated_at, activated_by, starts_at)
SELECT gen_random_uuid(), programme_id, {version}, document, schema, rounding, created_at, created_by, changed_at,
    changed_by, activated_at, activated_by, {starts_at} FROM rule_set WHERE version = 1
"""


def say(programme: Programme, *, at: Any = AT, **parts: Any) -> None:
    operations.change_schema(programme.id, Schema(**parts), actor_id=OPERATOR.id, at=at)


def check(change: str) -> None:
    before = rows_of()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(IntegrityError), transaction.atomic():
        as_owner(change)
    assert rows_of() == before


def rows_of() -> list[tuple[UUID, int]]:
    return list(RuleSet.objects.order_by("version").values_list("id", "version"))
