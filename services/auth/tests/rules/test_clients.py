import pytest

from identity.clients.errors import InvalidClient, InvalidTokenRequest, ScopeNotAllowed, TooManySecrets
from identity.clients.oauth import credentials, parse_form
from identity.clients.rules import check_room_for_secret, scopes_for, scopes_to_grant
from shared.ids import new_id

MERCHANT_SCOPES = {"payments:read", "payments:refund", "merchants:read", "vouchers:redeem", "purchases:write"}


def test_a_service_gets_the_scopes_it_names():
    assert scopes_for(["points:earn", "reports:read"], merchant_id=None) == {"points:earn", "reports:read"}
    assert scopes_for(None, merchant_id=None) == frozenset()


@pytest.mark.parametrize("scope", ["users:manage", "clients:manage", "points:everything", "", "points:earn "])
def test_a_service_gets_no_unknown_scope_and_none_to_make_further_clients(scope):
    with pytest.raises(ScopeNotAllowed):
        scopes_for([scope], merchant_id=None)


def test_a_merchants_client_may_do_what_a_merchant_may_and_no_more():
    assert scopes_for(None, merchant_id=new_id()) == MERCHANT_SCOPES
    assert scopes_for(["payments:read"], merchant_id=new_id()) == {"payments:read"}
    with pytest.raises(ScopeNotAllowed) as refusal:
        scopes_for(["payments:read", "points:earn"], merchant_id=new_id())
    assert refusal.value.members == {"error": "invalid_scope", "scopes": ["points:earn"]}


def test_a_token_has_all_scopes_of_the_client_or_the_fewer_that_are_asked_for():
    assert scopes_to_grant("", held=["a", "b"]) == {"a", "b"}
    assert scopes_to_grant(" b ", held=["a", "b"]) == {"b"}
    with pytest.raises(ScopeNotAllowed):
        scopes_to_grant("b c", held=["a", "b"])


def test_there_is_room_for_two_secrets():
    check_room_for_secret(1)
    with pytest.raises(TooManySecrets):
        check_room_for_secret(2)


def test_a_form_is_read():
    assert parse_form(b"grant_type=client_credentials&scope=a+b") == {
        "grant_type": "client_credentials",
        "scope": "a b",
    }


@pytest.mark.parametrize(
    "body", [b"a=1&a=2", b"a=%00", b"a=\xff", b"a=%ff", b"&".join(b"a%d=1" % i for i in range(30))]
)
def test_a_form_that_repeats_itself_or_is_no_utf_8_is_refused(body):
    with pytest.raises(InvalidTokenRequest):
        parse_form(body)


def test_a_client_names_itself_in_one_place():
    client_id = new_id()
    form = {"client_id": str(client_id), "client_secret": "s"}

    assert credentials("", form) == (client_id, "s")
    with pytest.raises(InvalidTokenRequest):
        credentials("Basic Og==", form)
    with pytest.raises(InvalidTokenRequest):
        credentials("", {"client_id": str(client_id)})


@pytest.mark.parametrize("header", ["Bearer abc", "Basic", "Basic !!!", "Basic YWJj", "Basic 4pyT"])
def test_a_header_that_is_no_basic_header_names_nobody(header):
    with pytest.raises(InvalidClient):
        credentials(header, {})
