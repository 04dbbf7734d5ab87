"""How Swagger shows a page of a list."""

from typing import Any

from rest_framework import serializers

Answer = serializers.Serializer[Any]


def page_of(answer: type[Answer]) -> type[Answer]:
    """Return the schema of one page of such answers: `results`, and the addresses of the `next` and `previous` page."""
    name = f"{_published(answer)}Page"
    members = {
        "results": answer(many=True),
        "next": serializers.CharField(allow_null=True),
        "previous": serializers.CharField(allow_null=True),
        "Meta": type("Meta", (), {"ref_name": name}),
        "__doc__": "One page of a list.",
    }
    return type(name, (serializers.Serializer,), members)


def _published(answer: type[Answer]) -> str:
    meta: Any = getattr(answer, "Meta", None)
    return str(getattr(meta, "ref_name", "") or answer.__name__.removesuffix("Answer"))
