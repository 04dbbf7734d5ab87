"""The model finds each of the bugs that are planted in a copy of the rules."""

import pytest

from tests.model.bugs import MUTANTS
from tests.model.bugs.mutant import LOTS, Mutant, StaleMutantError
from tests.model.mutants import is_found


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_the_model_finds_that(mutant: Mutant) -> None:
    assert is_found(mutant)


def test_the_model_finds_nothing_in_the_rules_as_they_are() -> None:
    assert not is_found(None)


@pytest.mark.parametrize("old", ["a text that is not there", "lot"])
def test_a_bug_whose_place_is_gone_or_is_not_one_is_an_error(old: str) -> None:
    with pytest.raises(StaleMutantError, match="not once"):
        is_found(Mutant("stale", LOTS, old, "x"))
