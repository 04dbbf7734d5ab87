"""Signing up and in, roles and clients."""

from dataclasses import dataclass
from typing import Any

from clients.api import Api, ok

AUTH = "/api/v1/auth"


@dataclass(frozen=True)
class Auth:
    """The auth service as one caller uses it."""

    api: Api

    def register(self, email: str, password: str) -> dict[str, Any]:
        """Make an account with the role member."""
        made: dict[str, Any] = ok(self.api.post(f"{AUTH}/register", {"email": email, "password": password}), 201)
        return made

    def sign_in(self, email: str, password: str) -> dict[str, Any]:
        """Return a pair of tokens."""
        tokens: dict[str, Any] = ok(self.api.post(f"{AUTH}/token", {"email": email, "password": password}))
        return tokens

    def refresh(self, token: str) -> dict[str, Any]:
        """Spend a refresh token for the next pair."""
        tokens: dict[str, Any] = ok(self.api.post(f"{AUTH}/token/refresh", {"refresh": token}))
        return tokens

    def me(self) -> dict[str, Any]:
        """Return the caller's profile."""
        profile: dict[str, Any] = ok(self.api.get(f"{AUTH}/me"))
        return profile

    def grant(self, user_id: str, role: str) -> None:
        """Give a user a role; it is in that one's next token."""
        ok(self.api.post(f"{AUTH}/users/{user_id}/roles", {"role": role}))

    def make_client(self, name: str, merchant_id: str) -> dict[str, Any]:
        """Make a merchant's service client; its secret is shown this once."""
        made: dict[str, Any] = ok(self.api.post(f"{AUTH}/clients", {"name": name, "merchant_id": merchant_id}), 201)
        return made

    def client_token(self, client_id: str, secret: str) -> str:
        """Return an access token for a service client."""
        form = {"grant_type": "client_credentials"}
        answer = self.api.send("POST", f"{AUTH}/oauth/token", data=form, auth=(client_id, secret))
        return str(ok(answer)["access_token"])
