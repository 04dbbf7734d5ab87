"""The operations upon the rules of the ledger, with values in memory in the place of the database.

What is done by SQL elsewhere (locks, reading, writing) is done here by dictionaries (engine.py), so that a step takes a
fraction of a millisecond and what is tested are the rules. Each operation is as its module of `ledger/operations` says
it.
"""

from tests.model.values.corrections import Corrections
from tests.model.values.holds import Holds
from tests.model.values.imports import Imports
from tests.model.values.merges import Merges
from tests.model.values.pending import Pending
from tests.model.values.points import Points
from tests.model.values.proofs import Proofs
from tests.model.values.purchases import Purchases
from tests.model.values.reinstatements import Reinstatements
from tests.model.values.returns import Returns


class ValuesLedger(Points, Holds, Pending, Purchases, Returns, Reinstatements, Corrections, Merges, Imports, Proofs):
    """All operations on values."""
