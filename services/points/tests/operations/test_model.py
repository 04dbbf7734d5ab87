"""Random operations on the ledger beside a naive model of it; both must agree, and the proof hold, after each step."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction
from django.db.models import Q
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from points.ledger import operations
from points.ledger.errors import (
    AlreadyReversed,
    CaptureTooLarge,
    HoldNotOpen,
    InsufficientPoints,
    NotReversible,
    PaysPurchase,
    PendingNotOpen,
    ReinstatementTooLarge,
    ReturnTooLarge,
)
from points.ledger.models import Account, Transaction
from points.ledger.queries import balance, day_totals
from points.ledger.rules.earnings import Wait
from points.ledger.rules.purchases import LineReturn, NewPurchase, Purchase, PurchaseLine, Refund
from points.ledger.rules.values import Kind, Posting
from points.programmes.operations import change_programme
from points.programmes.queries import default_programme
from points.programmes.rules.expiry import ACTIVITIES, Sliding
from shared.db import rows
from shared.errors import DomainError
from shared.ids import new_id
from tests.factories import buy, make_programme, prove, set_policy, take_back

MEMBERS = [UUID(int=1), UUID(int=2)]
START = datetime(2026, 3, 1, 12, tzinfo=UTC)
FAR = datetime(9999, 1, 1, tzinfo=UTC)
_TOLD_ON = """
SELECT substr(name, 8), count(*), sum((payload->>'change')::bigint)::bigint FROM told_message
WHERE starts_with(name, 'points_') AND (payload->>'posted_at')::timestamptz::date = %s GROUP BY 1
"""
_TOLD = "SELECT coalesce(sum((payload->>'change')::bigint), 0) FROM told_message WHERE starts_with(name, 'points_')"
# By their ends: what a transfer brings is one lot for each.
_LOTS = """
SELECT expires_at, sum(remaining)::bigint FROM lot JOIN account ON account.id = lot.account_id
WHERE member_id = %s AND remaining > 0 AND (expires_at > %s OR expires_at IS NULL) GROUP BY expires_at
"""
LINES = {"a": 700, "b": 301, "c": 99}
PIECES = {"a": 7, "b": 3, "c": 2}
SHARES = {"a": 70, "b": 30, "c": 10}


@dataclass
class Lot:
    id: UUID
    left: int
    ends: datetime | None
    born: int
    reckoned: bool = False


@dataclass
class Hold:
    id: UUID
    taken: list[tuple[Lot, int]]
    ends: datetime
    is_open: bool = True

    def points(self) -> int:
        return sum(points for _, points in self.taken)


@dataclass
class Pending:
    id: UUID
    left: int
    due: datetime
    event: str = ""
    cancelled: int = 0


@dataclass
class Member:
    """What a careful clerk with a list of lots would note."""

    lots: list[Lot] = field(default_factory=list)
    holds: list[Hold] = field(default_factory=list)
    waiting: list[Pending] = field(default_factory=list)
    owed: int = 0
    born: int = 0
    gone: int = 0

    def held(self) -> int:
        return sum(hold.points() for hold in self.holds if hold.is_open)

    def free(self, hold: Hold, now: datetime, captured: int = 0) -> list[tuple[Lot, int]]:
        """Close a hold: the first points are spent, the rest comes back."""
        hold.is_open = False
        spent, back = [], []
        for lot, points in hold.taken:
            part = min(points, captured)
            captured -= part
            spent += [(lot, part)] if part else []
            back += [(lot, points - part)] if points > part else []
        self.give_back(back)
        self.bury([lot for lot, _ in back], now)
        return spent

    def let_time_pass(self, now: datetime) -> None:
        """Do what is due in the order of time: holds end, and pending points are activated or cancelled."""
        over: list[Any] = [hold for hold in self.holds if hold.is_open and hold.ends <= now]
        come: list[Any] = [one for one in self.waiting if one.left and one.due <= now]
        for one in sorted(over + come, key=lambda one: (getattr(one, "ends", None) or one.due, one in come, one.id)):
            if isinstance(one, Hold):
                self.free(one, now)
            else:
                self.close(one, one.due, activates=not one.event)

    def close(self, one: Pending, at: datetime, *, activates: bool) -> None:
        points, one.left = one.left, 0
        if activates and points:
            self.give(one.id, points, end_of_lot(at), reckoned=True)
        one.cancelled += 0 if activates else points

    def pending(self) -> int:
        return sum(one.left for one in self.waiting)

    def bury(self, lots: list[Lot], now: datetime) -> None:
        for lot in lots:
            if lot.ends and lot.ends <= now:
                self.gone += lot.left
                lot.left = 0

    def alive(self, now: datetime) -> list[Lot]:
        found = [lot for lot in self.lots if lot.left and (lot.ends is None or now < lot.ends)]
        return sorted(found, key=lambda lot: (lot.ends or FAR, lot.born))

    def available(self, now: datetime) -> int:
        return sum(lot.left for lot in self.alive(now))

    def give(self, lot_id: UUID, points: int, ends: datetime | None, *, reckoned: bool = False) -> None:
        while points and self.owed:
            points, self.owed = points - 1, self.owed - 1
        if same := [lot for lot in self.lots if lot.id == lot_id]:
            same[0].left += points
            return
        self.born += 1
        self.lots.append(Lot(lot_id, points, ends, self.born, reckoned))

    def take(self, points: int, now: datetime, own: UUID | None = None) -> list[tuple[Lot, int]]:
        taken = []
        for lot in sorted(self.alive(now), key=lambda lot: lot.id != own):
            part = min(points, lot.left)
            if part:
                lot.left -= part
                points -= part
                taken.append((lot, part))
        self.owed += points
        return taken

    def take_back(self, points: int, now: datetime, own: UUID) -> None:
        self.take(self.shrink(points, own), now, own)

    def shrink(self, points: int, own: UUID) -> int:
        for one in self.waiting:
            if one.id == own:
                part = min(points, one.left)
                one.left, points = one.left - part, points - part
        return points

    def give_back(self, taken: list[tuple[Lot, int]]) -> None:
        for lot, points in sorted(taken, key=lambda pair: (pair[0].ends or FAR, pair[0].born)):
            paid = min(self.owed, points)
            self.owed -= paid
            lot.left += points - paid

    def pay_back(self, points: int, now: datetime, own: UUID, policy: str, cap: int | None) -> None:
        """Let a return take what it may: what is pending of it, what can be spent, then a debt up to a limit."""
        if any(one.id == own and one.cancelled for one in self.waiting):
            return
        points = self.shrink(points, own)
        if policy == "pending_only":
            return
        there = min(points, self.available(now))
        self.take(there, now, own=own)
        if policy == "arrears":
            self.owed += points - there if cap is None else min(points - there, max(0, cap - self.owed))

    def expire(self, now: datetime) -> None:
        self.bury(self.lots, now)

    def slide(self, now: datetime, end: datetime) -> None:
        """Let what is there, or set aside, end as late as what came now."""
        aside = [lot for hold in self.holds if hold.is_open for lot, _ in hold.taken]
        for lot in self.lots:
            if lot.reckoned and (lot.left or lot in aside) and lot.ends and now < lot.ends < end:
                lot.ends = end


def end_of_lot(at: datetime) -> datetime:
    """Five days later, at the end of the day in Berlin in winter."""
    return datetime(at.year, at.month, at.day, 23, tzinfo=UTC) + timedelta(days=5 + (at.hour == 23))


@dataclass
class Bought:
    """A purchase, what was paid for it with points, one by one in the order of spending, and what came back."""

    purchase: Purchase
    who: int
    paid: list[tuple[UUID, Lot]]
    left: dict[str, int] = field(default_factory=lambda: dict(PIECES))
    asked: int = 0

    def money(self) -> dict[str, int]:
        return {line: half_up(LINES[line] * (PIECES[line] - left) / PIECES[line]) for line, left in self.left.items()}

    def comes_back(self) -> list[list[tuple[Lot, int]]]:
        """Take the points that are to be back, the last spent first, by redemption."""
        spent = self.purchase.spent
        kept = spent - half_up(spent * sum(self.money().values()) / 1_100)
        back, self.paid = self.paid[kept:], self.paid[:kept]
        redemptions = list(dict.fromkeys(redemption for redemption, _ in reversed(back)))
        parts = [[lot for redemption, lot in back if redemption == one] for one in redemptions]
        return [[(lot, part.count(lot)) for lot in {lot.id: lot for lot in part}.values()] for part in parts]


def half_up(exact: float) -> int:
    return int(exact + 0.5)


members = st.integers(0, len(MEMBERS) - 1)
points = st.integers(1, 60)


def midnight(now: datetime, *, days: int) -> datetime:
    """Return the midnight of Berlin after so many days."""
    zone = ZoneInfo("Europe/Berlin")
    return datetime.combine(now.astimezone(zone).date() + timedelta(days=days + 1), time.min, zone)


class LedgerMachine(RuleBasedStateMachine):
    sliding: Sliding | None = None

    @initialize()
    def begin(self) -> None:
        self.block = transaction.atomic()
        self.block.__enter__()
        make_programme(earn_amount=10, lot_days=None if self.sliding else 5, expiry=self.sliding)
        self.now = START
        self.models = [Member() for _ in MEMBERS]
        self.earned: list[tuple[int, UUID, int]] = []
        self.spent: list[tuple[int, UUID, list[tuple[Lot, int]]]] = []
        self.purchases: list[dict[str, Any]] = []
        self.bought: list[Bought] = []
        self.payable: set[UUID] = set()
        self.paying: set[UUID] = set()
        self.policy: tuple[str, int | None] = ("arrears", None)
        self.holds: list[tuple[int, Hold]] = []
        self.back: dict[UUID, int] = {}

    def teardown(self) -> None:
        if hasattr(self, "block"):
            try:
                self.merge_both()
            finally:
                transaction.set_rollback(True)
                self.block.__exit__(None, None, None)

    def merge_both(self) -> None:
        """Make one member of both: whatever they had, the sums are the same, and one of them has nothing."""
        old, new = self.models
        for hold in sorted((hold for hold in old.holds if hold.is_open), key=lambda hold: (hold.ends, hold.id)):
            old.free(hold, self.now)
        left = old.available(self.now) + new.available(self.now) - old.owed - new.owed
        operations.merge_members(
            from_member_id=MEMBERS[0], into_member_id=MEMBERS[1], reason="m", void_holds=True, actor_id=UUID(int=9),
            at=self.now,
        )  # fmt: skip
        programme_id = default_programme().id
        nothing = balance(programme_id=programme_id, member_id=MEMBERS[0], at=self.now)
        found = balance(programme_id=programme_id, member_id=MEMBERS[1], at=self.now)
        assert (nothing.available, nothing.held, nothing.pending, nothing.deficit) == (0, 0, 0, 0)
        assert (found.available + found.deficit, found.held) == (left, new.held())
        assert found.pending == old.pending() + new.pending()
        assert rows(_TOLD) == rows("SELECT coalesce(sum(available + held), 0) FROM account")
        prove()

    def activity(self, *whose: int) -> None:
        """Move ends in a sliding programme: to that of what is earned now."""
        if self.sliding:
            for who in whose:
                self.models[who].slide(self.now, midnight(self.now, days=5))

    def attempt(self, run: Any) -> Any:
        """Run in a savepoint, so that a refusal undoes what was done, as it does in a request."""
        try:
            with transaction.atomic():
                return run()
        except DomainError as refusal:
            return refusal

    @rule(who=members, points=points, days=st.one_of(st.none(), st.integers(1, 9)))
    def earn(self, who: int, points: int, days: int | None) -> None:
        ends = None if days is None else self.now + timedelta(days=days)
        wish = self.posting(Kind.EARNED, who, points, expires_at=ends)
        (fact,) = operations.post([wish], at=self.now)
        self.models[who].give(fact.id, points, ends)
        self.earned.append((who, fact.id, points))
        self.activity(who)

    @rule(who=members, points=points, hours=st.integers(1, 200), event=st.sampled_from(["", "delivered", "reviewed"]))
    def earn_pending(self, who: int, points: int, hours: int, event: str) -> None:
        due = self.now + timedelta(hours=hours)
        wait = Wait(on_event=event, deadline=due) if event else Wait(at=due)
        fact = operations.earn_points(
            programme_id=None, member_id=MEMBERS[who], points=points, reason="e", wait=wait, at=self.now
        )
        self.models[who].waiting.append(Pending(fact.id, points, due, event))
        self.activity(who)
        self.earned.append((who, fact.id, points))

    @rule(who=members, event=st.sampled_from(["delivered", "reviewed"]))
    def an_event_comes(self, who: int, event: str) -> None:
        facts = operations.activate_on_event(programme_id=None, member_id=MEMBERS[who], event=event, at=self.now)
        waited = [one for one in self.models[who].waiting if one.left and one.event == event]
        assert len(facts) == len(waited)
        for one in sorted(waited, key=lambda one: (one.due, one.id)):
            self.models[who].close(one, self.now, activates=True)

    @rule(who=members, activates=st.booleans(), data=st.data())
    def close_by_hand(self, who: int, activates: bool, data: Any) -> None:
        if not self.models[who].waiting:
            return
        one = data.draw(st.sampled_from(self.models[who].waiting))
        move = operations.activate_pending if activates else operations.cancel_pending
        outcome = self.attempt(lambda: move(one.id, actor_id=UUID(int=9), at=self.now))
        assert isinstance(outcome, PendingNotOpen) == (not one.left)
        self.models[who].close(one, self.now, activates=activates)

    @rule(who=members, points=points)
    def redeem(self, who: int, points: int) -> None:
        self.redeem_here(who, points)

    def redeem_here(self, who: int, points: int) -> None:
        was_enough = self.models[who].available(self.now) >= points
        self.spend(who, points, lambda: operations.redeem_points(
            programme_id=None, member_id=MEMBERS[who], points=points, reference="", reason="r", at=self.now
        ))  # fmt: skip
        if was_enough:
            self.activity(who)

    @rule(who=members, points=st.integers(-40, 40).filter(bool))
    def adjust(self, who: int, points: int) -> None:
        def run() -> Any:
            return operations.adjust_points(
                programme_id=None, member_id=MEMBERS[who], points=points, reason="r", actor_id=UUID(int=9), at=self.now
            )

        if points < 0:
            self.spend(who, -points, run)
            return
        fact = run()
        (lot_ends,) = [part.expires_at for part in fact.lots] or [None]
        self.models[who].give(fact.id, points, lot_ends, reckoned=True)
        self.earned.append((who, fact.id, points))

    def spend(self, who: int, points: int, run: Any) -> None:
        model, outcome = self.models[who], self.attempt(run)
        if model.available(self.now) < points:
            assert isinstance(outcome, InsufficientPoints)
            assert outcome.members == {"requested": points, "available": model.available(self.now)}
            return
        taken = model.take(points, self.now)
        assert [(part.lot_id, -part.points) for part in outcome.lots] == [(lot.id, part) for lot, part in taken]
        self.spent.append((who, outcome.id, taken))
        self.payable |= {outcome.id} if outcome.kind == "redeemed" else set()

    @precondition(lambda self: self.spent)
    @rule(data=st.data())
    def reverse_a_spend(self, data: Any) -> None:
        position = data.draw(st.integers(0, len(self.spent) - 1))
        who, transaction_id, taken = self.spent[position]
        outcome = self.attempt(lambda: self.reverse(transaction_id))
        if transaction_id in self.paying:
            assert isinstance(outcome, PaysPurchase)
            return
        if not taken:
            assert isinstance(outcome, AlreadyReversed)
            return
        self.models[who].give_back(taken)
        self.models[who].bury([lot for lot, _ in taken], self.now)
        self.spent[position] = (who, transaction_id, [])

    @precondition(lambda self: self.earned)
    @rule(data=st.data())
    def reverse_an_earning(self, data: Any) -> None:
        position = data.draw(st.integers(0, len(self.earned) - 1))
        who, transaction_id, points = self.earned[position]
        outcome = self.attempt(lambda: self.reverse(transaction_id))
        if not points:
            assert isinstance(outcome, AlreadyReversed)
            return
        if any(one.id == transaction_id and one.cancelled for one in self.models[who].waiting):
            assert isinstance(outcome, NotReversible)
            return
        self.models[who].take_back(points, self.now, own=transaction_id)
        self.earned[position] = (who, transaction_id, 0)

    def reverse(self, transaction_id: UUID) -> Any:
        return operations.reverse_transaction(transaction_id, reason="r", actor_id=UUID(int=9), at=self.now)

    @rule(who=members, days=st.sampled_from([None, 1, 4]))
    def buy(self, who: int, days: int | None) -> None:
        change_programme(default_programme().id, changes={"pending_days": days}, at=self.now)
        payment_id = new_id()
        new = NewPurchase(
            payment_id=payment_id,
            member_id=MEMBERS[who],
            currency="EUR",
            amount=1_100,
            money_amount=1_100,
            lines=tuple(PurchaseLine(line_id=name, quantity=1, amount=amount) for name, amount in LINES.items()),
            captured_at=self.now,
        )
        for _ in range(2):
            operations.earn_purchases([new], at=self.now)
        change_programme(default_programme().id, changes={"pending_days": None}, at=self.now)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT t.id, l.expires_at, w.due_at FROM purchase p"
                " JOIN points_transaction t ON t.id = p.transaction_id"
                " LEFT JOIN lot l ON l.id = t.id LEFT JOIN pending_points w ON w.id = t.id WHERE payment_id = %s",
                [payment_id],
            )
            transaction_id, ends, due = cursor.fetchone()
        if due:
            self.models[who].waiting.append(Pending(transaction_id, 110, due))
        else:
            self.models[who].give(transaction_id, 110, ends, reckoned=True)
        self.activity(who)
        self.purchases.append({"id": payment_id, "who": who, "lot": transaction_id, "left": dict(LINES), "back": 0})

    @precondition(lambda self: self.purchases)
    @rule(data=st.data())
    def refund(self, data: Any) -> None:
        purchase = data.draw(st.sampled_from(self.purchases))
        name = data.draw(st.sampled_from(sorted(LINES)))
        amount = data.draw(st.integers(0, purchase["left"][name]))
        purchase["left"][name] -= amount
        given = Refund(
            refund_id=new_id(),
            payment_id=purchase["id"],
            amount=amount,
            refunded_at=self.now,
            lines=(LineReturn(name, 1, amount),),
        )
        for _ in range(2):
            operations.claw_back_refunds([given], at=self.now)
        shares = {"a": 70, "b": 30, "c": 10}
        back = 0
        for line, left in purchase["left"].items():
            exact = shares[line] * (LINES[line] - left) / LINES[line]
            back += int(exact + 0.5)
        self.models[purchase["who"]].pay_back(back - purchase["back"], self.now, purchase["lot"], *self.policy)
        purchase["back"] = back

    @rule(policy=st.sampled_from(["pending_only", "floor_zero", "arrears"]), cap=st.one_of(st.none(), points))
    def change_policy(self, policy: str, cap: int | None) -> None:
        self.policy = (policy, cap)
        set_policy(policy, cap)

    @rule(who=members, points=st.integers(20, 120), pieces=st.integers(1, 5))
    def buy_with_points(self, who: int, points: int, pieces: int) -> None:
        self.redeem_here(who, points)
        usable = self.payable - self.paying
        paying = [one for one in self.spent if one[0] == who and one[2] and one[1] in usable][-2:]
        lines = {name: (PIECES[name], cost) for name, cost in LINES.items()}
        ids = tuple(transaction_id for _, transaction_id, _ in paying)
        made = buy(MEMBERS[who], lines, at=self.now, redemption_ids=ids, money_amount=1_100)
        assert made.transaction_id
        with connection.cursor() as cursor:
            cursor.execute("SELECT expires_at FROM lot WHERE id = %s", [made.transaction_id])
            (ends,) = cursor.fetchone() or (None,)
        self.models[who].give(made.transaction_id, 110, ends, reckoned=True)
        self.activity(who)
        self.paying |= set(ids)
        paid = [(redemption, lot) for _, redemption, taken in paying for lot, part in taken for _ in range(part)]
        self.bought.append(Bought(made, who, paid))
        self.return_pieces(self.bought[-1], "a", pieces)

    @precondition(lambda self: self.bought)
    @rule(data=st.data(), pieces=st.integers(1, 7))
    def give_back(self, data: Any, pieces: int) -> None:
        bought, name = data.draw(st.sampled_from(self.bought)), data.draw(st.sampled_from(sorted(PIECES)))
        self.return_pieces(bought, name, pieces)

    def return_pieces(self, bought: Bought, name: str, pieces: int) -> None:
        outcome = self.attempt(lambda: take_back(bought.purchase, {name: pieces}, at=self.now))
        if pieces > bought.left[name]:
            assert isinstance(outcome, ReturnTooLarge)
            return
        bought.left[name] -= pieces
        model, back = self.models[bought.who], bought.comes_back()
        for taken in back:
            model.give_back(taken)
            model.bury([lot for lot, _ in taken], self.now)
        asked = sum(half_up(SHARES[line] * cost / LINES[line]) for line, cost in bought.money().items())
        restored = sum(part for taken in back for _, part in taken)
        assert (outcome.restored, outcome.points) == (restored, asked - bought.asked)
        model.pay_back(asked - bought.asked, self.now, bought.purchase.transaction_id or UUID(int=0), *self.policy)
        bought.asked = asked

    @rule(limit=st.integers(1, 3))
    def expire(self, limit: int) -> None:
        operations.expire_holds(at=self.now)
        assert operations.expire_holds(at=self.now) == (0, 0)
        operations.close_due_pending(at=self.now)
        assert operations.close_due_pending(at=self.now) == (0, 0)
        operations.expire_all(at=self.now, limit=limit)
        for member_id, model in zip(MEMBERS, self.models, strict=True):
            model.expire(self.now)
            assert sum(Account.objects.filter(member_id=member_id).values_list("expired", flat=True)) == model.gone

    @rule(hours=st.integers(1, 72))
    def time_passes(self, hours: int) -> None:
        self.now += timedelta(hours=hours)
        for model in self.models:
            model.let_time_pass(self.now)

    @rule(who=members, points=points)
    def transfer(self, who: int, points: int) -> None:
        sender, receiver = self.models[who], self.models[1 - who]
        outcome = self.attempt(lambda: operations.transfer_points(
            programme_id=None, from_member_id=MEMBERS[who], to_member_id=MEMBERS[1 - who], points=points,
            reason="t", at=self.now,
        ))  # fmt: skip
        if sender.available(self.now) < points:
            assert isinstance(outcome, InsufficientPoints)
            return
        arrived = {(part.expires_at, part.expires_on is not None): part.lot_id for part in outcome.received.lots}
        for lot, part in sender.take(points, self.now):
            lot_id = arrived.get((lot.ends, lot.reckoned), new_id())
            receiver.give(lot_id, part, lot.ends, reckoned=lot.reckoned)
        self.activity(0, 1)

    @rule(who=members, points=points, hours=st.integers(1, 200))
    def hold(self, who: int, points: int, hours: int) -> None:
        model, ends = self.models[who], self.now + timedelta(hours=hours)
        outcome = self.attempt(lambda: operations.hold_points(
            programme_id=None, member_id=MEMBERS[who], points=points, reference="h", expires_at=ends, at=self.now
        ))  # fmt: skip
        if model.available(self.now) < points:
            assert isinstance(outcome, InsufficientPoints)
            return
        taken = model.take(points, self.now)
        assert [(lot.id, lot.remaining) for lot in outcome.lots] == [(lot.id, part) for lot, part in taken]
        hold = Hold(outcome.id, taken, ends)
        model.holds.append(hold)
        self.holds.append((who, hold))

    @precondition(lambda self: self.holds)
    @rule(data=st.data())
    def capture(self, data: Any) -> None:
        who, hold = data.draw(st.sampled_from(self.holds))
        points = data.draw(st.integers(1, hold.points() + 1))
        outcome = self.attempt(lambda: operations.capture_hold(hold.id, points=points, at=self.now))
        if points > hold.points():
            assert isinstance(outcome, CaptureTooLarge)
        elif not hold.is_open:
            assert isinstance(outcome, HoldNotOpen)
        else:
            spent = self.models[who].free(hold, self.now, captured=points)
            assert (outcome.state, outcome.captured) == ("captured", points)
            self.spent.append((who, outcome.capture_id, spent))
            self.payable.add(outcome.capture_id)
            self.activity(who)

    @precondition(lambda self: self.holds)
    @rule(data=st.data())
    def void(self, data: Any) -> None:
        who, hold = data.draw(st.sampled_from(self.holds))
        outcome = self.attempt(lambda: operations.void_hold(hold.id, at=self.now))
        if not hold.is_open:
            assert isinstance(outcome, HoldNotOpen)
            return
        self.models[who].free(hold, self.now)
        assert outcome.state == "voided"

    @precondition(lambda self: self.holds)
    @rule(data=st.data(), hours=st.integers(1, 200))
    def extend(self, data: Any, hours: int) -> None:
        _, hold = data.draw(st.sampled_from(self.holds))
        ends = self.now + timedelta(hours=hours)
        outcome = self.attempt(lambda: operations.extend_hold(hold.id, expires_at=ends, at=self.now))
        if not hold.is_open:
            assert isinstance(outcome, HoldNotOpen)
            return
        hold.ends = max(hold.ends, ends)
        assert outcome.expires_at == hold.ends

    @rule(data=st.data(), points=points, days=st.one_of(st.none(), st.integers(0, 9)))
    def reinstate(self, data: Any, points: int, days: int | None) -> None:
        expired = Transaction.objects.filter(kind="expired").order_by("posted_at", "version", "id")
        if not (found := list(expired.values_list("id", "points", "account__member_id"))):
            return
        expiry, ended, member_id = data.draw(st.sampled_from(found))
        outcome = self.attempt(lambda: operations.reinstate_points(
            transaction_id=expiry, member_id=member_id, points=points, expires_in_days=days, reason="r",
            actor_id=UUID(int=9), at=self.now,
        ))  # fmt: skip
        if points > ended - self.back.get(expiry, 0):
            assert isinstance(outcome, ReinstatementTooLarge)
            return
        self.back[expiry] = self.back.get(expiry, 0) + points
        model = self.models[MEMBERS.index(member_id)]
        model.give(outcome.id, points, midnight(self.now, days=5 if days is None else days), reckoned=days is None)
        model.gone -= points

    @rule(wishes=st.lists(st.tuples(members, st.integers(-40, 40).filter(bool)), min_size=2, max_size=8))
    def post_a_list(self, wishes: list[tuple[int, int]]) -> None:
        kinds = {True: Kind.EARNED, False: Kind.REDEEMED}
        postings = [self.posting(kinds[points > 0], who, abs(points)) for who, points in wishes]
        for (who, points), outcome in zip(wishes, operations.post(postings, at=self.now), strict=True):
            model = self.models[who]
            if points > 0:
                model.give(outcome.id, points, None)
                self.activity(who)
            elif model.available(self.now) < -points:
                assert isinstance(outcome, InsufficientPoints)
            else:
                taken = model.take(-points, self.now)
                assert {(part.lot_id, -part.points) for part in outcome.lots} == {(lot.id, n) for lot, n in taken}
                self.activity(who)

    def posting(self, kind: Kind, who: int, points: int, **more: Any) -> Posting:
        programme_id = default_programme().id
        return Posting(kind=kind, programme_id=programme_id, member_id=MEMBERS[who], points=points, **more)

    @invariant()
    def both_agree(self) -> None:
        if not hasattr(self, "models"):
            return
        for member_id, model in zip(MEMBERS, self.models, strict=True):
            found = balance(programme_id=default_programme().id, member_id=member_id, at=self.now)
            assert (found.available, found.held, found.pending, found.deficit) == (
                model.available(self.now), model.held(), model.pending(), -model.owed
            )  # fmt: skip
            # While something is held or pending, lots show what is due of it with the next posting only.
            if not Account.objects.filter(Q(held__gt=0) | Q(pending__gt=0), member_id=member_id).exists():
                noted = Counter[datetime | None]()
                for lot in model.alive(self.now):
                    noted[lot.ends] += lot.left
                assert dict(rows(_LOTS, [member_id, self.now])) == noted
        prove()

    @invariant()
    def what_is_told_adds_up(self) -> None:
        if not hasattr(self, "models"):
            return
        today = self.now.date()
        totals = {(total.kind, total.count, total.total) for total in day_totals(today)}
        assert set(rows(_TOLD_ON, [today])) == totals
        assert rows(_TOLD) == rows("SELECT coalesce(sum(available + held), 0) FROM account")


class SlidingMachine(LedgerMachine):
    sliding = Sliding(5, "day", activities=ACTIVITIES)


@pytest.mark.django_db
@pytest.mark.parametrize("machine", [LedgerMachine, SlidingMachine])
def test_the_ledger_agrees_with_a_naive_model(machine: type[LedgerMachine]) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=40,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
