"""Tiers of programmes, and of members."""

from dataclasses import dataclass
from typing import Any

from eventually import until_all_have_read_anew

from clients.api import Api, ok
from clients.points import POINTS, PROGRAMMES


def tiers_of(programme: str) -> str:
    """Return the path of a programme's tiers."""
    return f"{PROGRAMMES}/{programme}/tiers"


def overrides_of(programme: str) -> str:
    """Return the path of the tiers by hand of a programme."""
    return f"{tiers_of(programme)}/overrides"


def tiers_document(*tiers: tuple[str, int], **said: Any) -> dict[str, Any]:
    """Return a document of tiers by points in calendar years: each by its code and what it takes to enter."""
    named = [{"code": code, "name": code.title(), "enter": enter} for code, enter in tiers]
    return {"metric": "points", "window": {"kind": "calendar", "month": 1}, "tiers": named} | said


@dataclass(frozen=True)
class Tiers:
    """Tiers as one caller uses them; in the default programme, where none is named."""

    api: Api

    def replace(self, programme: str, document: dict[str, Any]) -> dict[str, Any]:
        """Let a programme have these tiers from now on, and every process know them."""
        made: dict[str, Any] = ok(self.api.send("PUT", tiers_of(programme), json={"document": document}))
        until_all_have_read_anew()
        return made

    def said(self, programme: str) -> dict[str, Any]:
        """Return what a programme says of its tiers."""
        found: dict[str, Any] = ok(self.api.get(tiers_of(programme)))
        return found

    def one(self, **whose: str) -> dict[str, Any]:
        """Return a member's tier."""
        found: dict[str, Any] = ok(self.api.get(f"{POINTS}/tier", **whose))
        return found

    def changes(self, **whose: str) -> list[dict[str, Any]]:
        """Return the changes of a member's tier, the newest first."""
        return self.api.listed(f"{POINTS}/tier/changes", **whose)

    def give(self, member_id: str, tier: str, *, programme: str, **said: Any) -> dict[str, Any]:
        """Give a member a tier by hand."""
        body = {"member_id": member_id, "tier": tier, "reason": "a friend of the house", **said}
        made: dict[str, Any] = ok(self.api.post(overrides_of(programme), body), 201)
        return made

    def bring(self, programme: str, *members: dict[str, Any]) -> list[dict[str, Any]]:
        """Let members begin with tiers that they had elsewhere; return what became of each."""
        answer = self.api.post(f"{tiers_of(programme)}/imports", {"members": list(members)})
        found: list[dict[str, Any]] = ok(answer)["results"]
        return found

    def imports(self, programme: str) -> list[dict[str, Any]]:
        """Return who let how many members begin with tiers from elsewhere, the newest first."""
        return self.api.listed(f"{tiers_of(programme)}/imports")

    def end(self, programme: str, override_id: str) -> dict[str, Any]:
        """End a tier by hand."""
        found: dict[str, Any] = ok(self.api.post(f"{overrides_of(programme)}/{override_id}/end"))
        return found

    def given(self, programme: str) -> list[dict[str, Any]]:
        """Return the tiers by hand of a programme, the newest first."""
        return self.api.listed(overrides_of(programme))
