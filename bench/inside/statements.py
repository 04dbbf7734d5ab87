"""The statements of an earning as the engine sends them, by a client that knows beforehand what they will say."""

from datetime import timedelta
from typing import Any

from django.db import transaction

from points.ledger import locks, writing
from points.programmes.queries import programme
from shared import clock
from shared.ids import new_ids
from shared.messaging import outbox

SIZES = (("e", 2), ("l", 1), ("b", 1), ("t", 1))


def earn_by_sql(members: list[Any], first: int, last: int) -> None:
    """Give each of these members, who have an account, ten points: lock, read, write, tell and commit."""
    programme_id = str(programme(None).id)
    for member in members[first:last]:
        with transaction.atomic():
            _earn(programme_id, str(member))


def _earn(programme_id: str, member: str) -> None:
    whose = {"programme": programme_id, "member": member, "limit": locks.LOTS_AT_FIRST}
    ((account, _, _, version, _, available, *buckets),) = locks._GIVE_ONE.rows(whose)
    held, pending, deficit, issued, *others = buckets
    (made, told), now, last = new_ids(2), clock.now(), version + 2
    at, ends = clock.iso(now), clock.iso(now + timedelta(days=365))
    values = (
        f"{account},{version + 1},{made},available,10,{available + 10}",
        f"{account},{last},{made},issued,-10,{issued - 10}",
        f"{made},{account},{last},10,10,{at},{ends},NULL,NULL",
        f"{account},{last},{available + 10},{held},{pending},{deficit},{issued - 10},{','.join(map(str, others))}",
        f'{made},{account},{last},earned,10,10,{available + 10},NULL,{member},{at},"",bench,bench:{made}',
    )
    writing._short_statement(SIZES).later({"at": at, "values": f"{{{','.join(values)}}}"})
    payload = (
        f'{{"transaction_id":"{made}","programme_id":"{programme_id}","member_id":"{member}","points":10,"change":10,'
        f'"balance":{available + 10},"reference":"","occurred_at":"{at}","posted_at":"{at}","expires_at":"{ends}"}}'
    )
    message = ("points_earned", 1, '["warehouse"]', str(told), "", payload)
    outbox._INSERT_ONE.later({"ids": str(told), "at": at, **dict(zip(outbox._COLUMNS[1:], message, strict=True))})
