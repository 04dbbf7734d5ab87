import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from identity.users.models import User
from identity.users.queries import roles_of
from shared.contracts.auth import UserRegistered
from shared.testing.messages import published
from shared.testing.proofs import nothing_written
from tests.factories import PASSWORD, make_user, signed_in

pytestmark = pytest.mark.django_db

EMAIL = "operator@example.com"


@pytest.fixture(autouse=True)
def password(monkeypatch):
    monkeypatch.delenv("OPERATOR_PASSWORD_FILE", raising=False)
    monkeypatch.setenv("OPERATOR_PASSWORD", PASSWORD)


def test_makes_an_admin_who_can_sign_in(capsys):
    call_command("create_admin", email="Operator@example.com")

    user = User.objects.get()
    assert (user.email, roles_of(user)) == (EMAIL, ("admin",))
    assert signed_in(user).access
    assert [message.roles for message in published(UserRegistered)] == [["admin"]]
    assert PASSWORD not in capsys.readouterr().out


def test_again_changes_nothing_not_even_the_password(monkeypatch):
    call_command("create_admin", email=EMAIL)
    monkeypatch.setenv("OPERATOR_PASSWORD", "another odd phrase altogether")

    with nothing_written():
        call_command("create_admin", email=EMAIL)


def test_reads_the_password_from_a_file(monkeypatch, tmp_path):
    (tmp_path / "password").write_text(PASSWORD + "\n")
    monkeypatch.delenv("OPERATOR_PASSWORD")
    monkeypatch.setenv("OPERATOR_PASSWORD_FILE", str(tmp_path / "password"))

    call_command("create_admin", email=EMAIL)

    assert signed_in(User.objects.get()).access


def test_without_a_terminal_it_says_how_to_tell_the_password(monkeypatch):
    def nobody_answers(_prompt):
        raise EOFError

    monkeypatch.delenv("OPERATOR_PASSWORD")
    monkeypatch.setattr("identity.users.management.commands.create_admin.getpass", nobody_answers)

    with (
        nothing_written(),
        pytest.raises(CommandError, match="no terminal to ask for the password; set OPERATOR_PASSWORD"),
    ):
        call_command("create_admin", email=EMAIL)


def test_a_weak_password_is_refused(monkeypatch):
    monkeypatch.setenv("OPERATOR_PASSWORD", "password123")

    with nothing_written(), pytest.raises(CommandError, match="too common"):
        call_command("create_admin", email=EMAIL)


@pytest.mark.parametrize("email", ["nonsense", "operator@exämple.com", ""])
def test_an_address_that_is_none_is_refused(email):
    with nothing_written(), pytest.raises(CommandError, match="address"):
        call_command("create_admin", email=email)


def test_a_strangers_account_is_not_made_an_admin():
    make_user(email=EMAIL)

    with nothing_written(), pytest.raises(CommandError, match="no admin"):
        call_command("create_admin", email=EMAIL)


def test_a_deactivated_admin_is_not_brought_back():
    make_user(email=EMAIL, roles=("admin",))
    User.objects.update(is_active=False)

    with nothing_written(), pytest.raises(CommandError):
        call_command("create_admin", email=EMAIL)
