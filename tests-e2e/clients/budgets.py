"""Budgets of programmes."""

from dataclasses import dataclass
from typing import Any

from eventually import until_all_have_read_anew

from clients.api import Api, ok
from clients.points import PROGRAMMES


def budgets_of(programme: str) -> str:
    """Return the path of a programme's budgets."""
    return f"{PROGRAMMES}/{programme}/budgets"


@dataclass(frozen=True)
class Budgets:
    """Budgets as one caller uses them."""

    api: Api

    def make(self, programme: str, code: str, **said: Any) -> dict[str, Any]:
        """Let a programme have a budget, and every process know it."""
        made: dict[str, Any] = ok(self.api.post(budgets_of(programme), {"code": code, "name": code, **said}), 201)
        until_all_have_read_anew()
        return made

    def all(self, programme: str) -> list[dict[str, Any]]:
        """Return a programme's budgets."""
        return self.api.listed(budgets_of(programme))

    def one(self, programme: str, code: str) -> dict[str, Any]:
        """Return a budget."""
        found: dict[str, Any] = ok(self.api.get(f"{budgets_of(programme)}/{code}"))
        return found

    def replace(self, programme: str, code: str, **said: Any) -> dict[str, Any]:
        """Let a budget have another name, or more or less to give."""
        changed: dict[str, Any] = ok(self.api.send("PUT", f"{budgets_of(programme)}/{code}", json=said))
        return changed

    def end(self, programme: str, code: str) -> None:
        """End a budget, and let every process know it."""
        ok(self.api.send("DELETE", f"{budgets_of(programme)}/{code}"), 204)
        until_all_have_read_anew()

    def periods(self, programme: str, code: str) -> list[dict[str, Any]]:
        """Return what was used of a budget, by period."""
        return self.api.listed(f"{budgets_of(programme)}/{code}/periods")
