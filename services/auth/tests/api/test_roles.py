import pytest

from shared.testing import roles

pytestmark = pytest.mark.django_db


def test_shows_what_each_role_may_do(member):
    answer = member.get("/api/v1/auth/roles")

    table = {row["role"]: row["scopes"] for row in answer.json()["results"]}
    assert answer.status_code == 200
    assert list(table) == ["member", "merchant", "support", "finance", "analyst", "admin"]
    assert table["member"] == sorted(roles.MEMBER_SCOPES)
