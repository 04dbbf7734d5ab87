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
        schema_editor.execute(months_sql(table), [last_month(clock.machine_now()), MONTHS_AHEAD + 1])


def months_sql(table: str) -> str:
    """Return the statement that makes a table's partitions; its parameters are the first month and how many follow."""
    return (
        f"SELECT make_month_partition('{table}'::regclass, (%s::date + month * interval '1 month')::date)"
        " FROM generate_series(0, %s) AS month"
    )


def last_month(at: datetime) -> str:
    """Return the first day of the month before."""
    return (at.replace(day=1) - timedelta(days=1)).strftime("%Y-%m-01")
