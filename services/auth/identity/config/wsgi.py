"""The WSGI application of the auth service."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "identity.config.settings")

application = get_wsgi_application()
