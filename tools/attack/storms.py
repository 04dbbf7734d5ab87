"""Refreshes that meet, and spent refresh tokens in a thief's hands."""

from tools.attack.catalogue import probe
from tools.attack.crowd import statuses, together
from tools.attack.line import Answer, Line
from tools.attack.people import signed_in
from tools.attack.stage import Stage

SIZES = (6, 10)


@probe
def refresh_storm(stage: Stage) -> None:
    """Six or ten refreshes of one token at once end nobody's session; a successor shown too late ends it."""
    email, runs = stage.member().email, stage.either(short=4, long=22)
    for size in SIZES:
        for _ in range(runs):
            _one_storm(stage, email, size)
    stage.say(f"{runs} runs each of {' and '.join(map(str, SIZES))}")


def _one_storm(stage: Stage, email: str, size: int) -> None:
    spent = signed_in(stage.url, email)["refresh"]
    answers = together([lambda: _refresh(stage, spent)] * size)
    stage.must({answer.status for answer in answers} == {200}, f"{size} at once: {statuses(answers)}")
    successors = [answer.body["refresh"] for answer in answers if answer.is_ok]
    stage.must(len(set(successors)) == len(successors), f"{size} at once: two have the same successor")
    used = _refresh(stage, stage.random.choice(successors[:-1]))
    stage.must(used.is_ok, f"{size} at once: the session is dead ({used.status})")
    late = _refresh(stage, successors[-1])
    ended = _refresh(stage, used.body.get("refresh", ""))
    stage.must((late.status, ended.status) == (401, 401), f"a late successor: {late.status}, then {ended.status}")


@probe
def stolen_refresh_token(stage: Stage) -> None:
    """A spent refresh token that a thief shows opens nothing, ends its session, and is in the audit."""
    member = stage.member()
    spent = signed_in(stage.url, member.email)["refresh"]
    second = _refresh(stage, spent).body["refresh"]
    third = _refresh(stage, second).body["refresh"]
    shown = [_refresh(stage, token).status for token in (spent, second, third)]
    stage.must(shown == [401] * 3, f"the spent, its successor and the last one: {shown}")
    audit = stage.operator.get("auth/audit", subject_id=member.id)["results"]
    stage.must("REUSED_TOKEN" in str(audit), "the audit does not say REUSED_TOKEN")
    stage.say("three tokens shown, none opens")


def _refresh(stage: Stage, token: str) -> Answer:
    return Line(stage.url).post("auth/token/refresh", {"refresh": token})
