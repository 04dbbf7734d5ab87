"""Every refusal of backtests."""

from http import HTTPStatus

from shared.errors import DomainError


class BacktestNotFound(DomainError):
    """The version of the rules has no backtest with this id."""

    code = "rules.backtest_not_found"
    title = "Backtest not found"
    status = HTTPStatus.NOT_FOUND


class BacktestFinished(DomainError):
    """The backtest has ended and cannot be cancelled; `state` says how."""

    code = "rules.backtest_finished"
    title = "The backtest has finished"


class TooManyBacktests(DomainError):
    """As many backtests of the programme go on as may at once (`most`); wait for one, or cancel it."""

    code = "rules.too_many_backtests"
    title = "There are too many backtests"
