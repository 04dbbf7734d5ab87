"""What lists and purges read does not grow with what others have done, whatever the statistics say."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from identity.sessions.purging import purge
from shared import clock
from shared.testing.fillings import Filling, at_any_size
from shared.testing.reads import rows_read

pytestmark = pytest.mark.django_db
AT = clock.now()
ROWS = "generate_series(%(first)s::integer, %(last)s::integer) AS n"
ID = "lpad(to_hex(n), 32, '0')::uuid"
MEMBERS = f"""
INSERT INTO identity_user (id, password, email, name, is_active, created_at)
SELECT {ID}, '!', n || '@example.com', '', true, %(at)s FROM {ROWS}
"""
# The first four, so that few statistics take most for admins.
ROLES = f"""
INSERT INTO user_role (user_id, role, granted_at)
SELECT {ID}, CASE WHEN n <= 4 THEN 'admin' ELSE 'member' END, %(at)s FROM {ROWS}
"""
# The first ones, and then one of ten, are about one user, by one user, or of one kind.
RARE = "n <= 4 OR n <= 1000 AND n %% 10 = 7"
AUDIT = f"""
INSERT INTO audit_entry (id, created_at, event, actor_id, subject_id, agent, request_id, details)
SELECT {ID}, %(at)s + n * interval '1 second', CASE WHEN {RARE} THEN 'user.deactivated' ELSE 'session.ended' END,
    CASE WHEN {RARE} THEN %(one)s ELSE {ID} END, CASE WHEN {RARE} THEN %(one)s ELSE {ID} END,
    '', '', '{{}}' FROM {ROWS}
"""
# Ten are old enough to go.
WHEN = "CASE WHEN n <= 10 THEN %(at)s - interval '99 days' ELSE %(at)s + interval '9 days' END"
SESSIONS = f"""
INSERT INTO session (id, user_id, created_at, last_used_at, expires_at, agent, end_reason)
SELECT {ID}, {ID}, %(at)s, %(at)s, {WHEN}, '', '' FROM {ROWS}
"""
TOKENS = f"""
INSERT INTO refresh_token (id, session_id, digest, created_at, expires_at)
SELECT {ID}, {ID}, decode(md5(n::text), 'hex'), %(at)s, {WHEN} FROM {ROWS}
"""
GUESSES = f"INSERT INTO guess_count (kind, subject, count, last_at) SELECT 'account', n, 1, {WHEN} FROM {ROWS}"


@at_any_size
@pytest.mark.parametrize(("role", "shown"), [("admin", 4), ("member", 50)])
def test_a_list_by_role_reads_whom_it_shows(filling: Filling, operator: Any, role: str, shown: int) -> None:
    filling.fill(["identity_user", "user_role"], MEMBERS, ROLES, at=AT)

    with rows_read("identity_user", "user_role") as read:
        found = operator.get("/api/v1/auth/users", role=role).json()["results"]

    assert [one["id"] for one in found][-1] == str(UUID(int=1 if role == "admin" else filling.size - 49))
    assert len(found) == shown
    # Each by its role, its row and all its roles; one more to see whether there is a next page.
    assert read() <= 3 * (shown + 1) + 4


@at_any_size
@pytest.mark.parametrize("asked", ["subject_id", "actor_id", "event"])
def test_the_audit_of_one_reads_its_page(filling: Filling, operator: Any, asked: str) -> None:
    one = UUID(int=2**40)
    filling.fill(["audit_entry"], AUDIT, at=AT, one=one)

    with rows_read("audit_entry") as read:
        value = "user.deactivated" if asked == "event" else one
        found = operator.get("/api/v1/auth/audit", **{asked: value}).json()["results"]

    assert len(found) == 50
    assert read() <= 55


@at_any_size
def test_a_purge_reads_what_goes(filling: Filling) -> None:
    tables = ["identity_user", "session", "refresh_token", "guess_count"]
    filling.fill(tables, MEMBERS, SESSIONS, TOKENS, GUESSES, at=AT)

    with rows_read("session", "refresh_token", "guess_count") as read:
        assert purge(at=AT) == {"tokens": 10, "sessions": 10, "guesses": 10}

    # Found and removed, and looked for by the foreign key's own check.
    assert read() <= 3 * 30

    with rows_read("session", "refresh_token", "guess_count") as read:
        assert purge(at=AT + timedelta(seconds=1)) == {"tokens": 0, "sessions": 0, "guesses": 0}

    assert read() <= 3 * 10
