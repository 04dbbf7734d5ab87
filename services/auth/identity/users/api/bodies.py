"""Bodies and answers of the module users, as Swagger shows them."""

from typing import Any

from django.core.validators import RegexValidator
from rest_framework import serializers

from identity.users.fields import Email, Name, NewPassword, Password, Role
from identity.users.models import AuditEntry, User
from identity.users.queries import roles_of
from shared.http.fields import Body, Identifier, PageQuery, Text
from shared.http.pages import page_of


class Registration(Body):
    """A new account."""

    email = Email()
    password = NewPassword(help_text="at least 10 characters, not common, not like the address or name")
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


class UserAnswer(Body):
    """A user."""

    id = Identifier()
    email = Email()
    name = Name(allow_blank=True)
    email_verified = serializers.BooleanField()
    roles = serializers.ListField(child=Role())
    merchant_id = Identifier(allow_null=True)
    is_active = serializers.BooleanField()
    created_at = serializers.DateTimeField()

    class Meta:
        ref_name = "User"


class RoleAnswer(Body):
    """A role and what it may do."""

    role = Role()
    scopes = serializers.ListField(child=serializers.CharField())

    class Meta:
        ref_name = "Role"


class RolesAnswer(Body):
    """All roles."""

    results = RoleAnswer(many=True)


class AuditAnswer(Body):
    """One line of the audit."""

    id = Identifier()
    created_at = serializers.DateTimeField()
    event = serializers.CharField()
    actor_id = Identifier(allow_null=True)
    subject_id = Identifier(allow_null=True)
    address = serializers.IPAddressField(allow_null=True)
    agent = serializers.CharField(allow_blank=True)
    request_id = serializers.CharField(allow_blank=True)
    details = serializers.JSONField(help_text="an object")

    class Meta:
        ref_name = "AuditEntry"


UsersPage = page_of(UserAnswer)
AuditPage = page_of(AuditAnswer)


def user_json(user: User) -> dict[str, Any]:
    """Return a user as the API shows one."""
    return {
        "id": user.id,
        "email": user.email,
        "name": user.name,
        "email_verified": user.email_verified_at is not None,
        "roles": roles_of(user),
        "merchant_id": user.merchant_id,
        "is_active": user.is_active,
        "created_at": user.created_at,
    }


def audit_json(entry: AuditEntry) -> dict[str, Any]:
    """Return a line of the audit as the API shows one."""
    names = ("id", "created_at", "event", "actor_id", "subject_id", "address", "agent", "request_id", "details")
    return {name: getattr(entry, name) for name in names}
