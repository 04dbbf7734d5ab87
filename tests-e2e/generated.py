"""Generated requests: which are sent of an operation, and how the answer to one is judged."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import islice
from typing import Any

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import positive_data_acceptance
from schemathesis.config import SchemathesisConfig
from schemathesis.generation import GenerationMode
from schemathesis.generation.case import adjust_urlencoded_payload
from schemathesis.specs.openapi.checks import content_type_conformance

SECONDS = 30
# Below `RATE_PER_ADDRESS` and `SIGN_IN_RATE_PER_ADDRESS`, probes and all: none is refused, however quick the machine.
RATE, SIGN_IN_RATE = "100/s", "15/s"
SIGN_IN = "/auth/(token|register|oauth/token|password/change)$"
# A refusal by a rule says that the request was read: beside those that are allowed anyway, a declined card and what
# contradicts itself or an earlier request.
READ = ["2xx", "401", "402", "403", "404", "409", "422", "429"]
# Faults that Swagger 2.0 has no words for: they depend on the time, on another field, on a check digit.
BEYOND_SWAGGER = frozenset(
    {"in_past", "in_future", "luhn", "repeated", "zero", "disagrees", "sum", "both", "one_of", "nobody", "twice"}
    | {"too_large", "currency"}
)
# Here these codes are said of what another field, or who asks, makes of a field; elsewhere of a field alone.
BEYOND_SWAGGER_HERE = frozenset(
    {
        ("columns", "required"),
        ("expiry", "invalid"),
        ("member_id", "required"),
        ("tenders", "required"),
        ("merchant_id", "required"),
        ("order_id", "required"),
        ("order.lines", "invalid"),
        ("order.merchant_id", "invalid"),
        ("order.merchant_id", "required"),
        ("separator", "invalid"),
        ("separator", "invalid_choice"),  # its choice of a tab: drf-yasg publishes it as an empty text
    }
)
# Swagger 2.0 has no union of types, so it leaves open what such a value is.
OF_SEVERAL_TYPES = re.compile(r"(.+\.)?metadata\..*", re.DOTALL)
CONFIG = SchemathesisConfig.from_dict(
    {
        # Which characters no pattern of Swagger 2.0 can forbid is tried in the services' own tests of doors.
        "generation": {"codec": "latin-1", "allow-x00": False, "with-security-parameters": False},
        "checks": {"positive_data_acceptance": {"expected-statuses": READ}},
        "rate-limit": RATE,
        "operations": [{"include-path-regex": SIGN_IN, "rate-limit": SIGN_IN_RATE}],
    }
)


def teach_formats() -> None:
    """Let days and instants be of the two centuries that are taken, and know the forms that JSON Schema has not."""
    days = st.dates(date(2000, 1, 1), date(2100, 12, 30)).map(date.isoformat)
    instants = st.datetimes(datetime(2000, 1, 2), datetime(2199, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001
    written = instants.map(datetime.isoformat)
    zones = st.sampled_from(["UTC", "Europe/Berlin", "America/St_Johns", "Pacific/Apia"])
    forms = {"date": days, "date-time": written, "day-or-instant": days | written, "time-zone": zones}
    for name, strategy in forms.items():
        schemathesis.openapi.format(name, strategy)


def operations(document: Mapping[str, Any]) -> Iterator[Any]:
    """Yield all operations of a published schema."""
    schema = schemathesis.openapi.from_dict(dict(document), config=CONFIG)
    return (found.ok() for found in schema.get_all_operations())


def valid(operation: Any, count: int, **path_parameters: str) -> list[Any]:
    """Return so many requests as an operation takes them, always the same."""
    found: list[Any] = []

    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(path_parameters=path_parameters or None))
    def draws(case: Any) -> None:
        found.append(case)

    draws()
    return found[:count]


def edges(operation: Any, count: int, *, refused_only: bool = False) -> list[Any]:
    """Return at most so many requests at the bounds of what an operation takes, and beyond: first one of each kind.

    Those beyond alone, where no request may succeed.
    """
    schema = operation.schema
    made = schema.iter_coverage_cases(
        operation,
        generation_modes=list(GenerationMode),
        generation_config=schema.config.generation_for(operation=operation),
    )
    by_kind: dict[str, list[Any]] = {}
    for case in made:
        if refused_only and case.meta.generation.mode is not GenerationMode.NEGATIVE:
            continue
        adjust_urlencoded_payload(case)
        by_kind.setdefault(case.meta.phase.data.scenario, []).append(case)
    return list(islice(_in_turns(list(by_kind.values())), count))


def _in_turns(kinds: list[list[Any]]) -> Iterator[Any]:
    for place in range(max(map(len, kinds), default=0)):
        yield from (cases[place] for cases in kinds if place < len(cases))


@dataclass(frozen=True)
class Line:
    """One caller's line to the gateway."""

    url: str
    token: str
    session: requests.Session

    def ask(self, case: Any) -> requests.Response:
        """Send a generated request and let all checks judge the answer."""
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        response: Any = case.call(base_url=self.url, session=self.session, headers=headers, timeout=SECONDS)
        assert b'"gateway.not_found"' not in response.content, "no service was asked"
        case.validate_response(
            response,
            headers=headers,
            transport_kwargs={"base_url": self.url, "session": self.session, "headers": headers, "timeout": SECONDS},
            excluded_checks=_not_meant(case, response),
        )
        return response


def _not_meant(case: Any, response: Any) -> list[Any]:
    if response.status_code == 204:
        # In Swagger 2.0 a type stands for all statuses, and this one has none.
        assert "Content-Type" not in response.headers, "204 with a content type"
        return [content_type_conformance]
    return [positive_data_acceptance] if response.status_code == 400 and _is_beyond(case, response.json()) else []


def _is_beyond(case: Any, problem: dict[str, Any]) -> bool:
    if problem["code"] == "request.malformed":
        # Only a list itself can give a cursor; and which names a map may have, Swagger 2.0 cannot say.
        return "cursor" in (case.query or {}) or problem["detail"].startswith("an object has a key with a control")
    if problem["code"] != "request.invalid":
        return not problem["code"].startswith("idempotency.")  # a rule of the operation's own
    faults = [(one["field"], one["code"]) for one in problem.get("errors", [])]
    return all(
        code in BEYOND_SWAGGER or (field, code) in BEYOND_SWAGGER_HERE or OF_SEVERAL_TYPES.fullmatch(field)
        for field, code in faults
    )
