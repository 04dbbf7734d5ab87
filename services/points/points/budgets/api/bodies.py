"""What requests about budgets must look like."""

from points.budgets.rules import BEYOND, EACH, OF, PER
from points.segments.api.fields import SegmentCode
from shared.http.fields import Body, Choice, Text, WholeNumber

# Of points, uses or minor units: as many as one account can have.
MOST = 10**12
ALERT_PERCENT = 80


class BudgetBody(Body):
    """What of a budget may change: `most` points, minor units or uses in a period, and at which percentage of them it
    is told once."""

    name = Text(max_length=100)
    most = WholeNumber(min_value=1, max_value=MOST)
    alert_percent = WholeNumber(min_value=1, max_value=100, default=ALERT_PERCENT)


class NewBudget(BudgetBody):
    """A budget: on one rule, or on all of the programme where `rule_id` is left out. `each` gives every merchant or
    every member their own."""

    code = SegmentCode()
    rule_id = SegmentCode(required=False)
    of = Choice(choices=OF)
    per = Choice(choices=PER)
    each = Choice(choices=EACH, required=False)
    beyond = Choice(choices=BEYOND, default="trim")
