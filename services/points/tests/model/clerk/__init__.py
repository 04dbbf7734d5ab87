"""The reference model: what each operation of the ledger must come to, said in the simplest words.

Every method is one operation and answers as a ledger does (see world.Outcome). A new operation is a method here, one
in each ledger (values, database) and a wish.
"""

from tests.model.clerk.corrections import Corrections
from tests.model.clerk.holds import Holds
from tests.model.clerk.imports import Imports
from tests.model.clerk.merges import Merges
from tests.model.clerk.pending import Pending
from tests.model.clerk.purchases import Purchases
from tests.model.clerk.returns import Returns


class Clerk(Holds, Pending, Purchases, Returns, Corrections, Merges, Imports):
    """All that the clerk can be asked."""
