"""The paths of the module keys."""

from django.urls import URLPattern, path

from identity.keys.api import keys

urlpatterns: list[URLPattern] = [
    path("jwks.json", keys.SigningKeys.as_view()),
    path("openid-configuration", keys.Discovery.as_view()),
]
