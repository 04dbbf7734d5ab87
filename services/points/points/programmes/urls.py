"""Paths of the programmes module."""

from django.urls import path

from points.programmes import api

urlpatterns = [
    path("api/v1/programmes", api.Programmes.as_view()),
    path("api/v1/programmes/<id:programme_id>", api.OneProgramme.as_view()),
]
