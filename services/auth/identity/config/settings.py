"""Settings of the auth service: only what differs from shared/settings.py."""

from shared.env import env_secret
from shared.settings import *
from shared.settings import INSTALLED_APPS, service_settings

MODULES = ["users", "sessions", "keys", "clients"]
globals().update(service_settings("auth", "identity", MODULES))
# simplejwt's classes import the models of these two; their tables are not used.
INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth", *INSTALLED_APPS]

AUTH_USER_MODEL = "users.User"
PASSWORD_HASHERS = ["identity.users.passwords.OwaspArgon2"]
SHORTEST_PASSWORD = 12
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "name")},
    },
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": SHORTEST_PASSWORD},
    },
    # Against the 20,000 most common that were ever found in leaks, which come with Django.
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "identity.users.passwords.Guessable"},
]
# The claim that tells an access token from any other.
SIMPLE_JWT = {"TOKEN_TYPE_CLAIM": "token_use", "ALGORITHM": "RS256", "SIGNING_KEY": ""}
# Auth reads its own table instead of fetching its own address.
JWKS_LOADER = "identity.keys.queries.verification_keys"
AUTH_KEY_ENCRYPTION_KEY = env_secret("AUTH_KEY_ENCRYPTION_KEY")

SCHEDULE = {
    "purge-sessions": {"task": "sessions.purge", "schedule": 3600.0},
    "purge-keys": {"task": "keys.purge", "schedule": 3600.0},
}
