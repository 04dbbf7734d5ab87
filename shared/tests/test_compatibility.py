"""Old and new releases understand each other: services are deployed one by one."""

import json
from pathlib import Path

import jsonschema
import msgspec
import pytest

from shared.contracts import auth, payments, points, totals  # noqa: F401 - they register themselves
from shared.contracts.base import REGISTRY, Contract, Envelope
from shared.testing.messages import envelope_of, example

RELEASED = Path(__file__).parent / "released"
EXAMPLES = sorted(RELEASED.glob("*/examples/*.json"))
SCHEMAS = sorted(RELEASED.glob("*/schemas/*.v*.json"))


def contract_of(file: Path) -> type[Contract]:
    name, version, _ = file.name.split(".")
    return REGISTRY[name, int(version.removeprefix("v"))]


def named(file: Path) -> str:
    return f"{file.parent.parent.name} {file.stem}"


@pytest.mark.parametrize("file", EXAMPLES, ids=named)
def test_a_new_consumer_reads_an_old_producers_message(file):
    payload = json.loads(file.read_text())

    message = contract_of(file).read(payload)

    assert what_is_in(payload, message.payload()) == payload


def what_is_in(old, read):
    """Return of what was read that which the old message says, also of its parts."""
    if isinstance(old, dict):
        return {name: what_is_in(old[name], value) for name, value in read.items() if name in old}
    if isinstance(old, list) and len(old) == len(read):
        return [what_is_in(one, other) for one, other in zip(old, read, strict=True)]
    return read


@pytest.mark.parametrize("file", SCHEMAS, ids=named)
def test_an_old_consumer_reads_a_new_producers_message(file):
    payload = {**example(contract_of(file)), "a_field_of_tomorrow": {"x": 1}}

    jsonschema.validate(payload, json.loads(file.read_text()), format_checker=jsonschema.FormatChecker())


@pytest.mark.parametrize("file", sorted(RELEASED.glob("*/schemas/envelope.json")), ids=named)
def test_an_old_consumer_reads_a_new_producers_envelope(file):
    envelope = envelope_of(payments.MerchantCreated.read(example(payments.MerchantCreated)))

    jsonschema.validate(envelope.json(), json.loads(file.read_text()))


def test_a_new_consumer_reads_an_envelope_with_fields_it_does_not_know():
    envelope = envelope_of(payments.MerchantCreated.read(example(payments.MerchantCreated)))

    read = msgspec.json.decode(msgspec.json.encode({**envelope.json(), "of_tomorrow": 1}), type=Envelope)

    assert read == envelope


def test_the_check_notices_a_field_that_went_away():
    schema = json.loads((RELEASED / "0.1/schemas/payment_captured.v1.json").read_text())
    payload = example(payments.PaymentCaptured)
    del payload["order_id"]

    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(payload, schema)


def test_every_message_that_was_released_is_still_known():
    assert len(SCHEMAS) == len(EXAMPLES) >= 19
    assert {contract_of(file).NAME for file in SCHEMAS} <= {name for name, _ in REGISTRY}
