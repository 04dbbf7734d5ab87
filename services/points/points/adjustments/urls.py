"""Paths of adjustments, and of the earnings that may have to wait as they do."""

from django.urls import path

from points.adjustments.api import adjustments, earnings

_POINTS = "api/v1/points"

urlpatterns = [
    path(f"{_POINTS}/earnings", earnings.Earnings.as_view()),
    path(f"{_POINTS}/adjustments", adjustments.Adjustments.as_view()),
    path(f"{_POINTS}/adjustments/<id:request_id>", adjustments.OneAdjustment.as_view()),
    path(f"{_POINTS}/adjustments/<id:request_id>/approve", adjustments.Approvals.as_view()),
    path(f"{_POINTS}/adjustments/<id:request_id>/reject", adjustments.Rejections.as_view()),
]
