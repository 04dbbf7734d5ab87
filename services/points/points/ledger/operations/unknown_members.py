"""Earnings of members who never registered, which a programme may refuse."""

from collections.abc import Sequence

from points.ledger.queries import by_source_key
from points.ledger.rules.values import Kind, Posting
from points.members.queries import unknown_of
from points.programmes.queries import programme
from shared.errors import DomainError, MemberUnknown


def refuse_unknown(commands: Sequence[Posting | DomainError]) -> list[Posting | DomainError]:
    """Return postings with a refusal in the place of each earning that its programme refuses for its unknown member.

    What was posted before stays what it is. One statement for any number, none where no programme refuses.
    """
    earnings = [command for command in commands if isinstance(command, Posting) and _may_be_refused(command)]
    if not earnings:
        return list(commands)
    unknown = unknown_of({command.member_id for command in earnings})
    refused = [command for command in earnings if command.member_id in unknown]
    earlier = by_source_key([command.source_key for command in refused if command.source_key is not None])
    gone = {command.id for command in refused if command.source_key not in earlier}
    return [
        MemberUnknown(member_id=str(command.member_id))
        if isinstance(command, Posting) and command.id in gone
        else command
        for command in commands
    ]


def _may_be_refused(command: Posting) -> bool:
    return command.kind == Kind.EARNED and programme(command.programme_id).unknown_members == "refuse"
