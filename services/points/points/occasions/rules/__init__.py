"""What an occasion is, and when birthdays are: decided without a database."""

from points.occasions.rules.birthdays import days_of_year, next_day_of, numbers_after
from points.occasions.rules.occasions import Earned, Judged, Occasion

__all__ = ["Earned", "Judged", "Occasion", "days_of_year", "next_day_of", "numbers_after"]
