"""Writes the generated pages: `python -m tools.docs`; with --check it only tells which are stale.

docs/errors.md and docs/contracts.md for people, docs/schemas/*.json for programs, docs/published.txt for whoever
reviews a change of them, and the gateway's pages of the same.
"""

import html
import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from shared.contracts.base import REGISTRY, Contract, Envelope
from shared.contracts.routes import ROUTES
from tools import published
from tools.make_env import setting_names
from tools.stack.layout import PACKAGES, ROOT, VENV_BIN

GATEWAY_ERRORS = (
    (
        "gateway.bad_request",
        400,
        "The request cannot be read",
        "Unreadable, or its path is ambiguous.",
    ),
    (
        "gateway.sign_in_required",
        401,
        "Sign-in is required",
        "Flower wants the user and password of FLOWER_BASIC_AUTH.",
    ),
    ("gateway.not_found", 404, "Not found", "No service and no page has this address."),
    (
        "gateway.method_not_allowed",
        405,
        "Method not allowed",
        "A page takes GET and HEAD only, a service what its reference says.",
    ),
    ("gateway.too_large", 413, "The request is too large", "Over 1 MiB (8 MiB for batches and pieces of imports)."),
    ("gateway.uri_too_long", 414, "The address is too long", "Over 8 KiB."),
    ("gateway.rate_limited", 429, "Too many requests", "This address asks too often; see `Retry-After`."),
    (
        "gateway.too_many_connections",
        429,
        "Too many connections",
        "This address has too many requests under way; see `Retry-After`.",
    ),
    ("gateway.headers_too_large", 431, "The headers are too large", "A header over 8 KiB."),
    (
        "gateway.internal_error",
        500,
        "Internal error",
        "A defect of the gateway's; the request id finds it in the logs.",
    ),
    ("gateway.upstream_unavailable", 502, "The service is away", "It may be sent again; see `Retry-After`."),
    ("gateway.overloaded", 503, "Temporarily overloaded", "It may be sent again; see `Retry-After`."),
    (
        "gateway.timeout",
        504,
        "The service did not answer in time",
        "Its outcome is unknown: send it again with its key.",
    ),
)
_DESCRIBE = """
import json, django
django.setup()
from unittest.mock import patch
from django.conf import settings
from django.core.management import get_commands
from shared.http.json_schemas import json_schemas
from shared.http.swagger import schema_json
document = json.loads(schema_json())
from shared.errors import REGISTRY
errors = [[e.code, int(e.status), e.title, ' '.join((e.__doc__ or '').split())] for e in REGISTRY.values()]
ours = ("shared", settings.ROOT_URLCONF.partition(".")[0])
from shared.messaging import metrics
with (
    patch.object(metrics.attention, "flows", return_value=()),
    patch.object(metrics, "counts", return_value=()),
    patch.object(metrics.optimistic, "conflicts", return_value=0),
):
    families = [[f"{one.name}_total" if one.type == "counter" else one.name, *one._labelnames]
                for one in metrics.Flows().collect()]
print(json.dumps({
    "errors": errors,
    "paths": document["paths"],
    "schemas": json_schemas(document),
    "commands": [name for name, app in get_commands().items() if app.partition(".")[0] in ours],
    "metrics": families,
}))
"""
Error = tuple[str, int, str, str]
_ORDER = """A request that is wrong in several ways gets one answer, the first of these:

1. the gateway: 400, 405, 413, 414, 429 and 431, before any service is asked;
2. a path of nothing, an id in it that is no UUID among them: 404;
3. `Accept`: 406; the token: 401, or 503 while it cannot be checked; the method: 405; its scopes: 403;
4. `Idempotency-Key`: 400, so before its operation looks anything up (404) or counts guesses (429); where the body may
   ask for a preview, which needs no key, the body comes first;
5. the body: 415, 413, then 400, first for what cannot be read and then for its fields; or the query: 400;
6. what the operation refuses: 404, 409, 422, 429 and the rest; an answer stored with the key comes before these.
"""


def errors() -> list[Error]:
    """Every refusal of every service, by code."""
    found = {error[0]: error for error in GATEWAY_ERRORS}
    for service in PACKAGES:
        found.update({error[0]: tuple(error) for error in _described(service)["errors"]})
    return [found[code] for code in sorted(found)]


@cache
def _described(service: str) -> dict[str, Any]:
    name = service.upper()
    placeholders = {
        "DJANGO_SETTINGS_MODULE": f"{PACKAGES[service]}.config.settings",
        "AUTH_KEY_ENCRYPTION_KEY": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
        "GATEWAY_SECRET": "documentation",
        f"{name}_SECRET_KEY": "documentation",
        f"{name}_DATABASE_URL": "postgres://nobody@localhost/nothing",
        f"{name}_BROKER_URL": "redis://localhost/0",
    }
    command = [str(VENV_BIN / "python"), "-W", "ignore", "-c", _DESCRIBE]
    done = subprocess.run(
        command,
        cwd=ROOT / "services" / service,
        env={**os.environ, **placeholders},
        check=True,
        capture_output=True,
        text=True,
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def errors_page(found: list[Error]) -> str:
    """docs/errors.md."""
    rows = [f"| `{code}` | {status} | {title} | {text} |" for code, status, title, text in found]
    head = (
        "# Errors\n\n"
        "Generated by `make docs`. A refusal is `application/problem+json` with one of these codes.\n"
        "An operation's Swagger lists its own (`x-problem-codes`), and of the gateway's 413, 429, 502, 503 and 504;\n"
        "the gateway's others, `request.method_not_allowed` and `service.internal_error` belong to no operation.\n"
        "The rest that no operation lists is said of a line of a batch, of an import or a line of it, of a message,\n"
        "or only inside the ledger.\n\n"
        f"{_ORDER}"
    )
    return "\n".join([head, "| code | status | title | when |", "|---|---|---|---|", *rows, ""])


def contracts_page() -> str:
    """docs/contracts.md."""
    parts = ["# Messages\n\nGenerated by `make docs` from `shared/shared/contracts`. Schemas: `docs/schemas/`.\n"]
    parts += [_contract_section(contract) for contract in sorted(ROUTES, key=lambda one: (one.PRODUCER, one.NAME))]
    return "\n".join(parts)


def _contract_section(contract: type[Contract]) -> str:
    text = " ".join((contract.__doc__ or "").split())
    fields = "\n".join(f"| `{field.name}` | {_type_name(field.type)} |" for field in msgspec.structs.fields(contract))
    who = f"{contract.PRODUCER or 'each service with a ledger'} → {', '.join(ROUTES[contract])}"
    return f"## {contract.NAME} v{contract.VERSION}\n\n{who}\n\n{text}\n\n| field | type |\n|---|---|\n{fields}\n"


def _type_name(kind: Any) -> str:
    return (
        str(getattr(kind, "__name__", kind) if not hasattr(kind, "__args__") else kind)
        .replace("|", "or")
        .split("'")[-1]
    )


def published_page(found: list[Error]) -> str:
    """docs/published.txt."""
    lines = [f"code {code} {status}" for code, status, *_ in found]
    lines += [f"setting {name}" for name in setting_names()]
    for (name, version), kind in REGISTRY.items():
        lines += published.of_message(name, version, msgspec.json.schema(kind))
    for service in PACKAGES:
        lines += published.of_service(service, _described(service))
    return published.page(lines)


def schemas() -> dict[str, str]:
    """A JSON Schema for each message, for the envelope, and for all answers of each service."""
    kinds: dict[str, type[msgspec.Struct]] = {f"{name}.v{version}": kind for (name, version), kind in REGISTRY.items()}
    kinds["envelope"] = Envelope
    found = {name: msgspec.json.schema(kind) for name, kind in kinds.items()}
    found |= {f"api/{service}": _described(service)["schemas"] for service in PACKAGES}
    return {
        f"docs/schemas/{name}.json": json.dumps(schema, indent=2, sort_keys=True) + "\n"
        for name, schema in found.items()
    }


def as_page(title: str, rows: list[tuple[str, list[str]]], head: list[str]) -> str:
    """A table as a page of the portal; each row can be linked to by its id."""
    cells = "\n".join(
        f'<tr id="{html.escape(row_id)}">' + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>"
        for row_id, row in rows
    )
    heads = "".join(f"<th>{html.escape(cell)}</th>" for cell in head)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<title>{title}</title>\n<link rel="stylesheet" href="/style.css">\n</head>\n<body>\n'
        f'<header><h1>{title}</h1><p class="lead"><a href="/">Back to the start</a></p></header>\n'
        f"<main><table>\n<tr>{heads}</tr>\n{cells}\n</table></main>\n</body>\n</html>\n"
    )


def pages() -> dict[str, str]:
    """All generated files, by path."""
    found = errors()
    error_rows = [(code, [code, str(status), title, text]) for code, status, title, text in found]
    message_rows = [
        (
            one.NAME,
            [one.NAME, one.PRODUCER or "each ledger", ", ".join(ROUTES[one]), " ".join((one.__doc__ or "").split())],
        )
        for one in ROUTES
    ]
    return {
        "docs/errors.md": errors_page(found),
        "docs/contracts.md": contracts_page(),
        "docs/published.txt": published_page(found),
        "gateway/portal/docs/errors.html": as_page("Errors", error_rows, ["code", "status", "title", "when"]),
        "gateway/portal/docs/contracts.html": as_page("Messages", message_rows, ["name", "from", "to", "what it says"]),
        **schemas(),
    }


def main(*options: str) -> int:
    stale = []
    for name, text in pages().items():
        path = Path(ROOT / name)
        if path.exists() and path.read_text() == text:
            continue
        stale.append(name)
        if "--check" not in options:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    print(
        "\n".join(
            [*(f"docs: {name}" for name in stale), "docs: fresh" if not stale else f"docs: {len(stale)} were stale"]
        )
    )
    return 1 if stale and "--check" in options else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
