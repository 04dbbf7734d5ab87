"""One run: the drills one after the other on the same stack and people, each proved before the next begins."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tools.drills.catalogue import Drill
from tools.drills.databases import Databases
from tools.drills.people import People, gather
from tools.drills.proof import Proof
from tools.drills.readings import Readings
from tools.drills.stage import Stage
from tools.drills.tally import Tally
from tools.drills.waits import DrillFailed, must
from tools.target import Native


@dataclass
class Run:
    """Everything that the drills of a run share; the tally grows from drill to drill."""

    target: Native
    seed: int
    is_short: bool
    people: People = field(init=False)
    proof: Proof = field(init=False)
    tally: Tally = field(default_factory=Tally)

    def __post_init__(self) -> None:
        self.people = gather(self.target, self.tally)
        readings = Readings(self.people, self.tally)
        self.proof = Proof(self.target, Databases(self.target), readings, self.tally, in_a_hurry=self.is_short)

    def all(self, drills: Sequence[Drill]) -> None:
        """Run drills, prove the books at the end, and show that the proof can fail.

        :raises DrillFailed: one failed; those after it are not run, as nothing is known to be right any more.
        """
        for drill in drills:
            self._timed(drill.name, _and_proved(drill))
        self._timed("books", Stage.prove_books)
        self._timed("self-check", self._proof_can_fail)

    def _timed(self, name: str, act: Callable[[Stage], None]) -> None:
        stage = Stage(name, self.target, self.people, self.tally, self.proof, self.is_short, self.seed)
        begun = time.monotonic()
        print(f"{name:22}", end="", flush=True)
        try:
            act(stage)
        except BaseException:
            print(f"FAILED after {time.monotonic() - begun:.1f} s: {'; '.join(stage.said)}", flush=True)
            raise
        print(f"ok {time.monotonic() - begun:6.1f} s  {'; '.join(stage.said)}", flush=True)

    def _proof_can_fail(self, stage: Stage) -> None:
        self.tally.given(self.people.probe.id, 1)
        try:
            stage.proof.of_totals()
        except DrillFailed as failure:
            stage.say(f"one point more than was given is found missing, in {len(str(failure).splitlines()) - 1} totals")
            return
        raise DrillFailed("the proof does not see that a point is missing")


def _and_proved(drill: Drill) -> Callable[[Stage], None]:
    def run(stage: Stage) -> None:
        drill.run(stage)
        must(stage.is_proved, "the drill has proved nothing")

    return run
