"""Campaigns, budgets on them, and what happens to their vouchers, at random."""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

# In Berlin it is the last day of a year; in Apia, of the same ISO week, the first of the next.
BEGIN = datetime(2026, 12, 31, 12, tzinfo=UTC)
_NUMBER = st.integers(0, 5)
_HOW_MANY = {
    "uses_per_code": st.sampled_from([2, 9, 9]),
    "uses_per_member": st.sampled_from([None, None, None, 3]),
    "uses_total": st.sampled_from([None, None, None, 5]),
    "price_points": st.sampled_from([0, 30]),
    "min_spend": st.sampled_from([None, None, None, 600]),
    "stacking": st.sampled_from(["exclusive", "all", "all"]),
    "priority": st.sampled_from([0, 1]),
    "codes": st.integers(2, 5),
    "days": st.sampled_from([9, 400, 400, 400]),
}
CAMPAIGNS = st.lists(
    st.one_of(
        st.fixed_dictionaries({"kind": st.just("amount"), "amount": st.sampled_from([300, 500]), **_HOW_MANY}),
        st.fixed_dictionaries(
            {
                "kind": st.just("percent"),
                "amount": st.none(),
                "percent": st.sampled_from([40, 100]),
                "max_discount": st.sampled_from([None, 450]),
                **_HOW_MANY,
            }
        ),
    ),
    min_size=1,
    max_size=2,
)
_MONEY, _USES, _PERCENT = (
    st.sampled_from([400, 900, 2_500]),
    st.sampled_from([1, 2, 4]),
    st.sampled_from([1, 50, 80, 100]),
)
_SOME = {"money": _MONEY, "uses": _USES}
_LIMIT = st.sampled_from(["money", "money", "uses"]).flatmap(
    lambda of: st.fixed_dictionaries(
        {
            "campaign": st.sampled_from([0, 0, 1]),
            "of": st.just(of),
            "most": _SOME[of],
            "per": st.sampled_from(["day", "week", "month", "year", "ever"]),
            "each": st.sampled_from([None, None, "merchant", "member"]),
            "alert_percent": _PERCENT,
        }
    )
)
LIMITS = st.lists(_LIMIT, min_size=1, max_size=3)
_PAID_AGO = st.sampled_from([timedelta(0), timedelta(seconds=5), timedelta(hours=2)])
_STEPS = {
    "use": (
        _NUMBER,
        st.sampled_from(["member", "member", "merchant", "operator"]),
        st.integers(0, 2),
        st.sampled_from([0, 0, 1]),
        st.sampled_from([200, 1_000, 1_000, 1_000]),
    ),
    "undo": (_NUMBER,),
    "release": (_NUMBER,),
    "pay": (_NUMBER, _PAID_AGO),
    "cancel": (_NUMBER,),
    "claim": (_NUMBER, st.integers(0, 1)),
    "change": (_NUMBER, st.one_of(_MONEY, _USES), _PERCENT),
    "end": (_NUMBER,),
    "limit": (_LIMIT,),
    "merge": (),
}
_OFTEN = {
    "use": 18,
    "undo": 3,
    "release": 2,
    "pay": 1,
    "cancel": 1,
    "claim": 1,
    "change": 2,
    "end": 1,
    "limit": 1,
    "merge": 2,
}
_STEP = st.sampled_from([name for name, count in _OFTEN.items() for _ in range(count)]).flatmap(
    lambda name: st.tuples(st.just(name), *_STEPS[name])
)
_LATER = st.sampled_from(
    [*[timedelta(seconds=10)] * 6, timedelta(minutes=2), *[timedelta(hours=9)] * 2, timedelta(days=5)]
)
STEPS = st.lists(st.tuples(_LATER, _STEP), min_size=8, max_size=24)
