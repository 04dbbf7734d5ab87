"""One run: the probes one after the other on the same stack and people, a table, and the proofs at the end."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from tools.attack.catalogue import Probe
from tools.attack.people import People, gather
from tools.attack.stage import Stage
from tools.drills.people import Member
from tools.drills.people import People as OfDrills
from tools.drills.proof import Proof
from tools.drills.readings import Readings
from tools.drills.tally import Tally
from tools.drills.waits import DrillFailed
from tools.logged import unexpected
from tools.target import CannotAsk, Native

# What a probe may meet when the system does not even do what comes before the attack.
BROKEN = (DrillFailed, CannotAsk, LookupError, ValueError)


@dataclass
class Run:
    """Everything that the probes of a run share."""

    target: Native
    seed: int
    is_short: bool
    people: People = field(init=False)
    failed: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.people = gather(self.target)

    def all(self, probes: Sequence[Probe]) -> list[str]:
        """Run probes and then all proofs; return the names of what failed, which stops nothing."""
        for probe in [*probes, Probe("proofs", self._prove)]:
            self._row(probe)
        return self.failed

    def _row(self, probe: Probe) -> None:
        stage = Stage(probe.name, self.target, self.people, self.is_short, self.seed)
        begun = time.monotonic()
        print(f"{probe.name:28}", end="", flush=True)
        try:
            probe.run(stage)
        except BROKEN as problem:
            stage.failures.append(f"broke off: {problem!r}")
        if stage.failures:
            self.failed.append(probe.name)
        verdict = "FAILED" if stage.failures else "holds"
        print(f"{verdict:7}{time.monotonic() - begun:6.1f} s  {'; '.join(stage.figures)}", flush=True)
        for failure in dict.fromkeys(stage.failures):
            print(f"{'':28}  {failure}", flush=True)

    def _prove(self, stage: Stage) -> None:
        """Ledgers, facts and messages agree after all that was tried, and no log says what nobody expects."""
        proof = self._proof(stage)
        proof.that_all_arrived()
        for prove in (proof.of_ledgers, proof.of_reconciliation, proof.of_comparison):
            begun = time.monotonic()
            prove()
            stage.say(f"{prove.__name__.removeprefix('of_')} {time.monotonic() - begun:.0f} s")
        stage.failures += unexpected(self.target)

    def _proof(self, stage: Stage) -> Proof:
        people, tally = self.people, Tally()
        nobody = Member(people["member"].id, people.operator)
        drilled = OfDrills(people.operator, people.programme, people.merchant_id, (), nobody, ())
        return Proof(self.target, stage.databases, Readings(drilled, tally), tally, in_a_hurry=True)
