"""What is wrong with rules that somebody wants to save: all of it at once, each with a JSON pointer to it."""

from collections.abc import Iterable

from msgspec import Struct

MOST_FAULTS = 100


class Fault(Struct, frozen=True):
    """One thing that is wrong: where (RFC 6901), a stable code, and a sentence for people."""

    pointer: str
    code: str
    detail: str


class RulesInvalid(ValueError):
    """What was said is no set of rules, or no condition; `faults` lists why, in the order of the document."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(f"{fault.pointer or '(the whole)'}: {fault.detail}" for fault in self.faults))


class Faults:
    """Collects faults, the first hundred of them."""

    def __init__(self) -> None:
        self.found: list[Fault] = []

    def add(self, pointer: str, code: str, detail: str) -> None:
        """Note a fault."""
        if len(self.found) < MOST_FAULTS:
            self.found.append(Fault(pointer, code, detail))

    def refuse(self) -> None:
        """Refuse what has a fault.

        :raises RulesInvalid: there is one.
        """
        if self.found:
            raise RulesInvalid(self.found)


def below(pointer: str, member: str | int) -> str:
    """Return the pointer to a member of what a pointer names."""
    return f"{pointer}/{str(member).replace('~', '~0').replace('/', '~1')}"
