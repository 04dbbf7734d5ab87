import pytest

from shared.testing.messages import deliver
from tests import factories as a
from warehouse.reconciliation.models import Comparison

pytestmark = pytest.mark.django_db
PATH = "/api/v1/reports/reconciliation"
RANGE = {"from": "2026-11-23", "to": "2026-11-23"}


@pytest.fixture
def _compared():
    deliver(a.earned(120), a.captured(12000))
    deliver(a.day_totals(a.total("points", a.PROGRAMME, "earned", 2, 540)))
    deliver(a.day_totals(a.total("payments", "EUR", "captured", 1, 12000), service="payments"))
    Comparison.objects.filter(ledger="points").update(status="different")


@pytest.mark.usefixtures("_compared")
def test_lists_ours_theirs_and_the_difference(analyst):
    answer = analyst.get(PATH, **RANGE).json()

    rows = [dict(zip(answer["columns"], row, strict=True)) for row in answer["rows"]]
    matched, different = rows
    assert (matched["ledger"], matched["unit"], matched["status"]) == ("payments", "EUR", "matched")
    assert (matched["count_difference"], matched["total_difference"]) == (0, 0)
    assert (different["ours_count"], different["theirs_count"], different["count_difference"]) == (1, 2, -1)
    assert (different["ours_total"], different["theirs_total"], different["total_difference"]) == (120, 540, -420)
    assert 0 <= different["age_seconds"] < 60
    assert different["totals_as_of"] == "2026-11-24T00:00:00Z"


@pytest.mark.usefixtures("_compared")
@pytest.mark.parametrize(
    ("query", "ledgers"), [({"status": "different"}, ["points"]), ({"ledger": "payments"}, ["payments"])]
)
def test_takes_one_status_or_one_ledger(query, ledgers, analyst):
    assert [row[1] for row in analyst.get(PATH, **RANGE, **query).json()["rows"]] == ledgers


@pytest.mark.parametrize("query", [{"status": "fine"}, {"ledger": "dollars"}, {"tz": "UTC"}, {"from": "x"}])
def test_a_wrong_parameter_is_refused(query, analyst):
    assert analyst.get(PATH, **query).status_code == 400
