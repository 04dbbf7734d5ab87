"""The fields of this service's bodies."""

from typing import Any

from django.conf import settings
from django.core.validators import EmailValidator
from rest_framework import serializers

from identity.users import passwords, rules
from shared.http.fields import Choice, Text


class Email(Text):
    """An e-mail address in ASCII; an international domain comes in its `xn--` form, so that none looks like another."""

    form = "email"

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_length": 254, "help_text": "e-mail address", **options})
        self.validators.append(EmailValidator())

    def to_internal_value(self, data: Any) -> str:
        # As it was sent: composed (NFC), the sign for kelvin would be a K.
        if isinstance(data, str) and not data.isascii():
            raise serializers.ValidationError("An address in ASCII is expected.", code="not_ascii")
        return rules.normal_email(super().to_internal_value(data))


class NewPassword(Text):
    """A password to be: every character counts, blanks at the ends too.

    How short it may be is declared here and decided with all else that makes it weak, so that one refusal has all.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_length": passwords.LONGEST, "trim_whitespace": False, **options})

    class Meta:
        swagger_schema_fields = {"minLength": settings.SHORTEST_PASSWORD}


class Password(NewPassword):
    """A password that somebody has: it may be older than what new ones are held to."""

    any_character = True

    class Meta:
        swagger_schema_fields: dict[str, Any] = {}


class Name(Text):
    """What a person or a client is called."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_length": 100, **options})


class Role(Choice):
    """A role that people can have."""

    def __init__(self, **options: Any) -> None:
        super().__init__(choices=rules.ROLES, **options)
