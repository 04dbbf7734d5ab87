"""Messages that a consumer is too old for wait for a person, who has them sent again, or decides against it."""

from typing import Any
from uuid import uuid4

import pytest
from clients.api import ok, refused
from conftest import Command
from eventually import eventually
from people import Person

SERVICES = ("auth", "points", "payments", "warehouse")
# Published as the service publishes all that it says; nobody who listens knows this message yet.
FROM_TOMORROW = """
from django.db import transaction
from shared.contracts.base import Contract
from shared.contracts.routes import ROUTES
from shared.messaging.outbox import publish
class FromTomorrow(Contract, frozen=True, kw_only=True):
    NAME = "from_tomorrow"
    subject: str
ROUTES[FromTomorrow] = ("points",)
with transaction.atomic():
    print("published:", *publish([FromTomorrow(subject="first"), FromTomorrow(subject="second")]))
"""


def parked(operator: Person, service: str, ids: list[str]) -> list[dict[str, Any]]:
    """Return those of these messages that are parked, in the order of their ids."""
    found = operator.api.listed(f"/api/v1/{service}/messages")
    return [one for one in found if one["message_id"] in ids]


@pytest.mark.parametrize("service", SERVICES)
def test_messages_that_nobody_knows_are_parked_sent_again_and_skipped(
    operator: Person, member: Person, manage: Command, service: str
) -> None:
    base, skip = f"/api/v1/{service}/messages", {"destination": "points", "reason": "nobody listens yet"}
    printed = manage(service, "shell", "--verbosity", "0", "-c", FROM_TOMORROW)
    ids = sorted(printed.rpartition("published:")[2].split())

    found = eventually(lambda: parked(operator, service, ids), lambda found: len(found) == 2)

    assert [one["message_id"] for one in found] == ids
    assert [(one["name"], one["destination"], one["failures"]) for one in found] == [("from_tomorrow", "points", 1)] * 2
    assert all("from_tomorrow" in one["last_error"] for one in found)
    refused(member.api.post(f"{base}/{ids[0]}/skip", skip), 403)
    refused(operator.api.post(f"{base}/{uuid4()}/skip", skip), 404, "messages.not_waiting")

    assert ok(operator.api.post(f"{base}/resendings", {"ids": ids[:1]})) == {"resent": 1}
    sent = found[0]["attempts"]
    eventually(lambda: [one["attempts"] > sent for one in parked(operator, service, ids[:1])], [True])

    for message_id in ids:
        assert ok(operator.api.post(f"{base}/{message_id}/skip", skip)) == {"message_id": message_id, **skip}
    assert parked(operator, service, ids) == []
    refused(operator.api.post(f"{base}/{ids[0]}/skip", skip), 404, "messages.not_waiting")
