"""The Celery application of the tests' own service."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.project.settings")

from shared.celery import make_app  # the settings must be named first

app = make_app("tests.project")
