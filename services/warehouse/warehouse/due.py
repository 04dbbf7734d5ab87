"""What falls due in the warehouse: nothing, but months have their partitions before their time comes."""

from shared.testclock.due import Due
from warehouse.intake.operations import make_partitions_until

DUE: tuple[Due, ...] = (Due("partitions", ahead=make_partitions_until),)
