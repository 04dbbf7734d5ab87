"""What requests about users say."""

from django.core.validators import RegexValidator

from identity.users.fields import Email, Name, NewPassword, Password, Role
from shared.http.fields import Body, Identifier, PageQuery, Text


class Registration(Body):
    """A new account."""

    email = Email()
    password = NewPassword(help_text="at least 12 characters, not common, not like the address or name")
    name = Name(required=False, allow_blank=True, default="")


class ProfileChange(Body):
    """What a user may change of the profile."""

    name = Name(allow_blank=True)


class PasswordChange(Body):
    """The present password once more, and the new one."""

    current_password = Password()
    new_password = NewPassword()


class RoleGrant(Body):
    """A role to give; `merchant_id` with the role merchant and with no other."""

    role = Role()
    merchant_id = Identifier(required=False, allow_null=True, default=None)


class UsersQuery(PageQuery):
    """Which users to list."""

    search = Text(required=False, max_length=254, help_text="beginning of the address or name")
    role = Role(required=False)


class AuditQuery(PageQuery):
    """Which lines of the audit to list."""

    event = Text(validators=[RegexValidator(r"^[a-z_.]{1,40}\Z")], required=False)
    actor_id = Identifier(required=False)
    subject_id = Identifier(required=False)
