import pytest
import time_machine

from identity.sessions.models import RefreshToken, Session
from identity.users.models import AuditEntry, User
from shared import clock
from shared.contracts.auth import SessionsRevoked
from shared.testing.messages import published
from shared.testing.proofs import nothing_written
from tests.factories import signed_in

pytestmark = pytest.mark.django_db

PATH = "/api/v1/auth/token/refresh"


def refresh(visitor, secret):
    return visitor.post(PATH, {"refresh": secret}, format="json")


def test_gives_the_next_pair(visitor, member_user):
    tokens = signed_in(member_user)

    answer = refresh(visitor, tokens.refresh)

    assert answer.status_code == 200
    assert answer.json().keys() == {"access", "refresh", "token_type", "expires_in"}
    assert answer.json()["refresh"] != tokens.refresh
    assert Session.objects.count() == 1


def test_the_next_token_gives_the_one_after(visitor, member_user):
    secret = signed_in(member_user).refresh

    for _ in range(3):
        answer = refresh(visitor, secret)
        assert answer.status_code == 200
        secret = answer.json()["refresh"]


def test_a_lost_answer_costs_nothing(visitor, member_user):
    old = signed_in(member_user).refresh
    lost = refresh(visitor, old).json()["refresh"]

    again = refresh(visitor, old)

    assert again.status_code == 200
    assert again.json()["refresh"] not in (old, lost)
    assert refresh(visitor, again.json()["refresh"]).status_code == 200
    assert Session.objects.get().ended_at is None


def test_a_token_whose_successor_was_used_ends_the_session_with_all_its_tokens(visitor, member_user):
    old = signed_in(member_user).refresh
    new = refresh(visitor, old).json()["refresh"]
    newest = refresh(visitor, new).json()["refresh"]

    again = refresh(visitor, old)

    assert (again.status_code, again.json()["code"]) == (401, "sessions.refresh_token_invalid")
    assert refresh(visitor, newest).status_code == 401
    assert Session.objects.get().end_reason == "REUSED_TOKEN"


@pytest.mark.parametrize("first", ["owner", "thief"])
def test_a_thief_and_the_owner_meet_at_the_next_refresh(visitor, member_user, first):
    stolen = signed_in(member_user).refresh
    got = {who: refresh(visitor, stolen).json()["refresh"] for who in ("owner", "thief")}
    second = ({"owner", "thief"} - {first}).pop()

    gone_on = refresh(visitor, got[first])
    refused = refresh(visitor, got[second])

    assert (gone_on.status_code, refused.status_code) == (200, 401)
    assert refresh(visitor, gone_on.json()["refresh"]).status_code == 401
    assert Session.objects.get().end_reason == "REUSED_TOKEN"


def test_ten_requests_with_one_token_get_pairs_and_the_eleventh_ends_nothing(visitor, member_user):
    secret = signed_in(member_user).refresh
    pairs = [refresh(visitor, secret) for _ in range(10)]

    with nothing_written():
        answer = refresh(visitor, secret)

    assert [pair.status_code for pair in pairs] == [200] * 10
    assert (answer.status_code, answer.json()["code"]) == (409, "sessions.refresh_raced")
    assert refresh(visitor, pairs[4].json()["refresh"]).status_code == 200


def test_two_minutes_later_a_spent_token_ends_the_session(visitor, member_user):
    with time_machine.travel("2026-03-01T12:00:00Z", tick=False):
        secret = signed_in(member_user).refresh
        refresh(visitor, secret)
    with time_machine.travel("2026-03-01T12:02:00Z", tick=False):
        assert refresh(visitor, secret).status_code == 200
    with time_machine.travel("2026-03-01T12:02:01Z", tick=False):
        assert refresh(visitor, secret).status_code == 401
    assert Session.objects.get().end_reason == "REUSED_TOKEN"


def test_every_successor_is_another_token_and_only_digests_are_kept(visitor, member_user):
    secret = signed_in(member_user).refresh

    pairs = [refresh(visitor, secret).json() for _ in range(5)]

    assert len({pair["refresh"] for pair in pairs} | {pair["access"] for pair in pairs}) == 10
    kept = b"".join(bytes(digest) for digest in RefreshToken.objects.values_list("digest", flat=True))
    assert not any(pair["refresh"].encode() in kept for pair in pairs)


def reuse(visitor, member_user):
    old = signed_in(member_user).refresh
    refresh(visitor, refresh(visitor, old).json()["refresh"])
    assert refresh(visitor, old).status_code == 401


def test_the_reuse_is_in_the_audit_once_and_the_access_tokens_are_revoked(visitor, member_user):
    reuse(visitor, member_user)

    entry = AuditEntry.objects.get(event="session.ended")
    assert (entry.subject_id, entry.details["reason"]) == (member_user.id, "REUSED_TOKEN")
    assert [message.user_id for message in published(SessionsRevoked)] == [member_user.id]


def test_reuse_in_one_session_leaves_the_others_open(visitor, member_user):
    elsewhere = signed_in(member_user).refresh

    reuse(visitor, member_user)

    assert refresh(visitor, elsewhere).status_code == 200


@pytest.mark.parametrize("secret", ["unknown", "a" * 512, "not.a.token", "é"])
def test_an_unknown_token_is_refused(visitor, member_user, secret):
    with nothing_written():
        answer = refresh(visitor, secret)

    assert (answer.status_code, answer.json()["code"]) == (401, "sessions.refresh_token_invalid")


def test_an_access_token_is_no_refresh_token(visitor, member_user):
    tokens = signed_in(member_user)

    with nothing_written():
        answer = refresh(visitor, tokens.access[:512])

    assert answer.status_code == 401


def test_a_token_expires_after_two_weeks_without_use(visitor, member_user):
    with time_machine.travel("2026-03-01T12:00:00Z", tick=False):
        secret = signed_in(member_user).refresh
    with time_machine.travel("2026-03-15T11:59:59Z", tick=False):
        secret = refresh(visitor, secret).json()["refresh"]
    with time_machine.travel("2026-03-29T11:59:59Z", tick=False), nothing_written():
        assert refresh(visitor, secret).status_code == 401


def test_a_deactivated_user_gets_no_tokens(visitor, member_user):
    secret = signed_in(member_user).refresh
    User.objects.update(is_active=False)

    with nothing_written():
        assert refresh(visitor, secret).status_code == 401


def test_a_new_role_comes_with_the_next_token(visitor, member_user):
    secret = signed_in(member_user, at=clock.machine_now()).refresh
    member_user.role_rows.create(role="analyst", granted_at=clock.now())

    access = refresh(visitor, secret).json()["access"]

    answer = visitor.get("/api/v1/auth/me", HTTP_AUTHORIZATION=f"Bearer {access}")
    assert answer.json()["roles"] == ["analyst", "member"]
