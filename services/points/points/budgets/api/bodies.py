"""What requests about budgets must look like."""

from typing import Any

from rest_framework import serializers

from points.budgets.rules import BEYOND, EACH, OF, OF_CAMPAIGNS, PER
from points.segments.api.fields import SegmentCode
from shared.http.fields import Body, Choice, Identifier, Text, WholeNumber

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
    """A budget: on one rule, or on all that rules or plain terms give where `rule_id` is left out; with a `campaign_id`
    on what the vouchers of a campaign take off, or on their uses. `each` gives every merchant or every member their
    own.

    `beyond` is `trim` where left out, and of a campaign `refuse`: a discount is never trimmed.
    """

    code = SegmentCode()
    rule_id = SegmentCode(required=False)
    campaign_id = Identifier(required=False)
    of = Choice(choices=OF)
    per = Choice(choices=PER)
    each = Choice(choices=EACH, required=False)
    beyond = Choice(choices=BEYOND, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse what a campaign's budget cannot be."""
        if "campaign_id" not in attrs:
            return {"beyond": "trim", **attrs}
        wrong = {
            "rule_id": "A budget is on rules or on a campaign." if "rule_id" in attrs else "",
            "of": "" if attrs["of"] in OF_CAMPAIGNS else "A campaign's budget is of money or of uses.",
            "beyond": "A discount is not trimmed." if attrs.get("beyond") == "trim" else "",
        }
        if faults := {name: [said] for name, said in wrong.items() if said}:
            raise serializers.ValidationError(faults)
        return {"beyond": "refuse", **attrs}
