"""Django's and DRF's side of all services."""

from uuid import UUID

from django.urls import register_converter


class Id:
    """A UUID in a path, in capitals as well as in small letters, as in a body."""

    regex = "[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"

    def to_python(self, value: str) -> UUID:
        return UUID(value)

    def to_url(self, value: UUID) -> str:
        return str(value)


register_converter(Id, "id")
