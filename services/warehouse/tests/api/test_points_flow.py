import pytest

from shared.ids import new_id
from shared.testing.messages import deliver
from tests import factories as a

pytestmark = pytest.mark.django_db
PATH = "/api/v1/reports/points/flow"
RANGE = {"from": "2026-11-23", "to": "2026-11-23"}


def test_sums_each_kind_and_the_net_change(analyst):
    deliver(
        a.programme_changed(), a.earned(120), a.earned(420), a.redeemed(-300), a.returned(-40), a.expired(-10),
        a.adjusted(-7), a.adjusted(2), a.restored(60),
    )  # fmt: skip

    answer = analyst.get(PATH, **RANGE).json()

    assert answer["columns"] == [
        "period", "programme_id", "programme", "earned", "redeemed", "expired", "returned", "restored", "adjusted",
        "sent", "received", "activated", "reinstated", "net", "transactions",
    ]  # fmt: skip
    assert answer["rows"] == [
        ["2026-11-23", str(a.PROGRAMME), "Everyday", 540, 300, 10, 40, 60, -5, 0, 0, 0, 0, 245, 8]
    ]


def test_both_sides_of_a_transfer_sum_to_zero(analyst):
    deliver(a.sent(-25), a.received(25, member_id=new_id()))

    (row,) = analyst.get(PATH, **RANGE).json()["rows"]

    assert row[-6:] == [25, 25, 0, 0, 0, 2]


def test_what_is_reinstated_has_its_own_column_and_a_notice_moves_nothing(analyst):
    deliver(a.expired(-20), a.reinstated(15), a.expiring())

    (row,) = analyst.get(PATH, **RANGE).json()["rows"]

    assert row[3:] == [0, 0, 20, 0, 0, 0, 0, 0, 0, 15, -5, 2]


def test_pending_points_are_a_flow_when_they_are_activated_and_not_before(analyst):
    deliver(a.pending(40), a.pending(9), a.activated(38, points=40), a.cancelled(9))

    (row,) = analyst.get(PATH, **RANGE).json()["rows"]

    assert (row[3], row[-4:]) == (0, [38, 0, 38, 4])


def test_takes_one_programme(analyst):
    deliver(a.earned(120), a.earned(9, programme_id=a.OTHER_PROGRAMME))

    answer = analyst.get(PATH, programme=str(a.OTHER_PROGRAMME), **RANGE).json()

    assert [(row[1], row[3]) for row in answer["rows"]] == [(str(a.OTHER_PROGRAMME), 9)]


def test_counts_no_day_but_those_asked_for(analyst):
    deliver(a.earned(120))

    assert analyst.get(PATH, **{"from": "2026-11-22", "to": "2026-11-22"}).json()["rows"] == []
    assert analyst.get(PATH, **{"from": "2026-11-24", "to": "2026-11-24"}).json()["rows"] == []
