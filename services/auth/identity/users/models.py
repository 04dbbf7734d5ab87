"""People, the roles they have, and the audit of what was done."""

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models
from django.db.models.functions import Lower

from identity.users.rules import ROLES
from shared.ids import new_id


class User(AbstractBaseUser):
    """Somebody who can sign in.

    `email` is kept in lower case. `merchant_version` counts how often `merchant_id` changed. Access tokens from before
    `tokens_not_before` are refused; it is read under a lock of this row, shared or not, and written under the exclusive
    one.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    email = models.CharField(max_length=254, unique=True)
    name = models.CharField(max_length=100, blank=True)
    merchant_id = models.UUIDField(null=True)
    merchant_version = models.BigIntegerField(db_default=0)
    is_active = models.BooleanField(default=True)
    email_verified_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    deactivated_at = models.DateTimeField(null=True)
    tokens_not_before = models.DateTimeField(null=True)
    last_login = None

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        db_table = "identity_user"
        constraints = [
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="user_email_in_lower_case"),
        ]
        indexes = [models.Index(fields=["-created_at", "-id"], name="user_newest")]


class UserRole(models.Model):
    """A role that a user has."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="role_rows")
    role = models.CharField(max_length=16)
    granted_at = models.DateTimeField()
    granted_by = models.UUIDField(null=True)

    class Meta:
        db_table = "user_role"
        constraints = [
            models.UniqueConstraint(fields=["user", "role"], name="user_role_once"),
            models.CheckConstraint(condition=models.Q(role__in=ROLES), name="user_role_known"),
        ]
        indexes = [models.Index(fields=["role", "user"], name="user_role_by_role")]


class AuditEntry(models.Model):
    """Who did what to whom, from where, by the machine's clock. Written once, never changed; holds no secrets and no
    addresses of people."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    created_at = models.DateTimeField()
    event = models.CharField(max_length=40)
    actor_id = models.UUIDField(null=True)
    subject_id = models.UUIDField(null=True)
    address = models.GenericIPAddressField(null=True)
    agent = models.CharField(max_length=200)
    request_id = models.CharField(max_length=64)
    details = models.JSONField(default=dict)

    class Meta:
        db_table = "audit_entry"
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="audit_newest"),
            models.Index(fields=["subject_id", "created_at", "id"], name="audit_by_subject"),
            models.Index(fields=["actor_id", "created_at", "id"], name="audit_by_actor"),
            models.Index(fields=["event", "created_at", "id"], name="audit_by_event"),
        ]


class KnownMerchant(models.Model):
    """A merchant of whom payments said that there is one."""

    merchant_id = models.UUIDField(primary_key=True)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "known_merchant"
