"""Birthdays: found day by day, and what members earn by them."""

from points.events.operations.birthdays.job import give_birthdays, next_birthdays

__all__ = ["give_birthdays", "next_birthdays"]
