"""A task of the tests' own service, which is a job's."""

from celery import shared_task

from tests.project.notes.models import Note


@shared_task(name="notes.write")
def write(text: str) -> None:
    Note.objects.create(text=text)
