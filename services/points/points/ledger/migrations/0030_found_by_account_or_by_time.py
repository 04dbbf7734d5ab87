from django.db import migrations, models
from django.db.models import Q

_NEW = {
    "hold_over": (
        "hold",
        ["expires_at"],
        Q(("captured", 0), ("state", "held")),
        "WHERE state = 'held' AND captured = 0",
    ),
    "hold_by_account": ("hold", ["account", "expires_at"], None, ""),
    "pending_over": (
        "pendingpoints",
        ["due_at"],
        Q(("activated", 0), ("state", "pending")),
        "WHERE state = 'pending' AND activated = 0",
    ),
}
_TABLES = {"pendingpoints": "pending_points"}


def _made(name: str) -> migrations.RunSQL:
    model, fields, condition, where = _NEW[name]
    columns = ", ".join({"account": "account_id"}.get(field, field) for field in fields)
    return migrations.RunSQL(
        f"CREATE INDEX CONCURRENTLY {name} ON {_TABLES.get(model, model)} ({columns}) {where};",
        f"DROP INDEX CONCURRENTLY IF EXISTS {name};",
        state_operations=[migrations.AddIndex(model, models.Index(fields=fields, condition=condition, name=name))],
    )


def _gone(name: str, model: str, definition: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        f"DROP INDEX CONCURRENTLY IF EXISTS {name};",
        f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {name} ON {definition};",
        state_operations=[migrations.RemoveIndex(model, name)],
    )


class Migration(migrations.Migration):
    """What is over is found by one index, what is an account's by another, and none serves for both: the planner, told
    little of a table, took the one of all that is due to find one account's. Holds that were closed are found too.

    Made while the ledger is written to; one that failed half-way is made anew.
    """

    atomic = False
    dependencies = [("ledger", "0029_day_total")]

    operations = [
        *(migrations.RunSQL(f"DROP INDEX CONCURRENTLY IF EXISTS {name};", migrations.RunSQL.noop) for name in _NEW),
        *(_made(name) for name in _NEW),
        _gone("hold_due", "hold", "hold (expires_at) WHERE state = 'held'"),
        _gone("hold_of_account", "hold", "hold (account_id, expires_at) WHERE state = 'held'"),
        _gone("pending_due", "pendingpoints", "pending_points (due_at) WHERE state = 'pending'"),
    ]
