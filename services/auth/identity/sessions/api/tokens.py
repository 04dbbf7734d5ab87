"""Signing in, refreshing and signing out."""

from django.http import HttpResponse
from rest_framework.request import Request

from identity.keys.errors import KeyUnreadable
from identity.sessions import operations
from identity.sessions.api.answers import TokensAnswer, tokens_json
from identity.sessions.api.bodies import Credentials, RefreshBody
from identity.sessions.errors import InvalidRefreshToken, RefreshRaced, SignInRefused, TooManyGuesses
from identity.users.http import OpenView, origin_of
from shared import clock
from shared.http.fields import parse
from shared.http.swagger import operation
from shared.http.views import no_content, reply


class Tokens(OpenView):
    """POST /auth/token."""

    @operation(
        "sign_in",
        "Sign in",
        body=Credentials,
        answers={200: TokensAnswer},
        refuses=(SignInRefused, TooManyGuesses, KeyUnreadable),
    )
    def post(self, request: Request) -> HttpResponse:
        """Sign in. Unknown address and wrong password get the same answer; after many wrong ones, 429."""
        body = parse(Credentials, request.data)
        return reply(tokens_json(operations.sign_in(**body, origin=origin_of(request), at=clock.machine_now())))


class Refreshes(OpenView):
    """POST /auth/token/refresh."""

    @operation(
        "refresh_tokens",
        "Get the next pair of tokens",
        body=RefreshBody,
        answers={200: TokensAnswer},
        refuses=(InvalidRefreshToken, RefreshRaced, KeyUnreadable),
    )
    def post(self, request: Request) -> HttpResponse:
        """Spend a refresh token. Sent again at once, it gets a pair of its own; after its successor, it ends all."""
        arrived = clock.machine_now()
        secret = parse(RefreshBody, request.data)["refresh"]
        return reply(tokens_json(operations.refresh(secret=secret, origin=origin_of(request), at=arrived)))


class Revocations(OpenView):
    """POST /auth/token/revoke."""

    @operation("sign_out", "Sign out", body=RefreshBody, answers={204: "the session has ended, or there was none"})
    def post(self, request: Request) -> HttpResponse:
        """End the session of a refresh token. An unknown token gets the same answer (RFC 7009)."""
        secret = parse(RefreshBody, request.data)["refresh"]
        operations.sign_out(secret=secret, origin=origin_of(request), at=clock.machine_now())
        return no_content()
