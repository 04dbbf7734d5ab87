"""The WSGI application of the warehouse service."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "warehouse.config.settings")

application = get_wsgi_application()
