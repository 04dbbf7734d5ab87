from django.db import migrations, models

_INDEXES = {"audit_by_subject": "subject_id", "audit_by_actor": "actor_id", "audit_by_event": "event"}


class Migration(migrations.Migration):
    """The audit of one subject, actor or event in the order in which it is listed, ties of an instant too."""

    dependencies = [("users", "0002_append_only_audit_and_name_search")]

    operations = [
        operation
        for name, column in _INDEXES.items()
        for operation in (
            migrations.RemoveIndex(model_name="auditentry", name=name),
            migrations.AddIndex(
                model_name="auditentry", index=models.Index(fields=[column, "created_at", "id"], name=name)
            ),
        )
    ]
