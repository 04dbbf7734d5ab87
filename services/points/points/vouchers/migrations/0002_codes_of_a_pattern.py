from django.db import migrations, models

# Whoever writes jobs, also an older version, counts here. What a job that ended early did not make is no longer asked for.
COUNT = """
SET LOCAL lock_timeout = '3s';
CREATE FUNCTION count_codes_of_pattern() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO voucher_code_pattern (pattern, codes) VALUES (NEW.pattern, NEW.count)
    ON CONFLICT (pattern) DO UPDATE SET codes = voucher_code_pattern.codes + excluded.codes;
  ELSIF NEW.state IN ('cancelled', 'failed') AND OLD.state NOT IN ('cancelled', 'failed') THEN
    UPDATE voucher_code_pattern SET codes = codes - (NEW.count - NEW.done) WHERE pattern = NEW.pattern;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER voucher_code_job_counts AFTER INSERT OR UPDATE OF state ON voucher_code_job
  FOR EACH ROW EXECUTE FUNCTION count_codes_of_pattern();
INSERT INTO voucher_code_pattern (pattern, codes)
SELECT pattern, sum(CASE WHEN state IN ('cancelled', 'failed') THEN done ELSE count END) FROM voucher_code_job
GROUP BY pattern;
"""
BACK = """
DROP TRIGGER voucher_code_job_counts ON voucher_code_job;
DROP FUNCTION count_codes_of_pattern();
"""


class Migration(migrations.Migration):
    """How many codes of a pattern were asked for: all jobs were added up with each new one. And campaigns by status.

    Both tables are small, and written to by operators only.
    """

    dependencies = [("vouchers", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="CodePattern",
            fields=[
                ("pattern", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("codes", models.BigIntegerField()),
            ],
            options={
                "db_table": "voucher_code_pattern",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("codes__gte", 0)), name="voucher_code_pattern_codes"
                    ),
                ],
            },
        ),
        migrations.RunSQL(COUNT, BACK),
        migrations.AddIndex(
            "vouchercampaign",
            models.Index(fields=["status", "created_at", "id"], name="voucher_campaign_in_status"),
        ),
    ]
