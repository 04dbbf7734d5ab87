"""`python -m bench.anonymous [sign-in jwks …]`: what a request without a token costs the processors, the dearest first.

Milliseconds of processor time of the whole stack for each request: of the running stack of `$STACK_STATE`, or of one of
its own under .run/bench, whose limits are out of the way. docs/operations.md lists what bounds each.
"""

import os
import sys
from collections.abc import Sequence
from uuid import uuid4

from bench.budget import spent_on
from bench.requests import ID, Request
from bench.stage import API, PASSWORD, stack
from tools.demo.caller import Caller
from tools.target import Native

FORGED = "eyJhbGciOiJSUzI1NiIsImtpZCI6Im5vbmUiLCJ0eXAiOiJKV1QifQ.eyJzdWIiOiJ4In0." + "A" * 342
EMAIL = f"{ID}@example.com"
REQUESTS: dict[str, Request] = {
    "sign-in, unknown address": Request("POST", f"{API}/auth/token", {"email": EMAIL, "password": PASSWORD}),
    "register": Request("POST", f"{API}/auth/register", {"email": EMAIL, "password": PASSWORD}),
    "refresh, unknown token": Request("POST", f"{API}/auth/token/refresh", {"refresh": ID * 2 + "A" * 11}),
    "token of a client, unknown": Request("POST", f"{API}/auth/oauth/token", {"grant_type": "client_credentials"}),
    "keys": Request("GET", "/.well-known/jwks.json"),
    "discovery": Request("GET", "/.well-known/openid-configuration"),
    "schema": Request("GET", f"{API}/points/swagger.json"),
    "Swagger's page": Request("GET", f"{API}/points/docs/"),
    "Swagger's script": Request("GET", "/docs/swagger-ui/swagger-ui-bundle.js"),
    "no token": Request("GET", f"{API}/points/balance"),
    "forged token": Request("GET", f"{API}/points/balance", token=FORGED),
    "readiness": Request("GET", "/health/points"),
    "unknown path of a service": Request("GET", f"{API}/points/{ID}"),
    "unknown path": Request("GET", f"/{ID}"),
    "portal": Request("GET", "/"),
}


RIGHT = "sign-in, right password"


def main(names: Sequence[str]) -> None:
    seconds = float(os.environ.get("BENCH_SECONDS", "5"))
    with stack() as target:
        requests = {RIGHT: _sign_in(target), **REQUESTS}
        found = {name: _cost(target, requests[name], seconds) for name in names or requests}
    print(f"{'a request without a token':28}{'ms':>8}  of which")
    for name, parts in sorted(found.items(), key=lambda item: -sum(item[1].values())):
        dearest = sorted(((ms, part) for part, ms in parts.items()), reverse=True)[:3]
        print(f"{name:28}{sum(parts.values()):>8.2f}  {', '.join(f'{part} {ms:.2f}' for ms, part in dearest)}")


def _cost(target: Native, request: Request, seconds: float) -> dict[str, float]:
    """Return what those spent who answer; workers and others go on with what they do anyway."""
    spent = spent_on(target, [request], seconds)
    return {part: ms for part, ms in spent.items() if part.endswith("-web") or part.startswith(("gateway", "db "))}


def _sign_in(target: Native) -> Request:
    login = {"email": f"anonymous-{uuid4()}@example.com", "password": PASSWORD}
    Caller(target.url, "member").post(f"{API}/auth/register", login)
    return Request("POST", f"{API}/auth/token", login)


if __name__ == "__main__":
    main(sys.argv[1:])
