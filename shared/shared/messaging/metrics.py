"""What Prometheus asks for: how the messages to each service fare. Not routed by the gateway."""

from collections.abc import Iterator
from itertools import product

from django.http import HttpRequest, HttpResponse
from prometheus_client import CollectorRegistry, exposition
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from shared import clock
from shared.messaging import attention
from shared.messaging.lanes import Lane
from shared.messaging.malformed import counts
from shared.postgres import optimistic

_OF_LANES = {
    "waiting": "Messages that wait for the destination, on their way or not sent yet, up to 10000",
    "oldest_seconds": "Age of the oldest message that waits",
}
_LANES = {Lane.INTERACTIVE: "", Lane.BULK: "bulk_"}
_GAUGES = {
    "parked": "Messages that wait for a person, up to 10000",
    "failing": "Messages that wait and whose consumer reported three times that it could not act, up to 20000",
    "surplus": "Messages that the destination has and we do not remember, at the last comparison",
}
_COUNTERS = {
    "resent": "Messages sent again because no report came",
    "missing": "Messages that a comparison found missing and sent again",
}
_AGES = {"compared": "Seconds since the last comparison", "agreed": "Seconds since both sides had the same messages"}


class Flows(Collector):
    """Reads the numbers when they are asked for, so that any web process can answer."""

    def collect(self) -> Iterator[GaugeMetricFamily | CounterMetricFamily]:
        """Yield one family for each number, one sample for each destination."""
        at = clock.machine_now()
        flows = attention.flows(at=at)
        for name, text in _OF_LANES.items():
            gauge = GaugeMetricFamily(f"messages_{name}", text, labels=["destination", "lane"])
            for flow, (lane, prefix) in product(flows, _LANES.items()):
                gauge.add_metric([flow.destination, lane], getattr(flow, prefix + name))
            yield gauge
        for name, text in _GAUGES.items():
            gauge = GaugeMetricFamily(f"messages_{name}", text, labels=["destination"])
            for flow in flows:
                gauge.add_metric([flow.destination], getattr(flow, name))
            yield gauge
        for name, text in _COUNTERS.items():
            counter = CounterMetricFamily(f"messages_{name}", text, labels=["destination"])
            for flow in flows:
                counter.add_metric([flow.destination], getattr(flow, name))
            yield counter
        for name, text in _AGES.items():
            age = GaugeMetricFamily(f"messages_{name}_age_seconds", text, labels=["destination"])
            for flow in flows:
                if since := getattr(flow, f"{name}_at"):
                    age.add_metric([flow.destination], (at - since).total_seconds())
            yield age
        malformed = CounterMetricFamily(
            "messages_malformed", "Entries of our queues that were no message or report as agreed", labels=["queue"]
        )
        for queue in counts():
            malformed.add_metric([queue.queue], queue.count)
        yield malformed
        conflicts = CounterMetricFamily(
            "optimistic_conflicts", "Requests that ran again because what they wrote before reading did not hold"
        )
        conflicts.add_metric([], optimistic.conflicts())
        yield conflicts


_REGISTRY = CollectorRegistry(auto_describe=False)
_REGISTRY.register(Flows())


def metrics(_request: HttpRequest) -> HttpResponse:
    """Answer in Prometheus' text format."""
    return HttpResponse(exposition.generate_latest(_REGISTRY), content_type=exposition.CONTENT_TYPE_PLAIN_0_0_4)
