"""Tiers, and what happens to members, at random."""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from tests.tier_factories import CALENDAR, ROLLING, document

BEGIN = datetime(2028, 2, 27, 9, 30, tzinfo=UTC)
ZONES = ["Europe/Berlin", "Pacific/Tongatapu", "Pacific/Pago_Pago", "America/Santiago"]
TIERS = [
    {"code": "silver", "name": "Silver", "enter": 100, "stay": 60},
    {"code": "gold", "name": "Gold", "enter": 250, "stay": 200},
    {"code": "diamond", "name": "Diamond", "enter": 400, "stay": 400},
]
_EVERYBODY = {"code": "base", "name": "Base", "enter": 0, "stay": 0}
_WINDOWS = st.one_of(
    st.builds(lambda month: {"kind": "calendar", "month": month}, st.integers(1, 12)),
    st.just({"kind": "anniversary"}),
    st.builds(lambda days: {"kind": "rolling", "days": days}, st.sampled_from([3, 7, 30])),
)
_DOWN = st.sampled_from(["one", "all"])
_HOW = st.sampled_from(["at_once", "period_end"])
DOCUMENTS = st.builds(
    lambda window, upgrade, returns, downgrade, everybody, grace, requalify, notice: document(
        *([_EVERYBODY] if everybody else []),
        *TIERS,
        window=window,
        upgrade="at_once" if window["kind"] == "rolling" else upgrade,
        returns=returns,
        downgrade=downgrade,
        grace_days=grace,
        requalify=requalify,
        notice_days=notice,
    ),
    _WINDOWS,
    _HOW,
    _HOW,
    _DOWN,
    st.booleans(),
    st.sampled_from([None, None, 0, 2, 5, 40, 366]),
    st.sampled_from([None, True, True]),
    st.sampled_from([None, 1, 5, 90]),
)
_POINTS = st.sampled_from([60, 100, 150, 250, 400])
# On the next day: a period ends two days after all begins, where it is of March.
_AHEAD = timedelta(hours=-15)
_AGO = st.sampled_from([timedelta(0), timedelta(hours=20), timedelta(days=2), timedelta(days=6), _AHEAD, _AHEAD])
_STEP = st.one_of(
    st.tuples(st.just("earn"), _POINTS, _AGO),
    st.tuples(st.just("buy"), _POINTS),
    st.tuples(st.just("reverse"), st.sampled_from([0, -1, -1])),
    st.tuples(st.just("return"), st.sampled_from([0, -1, -1]), _POINTS),
    st.tuples(st.just("wait"), st.sampled_from([14, 24 * 2, 24 * 5, 24 * 40, 24 * 200, 24 * 366])),
)
# For some hours, until the period's end (0), or until it is ended (None).
_HOURS = st.sampled_from([None, 0, 1, 14, 24 * 40, 24 * 300])
_BY_HAND = st.one_of(
    st.tuples(st.just("override"), st.sampled_from([tier["code"] for tier in TIERS]), _HOURS),
    st.tuples(st.just("end_override"), st.sampled_from([-1, -1, -2, 0])),
    st.tuples(st.just("bring"), st.sampled_from([tier["code"] for tier in TIERS])),
)
RUNS = st.tuples(st.just("run"), st.sampled_from(["judge", "tell", "both", "both"]))
STEPS = st.lists(
    st.tuples(st.booleans(), st.one_of(_STEP, _STEP, _STEP, _BY_HAND, RUNS, st.just(("merge",)))),
    min_size=4,
    max_size=18,
)
MANY_STEPS = st.lists(_STEP, min_size=20, max_size=60)
# What is told late of periods that were over some days before.
LATE_DOCUMENTS = st.builds(
    lambda window, said, grace: document(
        *TIERS, window=window, grace_days=grace, requalify=True, upgrade="at_once", **said
    ),
    st.sampled_from([CALENDAR | {"month": 3}, ROLLING | {"days": 3}, ROLLING | {"days": 7}]),
    st.fixed_dictionaries({"returns": st.sampled_from(["at_once", "at_once", "period_end"]), "downgrade": _DOWN}),
    st.sampled_from([None, None, 2, 5]),
)
LATE_STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("buy"), _POINTS),
        st.tuples(st.just("return"), st.integers(0, 3), st.sampled_from([40, 60, 150, 400])),
        st.tuples(st.just("earn"), _POINTS, st.sampled_from([timedelta(days=2), timedelta(days=4), _AHEAD])),
        RUNS,
        st.tuples(st.just("wait"), st.sampled_from([14, 24 * 2, 24 * 3])),
        st.tuples(st.just("wait"), st.sampled_from([14, 24 * 2, 24 * 3])),
    ),
    min_size=8,
    max_size=24,
)
JOINED = [datetime(2024, 2, 29, 12, tzinfo=UTC), datetime(2027, 3, 1, 0, tzinfo=UTC)]
