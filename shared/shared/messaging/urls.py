"""The paths of a service's messages."""

from django.urls import URLPattern, path

from shared.messaging.api.messages import MessageFlows, Messages, Resendings, Skips


def message_urls(base: str) -> list[URLPattern]:
    """Return the paths of a service's messages."""
    return [
        path(f"{base}/messages", Messages.as_view()),
        path(f"{base}/messages/flows", MessageFlows.as_view()),
        path(f"{base}/messages/resendings", Resendings.as_view()),
        path(f"{base}/messages/<id:message_id>/skip", Skips.as_view()),
    ]
