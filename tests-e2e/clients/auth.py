"""Signing up and in, roles and clients."""

from dataclasses import dataclass
from typing import Any

from clients.api import Api, ok, once_known

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

    def sign_out(self, token: str) -> None:
        """End the session of a refresh token."""
        ok(self.api.post(f"{AUTH}/token/revoke", {"refresh": token}), 204)

    def sessions(self) -> list[dict[str, Any]]:
        """Return where the caller is signed in, the newest first."""
        return self._list("sessions")

    def end_session(self, session_id: str) -> None:
        """End one of the caller's sessions."""
        ok(self.api.send("DELETE", f"{AUTH}/sessions/{session_id}"), 204)

    def end_all_sessions(self) -> None:
        """Sign the caller out everywhere."""
        ok(self.api.send("DELETE", f"{AUTH}/sessions"), 204)

    def me(self) -> dict[str, Any]:
        """Return the caller's profile."""
        profile: dict[str, Any] = ok(self.api.get(f"{AUTH}/me"))
        return profile

    def rename(self, name: str) -> dict[str, Any]:
        """Change the caller's name and return the profile."""
        profile: dict[str, Any] = ok(self.api.send("PATCH", f"{AUTH}/me", json={"name": name}))
        return profile

    def users(self, **query: Any) -> list[dict[str, Any]]:
        """Return users, the newest first."""
        return self._list("users", **query)

    def user(self, user_id: str) -> dict[str, Any]:
        """Return a user."""
        found: dict[str, Any] = ok(self.api.get(f"{AUTH}/users/{user_id}"))
        return found

    def scopes(self, role: str) -> list[str]:
        """Return what a role may do."""
        return next(one["scopes"] for one in self._list("roles") if one["role"] == role)

    def grant(self, user_id: str, role: str, **more: Any) -> None:
        """Give a user a role; it is in that one's next token."""
        ok(once_known(lambda: self.api.post(f"{AUTH}/users/{user_id}/roles", {"role": role, **more})))

    def take_role(self, user_id: str, role: str) -> None:
        """Take a role from a user, whose tokens are refused from then on."""
        ok(self.api.send("DELETE", f"{AUTH}/users/{user_id}/roles/{role}"), 204)

    def deactivate(self, user_id: str) -> dict[str, Any]:
        """Shut a user out."""
        done: dict[str, Any] = ok(self.api.post(f"{AUTH}/users/{user_id}/deactivate"))
        return done

    def audit(self, **query: Any) -> list[dict[str, Any]]:
        """Return who did what to whom, the newest first."""
        return self._list("audit", **query)

    def make_client(self, name: str, merchant_id: str, **more: Any) -> dict[str, Any]:
        """Make a merchant's service client; its secret is shown this once."""
        body = {"name": name, "merchant_id": merchant_id, **more}
        made: dict[str, Any] = ok(once_known(lambda: self.api.post(f"{AUTH}/clients", body)), 201)
        return made

    def client_token(self, client_id: str, secret: str) -> str:
        """Return an access token for a service client."""
        form = {"grant_type": "client_credentials"}
        answer = self.api.send("POST", f"{AUTH}/oauth/token", data=form, auth=(client_id, secret))
        return str(ok(answer)["access_token"])

    def clients(self) -> list[dict[str, Any]]:
        """Return the service clients, the newest first."""
        return self._list("clients")

    def add_secret(self, client_id: str) -> dict[str, Any]:
        """Give a client its next secret; it is shown this once."""
        made: dict[str, Any] = ok(self.api.post(f"{AUTH}/clients/{client_id}/secrets"), 201)
        return made

    def remove_secret(self, client_id: str, secret_id: str) -> None:
        """Remove one of a client's secrets."""
        ok(self.api.send("DELETE", f"{AUTH}/clients/{client_id}/secrets/{secret_id}"), 204)

    def deactivate_client(self, client_id: str) -> dict[str, Any]:
        """Shut a client out."""
        done: dict[str, Any] = ok(self.api.post(f"{AUTH}/clients/{client_id}/deactivate"))
        return done

    def _list(self, name: str, **query: Any) -> list[dict[str, Any]]:
        return self.api.listed(f"{AUTH}/{name}", **query)
