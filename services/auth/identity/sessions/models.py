"""Sessions, their refresh tokens, and how often passwords were guessed wrong."""

from django.db import models

from identity.users.models import User
from shared.ids import new_id


class Session(models.Model):
    """One sign-in on one device; all refresh tokens that descend from it are its family.

    No access token of it is younger than `tokens_issued_at`, which is written under this row's lock, so that a
    revocation covers every token issued before it.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sessions")
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField()
    tokens_issued_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField()
    agent = models.CharField(max_length=200)
    address = models.GenericIPAddressField(null=True)
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=20, blank=True)

    class Meta:
        db_table = "session"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ended_at__isnull=True, end_reason="")
                | (models.Q(ended_at__isnull=False) & ~models.Q(end_reason="")),
                name="session_ends_for_a_reason",
            ),
        ]
        indexes = [
            models.Index(
                fields=["user", "-created_at", "-id"],
                condition=models.Q(ended_at__isnull=True),
                name="session_open_of_user",
            ),
            models.Index(fields=["expires_at"], name="session_by_expiry"),
            models.Index(fields=["user", "address"], name="session_of_user_by_address"),
        ]


class RefreshToken(models.Model):
    """One refresh token; its id is the `jti` of the access token that was issued with it.

    Only its SHA-256 is kept: the token has 256 random bits, so a slow hash would protect nothing.
    `parent_id` is the token that it was given for, none for a sign-in's; `superseded_at` is when a successor of it,
    or another successor of its parent, was used.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="tokens")
    digest = models.BinaryField(max_length=32, unique=True)
    parent_id = models.UUIDField(null=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    spent_at = models.DateTimeField(null=True)
    superseded_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "refresh_token"
        indexes = [
            models.Index(fields=["expires_at"], name="refresh_token_by_expiry"),
            models.Index(fields=["parent_id"], name="refresh_token_by_parent"),
        ]


class GuessCount(models.Model):
    """Wrong guesses: for one account (a digest of its e-mail address, known or not) or from one network address; where
    the account signed in from there before, for the pair (`device`, a digest of both).

    `change` counts wrong present passwords of who is signed in, `register` registrations that told of an account.
    """

    kind = models.CharField(max_length=8)
    subject = models.CharField(max_length=64)
    count = models.IntegerField()
    last_at = models.DateTimeField()
    blocked_until = models.DateTimeField(null=True)

    class Meta:
        db_table = "guess_count"
        constraints = [models.UniqueConstraint(fields=["kind", "subject"], name="guess_count_once")]
        indexes = [models.Index(fields=["last_at"], name="guess_count_by_age")]
