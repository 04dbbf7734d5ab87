"""Where one is signed in."""

from uuid import UUID

from django.http import HttpResponse
from rest_framework.request import Request

from identity.sessions import operations, queries
from identity.sessions.api.answers import SessionsPage, session_json
from identity.users.http import OwnView, origin_of
from shared import clock
from shared.errors import NotFound
from shared.http.fields import PageQuery, parse
from shared.http.pages import page_reply
from shared.http.swagger import operation
from shared.http.views import caller_of, no_content


class Sessions(OwnView):
    """GET and DELETE /auth/sessions."""

    @operation("list_sessions", "My sessions", query=PageQuery, answers={200: SessionsPage})
    def get(self, request: Request) -> HttpResponse:
        """List where I am signed in, newest first."""
        parse(PageQuery, request.query_params.dict())
        return page_reply(request, queries.open_sessions(caller_of(request).id, at=clock.machine_now()), session_json)

    @operation("end_all_sessions", "Sign out everywhere", answers={204: "all sessions have ended"}, refuses=(NotFound,))
    def delete(self, request: Request) -> HttpResponse:
        """End all my sessions; my access tokens are refused as well."""
        operations.end_all_sessions(user_id=caller_of(request).id, origin=origin_of(request), at=clock.machine_now())
        return no_content()


class OneSession(OwnView):
    """DELETE /auth/sessions/{id}."""

    @operation("end_session", "End one of my sessions", answers={204: "the session has ended"}, refuses=(NotFound,))
    def delete(self, request: Request, session_id: UUID) -> HttpResponse:
        """End a session; its access token is good for its last minutes."""
        operations.end_session(
            user_id=caller_of(request).id, session_id=session_id, origin=origin_of(request), at=clock.machine_now()
        )
        return no_content()
