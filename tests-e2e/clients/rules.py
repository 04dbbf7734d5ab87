"""Earning rules."""

from dataclasses import dataclass
from typing import Any

from eventually import until_all_have_read_anew

from clients.api import Api, ok
from clients.points import POINTS, PROGRAMMES

SIMULATIONS, FIELDS = f"{POINTS}/simulations", f"{PROGRAMMES}/rule-fields"


def rules_of(programme: str) -> str:
    """Return the path of a programme's versions of rules."""
    return f"{PROGRAMMES}/{programme}/rules"


def backtests_of(programme: str, version: int) -> str:
    """Return the path of the backtests of a version of rules."""
    return f"{rules_of(programme)}/{version}/backtests"


def rule_set(*rules: dict[str, Any], stacking: str = "all") -> dict[str, Any]:
    """Return a document of rules."""
    return {"language": 1, "stacking": stacking, "rules": list(rules)}


def rule(name: str, effect: dict[str, Any], **others: Any) -> dict[str, Any]:
    """Return a rule of purchases, named by its id."""
    return {"id": name, "name": name, "trigger": "purchase", "effect": effect, **others}


@dataclass(frozen=True)
class Rules:
    """Rules as one caller uses them."""

    api: Api

    def fields(self, programme: str) -> dict[str, dict[str, Any]]:
        """Return the fields that a programme's rules may ask, by name."""
        return {field["name"]: field for field in self.api.listed(FIELDS, programme=programme)}

    def schema(self, programme: str) -> dict[str, Any]:
        """Return the types of a programme's own keys."""
        found: dict[str, Any] = ok(self.api.get(f"{PROGRAMMES}/{programme}/rule-schema"))
        return found

    def say_types(self, programme: str, **parts: Any) -> dict[str, Any]:
        """Name the types of a programme's own keys."""
        said: dict[str, Any] = ok(self.api.send("PUT", f"{PROGRAMMES}/{programme}/rule-schema", json=parts))
        return said

    def draft(self, programme: str, document: dict[str, Any]) -> dict[str, Any]:
        """Make a draft."""
        made: dict[str, Any] = ok(self.api.post(rules_of(programme), {"document": document}), 201)
        return made

    def version(self, programme: str, version: int) -> dict[str, Any]:
        """Return a version."""
        found: dict[str, Any] = ok(self.api.get(f"{rules_of(programme)}/{version}"))
        return found

    def versions(self, programme: str) -> list[dict[str, Any]]:
        """Return a programme's versions, the newest first."""
        return self.api.listed(rules_of(programme))

    def change(self, programme: str, version: int, document: dict[str, Any]) -> dict[str, Any]:
        """Let a draft say something else."""
        body = {"document": document}
        changed: dict[str, Any] = ok(self.api.send("PUT", f"{rules_of(programme)}/{version}", json=body))
        return changed

    def activate(self, programme: str, version: int, **at: str) -> dict[str, Any]:
        """Let a draft count, and every process know it."""
        done: dict[str, Any] = ok(self.api.post(f"{rules_of(programme)}/{version}/activate", at))
        until_all_have_read_anew()
        return done

    def retire(self, programme: str, version: int, **at: str) -> dict[str, Any]:
        """End a version, and let every process know it."""
        done: dict[str, Any] = ok(self.api.post(f"{rules_of(programme)}/{version}/retire", at))
        until_all_have_read_anew()
        return done

    def try_event(self, programme: str, name: str, data: dict[str, Any], **more: Any) -> dict[str, Any]:
        """Try an event that does not exist."""
        body = {"programme": programme, "event": {"name": name, "data": data}, **more}
        found: dict[str, Any] = ok(self.api.post(SIMULATIONS, body, key=None))
        return found

    def simulate(self, programme: str, purchase: dict[str, Any], **more: Any) -> dict[str, Any]:
        """Try a purchase that does not exist."""
        body = {"programme": programme, "purchase": purchase, **more}
        found: dict[str, Any] = ok(self.api.post(SIMULATIONS, body, key=None))
        return found

    def start_backtest(self, programme: str, version: int, **span: str) -> dict[str, Any]:
        """Ask what a version would have given `from_` an instant `to` another."""
        body = {name.rstrip("_"): at for name, at in span.items()}
        asked: dict[str, Any] = ok(self.api.post(backtests_of(programme, version), body), 202)
        return asked

    def backtest(self, programme: str, version: int, backtest_id: str) -> dict[str, Any]:
        """Return a backtest of a version."""
        found: dict[str, Any] = ok(self.api.get(f"{backtests_of(programme, version)}/{backtest_id}"))
        return found

    def backtests(self, programme: str, version: int) -> list[dict[str, Any]]:
        """Return the backtests of a version, the newest first."""
        return self.api.listed(backtests_of(programme, version))
