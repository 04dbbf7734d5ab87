"""The reference model: what each operation of the ledger must come to, said in the simplest words.

Every method is one operation and answers as a ledger does (see world.Outcome). A new operation is a method here, one
in each ledger (values, database) and a command.
"""

from tests.model.reference.corrections import Corrections
from tests.model.reference.holds import Holds
from tests.model.reference.imports import Imports
from tests.model.reference.merges import Merges
from tests.model.reference.pending import Pending
from tests.model.reference.purchases import Purchases
from tests.model.reference.returns import Returns


class Reference(Holds, Pending, Purchases, Returns, Corrections, Merges, Imports):
    """All that the reference model can be asked."""
