import pytest
from django.db import IntegrityError, transaction

from identity.users import passwords, queries
from identity.users.audit import note
from identity.users.models import AuditEntry, User, UserRole
from shared import clock
from shared.testing.fillings import at_any_size
from shared.testing.owner import as_owner
from shared.testing.reads import rows_read
from tests.factories import HERE, PASSWORD, make_user

pytestmark = pytest.mark.django_db
# Three are called Ada.
USERS = """
INSERT INTO identity_user (id, password, email, name, is_active, created_at)
SELECT gen_random_uuid(), '!', who || n || '@example.com', initcap(who) || ' ' || n, true, %(at)s
FROM generate_series(%(first)s::integer, %(last)s::integer) AS n
CROSS JOIN LATERAL (
    SELECT CASE WHEN n BETWEEN 301 AND 303 THEN 'ada' ELSE chr(98 + n %% 25) || 'ob' END) AS called (who)
"""


@pytest.mark.parametrize(
    "change", ["UPDATE audit_entry SET event = 'x'", "DELETE FROM audit_entry", "TRUNCATE audit_entry"]
)
def test_the_audit_takes_no_change(change):
    note("user.registered", origin=HERE, at=clock.machine_now())

    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        as_owner(change)

    assert AuditEntry.objects.get().event == "user.registered"


def test_the_database_keeps_addresses_in_lower_case_and_once(member_user):
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=member_user.pk).update(email="MEMBER@example.com")
    with pytest.raises(IntegrityError), transaction.atomic():
        make_user(email="member@example.com")


def test_the_database_knows_every_role_and_each_once(member_user):
    at = clock.now()
    with pytest.raises(IntegrityError), transaction.atomic():
        UserRole.objects.create(user=member_user, role="king", granted_at=at)
    with pytest.raises(IntegrityError), transaction.atomic():
        UserRole.objects.create(user=member_user, role="member", granted_at=at)


def test_ids_are_of_version_7():
    assert make_user().id.version == 7


def test_a_password_of_nobody_matches_nothing():
    assert not passwords.match(None, PASSWORD)


@at_any_size
def test_a_search_reads_those_it_finds(filling):
    filling.fill(["identity_user"], USERS, at=clock.now())

    with rows_read("identity_user") as read:
        found = list(queries.users(search="Ada").order_by("-created_at", "-id")[:51])

    assert len(found) == 3
    # By its address and by its name, and then all of it; and what the planner looks up at the ends of indexes.
    assert read() <= 9 + 2
