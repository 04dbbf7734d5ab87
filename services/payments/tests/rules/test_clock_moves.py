"""When an instant of a move is over, and which comes next."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.sandbox.errors import ClockBehind, ClockTooFar
from payments.sandbox.rules import Answer, check_target, is_over, next_instant, not_quiet

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
SERVICES = ("auth", "points", "payments", "warehouse")


def answer(service: str = "points", **changes: object) -> Answer:
    values = {"done": {}, "next_due_at": None, "published": 0, "waiting": 0} | changes
    return Answer(service, **values)  # type: ignore[arg-type]


def test_a_move_goes_forward_and_at_most_400_days() -> None:
    check_target(NOW + timedelta(microseconds=1), now=NOW)
    check_target(NOW + 400 * DAY, now=NOW)

    for behind in (NOW, NOW - DAY):
        with pytest.raises(ClockBehind) as refusal:
            check_target(behind, now=NOW)
        assert refusal.value.members == {"now": "2026-03-01T12:00:00Z"}
    with pytest.raises(ClockTooFar) as too_far:
        check_target(NOW + 400 * DAY + timedelta(seconds=1), now=NOW)
    assert too_far.value.members == {"latest": "2027-04-05T12:00:00Z"}


@pytest.mark.parametrize(
    ("before", "last", "over"),
    [
        ([], [answer()], False),  # one round may miss what was on its way
        ([answer()], [answer()], True),
        ([answer(done={"holds_expired": 1})], [answer()], True),
        ([answer()], [answer(done={"holds_expired": 1})], False),
        ([answer(waiting=1)], [answer()], False),
        ([answer()], [answer(waiting=1)], False),
        ([answer(published=3)], [answer(published=4)], False),
        ([answer(), answer("auth")], [answer(), answer("auth", published=1)], False),
    ],
)
def test_an_instant_is_over_after_two_equal_rounds_in_which_nothing_was_under_way(
    before: list[Answer], last: list[Answer], over: bool
) -> None:
    assert is_over(before, last) is over


def test_the_next_instant_is_the_first_at_which_something_is_due_and_at_latest_the_target() -> None:
    last = [answer(next_due_at=NOW + 3 * DAY), answer("payments", next_due_at=NOW + 2 * DAY), answer("auth")]

    assert next_instant(last, at=NOW, target=NOW + 30 * DAY) == NOW + 2 * DAY
    assert next_instant(last, at=NOW + 2 * DAY, target=NOW + 30 * DAY) == NOW + 3 * DAY
    assert next_instant(last, at=NOW, target=NOW + DAY) == NOW + DAY
    assert next_instant([answer("auth")], at=NOW, target=NOW + DAY) == NOW + DAY


def test_it_waits_for_who_did_not_answer_and_for_who_has_messages_under_way() -> None:
    assert not_quiet([answer("auth"), answer("points", waiting=2)], SERVICES) == [
        ("points", "messages_under_way"),
        ("payments", "no_answer"),
        ("warehouse", "no_answer"),
    ]


@dataclass
class Network:
    """Services that publish to each other: a message that is acted on may lead to others, and takes any time."""

    chance: Random
    under_way: list[tuple[str, str, int]] = field(default_factory=list)
    published: dict[str, int] = field(default_factory=lambda: dict.fromkeys(SERVICES, 0))
    unheard: dict[str, int] = field(default_factory=lambda: dict.fromkeys(SERVICES, 0))

    def publish(self, producer: str, steps: int) -> None:
        consumer = self.chance.choice(SERVICES)
        self.under_way.append((producer, consumer, steps))
        self.published[producer] += 1
        self.unheard[producer] += 1

    def act(self) -> None:
        """Act on any message: what it leads to is published before its producer hears of it."""
        producer, consumer, steps = self.under_way.pop(self.chance.randrange(len(self.under_way)))
        for _ in range(self.chance.randint(0, 2) if steps else 0):
            self.publish(consumer, steps - 1)
        self.unheard[producer] -= 1

    def rounds(self) -> Iterator[list[Answer]]:
        """Yield rounds of answers, in each of which the services answer in any order, and any time goes by between."""
        while True:
            found = []
            for service in self.chance.sample(SERVICES, len(SERVICES)):
                for _ in range(self.chance.randint(0, 2)):
                    if self.under_way:
                        self.act()
                found.append(answer(service, published=self.published[service], waiting=self.unheard[service]))
            yield found


@given(st.integers(0, 2**32), st.integers(0, 6))
def test_an_instant_is_never_over_while_a_message_is_under_way(seed: int, messages: int) -> None:
    network = Network(Random(seed))
    for _ in range(messages):
        network.publish(network.chance.choice(SERVICES), steps=4)

    before: list[Answer] = []
    for last in network.rounds():
        if is_over(before, last):
            break
        before = last

    assert network.under_way == []
