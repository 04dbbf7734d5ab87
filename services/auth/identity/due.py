"""What falls due in the auth service: nothing, because tokens, sessions and keys go by the machine's time."""

from shared.testclock.due import Due

DUE: tuple[Due, ...] = ()
