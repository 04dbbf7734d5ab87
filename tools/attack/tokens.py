"""Forged tokens, and a signing key that leaked."""

import time
from uuid import uuid4

from tools.attack.catalogue import probe
from tools.attack.forging import CLOSED, Leaked, claims_of, forgeries
from tools.attack.line import Line
from tools.attack.stage import Stage
from tools.drills.waits import eventually

# A second is promised; the rest is room for the command's own end and a small machine.
ENDED_WITHIN_SECONDS = 2.0
WATCHED_SECONDS = 5.0


@probe
def forged_tokens(stage: Stage) -> None:
    """No service takes a token that auth did not make, nor one that claims more than auth gives."""
    good = stage.people["admin"].line.token
    made = forgeries(good, Leaked.of(stage.target), victim=stage.people["operator"].id)
    asked = 0
    for what, token in made.items():
        for path in CLOSED:
            answer = Line(stage.url, token).get(path)
            asked += 1
            stage.must(answer.status == 401, f"{what} at {path}: {answer.status}")
    stage.must(all(Line(stage.url, good).get(path).is_ok for path in CLOSED), "a good token opens nothing")
    stage.say(f"{len(made)} kinds, {asked} requests")


@probe
def leaked_key(stage: Stage) -> None:
    """What a leaked key signed ends on every service, verified before or not, once the key is retired."""
    admin = stage.people["admin"]
    leaked = Leaked.of(stage.target)
    forged = [leaked.sign({**claims_of(admin.line.token), "jti": str(uuid4())}) for _ in range(2)]
    known = {path: Line(stage.url, forged[0]) for path in CLOSED}
    stage.must(all(line.get(path).is_ok for path, line in known.items()), "a stolen key opens nothing before")
    stage.target.ask("auth", "rotate_signing_key", "--at-once")
    last = _last_success(known)
    stage.must(max(last.values()) <= ENDED_WITHIN_SECONDS, f"still opened afterwards: {last}")
    fresh = {path: Line(stage.url, forged[1]).get(path).status for path in CLOSED}
    stage.must(set(fresh.values()) == {401}, f"never shown before, and opened: {fresh}")
    stage.say(f"the last of {len(CLOSED)} services refused after {max(last.values()):.1f} s")
    _people_go_on(stage)


def _last_success(lines: dict[str, Line]) -> dict[str, float]:
    """Ask again and again; return for each path how long it was still opened."""
    begun = time.monotonic()
    last = dict.fromkeys(lines, 0.0)
    while (passed := time.monotonic() - begun) < WATCHED_SECONDS:
        for path, line in lines.items():
            if line.get(path).is_ok:
                last[path] = passed
    return last


def _people_go_on(stage: Stage) -> None:
    for caller in stage.people.roles.values():
        caller.sign_in_again()
    begun = time.monotonic()
    line = stage.people["admin"].line
    eventually(lambda: all(line.get(path).is_ok for path in CLOSED), "opened by a new token", seconds=40)
    stage.say(f"new tokens good everywhere after {time.monotonic() - begun:.1f} s")
