"""What is answered about users."""

from typing import Any

from rest_framework import serializers

from identity.users.fields import Email, Name, Role
from identity.users.models import AuditEntry, User
from identity.users.queries import roles_of
from shared.http.fields import Body, Identifier
from shared.http.pages import page_of


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
RolesPage = page_of(RoleAnswer)
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
