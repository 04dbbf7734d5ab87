"""The paths of the module keys."""

from django.urls import URLPattern, path

from identity.keys import api

urlpatterns: list[URLPattern] = [
    path("jwks.json", api.JwksView.as_view()),
    path("openid-configuration", api.DiscoveryView.as_view()),
]
