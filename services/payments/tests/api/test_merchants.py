import pytest

from shared.contracts.payments import MerchantCreated
from shared.ids import new_id
from shared.testing.messages import published
from tests.api.paths import MERCHANTS
from tests.factories import make_merchant

pytestmark = pytest.mark.django_db


def test_an_operator_creates_a_merchant_and_it_is_published(operator):
    made = operator.post(MERCHANTS, {"name": "Corner Shop"})

    assert made.status_code == 201
    assert made.json()["name"] == "Corner Shop"
    (message,) = published(MerchantCreated)
    assert str(message.merchant_id) == made.json()["id"]
    assert operator.get(f"{MERCHANTS}/{made.json()['id']}").json() == made.json()


@pytest.mark.parametrize("name", ["", "   ", "a" * 101, None, 7, "a\x00b"])
def test_a_merchant_has_a_proper_name(operator, name):
    assert operator.post(MERCHANTS, {"name": name}).json()["code"] == "request.invalid"


def test_a_merchant_sees_itself_and_no_other(merchant, shop):
    other = make_merchant(new_id())

    assert [found["id"] for found in merchant.get(MERCHANTS).json()["results"]] == [str(shop.id)]
    assert merchant.get(f"{MERCHANTS}/{other.id}").status_code == 404


def test_the_list_goes_on_where_the_last_page_ended(operator):
    made = [operator.post(MERCHANTS, {"name": str(n)}).json()["id"] for n in range(3)]
    first = operator.get(MERCHANTS, page_size=2).json()
    rest = operator.get(first["next"]).json()

    assert {found["id"] for found in first["results"] + rest["results"]} == set(made)
    assert (len(rest["results"]), rest["next"]) == (1, None)
