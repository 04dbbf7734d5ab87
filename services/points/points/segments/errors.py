"""Every refusal of the segments module."""

from http import HTTPStatus

from shared.errors import DomainError


class AttributesRefused(DomainError):
    """Attributes are unknown or not of their types; `errors` has each fault with its JSON pointer (RFC 6901)."""

    code = "attributes.invalid"
    title = "The attributes are not valid"
    status = HTTPStatus.BAD_REQUEST


class SegmentRefused(DomainError):
    """The condition of a segment is none; `errors` has each fault with its JSON pointer (RFC 6901)."""

    code = "segments.invalid"
    title = "The condition is not valid"
    status = HTTPStatus.BAD_REQUEST


class SegmentNotFound(DomainError):
    """The programme has no segment with this code."""

    code = "segments.not_found"
    title = "No such segment"
    status = HTTPStatus.NOT_FOUND


class SegmentExists(DomainError):
    """The programme has a segment with this code already."""

    code = "segments.exists"
    title = "There is such a segment"


class TooManySegments(DomainError):
    """The programme has as many segments as it may; `most` is how many."""

    code = "segments.too_many"
    title = "There are too many segments"


class SegmentKindFixed(DomainError):
    """A segment of a list has no condition, and one of a condition no list; neither becomes the other."""

    code = "segments.kind_fixed"
    title = "The segment is of the other kind"


class SegmentInUse(DomainError):
    """Rules that are not retired ask for the segment, or cannot be read, and may; `errors` names each with its version
    and rule."""

    code = "segments.in_use"
    title = "Rules ask for the segment"
