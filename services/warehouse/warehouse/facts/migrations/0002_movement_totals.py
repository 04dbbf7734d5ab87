from django.db import migrations, models

# What a fact adds to the totals, said once for each table: its ledger, and its time, unit, about and amount.
LEDGERS = {
    "fact_points_entry": ("points", "posted_at", "''", "programme_key", "change"),
    "fact_payment_event": ("payments", "event_at", "currency", "merchant_key", "amount"),
    "fact_wallet_entry": ("wallets", "posted_at", "currency", "0", "amount"),
}
EVENTS = (("INSERT", "NEW", 1), ("UPDATE", "NEW", 1), ("UPDATE", "OLD", -1), ("DELETE", "OLD", -1))
KEEP = """
-- Whoever changes facts, their totals follow in the same statement. Rows in the order of the key, so that two packs
-- wait for each other and never in a ring.
CREATE FUNCTION keep_movement_totals() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format(
    'INSERT INTO movement_total AS total (ledger, slot, unit, about, kind, part, count, amount)
     SELECT %L, date_bin(''15 minutes'', %I, timestamptz ''2000-01-01 00:00Z''), %s, %s, kind, pg_backend_pid() %% 4,
            %s * count(*), %s * sum(%I)
     FROM changed GROUP BY 2, 3, 4, 5 ORDER BY 2, 3, 4, 5
     ON CONFLICT (ledger, slot, unit, about, kind, part) DO UPDATE
     SET count = total.count + excluded.count, amount = total.amount + excluded.amount',
    TG_ARGV[0], TG_ARGV[1], TG_ARGV[2], TG_ARGV[3], TG_ARGV[5], TG_ARGV[5], TG_ARGV[4]);
  RETURN NULL;
END $$;
"""


def _trigger(table: str, event: str, rows: str, sign: int) -> str:
    arguments = ", ".join("'" + value.replace("'", "''") + "'" for value in (*LEDGERS[table], str(sign)))
    return (
        f"CREATE TRIGGER {table}_totals_{event}_{rows} AFTER {event} ON {table} REFERENCING {rows} TABLE AS changed"
        f" FOR EACH STATEMENT EXECUTE FUNCTION keep_movement_totals({arguments});"
    )


def _first(table: str) -> str:
    ledger, at, unit, about, amount = LEDGERS[table]
    return (
        "INSERT INTO movement_total (ledger, slot, unit, about, kind, part, count, amount)"
        f" SELECT '{ledger}', date_bin('15 minutes', {at}, timestamptz '2000-01-01 00:00Z'), {unit}, {about}, kind, 0,"
        f" count(*), sum({amount}) FROM {table} GROUP BY 2, 3, 4, 5;"
    )


class Migration(migrations.Migration):
    """Totals of facts by quarters of an hour; and an index by which the youngest facts are found, however many came
    since a BRIN index was last summarised."""

    dependencies = [("facts", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="MovementTotal",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "ledger", "slot", "unit", "about", "kind", "part",
                        blank=True, editable=False, primary_key=True, serialize=False,
                    ),
                ),
                ("ledger", models.TextField()),
                ("slot", models.DateTimeField()),
                ("unit", models.TextField()),
                ("about", models.BigIntegerField()),
                ("kind", models.TextField()),
                ("part", models.SmallIntegerField()),
                ("count", models.BigIntegerField()),
                ("amount", models.BigIntegerField()),
            ],
            options={"db_table": "movement_total"},
        ),
        *(
            operation
            for model, name, at in (
                ("factpointsentry", "fact_points_time", "posted_at"),
                ("factpaymentevent", "fact_payment_time", "event_at"),
                ("factwalletentry", "fact_wallet_time", "posted_at"),
            )
            for operation in (
                migrations.RemoveIndex(model_name=model, name=name),
                migrations.AddIndex(model_name=model, index=models.Index(fields=[at], name=f"{name.replace('time', 'at')}")),
            )
        ),
        migrations.RunSQL(
            "".join(_first(table) for table in LEDGERS)
            + KEEP
            + "".join(_trigger(table, *event) for table in LEDGERS for event in EVENTS),
            "".join(
                f"DROP TRIGGER {table}_totals_{event}_{rows} ON {table};"
                for table in LEDGERS
                for event, rows, _ in EVENTS
            )
            + "DROP FUNCTION keep_movement_totals();",
        ),
    ]  # fmt: skip
