"""The operations of the ledger on the real database, as the machine asks for them."""

from tests.model.database.corrections import Corrections
from tests.model.database.holds import Holds
from tests.model.database.imports import Imports
from tests.model.database.merges import Merges
from tests.model.database.pending import Pending
from tests.model.database.points import Points
from tests.model.database.purchases import Purchases
from tests.model.database.reinstatements import Reinstatements
from tests.model.database.returns import Returns


class DatabaseLedger(Points, Holds, Pending, Purchases, Returns, Reinstatements, Corrections, Merges, Imports):
    """One call of an operation for each command; a refusal undoes all it did, as it does in a request."""
