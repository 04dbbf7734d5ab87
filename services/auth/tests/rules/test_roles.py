import pytest

from identity.users import rules
from identity.users.errors import LastAdmin, RoleMerchantMismatch
from shared.ids import new_id
from shared.testing import roles


@pytest.mark.parametrize("caller", [roles.MEMBER, roles.MERCHANT, roles.ANALYST, roles.OPERATOR])
def test_the_scopes_of_a_role_are_those_that_every_services_tests_assume(caller):
    assert rules.scopes_of(caller.roles) == caller.scopes


def test_support_and_finance_read_only():
    assert rules.scopes_of(["support"]) == {"points:read-any", "payments:read-any", "wallets:read-any"}
    assert rules.scopes_of(["finance"]) == {"reports:read", "payments:read-any"}


def test_several_roles_have_the_scopes_of_each():
    assert rules.scopes_of(["analyst", "support"]) == {
        "reports:read",
        "points:read-any",
        "payments:read-any",
        "wallets:read-any",
    }


def test_no_role_has_no_scope():
    assert rules.scopes_of([]) == frozenset()


def test_an_address_has_one_form():
    assert rules.normal_email("  Ada.Lovelace@Example.COM ") == "ada.lovelace@example.com"


def test_a_merchants_role_needs_its_merchant_and_no_other_role_takes_one():
    rules.check_role_merchant("merchant", new_id())
    rules.check_role_merchant("analyst", None)
    with pytest.raises(RoleMerchantMismatch):
        rules.check_role_merchant("merchant", None)
    with pytest.raises(RoleMerchantMismatch):
        rules.check_role_merchant("admin", new_id())


def test_the_last_admin_stays():
    rules.check_admin_remains(loses_admin=True, active_admins=2)
    rules.check_admin_remains(loses_admin=False, active_admins=1)
    with pytest.raises(LastAdmin):
        rules.check_admin_remains(loses_admin=True, active_admins=1)
