import time

import pytest

from gateway.tests.gateways import problem, running

OPERATOR = ("operator", "secret")


@pytest.mark.parametrize("service", ["auth", "points", "payments", "warehouse"])
def test_flower_wants_a_password(gateway, service):
    response = gateway.get(f"/flower/{service}/")

    assert problem(response) == (401, "gateway.sign_in_required")
    assert response.headers["WWW-Authenticate"].startswith("Basic")
    assert gateway.get(f"/flower/{service}/", auth=("operator", "wrong")).status_code == 401
    assert gateway.get(f"/flower/{service}/", auth=("nobody", "secret")).status_code == 401


@pytest.mark.parametrize("service", ["auth", "points", "payments", "warehouse"])
def test_each_flower_is_that_of_its_own_service(gateway, service):
    seen = gateway.get(f"/flower/{service}/workers?x=1", auth=OPERATOR).json()

    assert (seen["service"], seen["path"]) == (f"{service}-flower", f"/flower/{service}/workers?x=1")


def test_flower_is_found_without_its_last_slash(gateway):
    response = gateway.get("/flower/points", allow_redirects=False)

    assert (response.status_code, response.headers["Location"]) == (308, "/flower/points/")


@pytest.mark.parametrize("path", ["metrics", "healthcheck", "metrics/", "healthcheck?x=1"])
def test_flowers_open_doors_are_shut_even_with_the_password(gateway, path):
    assert problem(gateway.get(f"/flower/points/{path}", auth=OPERATOR)) == (404, "gateway.not_found")


def test_the_password_is_guessed_sixty_times_and_then_once_a_second(nginx, tmp_path):
    with running(nginx, tmp_path) as gateway:
        begun = time.monotonic()
        answers = [gateway.get("/flower/points/", auth=("operator", f"guess {number}")) for number in range(150)]
        at_most = 61 + time.monotonic() - begun

        assert 61 <= sum(answer.status_code == 401 for answer in answers) <= at_most
        assert problem(answers[-1]) == (429, "gateway.rate_limited")
        assert gateway.get("/api/v1/points/balance").status_code == 200
