import pytest

from shared.testing.actors import anonymous
from shared.testing.messages import deliver
from shared.testing.tokens import bad_tokens
from tests import factories as a

pytestmark = pytest.mark.django_db
TIERS = ["/api/v1/reports/tiers/movement", "/api/v1/reports/tiers/changes"]
PERIODS = ["/api/v1/reports/payments/volume", "/api/v1/reports/points/flow", *TIERS, "/api/v1/reports/budgets"]
MEMBERS = "/api/v1/reports/tiers/members"
RULES = "/api/v1/reports/points/rules"
REPORTS = [*PERIODS, RULES, MEMBERS, "/api/v1/reports/freshness", "/api/v1/reports/reconciliation"]


@pytest.mark.parametrize("path", REPORTS)
def test_no_token_is_refused(path):
    answer = anonymous().get(path)

    assert (answer.status_code, answer.json()["code"]) == (401, "auth.required")


@pytest.mark.parametrize("path", REPORTS)
def test_a_member_and_a_merchant_are_refused(path, member, merchant):
    assert (member.get(path).status_code, merchant.get(path).status_code) == (403, 403)


@pytest.mark.parametrize("path", REPORTS)
def test_an_analyst_and_an_operator_read(path, analyst, operator):
    deliver(*a.one_of_each())

    assert (analyst.get(path).status_code, operator.get(path).status_code) == (200, 200)


@pytest.mark.parametrize("path", REPORTS)
def test_no_report_names_a_member(path, analyst):
    deliver(*a.one_of_each())

    answer = analyst.get(path, **({"from": "2026-11-01", "to": "2026-11-30"} if path in PERIODS else {}))

    assert answer.status_code == 200
    assert str(a.MEMBER) not in answer.content.decode()
    assert "@" not in answer.content.decode()


@pytest.mark.parametrize("kind", ["expired", "algorithm none", "signed with the public key", "wrong audience"])
def test_a_bad_token_is_refused(kind, analyst):
    client = anonymous()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {bad_tokens(analyst.caller)[kind]}")

    assert client.get(PERIODS[0]).status_code == 401


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"from": "yesterday"}, "from"),
        ({"from": "2026-02-30"}, "from"),
        ({"from": "2026-11-23T00:00"}, "from"),
        ({"from": "1999-12-31"}, "from"),
        ({"to": "2101-01-01"}, "to"),
        ({"to": ""}, "to"),
        ({"granularity": "hour"}, "granularity"),
        ({"tz": "Europe/Atlantis"}, "tz"),
        ({"tz": "../../etc/passwd"}, "tz"),
        ({"tz": "UTC\x00"}, "tz"),
        ({"tz": ""}, "tz"),
        ({"format": "xml"}, "format"),
        ({"form": "csv"}, "form"),
        ({"tz": ["UTC", "Europe/Berlin"]}, "tz"),
    ],
)
@pytest.mark.parametrize("path", PERIODS)
def test_a_wrong_parameter_is_refused_by_name(path, query, field, analyst):
    answer = analyst.get(path, **query)

    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert [error["field"] for error in answer.json()["errors"]] == [field]


@pytest.mark.parametrize(
    ("path", "name"),
    [(PERIODS[0], "merchant_id"), *((path, "programme") for path in [*PERIODS[1:], MEMBERS])],
)
@pytest.mark.parametrize("value", ["1", "", "' OR 1=1 --", "00000000-0000-7000-8000-00000000000g"])
def test_an_id_that_is_none_is_refused(path, name, value, analyst):
    assert analyst.get(path, **{name: value}).status_code == 400


@pytest.mark.parametrize("path", [*PERIODS, RULES, "/api/v1/reports/reconciliation"])
def test_a_range_that_is_reversed_or_too_long_is_refused(path, analyst):
    reversed_ = analyst.get(path, **{"from": "2026-11-24", "to": "2026-11-23"})
    too_long = analyst.get(path, **{"from": "2026-01-01", "to": "2027-02-05"})
    longest = analyst.get(path, **{"from": "2026-01-01", "to": "2027-02-04"})

    assert (reversed_.status_code, reversed_.json()["code"]) == (400, "reports.range_reversed")
    assert (too_long.status_code, too_long.json()["code"]) == (400, "reports.range_too_long")
    assert longest.status_code == 200


@pytest.mark.parametrize("path", REPORTS)
def test_nothing_can_be_posted(path, analyst):
    assert analyst.post(path).status_code == 405


def test_csv_is_a_download_with_the_same_numbers(analyst):
    deliver(a.programme_changed(name="=HYPERLINK(1)"), a.earned(120))

    answer = analyst.get(PERIODS[1], **{"from": "2026-11-23", "to": "2026-11-23", "format": "csv"})

    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"] == 'attachment; filename="points-flow.csv"'
    assert answer["X-As-Of"].endswith("Z")
    assert answer.content.decode().splitlines()[1] == (
        f"2026-11-23,{a.PROGRAMME},'=HYPERLINK(1),120,0,0,0,0,0,0,0,0,0,120,1"
    )


def test_csv_is_also_what_accept_asks_for(analyst):
    client = analyst._client()

    assert client.get(PERIODS[0], HTTP_ACCEPT="text/csv")["Content-Type"] == "text/csv; charset=utf-8"
    assert client.get(PERIODS[0], HTTP_ACCEPT="text/csv, */*;q=0.1")["Content-Type"].startswith("text/csv")
    assert client.get(PERIODS[0], {"format": "json"}, HTTP_ACCEPT="text/csv")["Content-Type"] == "application/json"
    assert client.get(PERIODS[0], HTTP_ACCEPT="image/png").status_code == 406


def test_a_report_takes_as_many_queries_for_much_as_for_little(analyst, django_assert_max_num_queries):
    deliver(*a.one_of_each())
    deliver(*(a.captured(1, currency=currency) for currency in ("USD", "GBP", "CHF") for _ in range(50)))

    with django_assert_max_num_queries(4):
        assert analyst.get(PERIODS[0]).status_code == 200


def test_the_schema_names_every_report():
    paths = anonymous().get("/api/v1/warehouse/swagger.json").json()

    found = set(paths["paths"])
    assert {path for path in found if "/messages" not in path} == set(REPORTS)
