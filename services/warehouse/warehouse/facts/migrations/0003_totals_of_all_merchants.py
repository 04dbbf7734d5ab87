from django.db import migrations, models

# As in 0002, but each payment counts twice: for its merchant, and for all of them together, as about = 0.
_ARGUMENTS = "'payments', 'event_at', 'currency', '{about}', 'amount', '{sign}'"
_EVENTS = (("INSERT", "NEW", 1), ("UPDATE", "NEW", 1), ("UPDATE", "OLD", -1), ("DELETE", "OLD", -1))
_ONE, _AND_ALL = "merchant_key", "unnest(ARRAY[merchant_key, 0])"
_KEY = ("ledger", "about", "slot", "unit", "kind", "part")
_KEY_BEFORE = ("ledger", "slot", "unit", "about", "kind", "part")
ADD_UP = """
INSERT INTO movement_total (ledger, slot, unit, about, kind, part, count, amount)
SELECT ledger, slot, unit, 0, kind, 0, sum(count), sum(amount) FROM movement_total WHERE ledger = 'payments'
GROUP BY ledger, slot, unit, kind;
"""
FORGET = "DELETE FROM movement_total WHERE ledger = 'payments' AND about = 0;"


def _triggers(about: str) -> str:
    """Make the triggers again. Dropping them keeps payments away until the migration commits."""
    name = "fact_payment_event_totals_{event}_{rows}"
    drop = f"DROP TRIGGER {name} ON fact_payment_event;"
    create = (
        f"CREATE TRIGGER {name} AFTER {{event}} ON fact_payment_event REFERENCING {{rows}} TABLE AS changed"
        f" FOR EACH STATEMENT EXECUTE FUNCTION keep_movement_totals({_ARGUMENTS});"
    )
    named = [{"event": event, "rows": rows, "sign": sign, "about": about} for event, rows, sign in _EVENTS]
    return "".join(text.format(**one) for one in named for text in (drop, create))


def _key(columns: tuple[str, ...]) -> str:
    primary_key = f"PRIMARY KEY ({', '.join(columns)})"
    return f"ALTER TABLE movement_total DROP CONSTRAINT movement_total_pkey, ADD {primary_key};"


class Migration(migrations.Migration):
    """Totals of all merchants together, and a key by which one merchant's, one programme's or these are found by time:
    a report costs the same however many merchants there are."""

    dependencies = [("facts", "0002_movement_totals")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    _triggers(_AND_ALL) + _key(_KEY) + ADD_UP,
                    _triggers(_ONE) + FORGET + _key(_KEY_BEFORE),
                ),
            ],
            state_operations=[
                migrations.AlterField(
                    model_name="movementtotal",
                    name="pk",
                    field=models.CompositePrimaryKey(
                        *_KEY, blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
            ],
        ),
    ]
