"""Every published schema holds: in each role generated requests get what was declared, by all checks there are."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
import requests
from clients.api import Api
from generated import Line, edges, operations, teach_formats, valid
from people import Person, new_member, new_merchant, new_person_with
from schemathesis.core.failures import FailureGroup

SERVICES = ["auth", "points", "payments", "warehouse"]
EXAMPLES, EDGES = 3, 12
# These end the sessions of their sender, or count as guesses: each time somebody new sends them, and few times.
BY_SOMEBODY_NEW, FEW = frozenset({"end_all_sessions", "change_password"}), 3
SHUT = (401, 403)
# This moves the time of everybody: who may do it sends only what is refused.
MOVES_CLOCK = "move_clock"


@dataclass
class Role:
    """A role, somebody who has it, and how to make another."""

    name: str
    make: Callable[[], Person]
    person: Person

    def line(self, url: str, operation_id: str, session: requests.Session) -> Line:
        """Return a line of somebody in this role: of somebody new, where the operation ends its sender."""
        sender = self.make() if operation_id in BY_SOMEBODY_NEW else self.person
        return Line(url, sender.api.token, session)


@dataclass
class Stage:
    """Who asks, and what they have: ids by the names that paths call them by."""

    url: str
    roles: list[Role]
    ids: dict[str, str]
    session: requests.Session

    def nobody(self) -> Line:
        """Return the line of somebody without a token."""
        return Line(self.url, "", self.session)


@pytest.fixture(scope="module")
def stage(url: str, operator: Person, default_programme: str) -> Stage:
    """People of its own, with a wallet, points and a shop."""
    makers: dict[str, Callable[[], Person]] = {
        "operator": lambda: new_person_with(url, "admin", operator),
        "member": lambda: new_member(url, money=1_000),
        "merchant": lambda: _staff(url, operator),
        "merchant's client": lambda: new_merchant(url, operator).system,
        "analyst": lambda: new_person_with(url, "analyst", operator),
    }
    roles = [Role(name, make, make()) for name, make in makers.items()]
    return Stage(url, roles, _ids(url, operator, roles[1].person), requests.Session())


def _staff(url: str, operator: Person) -> Person:
    shop = operator.payments.make_merchant(f"Shop {uuid4()}")
    return new_person_with(url, "merchant", operator, merchant_id=shop["id"])


def _ids(url: str, operator: Person, member: Person) -> dict[str, str]:
    shop = new_merchant(url, operator)
    return {
        "wallet_id": member.payments.wallet()["id"],
        "member_id": member.id,
        "merchant_id": shop.id,
        "client_id": shop.system.id,
        "user_id": new_member(url).id,
        "transaction_id": operator.points.earn(member.id, 100)["id"],
    }


def documents(url: str) -> dict[str, Any]:
    return {service: Api(url).get(f"/api/v1/{service}/swagger.json").json() for service in SERVICES}


def test_every_operation_has_a_name_of_its_own(url: str) -> None:
    methods = [found for one in documents(url).values() for item in one["paths"].values() for found in item.values()]
    names = Counter(found["operationId"] for found in methods if "operationId" in found)

    assert len(names) > 130
    assert [name for name, times in names.items() if times > 1] == []


@pytest.mark.parametrize("service", SERVICES)
def test_the_published_schema_holds_in_every_role(stage: Stage, service: str) -> None:
    teach_formats()
    wrong: dict[str, str] = {}

    for operation in operations(documents(stage.url)[service]):
        try:
            _holds(operation, stage)
        except (Exception, FailureGroup) as problem:  # noqa: BLE001 - all operations are tried, and all that is wrong is told at once
            wrong[operation.label] = str(problem)[:2500]

    assert not wrong, "\n".join(f"{label}: {problem}" for label, problem in wrong.items())


def _holds(operation: Any, stage: Stage) -> None:
    published = operation.definition.raw
    first, *others = [*valid(operation, EXAMPLES), *_of_what_there_is(operation, stage.ids)]
    stage.nobody().ask(first)
    if not published["security"]:
        for case in [*others, *edges(operation, EDGES)]:
            stage.nobody().ask(case)
        return

    def ask(role: Role, case: Any) -> int:
        return role.line(stage.url, published["operationId"], stage.session).ask(case).status_code

    if published["operationId"] == MOVES_CLOCK:
        [closed] = [role for role in stage.roles if role.name == "member"]
        assert ask(closed, first) in SHUT
        opened, others = stage.roles[:1], []
    else:
        opened = [role for role in stage.roles if ask(role, first) not in SHUT]
    if published["operationId"] in BY_SOMEBODY_NEW:
        opened, others, most = opened[:1], others[:1], FEW
    else:
        most = EDGES
    for role in opened:
        for case in others:
            ask(role, case)
    for case in edges(operation, most, refused_only=published["operationId"] == MOVES_CLOCK):
        ask((opened or stage.roles)[0], case)


def _of_what_there_is(operation: Any, ids: dict[str, str]) -> list[Any]:
    """Return requests for what a path names and is there; of changes none, because others depend on what they find."""
    names = {parameter.name for parameter in operation.path_parameters}
    if not names or names - ids.keys() or operation.method.upper() == "PATCH":
        return []
    return valid(operation, EXAMPLES, **{name: ids[name] for name in names})
