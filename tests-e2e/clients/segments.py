"""What programmes know of members, and segments."""

from dataclasses import dataclass
from typing import Any

from clients.api import Api, ok
from clients.points import POINTS, PROGRAMMES


def attributes_of(member_id: str) -> str:
    """Return the path of what a programme knows of a member."""
    return f"{POINTS}/members/{member_id}/attributes"


def segments_of(programme: str) -> str:
    """Return the path of a programme's segments."""
    return f"{PROGRAMMES}/{programme}/segments"


@dataclass(frozen=True)
class Segments:
    """Attributes and segments as one caller uses them; in the default programme, where none is named."""

    api: Api

    def know(self, member_id: str, programme: str = "", **attributes: Any) -> dict[str, Any]:
        """Say all that a programme knows of a member."""
        body = {"attributes": attributes} | ({"programme": programme} if programme else {})
        said: dict[str, Any] = ok(self.api.send("PUT", attributes_of(member_id), json=body))
        return said

    def known(self, member_id: str, **programme: str) -> dict[str, Any]:
        """Return what a programme knows of a member."""
        found: dict[str, Any] = ok(self.api.get(attributes_of(member_id), **programme))
        return found

    def versions(self, member_id: str, **programme: str) -> list[dict[str, Any]]:
        """Return what a programme knew of a member, the newest first."""
        return self.api.listed(f"{attributes_of(member_id)}/versions", **programme)

    def make(self, programme: str, code: str, condition: dict[str, Any] | None = None) -> dict[str, Any]:
        """Make a segment, of a condition or of a list."""
        body = {"code": code, "name": code} | ({"condition": condition} if condition else {})
        made: dict[str, Any] = ok(self.api.post(segments_of(programme), body), 201)
        return made

    def all(self, programme: str) -> list[dict[str, Any]]:
        """Return a programme's segments."""
        return self.api.listed(segments_of(programme))

    def one(self, programme: str, code: str) -> dict[str, Any]:
        """Return a segment."""
        found: dict[str, Any] = ok(self.api.get(f"{segments_of(programme)}/{code}"))
        return found

    def replace(self, programme: str, code: str, **said: Any) -> dict[str, Any]:
        """Give a segment another name or condition."""
        changed: dict[str, Any] = ok(self.api.send("PUT", f"{segments_of(programme)}/{code}", json=said))
        return changed

    def delete(self, programme: str, code: str) -> None:
        """Delete a segment."""
        ok(self.api.send("DELETE", f"{segments_of(programme)}/{code}"), 204)

    def change(self, programme: str, code: str, **members: list[str]) -> dict[str, Any]:
        """Put members on a list (`add`), and take others from it (`remove`)."""
        changed: dict[str, Any] = ok(self.api.post(f"{segments_of(programme)}/{code}/members", members))
        return changed

    def members(self, programme: str, code: str) -> list[str]:
        """Return the members of a segment."""
        found = self.api.listed(f"{segments_of(programme)}/{code}/members")
        return [one["member_id"] for one in found]

    def count(self, programme: str, code: str) -> int:
        """Return how many members a segment has."""
        return int(ok(self.api.get(f"{segments_of(programme)}/{code}/count"))["members"])

    def of_member(self, member_id: str, programme: str) -> list[str]:
        """Return the codes of the segments that a member is in."""
        found = self.api.listed(f"{POINTS}/members/{member_id}/segments", programme=programme)
        return [one["code"] for one in found]
