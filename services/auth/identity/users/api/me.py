"""Registering, and what is one's own: profile and password."""

from uuid import UUID

import jwt
from django.http import HttpResponse
from rest_framework.request import Request

from identity.sessions.errors import TooManyGuesses
from identity.users import operations, queries
from identity.users.api.answers import UserAnswer, user_json
from identity.users.api.bodies import PasswordChange, ProfileChange, Registration
from identity.users.errors import EmailTaken, WeakPassword, WrongPassword
from identity.users.http import OpenView, OwnView, origin_of
from shared import clock
from shared.errors import NotFound
from shared.http.fields import parse
from shared.http.swagger import operation
from shared.http.views import caller_of, no_content, reply


class Registrations(OpenView):
    """POST /auth/register."""

    @operation(
        "register",
        "Make an account",
        body=Registration,
        answers={201: UserAnswer},
        refuses=(WeakPassword, EmailTaken, TooManyGuesses),
    )
    def post(self, request: Request) -> HttpResponse:
        """Make an account with the role member. An address that has an account already: 409 `users.email_taken`."""
        body = parse(Registration, request.data)
        user = operations.register(**body, origin=origin_of(request), at=clock.now(), machine_at=clock.machine_now())
        return reply(user_json(user), 201)


class Me(OwnView):
    """GET and PATCH /auth/me."""

    @operation("get_profile", "My profile", answers={200: UserAnswer}, refuses=(NotFound,))
    def get(self, request: Request) -> HttpResponse:
        """Show who the token stands for; 404 for a service client's, which is nobody's profile."""
        return reply(user_json(queries.user_by_id(caller_of(request).id)))

    @operation(
        "update_profile", "Change my profile", body=ProfileChange, answers={200: UserAnswer}, refuses=(NotFound,)
    )
    def patch(self, request: Request) -> HttpResponse:
        """Change my name."""
        body = parse(ProfileChange, request.data)
        return reply(user_json(operations.rename(user_id=caller_of(request).id, name=body["name"])))


class PasswordChanges(OwnView):
    """POST /auth/password/change."""

    @operation(
        "change_password",
        "Change my password",
        body=PasswordChange,
        answers={204: "changed; refresh to get a new access token"},
        refuses=(NotFound, WeakPassword, WrongPassword, TooManyGuesses),
    )
    def post(self, request: Request) -> HttpResponse:
        """Change my password. My other sessions end, and all access tokens are refused; refresh to get a new one."""
        body = parse(PasswordChange, request.data)
        operations.change_password(
            user_id=caller_of(request).id,
            current=body["current_password"],
            new=body["new_password"],
            token_id=_token_id(request),
            origin=origin_of(request),
            machine_at=clock.machine_now(),
        )
        return no_content()


def _token_id(request: Request) -> UUID:
    # The signature was checked when the caller was told from this token.
    claims = jwt.decode(str(request.auth), options={"verify_signature": False})
    return UUID(claims["jti"])
