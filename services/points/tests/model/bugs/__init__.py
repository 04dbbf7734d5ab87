"""The bugs that the model must find."""

from tests.model.bugs import merges, pending, points, purchases, sliding
from tests.model.bugs.mutant import Mutant

MUTANTS: list[Mutant] = [*points.MUTANTS, *pending.MUTANTS, *purchases.MUTANTS, *merges.MUTANTS, *sliding.MUTANTS]
