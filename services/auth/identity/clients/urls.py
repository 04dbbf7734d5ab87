"""The paths of the module clients."""

from django.urls import URLPattern, path

from identity.clients.api import clients, tokens

urlpatterns: list[URLPattern] = [
    path("oauth/token", tokens.ClientTokens.as_view()),
    path("clients", clients.Clients.as_view()),
    path("clients/<id:client_id>/secrets", clients.Secrets.as_view()),
    path("clients/<id:client_id>/secrets/<id:secret_id>", clients.OneSecret.as_view()),
    path("clients/<id:client_id>/deactivate", clients.Deactivations.as_view()),
]
