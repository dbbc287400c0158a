"""HQ asks where the network has gaps: today, by the rules and the partners in force."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from ..domain.partner import Partner
from ..domain.programme import Programme
from ..routing.coverage import Coverage, cover
from .relay import Relay


@dataclass(frozen=True, slots=True)
class NetworkCoverageView:
    """``url`` is the page's own address."""

    programme: Programme
    partners: Mapping[str, Partner]
    coverage: Coverage
    url: str
    back_url: str


def check_coverage(relay: Relay, now: datetime) -> NetworkCoverageView:
    programme, network = relay.programme, relay.rules.network()
    coverage = cover(programme, network, now, relay.leads.loads(tuple(network.partners)))
    queue = relay.queue_link()
    return NetworkCoverageView(programme, network.partners, coverage, f"{queue}/coverage", queue)


def view_coverage(relay: Relay, token: str, now: datetime) -> NetworkCoverageView:
    """Behind the link to the queue. Raises LinkRefused."""
    relay.open_queue(token)
    return check_coverage(relay, now)
