import pytest
from django.db import IntegrityError, connection, transaction

from identity.users import passwords, queries
from identity.users.audit import note
from identity.users.models import AuditEntry, User, UserRole
from shared import clock
from shared.db import rows
from shared.testing.owner import as_owner
from tests.factories import HERE, PASSWORD, make_user

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "change", ["UPDATE audit_entry SET event = 'x'", "DELETE FROM audit_entry", "TRUNCATE audit_entry"]
)
def test_the_audit_takes_no_change(change):
    note("user.registered", origin=HERE, at=clock.now())

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
    assert not passwords.matches(None, PASSWORD)


def test_a_search_uses_an_index_for_addresses_and_one_for_names():
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    sql, values = queries.users(search="ada").order_by().query.sql_with_params()

    plan = "\n".join(line for (line,) in rows(f"EXPLAIN {sql}", values))

    assert "user_by_name" in plan
    assert "identity_user_email" in plan
