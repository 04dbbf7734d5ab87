"""A ledger with a row of each kind, and all that other modules keep of its postings."""

from datetime import timedelta
from uuid import UUID

from points.adjustments import operations as adjustments
from points.adjustments.rows import Adjustment
from points.events.operations import give_birthdays
from points.expiry import operations as ending
from points.ledger import lot_ends, operations
from points.ledger.models import Transaction
from points.ledger.rules.earnings import Wait
from points.programmes.operations import change_programme
from points.programmes.queries import default_programme
from points.programmes.rules.expiry import Sliding
from points.tiers.operations import change_scheme, override_tier
from shared.db import execute
from shared.ids import new_id
from shared.testing.owner import as_owner
from tests.budget_factories import make_budget
from tests.counting_factories import STARS, record, undo
from tests.event_factories import MANY_STARS, let_earn, on, tell
from tests.factories import AT, buy, give, hold, make_programme, spend, take_back
from tests.import_factories import committed
from tests.judging_factories import BASE, ONCE, PAPER, activate, buy_lines
from tests.rules.earning.factories import PER_EURO, fixed, rule, rule_set
from tests.segment_factories import know, name_attributes
from tests.tier_factories import document
from tests.voucher_factories import make_campaign

DAY = timedelta(days=1)
SOMEBODY = UUID("00000000-0000-7000-8000-00000000000f")


def fill(mine: UUID, others: UUID) -> None:
    """Let two members have points, and everything happen to them that the ledger knows."""
    make_programme()
    make_budget(1_000_000)
    # First, because it is as late as the clock says, and gives what is over then back.
    committed(f"Card,Points\n{mine},5\n")
    committed(f"Card,Points\n{mine},5\n")
    _of_a_sliding_programme(mine)
    _of_tiers(mine, others)
    _spent_and_held(mine)
    give(others, 50)
    operations.transfer_points(
        programme_id=None, from_member_id=mine, to_member_id=others, points=3, reason="", at=AT
    )  # fmt: skip
    _pending(mine)
    _merged(mine)
    _bought(mine)
    _bought_by_rules(mine)
    _told(mine)
    _birthday(mine)
    _counted(mine)
    make_campaign(codes=1)
    _approved(mine)
    execute("SET CONSTRAINTS ALL IMMEDIATE")
    _count_ends()


def _of_a_sliding_programme(mine: UUID) -> None:
    """Two activities gave a lot later ends; then it ended, and part of it was reinstated twice."""
    there = {"programme_id": make_programme(name="Sliding", lot_days=None, expiry=Sliding(1, "month")).id}
    give(mine, 30, **there)
    for days in (3, 5):
        spend(mine, 1, at=AT + days * DAY, **there)
    ending.expire_all(at=AT + 60 * DAY)
    expiry = Transaction.objects.get(kind="expired").id
    for points in (7, 5):
        ending.reinstate_points(
            transaction_id=expiry, member_id=mine, points=points, reason="", actor_id=SOMEBODY, at=AT + 61 * DAY
        )


def _counted(mine: UUID) -> None:
    """Purchases counted for tiers, and events elsewhere; some of both came back."""
    spend_id, stars_id = (make_programme(name=name).id for name in ("Spend", "Stars"))
    let_earn(MANY_STARS, programme_id=stars_id)
    for programme_id, metric in ((spend_id, "spend"), (stars_id, STARS)):
        change_scheme(programme_id, document(metric=metric), actor_id=SOMEBODY, at=AT - DAY)
    record(mine, 5_100, programme_id=spend_id)
    take_back(record(mine, 7_000, programme_id=spend_id), amount=300)
    # Five stars earn, and three do not.
    for stars in (5, 3):
        first, _ = (tell(mine, data={"stars": stars}, programme_id=stars_id) for _ in range(2))
        undo(first)


def _of_tiers(mine: UUID, others: UUID) -> None:
    """Points of each way counted, and some were taken back; one was merged, one has a tier by hand."""
    programme = make_programme(name="Tiers")
    there = {"programme_id": programme.id}
    change_scheme(programme.id, document(), actor_id=SOMEBODY, at=AT - DAY)
    gone = new_id()
    give(gone, 60, **there)
    give(mine, 70, **there)
    waits = give(mine, 50, wait=Wait(in_days=9), at=AT + DAY, **there)
    operations.cancel_pending(waits.id, actor_id=SOMEBODY, at=AT + DAY)
    wrong = give(mine, 40, at=AT + 2 * DAY, **there)
    operations.reverse_transaction(wrong.id, reason="", actor_id=SOMEBODY, at=AT + 2 * DAY)
    at = AT + 3 * DAY
    take_back(buy(mine, {"1": (2, 4_000)}, programme_id=programme.id, at=at), {"1": 1}, at=at)
    operations.merge_members(from_member_id=gone, into_member_id=mine, reason="r", actor_id=SOMEBODY, at=at)
    override_tier(programme, others, tier="diamond", reason="r", until=None, actor_id=SOMEBODY, at=at)


def _spent_and_held(mine: UUID) -> None:
    give(mine, 100)
    give(mine, 20, expires_at=AT + DAY)
    spent = spend(mine, 30)
    operations.reverse_transaction(spent.id, reason="", actor_id=SOMEBODY, at=AT)
    spend(mine, 15)
    operations.capture_hold(hold(mine, 9).id, points=5, at=AT)
    hold(mine, 7)


def _pending(mine: UUID) -> None:
    give(mine, 40, wait=Wait(at=AT + 9 * DAY))
    give(mine, 11, wait=Wait(on_event="delivered", deadline=AT + 9 * DAY))
    for close in (operations.activate_pending, operations.cancel_pending):
        close(give(mine, 13, wait=Wait(in_days=9)).id, actor_id=SOMEBODY, at=AT)


def _merged(mine: UUID) -> None:
    gone = new_id()
    give(gone, 17)
    give(gone, 19, wait=Wait(in_days=9))
    operations.merge_members(from_member_id=gone, into_member_id=mine, reason="r", actor_id=SOMEBODY, at=AT)


def _bought(mine: UUID) -> None:
    """A purchase that points paid for was returned in part; another one earned for an order."""
    bought = buy(mine, {"1": (2, 2_000)}, redemption_ids=(spend(mine, 8).id,), money_amount=2_000)
    take_back(bought, {"1": 1})
    buy(mine, {"1": (2, 2_000)}, merchant_id=SOMEBODY)


def _bought_by_rules(mine: UUID) -> None:
    """A purchase that rules judged, with a part that no line has, came back in part."""
    activate(PAPER)
    bought = buy_lines(mine, amount=5_000)
    take_back(bought, {"1": 1})
    # Of this one a part waits, so that it came by two transactions, and both were returned.
    activate(rule_set(BASE, rule("later", PER_EURO, pending_days=5)), at=AT - DAY)
    take_back(buy_lines(mine), {"1": 1})


def _told(mine: UUID) -> None:
    """An event earned by a rule with a limit, and by one whose points wait."""
    let_earn(on("review", 25, limits=ONCE), on("later", 6, pending_days=5), at=AT - DAY / 4)
    tell(mine)


def _birthday(mine: UUID) -> None:
    """A birthday gave points, once a year."""
    name_attributes()
    know(mine, birthday="2000-03-01")
    yearly = [{"of": "uses", "most": 1, "per": "year"}]
    activate(rule_set(rule("cake", fixed(33), trigger="birthday", limits=yearly)), at=AT - 3 * DAY / 4)
    give_birthdays(at=AT)


def _approved(mine: UUID) -> None:
    change_programme(default_programme().id, changes={"adjustment_limit": 10}, at=AT)
    asked = adjustments.ask_for_adjustment(
        programme_id=None, member_id=mine, points=11, reason="r", actor_id=SOMEBODY, at=AT
    )
    assert isinstance(asked, Adjustment)
    adjustments.approve_adjustment(asked.id, actor_id=new_id(), at=AT)


def _count_ends() -> None:
    """Count what ends, of transactions that committed long ago: this one has not."""
    as_owner("ALTER TABLE points_transaction DISABLE TRIGGER USER; UPDATE points_transaction SET xid = '3'")
    as_owner("ALTER TABLE points_transaction ENABLE TRIGGER USER")
    lot_ends.count()
