"""The published schema says what every operation takes and answers."""

from typing import Any

import pytest

from shared.testing.actors import anonymous

pytestmark = pytest.mark.django_db

WITH_KEY = {
    "/api/v1/points/earnings",
    "/api/v1/points/redemptions",
    "/api/v1/points/adjustments",
    "/api/v1/points/holds",
    "/api/v1/points/transfers",
    "/api/v1/points/reinstatements",
    "/api/v1/points/merges",
    "/api/v1/points/pending/activations",
    "/api/v1/points/pending/{pending_id}/activate",
    "/api/v1/points/pending/{pending_id}/cancel",
    "/api/v1/points/events",
    "/api/v1/points/events/batches",
    "/api/v1/points/events/{event_id}/reversal",
    "/api/v1/points/purchases",
    "/api/v1/points/purchases/batches",
    "/api/v1/points/purchases/{purchase_id}/returns",
    "/api/v1/points/adjustments/{request_id}/approve",
    "/api/v1/points/adjustments/{request_id}/reject",
    "/api/v1/points/holds/{hold_id}/capture",
    "/api/v1/points/holds/{hold_id}/void",
    "/api/v1/points/holds/{hold_id}/extend",
    "/api/v1/points/transactions/{transaction_id}/reversal",
    "/api/v1/points/batches",
    "/api/v1/points/expiry-runs",
    "/api/v1/points/imports",
    "/api/v1/points/imports/{import_id}/validate",
    "/api/v1/points/imports/{import_id}/commit",
    "/api/v1/points/messages/resendings",
    "/api/v1/points/messages/{message_id}/skip",
    "/api/v1/programmes",
    "/api/v1/programmes/{programme_id}/budgets",
    "/api/v1/programmes/{programme_id}/rules",
    "/api/v1/programmes/{programme_id}/rules/{version}/activate",
    "/api/v1/programmes/{programme_id}/rules/{version}/backtests",
    "/api/v1/programmes/{programme_id}/rules/{version}/retire",
    "/api/v1/programmes/{programme_id}/segments",
    "/api/v1/programmes/{programme_id}/segments/{segment_code}/members",
    "/api/v1/programmes/{programme_id}/tiers/imports",
    "/api/v1/programmes/{programme_id}/tiers/overrides",
    "/api/v1/vouchers/campaigns",
    "/api/v1/vouchers/campaigns/{campaign_id}/claims",
    "/api/v1/vouchers/campaigns/{campaign_id}/codes",
    "/api/v1/vouchers/redemptions",
    "/api/v1/vouchers/redemptions/{redemption_id}/rollback",
    "/api/v1/vouchers/{code}/cancel",
}


@pytest.fixture
def operations() -> dict[tuple[str, str], dict[str, Any]]:
    schema = anonymous().get("/api/v1/points/swagger.json").json()
    return {
        (method.upper(), path): operation
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
        if method != "parameters"
    }


def test_every_operation_has_a_summary_and_a_schema_for_each_answer(operations: Any) -> None:
    assert len(operations) > 30
    for name, operation in operations.items():
        assert operation["summary"], name
        assert any(status.startswith("2") for status in operation["responses"]), name
        for status, answer in operation["responses"].items():
            assert "schema" in answer or status == "204", f"{name} {status}"


def test_exactly_what_must_not_happen_twice_declares_its_key(operations: Any) -> None:
    with_key = {
        path
        for (_, path), operation in operations.items()
        if ("header", "Idempotency-Key") in {(one["in"], one["name"]) for one in operation["parameters"]}
    }

    assert with_key == WITH_KEY


def test_the_view_that_does_nothing_is_not_published(operations: Any) -> None:
    assert not any("noop" in path for _, path in operations)


def test_every_list_that_comes_in_pages_says_how_to_turn_them(operations: Any) -> None:
    definitions = anonymous().get("/api/v1/points/swagger.json").json()["definitions"]
    lists = {}
    for (method, path), operation in operations.items():
        answer = operation["responses"].get("200", {}).get("schema", {}).get("$ref", "").rpartition("/")[2]
        if method == "GET" and "next" in definitions.get(answer, {}).get("properties", {}):
            lists[path] = {"cursor", "page_size"} <= {parameter["name"] for parameter in operation["parameters"]}
    assert len(lists) > 7
    # There are as many as there are services, as many fields as a programme may have keys, and a hundred segments: one
    # page.
    assert [path for path, can_be_turned in lists.items() if not can_be_turned] == [
        "/api/v1/points/members/{member_id}/segments",
        "/api/v1/points/messages/flows",
        "/api/v1/programmes/rule-fields",
    ]


def test_a_text_of_an_answer_may_be_empty_and_one_of_a_body_may_not() -> None:
    published = anonymous().get("/api/v1/points/swagger.json").json()["definitions"]

    assert published["Adjustment"]["properties"]["reference"] == {"title": "Reference", "type": "string"}
    assert published["NewAdjustment"]["properties"]["reason"]["minLength"] == 1


def test_an_object_that_may_be_null_says_so_where_a_reference_could_not() -> None:
    published = anonymous().get("/api/v1/points/swagger.json").json()["definitions"]

    spend = published["VoucherCampaign"]["properties"]["min_spend"]
    assert (spend["x-nullable"], list(spend["allOf"][0])) == (True, ["$ref"])
