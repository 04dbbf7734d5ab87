"""Each Flower shows its own service's workers and queues, and changes nothing."""

import os
from typing import Any

import pytest
import requests
from eventually import eventually

SERVICES = ("auth", "points", "payments", "warehouse")


def flower(url: str, path: str, method: str = "GET", **more: Any) -> requests.Response:
    user, _, password = os.environ["FLOWER_BASIC_AUTH"].partition(":")
    return requests.request(method, f"{url}/flower/{path}", auth=(user, password), timeout=30, **more)


@pytest.mark.parametrize("service", SERVICES)
def test_a_flower_shows_the_workers_and_queues_of_its_own_service_only(url: str, service: str) -> None:
    def workers() -> dict[str, Any]:
        answer = flower(url, f"{service}/api/workers", params={"refresh": "1"})
        return answer.json() if answer.ok else {}

    found = eventually(workers, lambda found: any(one.get("active_queues") for one in found.values()))

    assert {name.split("@")[0] for name in found} == {service}
    queues = {queue["name"] for one in found.values() for queue in one["active_queues"]}
    assert {f"{service}.inbox.{producer}" for producer in SERVICES} < queues
    assert all(name.startswith((f"{service}.", f"ping.{service}@")) for name in queues), queues


@pytest.mark.parametrize("service", SERVICES)
def test_a_flower_controls_nothing(url: str, service: str) -> None:
    (name, *_) = eventually(lambda: list(flower(url, f"{service}/api/workers").json()), bool)

    assert flower(url, f"{service}/api/worker/shutdown/{name}", "POST").status_code == 403
    assert flower(url, f"{service}/api/worker/pool/restart/{name}", "POST").status_code == 403
