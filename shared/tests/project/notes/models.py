"""One append-only table that operations of the tests write to."""

from django.db import models


class Note(models.Model):
    """A text somebody left."""

    text = models.CharField(max_length=100)

    class Meta:
        db_table = "note"
