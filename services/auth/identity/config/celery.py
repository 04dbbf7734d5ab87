"""The Celery application of the auth service: `celery -A identity.config …`."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "identity.config.settings")

from shared.celery import make_app  # the settings must be named first

app = make_app("identity")
