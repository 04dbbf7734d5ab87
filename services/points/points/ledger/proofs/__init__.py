"""The proof that the ledger's rows agree: it walks the tables by their keys, so that its time grows as they do
and its memory does not.

What a walk looks at in one step, with all that it is compared with, is read by one statement, so at one instant.
"""

from points.ledger.proofs.invariants import INVARIANTS as INVARIANTS
from points.ledger.proofs.walks import Difference as Difference
from points.ledger.proofs.walks import Progress as Progress
from points.ledger.proofs.walks import differences as differences
from points.ledger.proofs.walks import silent as silent
