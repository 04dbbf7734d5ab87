"""Periodic tasks do not pile up while nobody takes them."""

from shared import celery


def test_a_periodic_task_expires_when_the_next_one_was_sent(monkeypatch):
    monkeypatch.setattr(celery.settings, "SCHEDULE", {"own": {"task": "own.job", "schedule": 600.0}}, raising=False)

    schedule = celery.jobs("points")["beat_schedule"]

    assert {entry["task"]: entry["options"]["expires"] for entry in schedule.values()} == {
        "testclock.answer": 60.0,
        "housekeeping.purge": 3600.0,
        "messages.compare": 3600.0,
        "own.job": 600.0,
    }
    assert schedule["compare-messages"]["options"]["expires"] == 300.0


def test_the_test_clock_is_answered_in_a_sandbox_only(monkeypatch):
    monkeypatch.setattr(celery.settings, "SANDBOX", False)

    assert "answer-clock" not in celery.jobs("points")["beat_schedule"]


def test_what_comes_every_few_seconds_outlives_a_difference_of_clocks(monkeypatch):
    monkeypatch.setattr(celery.settings, "SCHEDULE", {"own": {"task": "own.job", "schedule": 2.0}}, raising=False)

    assert celery.jobs("points")["beat_schedule"]["own"]["options"] == {"expires": 60.0}
