"""The Celery application of a service's beat and Flower: `celery -A shared.bare …`."""

from django.conf import settings

from shared.celery import make_bare_app
from shared.logs import configure

# Django's own set-up, which would do it, loads every model.
configure(settings.LOGGING)
app = make_bare_app()
