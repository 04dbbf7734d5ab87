"""Passwords: how they are hashed, checked and judged."""

from enum import Enum

from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher, check_password, make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from zxcvbn import zxcvbn

from identity.users.errors import WeakPassword
from identity.users.models import User
from shared.texts import compatible

LONGEST = 128
# Of a longer one the beginning is judged: what comes after can only be harder, and takes time by its square.
JUDGED = 40
# So many guesses somebody makes who is held up by limits alone (OWASP ASVS 2.1.7; zxcvbn's score of 2).
FEWEST_GUESSES = 10**6


class OwaspArgon2(Argon2PasswordHasher):
    """Argon2id with the first of OWASP's recommended settings: 19 MiB, two passes, one lane.

    On purpose weaker than Django's default (100 MiB, eight lanes), which takes 192 ms of CPU: two
    cores would answer ten sign-ins a second, so that a handful of guesses could shut everybody out.
    With these, 19 ms; guessing is held down by the limits in sessions/guessing.py.
    """

    time_cost = 2
    memory_cost = 19 * 1024
    parallelism = 1


class Match(Enum):
    """Whether a password is the right one, and how its hash was made; only NO is false."""

    NO = False
    YES = True
    AS_TYPED = "the hash is older than the rule that passwords are hashed in one form"

    def __bool__(self) -> bool:
        return self is not Match.NO


def hashed(password: str) -> str:
    """Return what is stored instead of the password: the same by whatever keyboard it is typed (NFKC)."""
    return make_password(compatible(password))


def match(user: User | None, password: str) -> Match:
    """Tell whether this is the user's password, in the same time for nobody as for somebody.

    One that is typed in another form than passwords are hashed in is also tried as it is, because the hash may be
    older; how many are tried depends on what was typed alone.
    """
    if _is_right(user, compatible(password)):
        return Match.YES
    if compatible(password) != password and _is_right(user, password):
        return Match.AS_TYPED
    return Match.NO


def _is_right(user: User | None, password: str) -> bool:
    if user is None:
        make_password(password)
        return False
    return check_password(password, user.password)


class Guessable:
    """Refuses what is guessed soon though no list has it: repeated words, rows of keys, the own name with a year."""

    def validate(self, password: str, user: User | None = None) -> None:
        """Check a new password.

        :raises ValidationError: it takes fewer than FEWEST_GUESSES.
        """
        own = [user.email, *user.email.split("@"), user.name] if user else []
        if zxcvbn(password[:JUDGED], user_inputs=own, max_length=JUDGED)["guesses"] < FEWEST_GUESSES:
            raise ValidationError("This password is guessed soon.", code="password_too_easy")


def check_strength(password: str, user: User) -> None:
    """Check a new password by Django's validators, which also compare it with the address and name.

    :raises WeakPassword: with one item in `errors` for each reason.
    """
    # Judged as typed where that is short: one character may stand for eighteen.
    judged = compatible(password) if len(password) >= settings.SHORTEST_PASSWORD else password
    try:
        validate_password(judged, user)
    except ValidationError as error:
        reasons = [
            {"field": "password", "code": reason.code, "detail": " ".join(reason.messages)}
            for reason in error.error_list
        ]
        raise WeakPassword(errors=reasons) from None
