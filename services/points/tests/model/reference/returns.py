"""What comes back of a purchase: points that it earned are taken back, and those that paid for it restored."""

from tests.model.reference.account import Account
from tests.model.reference.arithmetic import share_of
from tests.model.reference.driver import Driver
from tests.model.reference.lots import first_of
from tests.model.reference.records import Line, Purchase
from tests.model.reference.refusals import RefusedError
from tests.model.world import Outcome

_TOO_LARGE = "points.return_too_large"


class Returns(Driver):
    def refund(self, purchase: int, amounts: list[int], is_by_line: bool) -> Outcome:
        """Money of a payment is given back: of lines, or of the whole."""
        return self._settle(self.purchases[purchase], sum(amounts), amounts if is_by_line else None)

    def return_pieces(self, purchase: int, pieces: list[int]) -> Outcome:
        """Pieces of a merchant's purchase come back; each costs its share of its line."""
        found = self._recorded(purchase)
        if any(line.pieces_back + count > line.pieces for line, count in zip(found.lines, pieces, strict=True)):
            raise RefusedError(_TOO_LARGE, None)
        amounts = [_money_of(line, count) for line, count in zip(found.lines, pieces, strict=True)]
        self._refuse_more_than_may_come(found, sum(amounts))
        for line, count in zip(found.lines, pieces, strict=True):
            line.pieces_back += count
        return self._settle(found, sum(amounts), amounts)

    def return_amount(self, purchase: int, amount: int) -> Outcome:
        found = self._recorded(purchase)
        self._refuse_more_than_may_come(found, amount)
        return self._settle(found, amount, None)

    def return_rest(self, purchase: int) -> Outcome:
        found = self._recorded(purchase)
        if not found.left and all(line.pieces_back == line.pieces for line in found.lines):
            raise RefusedError("points.nothing_to_return", None)
        self._refuse_more_than_may_come(found, found.left)
        for line in found.lines:
            line.pieces_back = line.pieces
        return self._settle(found, found.left, None)

    def left_of(self, purchase: int, amounts: list[int]) -> list[int]:
        """Bound what is to be refunded of each line by what was not refunded yet, of the line and of the whole."""
        found, bounded = self.purchases[purchase], []
        left = found.left
        for amount, line in zip(amounts, found.lines, strict=False):
            bounded.append(min(amount, line.cost - line.money_back, left))
            left -= bounded[-1]
        return bounded

    def _settle(self, found: Purchase, amount: int, of_lines: list[int] | None) -> Outcome:
        """What paid comes back first, so that what was earned can be taken from it."""
        points = _points_of_lines(found, of_lines) if of_lines is not None else _points_of_whole(found, amount)
        found.money_back += amount
        left = found.points - found.points_back
        points = left if found.money_back >= found.cost else min(points, left)
        found.points_back += points
        return "done", points, *self._restore(found), *self._claw_back(found, points)

    def _restore(self, found: Purchase) -> tuple[int, int]:
        """Points that paid come back by the share of the money, the last spent first; say how many, and how many died.

        They go where they came from, with the ends they had, and on from there if that member was merged.
        """
        account, owner, died = self.accounts[found.where], self._owner(found.where), 0
        total = missing = _restored(found, found.money_back)
        for payment in reversed(found.payments):
            count = min(missing, payment.points)
            payment.parts, back = first_of(payment.parts, payment.points - count)
            missing -= count
            if owner != found.where:
                died += self._pass_on(found.where, owner, back)
                continue
            died += sum(part for lot, part in account.give_back(back) if not lot.is_alive(self.now))
            account.bury([lot for lot, _ in back], self.now)
        account.sums["redeemed"] -= total
        return total, died

    def _claw_back(self, found: Purchase, points: int) -> tuple[int, int, int, int]:
        """Say how many of the points were its own, others', owed and forgiven."""
        if not points or not found.deed:
            return 0, 0, 0, 0
        if found.deed.never_came:
            return 0, 0, 0, points
        account, (policy, cap) = self.accounts[self._owner(found.where)], self.returns[found.where[1]]
        waited = account.shrink(found.deed.waiting, points) if found.deed.waiting else 0
        there = 0 if policy == "pending_only" else min(points - waited, account.available(self.now))
        taken = account.take(there, self.now, own=found.deed.lot)
        own = sum(count for lot, count in taken if lot is found.deed.lot)
        owed = _owes(account, points - waited - there, cap) if policy == "arrears" else 0
        account.sums["returned"] += waited + there + owed
        return waited + own, there - own, owed, points - waited - there - owed

    def _refuse_more_than_may_come(self, found: Purchase, amount: int) -> None:
        if amount > found.left:
            raise RefusedError(_TOO_LARGE, None)

    def _recorded(self, purchase: int) -> Purchase:
        if not self.purchases[purchase].is_recorded:
            raise RefusedError("points.purchase_of_payment", None)
        return self.purchases[purchase]


def _restored(found: Purchase, money: int) -> int:
    """How many more of the points that paid are to be back once so much money is."""
    back = found.spent - sum(payment.points for payment in found.payments)
    return share_of(found.spent, money, found.cost) - back


def _owes(account: Account, points: int, cap: int | None) -> int:
    """Owe points, up to a debt of so many in all; say how many."""
    owed = points if cap is None else min(points, max(0, cap - account.owed))
    account.owed += owed
    return owed


def _points_of_whole(found: Purchase, amount: int) -> int:
    return max(0, share_of(found.points, found.money_back + amount, found.cost) - found.points_back)


def _points_of_lines(found: Purchase, amounts: list[int]) -> int:
    points = 0
    for line, amount in zip(found.lines, amounts, strict=True):
        before = share_of(line.share, line.money_back, line.cost)
        line.money_back += amount
        points += share_of(line.share, line.money_back, line.cost) - before
    return points


def _money_of(line: Line, pieces: int) -> int:
    """What the next pieces cost, so that all of them cost what the line does."""
    after = share_of(line.cost, line.pieces_back + pieces, line.pieces)
    return after - share_of(line.cost, line.pieces_back, line.pieces)
