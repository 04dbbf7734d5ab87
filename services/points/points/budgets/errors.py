"""Every refusal of the budgets module."""

from http import HTTPStatus

from shared.errors import DomainError


class BudgetNotFound(DomainError):
    """The programme has no budget with this code, or it has ended."""

    code = "budgets.not_found"
    title = "No such budget"
    status = HTTPStatus.NOT_FOUND


class BudgetExists(DomainError):
    """The programme has a budget with this code already."""

    code = "budgets.exists"
    title = "There is such a budget"


class TooManyBudgets(DomainError):
    """The programme has as many budgets as it may; `most` is how many."""

    code = "budgets.too_many"
    title = "There are too many budgets"


class BudgetRuleUnknown(DomainError):
    """No version of the programme's rules has a rule with this id."""

    code = "budgets.rule_unknown"
    title = "No such rule"


class BudgetCampaignUnknown(DomainError):
    """The programme has no voucher campaign with this id."""

    code = "budgets.campaign_unknown"
    title = "No such campaign"


class BudgetTooSmall(DomainError):
    """So much money is worth no point in the programme."""

    code = "budgets.too_small"
    title = "The budget is worth no point"


class BudgetTooLarge(DomainError):
    """So much money is worth more points than a budget can count; `most` is how many that is."""

    code = "budgets.too_large"
    title = "The budget is worth too many points"
