"""The Celery application of the payments service: `celery -A payments.config …`."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "payments.config.settings")

from shared.celery import make_app  # the settings must be named first

app = make_app("payments")
