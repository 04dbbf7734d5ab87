"""What requests for comparisons say: the parameters of their query."""

from shared.http.fields import Choice
from warehouse.reconciliation.rules import DIFFERENT, LEDGERS, MATCHED, WAITING
from warehouse.reports.api.bodies import RangeParameters


class ReconciliationParameters(RangeParameters):
    """The UTC days, and which comparisons: of one status or ledger, or all."""

    status = Choice(choices=(MATCHED, WAITING, DIFFERENT), required=False)
    ledger = Choice(choices=LEDGERS, required=False)
