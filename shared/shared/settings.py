"""Settings that all services share; a service's own module sets what differs and names itself.

A service sets, above its star import, nothing; below it: SERVICE, ROOT_URLCONF, DATABASES, its apps
and SECRET_KEY. Closed by default: authentication and scopes are demanded of every view that does
not say otherwise.
"""

from typing import Any
from urllib.parse import urlsplit

from shared.env import env_bool as env_bool
from shared.env import env_database, env_hosts, env_int, env_origin, env_secret, env_str

DEBUG = False
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
# What only a test installation may have is there where somebody asked for it.
SANDBOX = env_bool("SANDBOX", False)
# What links and published addresses begin with; no request has a say in it (shared.http.edge).
PUBLIC_URL = env_origin("PUBLIC_URL", "http://localhost:8080")
ALLOWED_HOSTS = [
    *env_hosts("ALLOWED_HOSTS", "localhost,127.0.0.1", may_be_any=SANDBOX),
    str(urlsplit(PUBLIC_URL).hostname),
    # Health checks, and what runs beside the service.
    "localhost",
    "127.0.0.1",
]
# What the gateway says to be known by: only then its word for the client's address is taken.
GATEWAY_SECRET = env_secret("GATEWAY_SECRET")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_yasg",
    "shared.tokens",
    "shared.idempotency",
    "shared.messaging",
    "shared.testclock",
]
MIDDLEWARE = [
    "shared.http.middleware.RequestContext",
    "whitenoise.middleware.WhiteNoiseMiddleware",
]
TEMPLATES: list[dict[str, Any]] = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]
# drf-yasg's assets are served straight from the package: nothing to collect, nothing to write.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False

# Larger than any single resource allows; each view has its own, smaller bound.
DATA_UPLOAD_MAX_MEMORY_SIZE = 8 * 1024 * 1024
MAX_BODY_BYTES = 64 * 1024

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["shared.tokens.authentication.BearerToken"],
    "DEFAULT_PERMISSION_CLASSES": ["shared.tokens.authentication.HasScope"],
    "DEFAULT_PARSER_CLASSES": ["shared.http.parsers.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "EXCEPTION_HANDLER": "shared.http.problems.answer_problem",
    "UNAUTHENTICATED_USER": None,
    "COMPACT_JSON": True,
}
SWAGGER_USE_COMPAT_RENDERERS = False
SWAGGER_SETTINGS = {
    "USE_SESSION_AUTH": False,
    "SECURITY_DEFINITIONS": {
        "Bearer": {"type": "apiKey", "in": "header", "name": "Authorization", "description": "Bearer <access token>"},
    },
    "DEFAULT_AUTO_SCHEMA_CLASS": "shared.http.swagger.ServiceSchema",
}

JWT_ISSUER = env_str("JWT_ISSUER", "loyalty-auth")
JWT_AUDIENCE = env_str("JWT_AUDIENCE", "loyalty")
JWT_LEEWAY_SECONDS = 10
JWKS_URL = env_str("JWKS_URL", "")
# Dotted name of the function that returns kid → public key; auth reads its own table instead.
JWKS_LOADER = "shared.tokens.keys.stored_keys"

IDEMPOTENCY_LEASE_SECONDS = 30
MESSAGE_HANDLERS = ""
MESSAGE_MAX_FAILURES = env_int("MESSAGE_MAX_FAILURES", 12)
# Consumers remember for 30 days what they acted on: nothing older than half of that is ever sent again.
MESSAGE_KEPT_DAYS = env_int("MESSAGE_KEPT_DAYS", 7, at_least=1, at_most=14)
# Longer than any transaction: what is younger is not compared with the consumers yet.
MESSAGE_SETTLED_AFTER_SECONDS = env_int("MESSAGE_SETTLED_AFTER_SECONDS", 120, at_least=1, at_most=3600)
LOGGING_CONFIG = "shared.logs.configure"
LOG_LEVEL = env_str("LOG_LEVEL", "INFO")
LOGGING: dict[str, Any] = {"level": LOG_LEVEL}


def service_settings(service: str, package: str, modules: list[str]) -> dict[str, Any]:
    """Return the settings that follow from a service's name; its module puts them into its globals.

    Reads `<SERVICE>_DATABASE_URL`, `<SERVICE>_SECRET_KEY` and `<SERVICE>_BROKER_URL`.
    """
    prefix = service.upper()
    return {
        "SERVICE": service,
        "PACKAGE": package,
        # By the name of its container the others fetch keys and metrics.
        "ALLOWED_HOSTS": [*ALLOWED_HOSTS, f"{service}-web"],
        "SECRET_KEY": env_secret(f"{prefix}_SECRET_KEY"),
        "DATABASES": {"default": env_database(f"{prefix}_DATABASE_URL")},
        "BROKER_URL": env_secret(f"{prefix}_BROKER_URL"),
        "ROOT_URLCONF": f"{package}.config.urls",
        "WSGI_APPLICATION": f"{package}.config.wsgi.application",
        "STATIC_URL": f"/api/v1/{service}/static/",
        "MESSAGE_HANDLERS": f"{package}.messages.incoming",
        "INSTALLED_APPS": [*INSTALLED_APPS, *(f"{package}.{module}" for module in modules)],
    }
