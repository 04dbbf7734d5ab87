"""A job that takes long rests for longer."""

import pytest

from warehouse.reconciliation.duty_cycle import DutyCycle


class Watch:
    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


def test_it_is_due_at_first_and_rests_nine_times_as_long_as_it_worked():
    watch = Watch()
    duty = DutyCycle(watch)
    assert duty.is_due

    with duty.working():
        watch.at += 2

    for seconds, is_due in ((0, False), (17.9, False), (18, True)):
        watch.at = 102 + seconds
        assert duty.is_due is is_due


def test_it_rests_also_after_it_failed():
    watch = Watch()
    duty = DutyCycle(watch)

    def fail() -> None:
        with duty.working():
            watch.at += 1
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    assert not duty.is_due
    watch.at += 9
    assert duty.is_due
