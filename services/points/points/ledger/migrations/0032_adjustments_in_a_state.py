import django.db.models.deletion
from django.db import migrations, models

# Whoever writes the two tables, also an older version, writes this one.
FOLLOW = """
SET LOCAL lock_timeout = '3s';
CREATE FUNCTION adjustment_is_asked_for() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO adjustment_state (request_id, state, requested_at) VALUES (NEW.id, 'pending', NEW.requested_at);
  RETURN NULL;
END $$;
CREATE FUNCTION adjustment_is_decided() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE adjustment_state SET state = NEW.state WHERE request_id = NEW.request_id;
  RETURN NULL;
END $$;
CREATE TRIGGER adjustment_waits AFTER INSERT ON adjustment_request
  FOR EACH ROW EXECUTE FUNCTION adjustment_is_asked_for();
CREATE TRIGGER adjustment_waits_no_more AFTER INSERT ON adjustment_decision
  FOR EACH ROW EXECUTE FUNCTION adjustment_is_decided();
INSERT INTO adjustment_state (request_id, state, requested_at)
SELECT r.id, coalesce(d.state, 'pending'), r.requested_at
FROM adjustment_request r LEFT JOIN adjustment_decision d ON d.request_id = r.id;
"""
BACK = """
DROP TRIGGER adjustment_waits ON adjustment_request;
DROP TRIGGER adjustment_waits_no_more ON adjustment_decision;
DROP FUNCTION adjustment_is_asked_for();
DROP FUNCTION adjustment_is_decided();
"""


class Migration(migrations.Migration):
    """How each adjustment stands: which wait was known only by looking at all of them and at all decisions."""

    dependencies = [("ledger", "0031_lot_ends")]

    operations = [
        migrations.CreateModel(
            name="AdjustmentState",
            fields=[
                (
                    "request",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        serialize=False,
                        to="ledger.adjustmentrequest",
                    ),
                ),
                ("state", models.CharField(max_length=8)),
                ("requested_at", models.DateTimeField()),
            ],
            options={
                "db_table": "adjustment_state",
                "indexes": [
                    models.Index(fields=["state", "requested_at", "request"], name="adjustment_in_state"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["pending", "approved", "rejected"])),
                        name="adjustment_state_is_one",
                    ),
                ],
            },
        ),
        migrations.RunSQL(FOLLOW, BACK),
    ]
