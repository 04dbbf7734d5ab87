"""The posting engine: one way of writing for one posting and for thousands."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from uuid import UUID

from msgspec import structs

from points.ledger import extensions, holds, pending
from points.ledger.errors import NothingToExpire
from points.ledger.posting import followers, optimistic
from points.ledger.posting.load import lock_accounts, with_holds, with_pending
from points.ledger.posting.write import write
from points.ledger.queries import by_source_key
from points.ledger.rules.due import with_due
from points.ledger.rules.earnings import end_after_activity
from points.ledger.rules.holds import is_half_closed
from points.ledger.rules.merges import is_empty, merged
from points.ledger.rules.postings import decide_in_turn, posted
from points.ledger.rules.values import Account, Decided, Kind, Posted, Posting
from points.messages.outgoing.transactions import of_posting
from points.programmes.queries import end_of_lot_in, known_programme
from points.programmes.rules.expiry import ACTIVITIES
from shared.db import start_writes, unit_of_work
from shared.errors import DomainError
from shared.messaging.outbox import publish
from shared.postgres.optimistic import is_open

Outcome = Posted | DomainError
_Decision = Decided | Outcome
# A long list is written in pieces of so many: while PostgreSQL writes one, the next is decided.
PIECE = 1_000


def post(postings: Sequence[Posting], *, at: datetime, as_of: datetime | None = None) -> list[Outcome]:
    """Post any number of postings in a fixed number of statements; return one outcome for each.

    A refused one is answered by its refusal and leaves the others alone. One whose `source_key` was
    posted before is answered by that transaction. Lots are judged as of `as_of`, where it is not now.
    Holds whose time has passed are given back, and pending points whose time has come are closed, before anything
    else, whether or not their jobs have run.
    """
    if not postings:
        return []
    facts: dict[UUID, Posted] = {}
    outcomes: list[_Decision] = []
    with unit_of_work():
        commands, decisions = _decide(postings, at=at, as_of=as_of or at)
        for piece in _pieces(decisions):
            outcomes += piece
            facts |= _write([one for one in piece if isinstance(one, Decided)], at=at, as_of=as_of or at)
            if len(commands) > PIECE:
                start_writes()
    return [facts[one.posting.id] if isinstance(one, Decided) else one for one in _of(postings, commands, outcomes)]


def _pieces(decisions: Iterable[_Decision]) -> Iterator[list[_Decision]]:
    """Yield decisions in pieces to write, at whose end nothing is half done: what came back to a merged member has gone
    on to the current one, and what was not captured of a hold has come back.

    :raises MemberMerged: they do not go on, because the merge came after whoever gives them back had asked for one.
    """
    piece, in_transit, captured_in_part = list[_Decision](), dict[int, Account](), set[UUID]()
    for one in decisions:
        piece.append(one)
        if isinstance(one, Decided) and (hold := one.movement.hold):
            (captured_in_part.add if is_half_closed(hold) else captured_in_part.discard)(hold.id)
        if isinstance(one, Decided) and one.after.merged_into is not None:
            in_transit[one.after.id] = one.after
            if is_empty(one.after):
                del in_transit[one.after.id]
        if len(piece) >= PIECE and not (in_transit or captured_in_part):
            yield piece
            piece = []
    for account in in_transit.values():
        raise merged(account)
    if piece:
        yield piece


def _write(decided: Sequence[Decided], *, at: datetime, as_of: datetime) -> dict[UUID, Posted]:
    """Write decisions and publish them; return the transactions that they became."""
    facts = {one.posting.id: posted(one, at=at) for one in decided}
    if decided:
        write(decided, list(facts.values()), at=at)
        if any(one.movement.hold for one in decided):
            holds.write(decided)
        if any(one.movement.pending for one in decided):
            pending.write(decided)
        if any(one.posting.slides_to for one in decided):
            extensions.write(decided, at=as_of)
        if followed := [one for one in decided if _has_tiers(one.posting)]:
            followers.tell(followed, at=at)
        messages = [of_posting(one.posting, facts[one.posting.id]) for one in decided]
        publish([message for message in messages if message], at=at)
    return facts


def post_answered(posting: Posting, *, at: datetime) -> Posted:
    """Post one posting whose transaction is answered, and nothing of it is looked at before.

    Where whoever runs this can run it again after a conflict, and the posting is eligible, it is written before its
    account is read: balances and lots of the answer are placeholders then (posting.optimistic).

    :raises DomainError: the ledger refuses it.
    """
    command = _with_activity(posting, at)
    # What an earning does to a tier is decided on the account's lock.
    is_followed = command.kind == Kind.EARNED and _has_tiers(command)
    if is_followed or not (is_open() and optimistic.is_eligible(command)):
        return post_one(posting, at=at)
    with unit_of_work():
        fact = optimistic.assumed(command, at=at)
        optimistic.write(command, at=at)
        message = of_posting(command, fact)
        assert message
        publish([message], at=at)
    return fact


def _has_tiers(posting: Posting) -> bool:
    found = known_programme(posting.programme_id)
    return found is not None and found.has_tiers


def foresee(postings: Sequence[Posting], *, at: datetime) -> list[Outcome]:
    """Return what `post` would answer now, and write nothing."""
    if not postings:
        return []
    with unit_of_work():
        commands, decisions = _decide(postings, at=at, as_of=at)
        outcomes = _of(postings, commands, list(decisions))
    return [posted(one, at=at) if isinstance(one, Decided) else one for one in outcomes]


def _decide(postings: Sequence[Posting], *, at: datetime, as_of: datetime) -> tuple[list[Posting], Iterator[_Decision]]:
    """Lock what postings are about and decide them, with what is due of holds and of pending points before them."""
    accounts = with_holds(lock_accounts(postings, at=as_of), postings, at=at)
    accounts = with_pending(accounts, postings, at=at)
    earlier = by_source_key([posting.source_key for posting in postings if posting.source_key is not None])
    if any(account.holds or account.pending for account in accounts.values()):
        postings = with_due(accounts.values(), postings, end_of_lot=end_of_lot_in, at=at)
    commands = [_with_activity(posting, at) for posting in postings]
    return commands, decide_in_turn(accounts, commands, earlier, at=as_of)


def _of(postings: Sequence[Posting], commands: Sequence[Posting], outcomes: list[_Decision]) -> list[_Decision]:
    """Return the outcomes of the postings that were asked for, without those of what was due."""
    if len(commands) == len(postings):
        return outcomes
    requested = {posting.id for posting in postings}
    return [outcome for command, outcome in zip(commands, outcomes, strict=True) if command.id in requested]


def _with_activity(posting: Posting, at: datetime) -> Posting:
    """Return a posting with the end that it gives the member's lots, where it is an activity of a sliding programme.

    A merge of members is none.
    """
    if posting.kind not in ACTIVITIES or posting.merge or (found := known_programme(posting.programme_id)) is None:
        return posting
    end = end_after_activity(found, posting.kind, at=posting.occurred_at or at)
    return structs.replace(posting, slides_to=end) if end else posting


def post_one(posting: Posting, *, at: datetime) -> Posted:
    """Post one posting.

    :raises DomainError: the ledger refuses it.
    """
    (outcome,) = post([posting], at=at)
    if isinstance(outcome, DomainError):
        raise outcome
    return outcome


def post_all(postings: Sequence[Posting], *, at: datetime) -> list[Posted]:
    """Post postings of which none may be refused, and return what they became, without expiries that found nothing.

    What is owed may have taken all that came back to a lot that has ended.

    :raises DomainError: the ledger refuses one of them; the caller's transaction ends with it.
    """
    facts = []
    for outcome in post(postings, at=at):
        if isinstance(outcome, Posted):
            facts.append(outcome)
        elif not isinstance(outcome, NothingToExpire):
            raise outcome
    return facts
