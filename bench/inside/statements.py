"""The statements of an earning as the engine sends them, as a script of pgbench, which knows beforehand what they say.

pgbench takes a hundredth of the processor that a client in Python does: what is measured is the SQL.
"""

from collections.abc import Mapping
from datetime import timedelta

from points.ledger.posting import optimistic
from points.programmes.queries import programme
from shared import clock
from shared.db import Prepared
from shared.messaging import outbox

# Ids that no script had before; each client counts for itself, always with as many digits.
_IDS = """
\\if :is_ready = 0
{prepare}
\\set is_ready 1
\\set serial 100000000000 + :client_id * 100000000
\\endif
\\set serial :serial + 1
\\set one random(1, {members})
"""
_MADE, _PUBLISHED = ":run-0000-7000-8000-:serial", ":run-0000-7000-9000-:serial"


def member(number: str) -> str:
    """Return the SQL of the id of the member of a number."""
    return f"md5('bench ' || {number})::uuid"


def earning(*, members: int) -> str:
    """Return the script that gives one of so many members ten points: lock, write, publish, read the balance, commit.

    All of it is one message, which is a transaction by itself.

    Its variables: `is_ready` is 0, and `run` begins its ids, eight digits that no run had before.
    """
    at = clock.now()
    moment, ends = clock.iso(at), clock.iso(at + timedelta(days=365))
    statements = optimistic._POST, outbox._INSERT_ONE[True, True]
    give, publish = (_rendered(one, values) for one, values in zip(statements, _values(moment, ends), strict=True))
    head = _IDS.format(prepare="\n".join(one.as_sql()[0] for one in statements), members=members)
    return f"{head}{give}\\; {_together(publish)}\\; SELECT current_setting('render.values');\n"


def _values(at: str, ends: str) -> tuple[Mapping[str, str], ...]:
    programme_id = programme(None).id
    posting = {
        "programme": f"'{programme_id}'",
        "member": member(":one"),
        "id": f"'{_MADE}'",
        "kind": "'earned'",
        "points": "10",
        "expires_at": f"'{ends}'",
        "expires_on": "NULL",
        "actor": f"'{programme_id}'",
        "occurred_at": f"'{at}'",
        "reference": "''",
        "reason": "'bench'",
        "source_key": f"'bench-{_MADE}'",
    }
    payload = (
        f'{{"transaction_id":"{_MADE}","programme_id":"{programme_id}","member_id":"{programme_id}","points":10,'
        f'"change":10,"balance":\1,"reference":"","occurred_at":"{at}","posted_at":"{at}","expires_at":"{ends}"}}'
    )
    sent = ("points_earned", "1", '["warehouse"]', _PUBLISHED, "", payload)
    message = dict(zip(outbox._COLUMNS[1:], map("'{}'".format, sent), strict=True))
    now = {"at": f"'{at}'", "due_at": f"'{at}'"}
    return {"at": f"'{at}'", **posting}, {"ids": f"'{_PUBLISHED}'", "destination": "'warehouse'", **now, **message}


def _rendered(one: Prepared, values: Mapping[str, str]) -> str:
    return (one.as_sql()[1] % values).rstrip(";")


def _together(statements: str) -> str:
    return statements.replace(";EXECUTE", "\\; EXECUTE")
