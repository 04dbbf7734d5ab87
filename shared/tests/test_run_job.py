"""A periodic job runs by its name, without a broker or a worker, and says what it cost."""

import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command

from shared import clock
from shared.ids import new_id
from shared.messaging.management.commands import run_job
from shared.messaging.models import InboxMessage


@pytest.fixture
def old_message(db: None) -> InboxMessage:
    at = clock.machine_now() - timedelta(days=31)
    return InboxMessage.objects.create(message_id=new_id(), producer="auth", name="user_registered", received_at=at)


def test_a_job_runs_as_often_as_it_is_asked_to(old_message: InboxMessage, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("run_job", "purge", "--times", "2")

    first, second = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert (first["job"], first["result"]["inbox"], second["result"]["inbox"]) == ("purge", 1, 0)
    assert first["seconds"] > 0
    assert isinstance(first["pages"], int)
    assert InboxMessage.objects.count() == 0


def test_an_unknown_job_is_refused_and_nothing_runs(old_message: InboxMessage) -> None:
    with pytest.raises(CommandError, match="there is no periodic job 'polish'; there are: answer-clock, compare-all"):
        call_command("run_job", "purge", "polish")

    assert InboxMessage.objects.get() == old_message


def test_without_a_name_the_jobs_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("run_job")

    assert capsys.readouterr().out.splitlines() == [
        "answer-clock",
        "compare-all-messages",
        "compare-messages",
        "purge",
    ]


def test_a_process_of_its_own_looks_for_garbage_as_rarely_as_a_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    settled: list[str] = []
    monkeypatch.setattr(run_job, "collect_rarely", lambda: settled.append("settled"))
    call_command("run_job")
    assert settled == []

    run_job.Command().run_from_argv(["manage.py", "run_job"])
    assert settled == ["settled"]
