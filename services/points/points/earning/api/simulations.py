"""Trying a purchase or an event that does not exist, over HTTP."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from msgspec import structs
from rest_framework.request import Request

from points.budgets.queries import rooms
from points.budgets.rules import Whose
from points.earning import queries
from points.earning.api.answers.simulations import SimulationAnswer, simulation_json
from points.earning.api.bodies import NewSimulation, cart_of, event_of
from points.earning.api.fields import LARGEST_DOCUMENT
from points.earning.errors import EventInvalid, NoActiveRules, RulesRefused, VersionNotFound
from points.earning.queries import ActiveRules
from points.earning.rules import Cart, Event, Room, Trigger, Who, local_time
from points.earning.rules.conditions.fields import typed
from points.earning.simulations import AS_USED, check_event, chosen, simulate, used_by
from points.ledger.merges import aliases, earlier_members
from points.programmes.errors import ProgrammeNotFound
from points.programmes.queries import programme
from points.programmes.rules import Programme
from points.purchases.errors import CurrencyMismatch
from points.purchases.queries import has_bought
from points.segments.queries.segments import known_of
from points.segments.rules import said_by
from points.segments.rules.members import EVERYTHING
from shared import clock
from shared.errors import InvalidRequest
from shared.http.fields import parse
from shared.http.swagger import operation
from shared.http.views import ServiceView, reply


class Simulations(ServiceView):
    """What a purchase or an event would earn, and why."""

    scopes = {"POST": ("programmes:write", "points:read-any")}
    max_body_bytes = LARGEST_DOCUMENT

    @operation(
        "simulate_purchase",
        "Try a purchase or an event that does not exist; nothing is written",
        body=NewSimulation,
        answers={200: SimulationAnswer},
        refuses=(
            CurrencyMismatch,
            EventInvalid,
            NoActiveRules,
            ProgrammeNotFound,
            RulesRefused,
            VersionNotFound,
        ),
    )
    def post(self, request: Request) -> HttpResponse:
        body = parse(NewSimulation, request.data)
        found, at = programme(body.get("programme")), body.get("at", clock.now())
        happened = _cart(body["purchase"], found) if "purchase" in body else _event(body["event"], found)
        version, under = chosen(found, version=body.get("version"), document=body.get("document"), at=at)
        uses = used_by(_now(body["member_id"]), found, under, at=at) if body["limits"] == AS_USED else {}
        left = _left(_now(body["member_id"]), happened, found, under, at) if body["limits"] == AS_USED else []
        who = _who(body, under, found.id, at)
        tried = simulate(found, under, happened, who, uses=uses, rooms=left, at=at)
        said = {"version": version, "rounding": under.rounding, "limits": body["limits"]}
        return reply(simulation_json(tried, found, **said, at=at))


def _left(member_id: UUID, happened: Cart | Event, found: Programme, under: ActiveRules, at: datetime) -> list[Room]:
    """Return what budgets have left for what a member would do."""
    is_cart = isinstance(happened, Cart)
    merchant_id = happened.merchant_id if isinstance(happened, Cart) else None
    rule_ids = under.ready.ids.get(Trigger.PURCHASE if is_cart else Trigger.EVENT, ())
    whose = Whose(local_time(at, found.timezone)["time.date"], merchant_id, member_id, rule_ids)
    return rooms(found.id, [whose]).of(whose)


def _cart(said: dict[str, Any], found: Programme) -> Cart:
    cart = cart_of(said)
    if cart.currency != found.currency:
        raise CurrencyMismatch(currency=found.currency)
    return cart


def _event(said: dict[str, Any], found: Programme) -> Event:
    event = event_of(said)
    check_event(event, queries.schema(found.id))
    return event


def _who(body: dict[str, Any], under: ActiveRules, programme_id: UUID, at: datetime) -> Who:
    _check_attributes(body.get("attributes", {}), under)
    who = _member(body["member_id"], under, programme_id, at) if "member_id" in body else Who()
    said = {name: body[name] for name in ("attributes", "is_first_purchase", "tier") if name in body}
    return structs.replace(who, **said, **({"segments": tuple(body["segments"])} if "segments" in body else {}))


def _member(member_id: UUID, under: ActiveRules, programme_id: UUID, at: datetime) -> Who:
    """Return what is known of a member, whoever that is and was by merges."""
    now = _now(member_id)
    known = known_of(programme_id, [now], EVERYTHING)[now]
    return Who(
        segments=tuple(one.code for one in known.segments),
        tier=known.tier,
        attributes=said_by(known.stored, under.fields),
        is_first_purchase=not has_bought({now, *earlier_members(now)}, programme_id=programme_id, before=at),
    )


def _now(member_id: UUID) -> UUID:
    return aliases([member_id]).get(member_id, member_id)


def _check_attributes(attributes: dict[str, Any], under: ActiveRules) -> None:
    errors = [
        {"field": f"attributes.{key[:64]}", "code": code, "detail": detail}
        for key, value in attributes.items()
        for code, detail in _faults(under, key, value)
    ]
    if errors:
        raise InvalidRequest(errors=errors[:20])


def _faults(under: ActiveRules, key: str, value: Any) -> list[tuple[str, str]]:
    field = under.fields.get(f"member.attributes.{key}")
    if field is None:
        return [("unknown", "The programme's schema has no such attribute.")]
    try:
        typed(field, value)
    except ValueError as error:
        return [("invalid", str(error))]
    return []
