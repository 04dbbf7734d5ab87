"""The paths of the module clients."""

from django.urls import URLPattern, path

from identity.clients import api

urlpatterns: list[URLPattern] = [
    path("oauth/token", api.OAuthTokenView.as_view()),
    path("clients", api.ClientsView.as_view()),
    path("clients/<id:client_id>/secrets", api.ClientSecretsView.as_view()),
    path("clients/<id:client_id>/secrets/<id:secret_id>", api.ClientSecretView.as_view()),
    path("clients/<id:client_id>/deactivate", api.ClientDeactivateView.as_view()),
]
