"""The paths of the module sessions."""

from django.urls import URLPattern, path

from identity.sessions.api import sessions, tokens

urlpatterns: list[URLPattern] = [
    path("token", tokens.Tokens.as_view()),
    path("token/refresh", tokens.Refreshes.as_view()),
    path("token/revoke", tokens.Revocations.as_view()),
    path("sessions", sessions.Sessions.as_view()),
    path("sessions/<id:session_id>", sessions.OneSession.as_view()),
]
