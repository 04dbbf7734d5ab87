"""Every refusal of the earning module."""

from http import HTTPStatus

from shared.errors import DomainError


class RulesRefused(DomainError):
    """A document says no rules, or a schema no types; `errors` has each fault with its JSON pointer (RFC 6901)."""

    code = "rules.invalid"
    title = "The rules are not valid"
    status = HTTPStatus.BAD_REQUEST


class VersionNotFound(DomainError):
    """The programme has no version of its rules with this number."""

    code = "rules.version_not_found"
    title = "No such version of the rules"
    status = HTTPStatus.NOT_FOUND


class NoDraft(DomainError):
    """Only a draft changes or is activated; `state` is what the version is."""

    code = "rules.no_draft"
    title = "The version is no draft"


class VersionRetired(DomainError):
    """The version has ended, and what has ended stays so."""

    code = "rules.retired"
    title = "The version is retired"


class AnotherScheduled(DomainError):
    """Another version is to start then or later, and two are never active at once; `starts_at` is when the first does.

    Retire that one, or ask for an earlier end or a later start.
    """

    code = "rules.another_scheduled"
    title = "Another version is scheduled"


class SchemaInUse(DomainError):
    """Rules, segments or tiers that are stored would no longer be valid; `errors` names each with its version and rule
    (none, where the fault is of the whole version), or its segment, or the version of the `tiers`, and its JSON
    pointer."""

    code = "rules.schema_in_use"
    title = "Rules ask what the schema would no longer have"


class TooManyDrafts(DomainError):
    """The programme has as many drafts as it may; change one of them, or retire it. `most` is how many."""

    code = "rules.too_many_drafts"
    title = "There are too many drafts"


class NoActiveRules(DomainError):
    """No version of the programme's rules is active at the instant, so it earns by its plain terms."""

    code = "rules.none_active"
    title = "No rules are active then"


class EventInvalid(DomainError):
    """The programme's schema has no such event; `errors` has each fault with its JSON pointer into the event."""

    code = "points.event_invalid"
    title = "The event is none of the programme's schema"
    status = HTTPStatus.BAD_REQUEST
