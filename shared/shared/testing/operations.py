"""Every operation of the service whose tests run, as its URL patterns have them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from shared.http.refusals import own_refusals
from shared.http.views import Operation, ServiceView, operation_of

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_SAMPLES = {"id": "01a20000-0000-7000-8000-000000000001", "str": "text", "slug": "text", "int": "1"}
# NUL, a control character, half a surrogate pair, bytes that are no UTF-8.
_NO_TEXTS = ("a%00b", "a%1Bb", "a%C2%85b", "a%ED%A0%80b", "a%FFb")


@dataclass(frozen=True)
class Target:
    """One operation: its method, the route of its URL pattern, and the view behind it."""

    method: str
    route: str
    view: type[ServiceView]
    operation: Operation

    @property
    def name(self) -> str:
        """Return what the operation is called in a failed test and in what `tools/reached.py` tells."""
        return f"{self.method} {self.route}"

    @property
    def path(self) -> str:
        """Return a path of the route; the ids in it belong to nothing."""
        return "/" + re.sub(r"<(?:(\w+):)?\w+>", lambda found: _SAMPLES[found[1] or "str"], self.route)

    @property
    def paths_of_no_view(self) -> list[str]:
        """Return a path for each parameter that takes not any text, with something in its place that is none."""
        typed = [found[0] for found in re.finditer(r"<(?!str:)\w+:\w+>", self.route)]
        return [replace(self, route=self.route.replace(one, "no.such")).path for one in typed]

    @property
    def paths_of_no_text(self) -> list[str]:
        """Return a path for each parameter that takes any text, with something in its place that is no text."""
        free = [found[0] for found in re.finditer(r"<str:\w+>", self.route)]
        return [replace(self, route=self.route.replace(one, no)).path for one in free for no in _NO_TEXTS]

    @property
    def published_path(self) -> str:
        """Return the path as the schema writes it."""
        return published(self.route)

    def own_codes(self) -> set[str]:
        """Return the codes that the operation itself names."""
        return {refusal.code for refusal in own_refusals(self.view, self.method)}


@cache
def views() -> tuple[tuple[str, type[Any]], ...]:
    """Return every route of the service that has a class behind it, Swagger's own left out."""
    found = ((route, getattr(pattern.callback, "cls", None)) for route, pattern in _patterns(get_resolver()))
    return tuple((route, view) for route, view in found if view and not view.__module__.startswith("drf_yasg"))


def is_published(view: type[Any]) -> bool:
    """Tell whether the schema has a view's operations; one that hides has none."""
    return getattr(view, "swagger_schema", True) is not None


@cache
def targets() -> tuple[Target, ...]:
    """Return every operation of the service."""
    return tuple(
        Target(method, route, view, asked)
        for route, view in views()
        for method in METHODS
        if (asked := operation_of(view, method))
    )


def published(route: str) -> str:
    """Return the path of a URL pattern's route as the schema writes it."""
    return "/" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route)


def _patterns(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for one in resolver.url_patterns:
        route = prefix + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from _patterns(one, route)
        else:
            yield route, one
