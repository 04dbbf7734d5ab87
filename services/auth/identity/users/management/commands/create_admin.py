"""`manage.py create_admin --email …`: the first operator. There is no default password."""

from getpass import getpass
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rest_framework.exceptions import ValidationError

from identity.users import operations, queries
from identity.users.audit import Origin
from identity.users.errors import WeakPassword
from identity.users.fields import Email, Name
from shared import clock
from shared.env import MissingSetting, env_secret


class Command(BaseCommand):
    """Makes an account with the role admin; run again, it changes nothing."""

    help = "Make an admin; the password comes from OPERATOR_PASSWORD (or OPERATOR_PASSWORD_FILE), else it is asked for."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--email", required=True)
        parser.add_argument("--name", default="")

    def handle(self, *_: Any, email: str, name: str, **__: Any) -> None:
        try:
            email, name = Email().run_validation(email), Name(allow_blank=True).run_validation(name)
        except ValidationError as error:
            raise CommandError(f"address or name: {' '.join(map(str, error.detail))}") from None
        known = queries.user_by_email(email)
        if known is None:
            self._make(email, name)
        elif "admin" in queries.roles_of(known) and known.is_active:
            self.stdout.write(f"{known.email} is an admin already; nothing was changed")
        else:
            # Whoever registered this address knows its password, and need not be the operator.
            raise CommandError(f"{known.email} has an account that is no admin; let an admin grant the role")

    def _make(self, email: str, name: str) -> None:
        try:
            user = operations.register(
                email=email,
                password=_password(),
                name=name,
                origin=Origin(),
                at=clock.now(),
                machine_at=clock.machine_now(),
                role="admin",
            )
        except WeakPassword as error:
            raise CommandError(" ".join(reason["detail"] for reason in error.members["errors"])) from None
        self.stdout.write(f"{user.email} is an admin now")


def _password() -> str:
    try:
        return env_secret("OPERATOR_PASSWORD")
    except MissingSetting:
        pass
    try:
        return getpass("Password of the new admin: ")
    except EOFError:
        raise CommandError("there is no terminal to ask for the password; set OPERATOR_PASSWORD") from None
