"""The Celery application of the warehouse service: `celery -A warehouse.config …`."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "warehouse.config.settings")

from shared.celery import make_app  # the settings must be named first

app = make_app("warehouse")
