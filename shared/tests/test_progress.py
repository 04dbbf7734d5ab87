"""What a long job says of how far it is."""

from shared.jobs.progress import Progress


class Clock:
    """Time that is told."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_says_every_five_seconds_how_far_it_is_and_how_fast() -> None:
    clock, said = Clock(), list[str]()
    progress = Progress(said.append, clock)
    for second in range(1, 11):
        clock.now = 100.0 + second
        progress("entry", second * 1_000, 20_000)

    assert said == [
        "entry: 5,000 of 20,000, 1,000 a second, 15 s left",
        "entry: 10,000 of 20,000, 1,000 a second, 10 s left",
    ]


def test_each_table_has_a_rate_of_its_own() -> None:
    clock, said = Clock(), list[str]()
    progress = Progress(said.append, clock)
    for at, what, done in ((105.0, "entry", 500), (110.0, "lot", 5_000)):
        clock.now = at
        progress(what, done, 10_000)

    assert said == ["entry: 500 of 10,000, 100 a second, 95 s left", "lot: 5,000 of 10,000, 1,000 a second, 5 s left"]


def test_a_short_job_says_nothing() -> None:
    clock, said = Clock(), list[str]()
    progress = Progress(said.append, clock)
    clock.now = 104.9
    progress("entry", 7, 7)

    assert said == []
