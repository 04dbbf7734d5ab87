"""Tables partitioned by month: the migration operations that make them."""

from datetime import datetime, timedelta
from typing import Any

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from shared import clock

MONTHS_AHEAD = 3


class CreatePartitionedModel(migrations.CreateModel):
    """Create a model's table partitioned by month of its field `by`, which must be part of its primary key.

    A default partition takes what no month's partition is for, so that no row is ever refused.
    """

    def __init__(self, *arguments: Any, by: str, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.by = by

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        """Create the table and its partitions from last month's on."""
        plain = schema_editor.sql_create_table
        schema_editor.sql_create_table = f"{plain} PARTITION BY RANGE ({self.by})"
        try:
            super().database_forwards(app_label, schema_editor, from_state, to_state)
        finally:
            schema_editor.sql_create_table = plain
        table = self.options["db_table"]
        schema_editor.execute(f"CREATE TABLE {table}_default PARTITION OF {table} DEFAULT")
        schema_editor.execute(months_sql(table), [last_month(clock.now()), MONTHS_AHEAD + 1])


def months_sql(table: str) -> str:
    """Return the statement that makes a table's partitions; its parameters are the first month and how many follow."""
    return (
        f"SELECT make_month_partition('{table}'::regclass, (%s::date + month * interval '1 month')::date)"
        " FROM generate_series(0, %s) AS month"
    )


def last_month(at: datetime) -> str:
    """Return the first day of the month before."""
    return (at.replace(day=1) - timedelta(days=1)).strftime("%Y-%m-01")


MAKE_MONTH_PARTITION = """
-- Runs with its owner's rights, because the service's own role may not create tables; it can do nothing else.
CREATE FUNCTION make_month_partition(parent regclass, month date) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '5s' AS $$
DECLARE
  since timestamptz := date_trunc('month', month)::timestamp AT TIME ZONE 'UTC';
  until timestamptz := (date_trunc('month', month) + interval '1 month')::timestamp AT TIME ZONE 'UTC';
  part text := format('%s_%s', parent, to_char(month, 'YYYY_MM'));
  spare text := format('%s_default', parent);
  key name;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext(part));
  IF to_regclass(part) IS NOT NULL THEN RETURN false; END IF;
  SELECT attname INTO STRICT key FROM pg_partitioned_table AS partitioned
    JOIN pg_attribute ON attrelid = partrelid AND attnum = partattrs[0] WHERE partrelid = parent;
  EXECUTE format('CREATE TABLE %I (LIKE %s INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', part, parent);
  -- What came for this month before it had a partition moves; attaching would refuse otherwise.
  EXECUTE format('WITH moved AS (DELETE FROM %1$I WHERE %2$I >= %3$L AND %2$I < %4$L RETURNING *)
                  INSERT INTO %5$I SELECT * FROM moved', spare, key, since, until, part);
  EXECUTE format('ALTER TABLE %s ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', parent, part, since, until);
  RETURN true;
END $$;
"""
