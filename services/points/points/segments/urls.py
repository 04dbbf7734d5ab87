"""Paths of the segments module."""

from django.urls import path

from points.segments.api import attributes, members, segments

_MEMBER = "api/v1/points/members/<id:member_id>"
_SEGMENTS = "api/v1/programmes/<id:programme_id>/segments"
_ONE = f"{_SEGMENTS}/<str:segment_code>"

urlpatterns = [
    path(f"{_MEMBER}/attributes", attributes.MemberAttributes.as_view()),
    path(f"{_MEMBER}/attributes/versions", attributes.AttributeVersions.as_view()),
    path(f"{_MEMBER}/segments", segments.MembersSegments.as_view()),
    path(_SEGMENTS, segments.Segments.as_view()),
    path(_ONE, segments.OneSegment.as_view()),
    path(f"{_ONE}/members", members.SegmentMembers.as_view()),
    path(f"{_ONE}/count", members.SegmentCounts.as_view()),
]
