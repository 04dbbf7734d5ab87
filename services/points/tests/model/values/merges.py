"""Two members who are one person, on values."""

from collections.abc import Iterable

from msgspec import structs

from points.ledger.errors import HoldsOpen, MemberMerged, MergeWithOneself
from points.ledger.rules.due import with_due
from points.ledger.rules.holds import releases
from points.ledger.rules.merges import postings
from points.ledger.rules.values import NO_POINTS, Account, HoldState, Key, Kind
from tests.model.values.driver import Driver, number_of
from tests.model.values.engine import key_of
from tests.model.world import MEMBERS, OPERATORS, Outcome


class Merges(Driver):
    def merge(self, who: int, into: int, void_holds: bool) -> Outcome:
        if who == into:
            raise MergeWithOneself()
        for member in (who, into):
            if MEMBERS[member] in self.merged:
                raise MemberMerged(member_id="", merged_into="")
        theirs, others = ([(one.id, MEMBERS[member]) for one in self.programmes] for member in (who, into))
        self._settle_both(theirs, others, void_holds=void_holds)
        merge_id, self.merged = self.new_id(), self.merged | {MEMBERS[who]: MEMBERS[into]}
        moved = []
        for key in theirs:
            account, waiting = self._account(key), self._account(key).buckets["pending"]
            self.all(postings(account, into=MEMBERS[into], merge_id=merge_id, reason="", actor_id=OPERATORS[0]))
            moved.append((account.buckets["available"] + waiting, waiting, -account.buckets["deficit"]))
            self.accounts[key] = structs.replace(self._account(key), merged_into=MEMBERS[into])
        for one in list(self.pending.values()):
            if key_of(one) in theirs and one.remaining:
                self.pending[one.id] = structs.replace(one, member_id=MEMBERS[into])
        return "done", moved

    def _settle_both(self, theirs: list[Key], others: Iterable[Key], *, void_holds: bool) -> None:
        """Let nothing be due in either's accounts, nor set aside or dead in those of who is merged."""
        accounts = [self._with_all(key, []) for key in (*theirs, *others)]
        self.all(with_due(accounts, [], end_of_lot=self.end_of_lot, at=self.now))
        aside = [
            self.hold_now(hold.id)
            for hold in self.holds.values()
            if key_of(hold) in theirs and hold.state == HoldState.HELD
        ]
        if aside and not void_holds:
            raise HoldsOpen()
        aside.sort(key=lambda hold: (hold.expires_at, hold.id))
        self.all([one for hold in aside for one in releases(hold, to=HoldState.VOIDED, at=self.now)])
        dead = [(lot_id, row.key) for lot_id, row in self.lots.items() if row.key in theirs and row.is_dead(self.now)]
        for lot_id, key in dead:
            where = MEMBERS.index(key[1]), number_of(key[0])
            self.all([self.posting(Kind.EXPIRED, where, 0, lots=(lot_id,))])

    def _account(self, key: Key) -> Account:
        return self.accounts.get(key) or Account(0, *key, NO_POINTS, 0)
