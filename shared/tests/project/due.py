"""What falls due in the small project: what a test puts here."""

from shared.testclock.due import Due

DUE: list[Due] = []
