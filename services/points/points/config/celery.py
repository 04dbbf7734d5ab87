"""The Celery application of the points service: `celery -A points.config …`."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "points.config.settings")

from shared.celery import make_app  # the settings must be named first

app = make_app("points")
