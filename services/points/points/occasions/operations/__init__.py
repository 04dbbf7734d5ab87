"""Writes of occasions."""

from points.occasions.operations.birthdays import give_birthdays, next_birthdays
from points.occasions.operations.earning import earn_by_occasions

__all__ = ["earn_by_occasions", "give_birthdays", "next_birthdays"]
