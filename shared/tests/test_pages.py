"""The size of a page, whatever the view has checked before."""

import pytest
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from shared.http.pages import Pages


def asked_for(**query: str) -> Request:
    return Request(APIRequestFactory().get("/notes", query))


@pytest.mark.parametrize("size", ["0", "-1", "201", "ten", "", "1.0", "٥"])
def test_a_size_out_of_bounds_is_refused_and_not_taken_for_the_default(size: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Pages().get_page_size(asked_for(page_size=size))

    assert list(refused.value.detail) == ["page_size"]


@pytest.mark.parametrize(("query", "size"), [({}, 50), ({"page_size": "1"}, 1), ({"page_size": "200"}, 200)])
def test_a_size_within_them_is_taken(query: dict[str, str], size: int) -> None:
    assert Pages().get_page_size(asked_for(**query)) == size
