"""The paths of the module sessions."""

from django.urls import URLPattern, path

from identity.sessions import api

urlpatterns: list[URLPattern] = [
    path("token", api.TokenView.as_view()),
    path("token/refresh", api.RefreshView.as_view()),
    path("token/revoke", api.RevokeView.as_view()),
    path("sessions", api.SessionsView.as_view()),
    path("sessions/<id:session_id>", api.SessionView.as_view()),
]
