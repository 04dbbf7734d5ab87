"""Makes both sizes: plays the originals, copies them, proves the small size, and leaves the large one unanalysed."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from typing import Any

from bench.scale import multiply, seed
from bench.scale.copies import copied_things, ids_of
from bench.scale.stand import Stand, played_on
from tools.demo.caller import wait_for
from tools.drills.databases import Databases
from tools.stack.layout import PACKAGES

TIMES = 10
MEMBERS_OF_A_FAMILY = 4


@dataclass(frozen=True)
class Data:
    """What was made: the ids of each family, those that no copy repeats, and how many copies each size has."""

    common: dict[str, str]
    families: list[dict[str, Any]]
    copies: dict[str, int]
    begun: str

    @property
    def kept(self) -> tuple[str, ...]:
        return ids_of(self.common)

    def at_random(self, size: str, chance: Random) -> dict[str, str]:
        """Return the ids of a family of this size at random."""
        number = chance.randrange(self.copies[size] + 1)
        return {**self.common, **copied_things(chance.choice(self.families), number, kept=self.kept)}

    def members(self, size: str) -> int:
        """Return how many members a size has."""
        return len(self.families) * MEMBERS_OF_A_FAMILY * (self.copies[size] + 1)


def play(families: int, copies: int) -> Data:
    """Play the originals on a stack of its own."""
    begun = datetime.now(UTC).isoformat()
    with played_on() as target:
        operator = seed.operator_of(target)
        common = seed.common(operator)
        made = list(seed.families(target.url, operator, families))
        databases = Databases(target)
        wait_for(lambda: sum(map(databases.waiting, PACKAGES)), 0, "messages that wait", seconds=180, pause=0.2)
    return Data(common, made, {"small": copies - 1, "large": TIMES * copies - 1}, begun)


def fill(stand: Stand, data: Data) -> None:
    """Copy the originals into both sizes.

    :raises NotCopied: a table did not grow.
    """
    with ThreadPoolExecutor(len(PACKAGES)) as pool:
        list(pool.map(lambda service: _fill(stand, data, service), PACKAGES))


def _fill(stand: Stand, data: Data, service: str) -> None:
    server, large, small = stand.server(service), stand.database(service, "large"), stand.database(service, "small")
    before = multiply.keep_originals(server, large, service)
    few, many = data.copies["small"], data.copies["large"]
    multiply.multiply(server, large, service, first=1, last=few, kept=data.kept)
    server.psql(f"CREATE DATABASE {small} TEMPLATE {large} OWNER {service}_owner")
    multiply.multiply(server, large, service, first=few + 1, last=many, kept=data.kept)
    multiply.check_growth(before, multiply.counted(server, large, list(before)), many + 1)
    for database in (small, large):
        server.psql("DROP SCHEMA bench_scale CASCADE", database=database)
