"""The WSGI application of the points service."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "points.config.settings")

application = get_wsgi_application()
