"""The rows that count what members used of the limits of rules: by member, programme, period and rule.

Whoever judges purchases locks their members first, so that the last use of a limit is one purchase's; what is used then
is written with the posting. A return writes alone: what it gives back does not depend on what is there.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from uuid import UUID

from msgspec import Struct

from points.earning.rules import Counter
from shared.db import Prepared, array, rows, text_array

# In their order, so that two lists wait for each other and never in a ring.
_KNOW = """
INSERT INTO counted_member (member_id, programme_id)
SELECT DISTINCT member_id, %(programme)s::uuid FROM unnest(%(members)s::uuid[]) AS said (member_id)
ORDER BY member_id ON CONFLICT DO NOTHING
"""
_LOCK = """
SELECT FROM (SELECT DISTINCT member_id FROM unnest(%(members)s::uuid[]) AS said (member_id) ORDER BY member_id) said
CROSS JOIN LATERAL (SELECT * FROM counted_member c
    WHERE c.member_id = said.member_id AND c.programme_id = %(programme)s::uuid FOR NO KEY UPDATE) c
"""
# Of each who the person was before, by any number of merges.
PERSONS = """
WITH RECURSIVE person (now, member_id) AS (
    SELECT member_id, member_id FROM (SELECT DISTINCT unnest(%(members)s::uuid[])) AS said (member_id)
    UNION ALL
    SELECT person.now, m.from_member_id FROM person JOIN member_merge m ON m.into_member_id = person.member_id)
"""
# Each period is looked up by itself, so that those that have passed are not read.
_READ = f"""
{PERSONS}
SELECT person.now, c.rule_id, c.of, c.period, sum(c.count)::bigint
FROM (SELECT DISTINCT member_id, period
      FROM unnest(%(members)s::uuid[], %(periods)s::text[]) AS said (member_id, period)) said
JOIN person ON person.now = said.member_id CROSS JOIN LATERAL (
    SELECT * FROM rule_counter c WHERE c.member_id = person.member_id AND c.programme_id = %(programme)s::uuid
        AND c.period = said.period OFFSET 0) c
GROUP BY person.now, c.rule_id, c.of, c.period
"""
_LOCK_AND_READ = Prepared("rule_counter_lock", _KNOW, _LOCK, _READ)
# In the order of their key, too; each is looked up by it.
_WRITE = """
INSERT INTO rule_counter AS known (member_id, programme_id, period, rule_id, of, count)
SELECT member_id, %(programme)s::uuid, period, rule_id, of, count
FROM unnest(%(members)s::uuid[], %(periods)s::text[], %(rules)s::text[], %(of)s::text[], %(counts)s::bigint[])
    AS said (member_id, period, rule_id, of, count) ORDER BY member_id, period, rule_id, of
ON CONFLICT (member_id, programme_id, period, rule_id, of) DO UPDATE SET count = known.count """
_ADD = Prepared("rule_counter_add", f"{_WRITE} + excluded.count")
# What is given back was counted, so there is a row.
_GIVE_BACK = Prepared("rule_counter_give_back", f"{_WRITE} - excluded.count")


class Used(Struct, frozen=True):
    """What a member used of a limit."""

    member_id: UUID
    counter: Counter
    count: int


Uses = dict[UUID, dict[Counter, int]]


def lock_and_read(programme_id: UUID, periods: Mapping[UUID, Iterable[str]]) -> Uses:
    """Lock members of a programme until the transaction ends, one period at least of each; return what they used then.

    Whoever judges a purchase of one of them waits.
    """
    asked = [(member_id, period) for member_id, names in periods.items() for period in names]
    parameters = {
        "programme": programme_id,
        "members": array([member_id for member_id, _ in asked]),
        "periods": text_array([period for _, period in asked]),
    }
    found: Uses = defaultdict(dict)
    for member_id, *counter, count in _LOCK_AND_READ.rows(parameters):
        found[member_id][Counter(*counter)] = count
    return found


def read(programme_id: UUID, member_id: UUID, periods: Iterable[str]) -> dict[Counter, int]:
    """Return what a member used until now, with whoever they were before; nothing is locked."""
    asked = sorted(set(periods))
    members = array([member_id for _ in asked])
    found = rows(_READ, {"programme": programme_id, "members": members, "periods": text_array(asked)})
    return {Counter(*counter): count for _, *counter, count in found}


def add(programme_id: UUID, used: Iterable[Used]) -> None:
    """Count what members used, with the next statement of the transaction or its commit."""
    _write(_ADD, programme_id, used)


def give_back(programme_id: UUID, used: Iterable[Used]) -> None:
    """Count no more what members used, as `add` counts it."""
    _write(_GIVE_BACK, programme_id, used)


def _write(statement: Prepared, programme_id: UUID, used: Iterable[Used]) -> None:
    counts: dict[tuple[UUID, Counter], int] = defaultdict(int)
    for one in used:
        counts[one.member_id, one.counter] += one.count
    if not counts:
        return
    members, counters = zip(*counts, strict=True)
    statement.later(
        {
            "programme": programme_id,
            "members": array(members),
            "periods": text_array([counter.period for counter in counters]),
            "rules": text_array([counter.rule_id for counter in counters]),
            "of": text_array([counter.of for counter in counters]),
            "counts": array(list(counts.values())),
        }
    )
