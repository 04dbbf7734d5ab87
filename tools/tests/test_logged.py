"""What a log says that nobody expects."""

import pytest

from tools.logged import errors, refusals

AT = "2026-12-01 06:50:54.592 UTC [574] "


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("ERROR:  deadlock detected\n", ["deadlock detected"]),
        ("ERROR:  permission denied for table lot\n", ["permission denied for table lot"]),
        ("ERROR:  this request has come before\n", []),
        ("ERROR:  the account has to be read first\n", []),
        ('ERROR:  duplicate key value violates unique constraint "payment_intent_order"\n', []),
        ('ERROR:  duplicate key value violates unique constraint "lot_pkey"\n',
         ['duplicate key value violates unique constraint "lot_pkey"']),
        ("FATAL:  the database system is starting up\n", []),
        ("LOG:  database system is ready to accept connections\n", []),
    ],
)  # fmt: skip
def test_a_database_refuses_what_is_done_otherwise_then_and_nothing_else(line: str, found: list[str]) -> None:
    assert list(refusals([AT + line])) == found


@pytest.mark.parametrize(("level", "found"), [("warning", []), ("error", ["tasks: it broke"])])
def test_a_service_logs_no_errors(level: str, found: list[str]) -> None:
    lines = ["no JSON at all", f'{{"event": "it broke", "level": "{level}", "logger": "tasks"}}']
    assert list(errors(lines)) == found
