"""The fields of this service's bodies."""

from typing import Any

from django.core.validators import EmailValidator
from rest_framework import serializers

from identity.users import passwords, rules
from shared.http.fields import Choice, Text


class Email(Text):
    """An e-mail address in ASCII; an international domain comes in its `xn--` form, so that none looks like another."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_length": 254, "help_text": "e-mail address", **options})
        self.validators.append(EmailValidator())

    def to_internal_value(self, data: Any) -> str:
        address = super().to_internal_value(data)
        if not address.isascii():
            raise serializers.ValidationError("An address in ASCII is expected.", code="not_ascii")
        return rules.normal_email(address)


class NewPassword(Text):
    """A password to be: every character counts, blanks at the ends too."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_length": passwords.LONGEST, "trim_whitespace": False, **options})


class Password(NewPassword):
    """A password that somebody has: it may be older than what new ones are held to."""

    any_character = True


class Name(Text):
    """What a person or a client is called."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_length": 100, **options})


class Role(Choice):
    """A role that people can have."""

    def __init__(self, **options: Any) -> None:
        super().__init__(choices=rules.ROLES, **options)
