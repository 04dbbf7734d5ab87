"""`make attack` knows every operation of the schemas; a new one without its row in the matrix fails the build."""

import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from tools.attack import matrix
from tools.attack.__main__ import chosen
from tools.attack.asking import BODIES, OF_A_MEMBER, ON_THE_CALLER
from tools.attack.authorisation import cell_of
from tools.attack.catalogue import PROBES
from tools.attack.crowd import statuses, storm, together
from tools.attack.line import Answer, Line
from tools.attack.published import Operation, operations, role_scopes
from tools.stack.layout import PACKAGES


@pytest.fixture(scope="module")
def published() -> Sequence[Operation]:
    with ThreadPoolExecutor(2) as pool:
        return [one for found in pool.map(operations, PACKAGES) for one in found]


def test_every_operation_has_one_row_and_every_cell_means_something(published: Sequence[Operation]) -> None:
    assert len(published) > 100
    assert matrix.faults(matrix.rows(), published) == []


def test_a_new_operation_and_one_that_is_gone_are_found(published: Sequence[Operation]) -> None:
    new = Operation("count_badges", "GET", "/api/v1/points/badges", False, ("points:read",))
    left = [one for one in published if one.name != "get_profile"]
    assert matrix.faults(matrix.rows(), [*left, new]) == [
        "count_badges: no row in matrix.csv (.venv/bin/python -m tools.attack.matrix suggests it)",
        "get_profile: published no more",
    ]


def test_an_operation_that_moved_and_a_cell_that_means_nothing_are_found(published: Sequence[Operation]) -> None:
    [profile] = [one for one in published if one.name == "get_profile"]
    others = [one for one in published if one != profile]
    spoilt = [{**row, "nobody": "perhaps"} if row["operation"] == "get_wallet" else row for row in matrix.rows()]
    assert matrix.faults(spoilt, [*others, replace(profile, path="/api/v1/auth/self")]) == [
        "get_profile: no row in matrix.csv (.venv/bin/python -m tools.attack.matrix suggests it)",
        "get_profile: published no more",
        "get_wallet: nobody is 'perhaps'",
    ]


def test_whoever_lacks_the_scope_is_refused_in_the_table_and_nobody_without_a_token_is_let_in(
    published: Sequence[Operation],
) -> None:
    scopes, table = role_scopes(), {row["operation"]: row for row in matrix.rows()}
    wrong = [
        f"{one.name} by {role}: {table[one.name][role]}, though its scopes say {said}"
        for one in published
        for role, said in matrix.suggested(one, scopes).items()
        if one.name in table and role in matrix.COLUMNS and said != "yes" and table[one.name][role] != said
    ]
    assert wrong == []


def test_what_is_asked_for_in_a_way_of_its_own_is_published(published: Sequence[Operation]) -> None:
    assert {*BODIES, *OF_A_MEMBER, *ON_THE_CALLER} - {one.name for one in published} == set()


MINE, OTHER = "01a226ea-0593-774c-be2b-4c3cab3e57c4", "01a226ea-023d-7dbc-9ffc-41e7ae8179ee"
WALLET = {"operation": "get_wallet", "method": "GET", "path": "/api/v1/wallets/{wallet_id}"}


class Answering(Line):
    """A gateway that answers who asks for the member's wallet with `answer`, and who asks for any other with 404."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__("http://localhost")
        self.answer = Answer(status, text, 0.0)

    def ask(self, method: str, path: str, *, headers: dict[str, str] | None = None, **more: Any) -> Answer:
        return self.answer if MINE in path else Answer(404, '{"code": "not_found", "request_id": "b"}', 0.0)


@pytest.mark.parametrize(
    ("status", "text", "cell"),
    [
        (200, "{}", "yes"),
        (409, '{"code": "busy"}', "yes"),
        (401, "{}", "401"),
        (403, "{}", "403"),
        (404, '{"code": "not_found", "request_id": "a"}', "hidden"),
        (404, '{"code": "wallets.of_somebody_else", "request_id": "a"}', "404"),
        (200, f'{{"intent": "{OTHER}"}}', "leak of intent_id"),
        (200, f'{{"id": "{MINE}"}}', "yes"),
        (429, "{}", "defect"),
        (500, "{}", "defect"),
        (0, "", "defect"),
    ],
)
def test_an_answer_is_judged_by_what_it_gives_away(status: int, text: str, cell: str) -> None:
    row = {**WALLET, "other_member": "hidden"}
    assert cell_of(Answering(status, text), row, {"wallet_id": MINE, "intent_id": OTHER}, "other_member")[1] == cell


def test_a_number_names_nothing_and_gives_nothing_away() -> None:
    row, ids = {**WALLET, "other_member": "yes"}, {"wallet_id": MINE, "version": "1"}
    nameless = {**WALLET, "path": "/api/v1/wallets"}

    assert cell_of(Answering(200, '{"keys": "w1"}'), row, ids, "other_member")[1] == "yes"
    assert cell_of(Answering(404, "{}"), nameless, ids, "other_member")[1] == "404"


def test_every_probe_says_what_must_hold_and_is_chosen_by_its_name() -> None:
    assert len(PROBES) > 15
    assert all(re.fullmatch(r"[A-Z].{30,}\.", one.promise) for one in PROBES.values())
    assert [one.name for one in chosen(["last_points", "forged_tokens"])] == ["forged_tokens", "last_points"]
    assert {one.name for one in chosen([])} == PROBES.keys()


def test_all_of_a_crowd_ask_at_the_same_instant() -> None:
    answers = together([lambda number=number: Answer(200 + number, "", 0.0) for number in range(5)])  # type: ignore[misc]
    assert [one.status for one in answers] == [200, 201, 202, 203, 204]


def test_a_storm_ends_when_its_time_is_over() -> None:
    assert storm([lambda: Answer(200, "", 0.0)] * 3, seconds=0.0) == []
    assert statuses(storm([lambda: Answer(0, "", 0.0)] * 3)) == "no answer ×3"
