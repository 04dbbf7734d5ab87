"""A statement as PDF, for reading and printing."""

import io
from datetime import datetime

from points.ledger.rules.values import Posted, Take
from points.programmes.rules.expiry import day_told
from points.statements.forms.paper import GREY, LEFT, RIGHT, Paper, lines_of
from points.statements.queries.provenance import Cause
from points.statements.queries.statements import Statement
from shared.zones import ZoneInfo

_WHAT, _CHANGE, _BALANCE = LEFT + 75, RIGHT - 75, RIGHT
_NAMES = {
    "earned": "Earned",
    "redeemed": "Redeemed",
    "expired": "Expired",
    "adjusted": "Adjusted",
    "reversed": "Reversed",
    "returned": "Returned",
    "restored": "Back from a return",
    "held": "Set aside",
    "released": "Free again",
    "sent": "Sent to another member",
    "received": "Received from another member",
    "activated": "Activated",
    "cancelled": "Cancelled",
    "reinstated": "Reinstated after its end",
}
_ENDINGS_SHOWN = 12
_LOTS_SHOWN = 6


def statement_pdf(found: Statement) -> bytes:
    """Write a statement on A4 pages."""
    written = io.BytesIO()
    zone = ZoneInfo(found.period.timezone)
    paper = Paper(written, f"Points statement {found.period.first} to {found.period.last}")
    _head(paper, found)
    _sum(paper, "Opening balance", found.opening.available)
    for line in found.lines:
        _line(paper, found, line, zone)
    _sum(paper, "Closing balance", found.closing.available)
    _endings(paper, found, zone)
    paper.close()
    return written.getvalue()


def _head(paper: Paper, found: Statement) -> None:
    paper.text(LEFT, "Points statement", size=18)
    paper.down(24)
    facts = [
        found.programme.name,
        f"Member {found.member_id}",
        f"{found.period.first} to {found.period.last}, days of {found.period.timezone}",
    ]
    if found.closing.held or found.closing.pending or found.closing.deficit:
        account = found.closing
        facts.append(
            f"Beside the closing balance: held {account.held}, pending {account.pending}, owed {-account.deficit}"
        )
    for fact in (text for one in facts for text in lines_of(one, width=RIGHT - LEFT, size=9)):
        paper.text(LEFT, fact, size=9, grey=GREY)
        paper.down(13)
    paper.down(8)
    paper.columns = lambda: _columns(paper)
    paper.columns()


def _columns(paper: Paper) -> None:
    paper.text(LEFT, "Day", size=8, grey=GREY)
    paper.text(_WHAT, "What", size=8, grey=GREY)
    paper.right(_CHANGE, "Points", size=8, grey=GREY)
    paper.right(_BALANCE, "Balance", size=8, grey=GREY)
    paper.rule()
    paper.down(16)


def _sum(paper: Paper, name: str, points: int) -> None:
    paper.room(20)
    paper.text(_WHAT, name, size=10)
    paper.right(_BALANCE, f"{points:,}", size=10)
    paper.rule()
    paper.down(18)


def _name(line: Posted) -> str:
    waits = line.kind == "earned" and line.moved("pending")
    return "Earned, pending" if waits else _NAMES.get(line.kind, line.kind)


def _line(paper: Paper, found: Statement, line: Posted, zone: ZoneInfo) -> None:
    what = " · ".join(part for part in (_name(line), line.reason, line.reference) if part)
    wrapped = lines_of(what, width=_CHANGE - _WHAT - 60, size=9)
    origins = _origins(found, line, zone)
    paper.room(12 * len(wrapped) + 10 * len(origins) + 6)
    paper.text(LEFT, f"{line.posted_at.astimezone(zone).date()}", size=9)
    paper.right(_CHANGE, f"{line.change:+,}", size=9)
    paper.right(_BALANCE, f"{line.balance_after:,}", size=9)
    for text in wrapped:
        paper.text(_WHAT, text, size=9)
        paper.down(12)
    for text in origins:
        paper.text(_WHAT, text, size=7, grey=GREY)
        paper.down(10)
    paper.down(4)


def _origins(found: Statement, line: Posted, zone: ZoneInfo) -> list[str]:
    parts = list(found.parts_of(line))
    origins = [_origin(part, cause, zone) for part, cause in parts[:_LOTS_SHOWN]]
    if more := len(parts) - len(origins):
        origins.append(f"and {more} lots more")
    return [text for origin in origins for text in lines_of(origin, width=RIGHT - _WHAT, size=7)]


def _origin(part: Take, cause: Cause | None, zone: ZoneInfo) -> str:
    came = f" of {_day(cause.occurred_at, zone)} ({cause.reason or cause.kind})" if cause else ""
    ends = f"end with {day_told(part.expires_at, part.expires_on, zone.key)}" if part.expires_at else "never end"
    return f"{part.points:+,} points{came}, which {ends}"


def _endings(paper: Paper, found: Statement, zone: ZoneInfo) -> None:
    if not found.expiring:
        return
    paper.room(60)
    paper.down(10)
    paper.text(LEFT, "What ends when, if it is not spent", size=11)
    paper.down(16)
    for end in found.expiring[:_ENDINGS_SHOWN]:
        paper.room(14)
        paper.text(LEFT, f"after {day_told(end.expires_at, end.expires_on, zone.key)}", size=9)
        paper.right(_WHAT + 120, f"{end.points:,} points", size=9)
        paper.down(13)
    if later := found.expiring[_ENDINGS_SHOWN:]:
        paper.text(LEFT, "later", size=9)
        paper.right(_WHAT + 120, f"{sum(end.points for end in later):,} points", size=9)


def _day(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).date().isoformat()
