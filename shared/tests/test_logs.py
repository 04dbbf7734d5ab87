"""A log line is one JSON object that says which request and which journey it belongs to."""

import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from shared import context
from shared.logs import configure


@pytest.fixture
def lines() -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """The lines written so far, each read as JSON."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    configure({"level": "INFO"})
    written = io.StringIO()
    for handler in root.handlers:
        assert isinstance(handler, logging.StreamHandler)
        handler.setStream(written)
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    root.handlers[:] = before
    root.setLevel(level)


def test_a_line_says_what_how_bad_who_and_when(lines):
    logging.getLogger("points.ledger").warning("%s lots are due", 3)

    [line] = lines()
    assert (line["event"], line["level"], line["logger"]) == ("3 lots are due", "warning", "points.ledger")
    assert line["timestamp"].endswith("Z")


def test_a_line_carries_the_request_the_journey_and_the_cause(lines):
    token = context.request_id.set("request-1")
    with context.caused_by(correlation="journey-1", causation="message-1"):
        logging.getLogger("any").info("something")
    context.request_id.reset(token)

    [line] = lines()
    assert (line["request_id"], line["correlation_id"], line["causation_id"]) == ("request-1", "journey-1", "message-1")


def test_outside_of_a_request_there_are_no_empty_ids(lines):
    logging.getLogger("any").info("something")

    [line] = lines()
    assert not {"request_id", "correlation_id", "causation_id"} & line.keys()


def test_a_text_with_line_breaks_stays_one_line(lines):
    logging.getLogger("any").info('a\nb\r\n{"forged": true}')

    [line] = lines()
    assert line["event"] == 'a\nb\r\n{"forged": true}'


def test_a_defect_brings_its_traceback_in_the_same_line(lines):
    try:
        raise ZeroDivisionError("by nothing")
    except ZeroDivisionError:
        logging.getLogger("any").exception("a defect")

    [line] = lines()
    assert "ZeroDivisionError: by nothing" in line["exception"]
