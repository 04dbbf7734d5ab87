"""Settings of the tests' own service, which calls itself points and listens to what points listens to."""

from shared.settings import *  # noqa: F403 - Django's own custom for settings
from shared.settings import INSTALLED_APPS, service_settings

globals().update(service_settings("points", "tests.project", []))
INSTALLED_APPS = [*INSTALLED_APPS, "tests.project.notes"]
ROOT_URLCONF = "tests.project.urls"
MESSAGE_HANDLERS = "tests.project.incoming"
