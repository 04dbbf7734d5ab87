"""Requests as bytes, made once: only an id of 16 characters changes from one to the next."""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

ID = "@" * 16


@dataclass(frozen=True)
class Request:
    """A request; `ID` in its body stands for an id of its own. A POST has an idempotency key of its own as well."""

    method: str
    path: str
    body: Any = None
    token: str = ""

    def text(self, url: str) -> str:
        """Return the request as HTTP/1.1."""
        body = "" if self.body is None else json.dumps(self.body, separators=(",", ":"))
        lines = [f"{self.method} {self.path} HTTP/1.1", f"Host: {urlsplit(url).netloc}"]
        lines += [f"Authorization: Bearer {self.token}"] if self.token else []
        if self.method == "POST":
            lines += [f"Idempotency-Key: {ID}", "Content-Type: application/json", f"Content-Length: {len(body)}"]
        return "\r\n".join([*lines, "", body])
