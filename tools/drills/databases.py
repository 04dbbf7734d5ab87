"""Looking into the services' databases, and reaching into them behind the services' backs, as the superuser."""

import json
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from tools.stack.layout import DATABASE_SERVERS, PACKAGES
from tools.stack.postgres import Postgres
from tools.stack.servers import stack_servers
from tools.target import Native

_DUE_NOW = """
UPDATE outbox SET next_attempt_at = now()
WHERE parked_at IS NULL AND next_attempt_at > now() + CASE failures WHEN 0 THEN '0 s' ELSE '30 s'::interval END
"""
_ENVELOPES = """
SELECT json_build_object('id', message_id, 'name', name, 'version', version, 'producer', '{producer}',
  'occurred_at', occurred_at, 'correlation_id', correlation_id, 'causation_id', causation_id, 'payload', payload)
FROM published_message JOIN outbox USING (message_id) WHERE destination = '{consumer}' ORDER BY number
"""
_UNSENT = "FROM outbox WHERE destination = '{consumer}' AND attempts = 0"
# Rows that a relay holds stay: it is in the middle of sending them.
_LOSE = f"""
WITH lost AS (
  DELETE FROM outbox WHERE ctid = ANY (ARRAY(SELECT ctid {_UNSENT} FOR UPDATE SKIP LOCKED)) RETURNING message_id)
SELECT message_id FROM lost
"""
_PUBLISH = """
WITH published AS (
  INSERT INTO published_message (message_id, name, version, occurred_at, correlation_id, causation_id, destinations,
                                 payload)
  VALUES ('{message_id}', '{name}', 1, now(), 'a-drill', '', '["{consumer}"]', '{payload}'))
INSERT INTO outbox (message_id, destination, next_attempt_at) VALUES ('{message_id}', '{consumer}', now())
"""


@dataclass(frozen=True)
class Databases:
    """One database for each service, on the stack's two servers."""

    target: Native

    def rows(self, service: str, sql: str) -> list[str]:
        """Run SQL on a service's database; return its rows as text."""
        return self._servers[service].psql(sql, database=service).stdout.splitlines()

    def number(self, service: str, sql: str) -> int:
        """Return the one number that SQL finds."""
        return int(self.rows(service, sql)[0])

    def waiting(self, producer: str, consumer: str = "") -> int:
        """Return how many messages wait in an outbox: for one consumer, or for all."""
        whom = f"WHERE destination = '{consumer}'" if consumer else ""
        return self.number(producer, f"SELECT count(*) FROM outbox {whom}")

    def resent(self) -> int:
        """Return how often any message was sent again."""
        counts = [self.number(service, "SELECT coalesce(sum(resent), 0) FROM message_peer") for service in PACKAGES]
        return sum(counts)

    def agrees(self, producer: str, since: datetime) -> bool:
        """Tell whether a producer has found, since then, that every consumer knows the same messages as itself."""
        answers = f"SELECT count(*) FROM message_peer WHERE (agreed_at >= '{since.isoformat()}') IS NOT TRUE"
        return self.number(producer, answers) == 0

    def make_due(self) -> None:
        """Let every message that waits for a report be due at once; those that failed keep their own pauses."""
        for service in PACKAGES:
            self.rows(service, _DUE_NOW)

    def envelopes(self, producer: str, consumer: str) -> list[Any]:
        """Return the messages that wait for a consumer, as the relay would send them."""
        found = self.rows(producer, _ENVELOPES.format(producer=producer, consumer=consumer))
        return [json.loads(row) for row in found]

    def unsent(self, producer: str, consumer: str) -> int:
        """Return how many messages for a consumer were never sent: of others it may have the message already, and the
        report be on its way."""
        return self.number(producer, f"SELECT count(*) {_UNSENT.format(consumer=consumer)}")

    def lose(self, producer: str, consumer: str) -> list[str]:
        """Delete what was never sent to a consumer, as if it had never been published; return the ids."""
        return self.rows(producer, _LOSE.format(consumer=consumer))

    def publish(self, producer: str, consumer: str, *, message_id: str, name: str, payload: dict[str, Any]) -> None:
        """Put a message into an outbox that no release of ours would write."""
        words = {"message_id": message_id, "consumer": consumer, "name": name, "payload": json.dumps(payload)}
        self.rows(producer, _PUBLISH.format(**words))

    def published_for(self, payment: str) -> list[str]:
        """Return the id of the message that a payment was taken."""
        captured = "SELECT message_id FROM published_message WHERE name = 'payment_captured'"
        return self.rows("payments", f"{captured} AND payload ->> 'payment_id' = '{payment}'")

    def published_for_spending(self, transaction: str) -> list[str]:
        """Return the id of the message that points were spent."""
        redeemed = "SELECT message_id FROM published_message WHERE name = 'points_redeemed'"
        return self.rows("points", f"{redeemed} AND payload ->> 'transaction_id' = '{transaction}'")

    def parked(self, producer: str) -> list[str]:
        """Return the ids of the messages that wait for a person, in their order."""
        return self.rows(producer, "SELECT message_id FROM outbox WHERE parked_at IS NOT NULL ORDER BY message_id")

    def received(self, consumer: str, ids: list[str]) -> int:
        """Return how many of these messages a consumer has acted on."""
        return self.number(consumer, f"SELECT count(*) FROM inbox WHERE message_id = ANY ('{{{','.join(ids)}}}')")

    def sent(self, producer: str, consumer: str, message_id: str) -> bool:
        """Tell whether a message has left for a consumer, at least once."""
        found = f"SELECT count(*) FROM outbox WHERE message_id = '{message_id}' AND destination = '{consumer}'"
        return self.number(producer, f"{found} AND attempts > 0") > 0

    def taken_between(self, consumer: str, producer: str, *, since: str, until: str) -> int:
        """Return how many of a producer's messages a consumer began to act on from an instant until it began on one."""
        then = f"(SELECT received_at FROM inbox WHERE message_id = '{until}')"
        within = f"received_at > '{since}' AND received_at < {then}"
        return self.number(consumer, f"SELECT count(*) FROM inbox WHERE producer = '{producer}' AND {within}")

    @cached_property
    def _servers(self) -> dict[str, Postgres]:
        servers = stack_servers(self.target.state, self.target.ports).databases
        return {service: servers[name] for name, services in DATABASE_SERVERS.items() for service in services}
