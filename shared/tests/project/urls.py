"""The paths of the tests' own service."""

from django.urls import path

from shared.http.urls import service_urls
from tests.project import views

handler400 = "shared.http.problems.bad_request"
handler404 = "shared.http.problems.not_found"
handler500 = "shared.http.problems.internal_error"

urlpatterns = [
    *service_urls(),
    path("notes", views.NotesView.as_view()),
    path("optimistic", views.OptimisticNotesView.as_view()),
    path("phased", views.PhasedNotesView.as_view()),
    path("public", views.PublicView.as_view()),
    path("forgotten", views.ForgottenView.as_view()),
    path("page", views.PageView.as_view()),
]
