"""Paths of the programmes module."""

from django.urls import path

from points.programmes.api.programmes import OneProgramme, Programmes

urlpatterns = [
    path("api/v1/programmes", Programmes.as_view()),
    path("api/v1/programmes/<id:programme_id>", OneProgramme.as_view()),
]
