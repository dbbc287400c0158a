"""HQ asks where the network has gaps: today, by the rules and the partners in force."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from ..domain.hq_people import Right
from ..domain.partner import Partner
from ..domain.programme import Programme
from ..routing.coverage import Coverage
from ..routing.survey import cover
from .hq_access import open_hq
from .relay import Relay


@dataclass(frozen=True, slots=True)
class NetworkCoverageView:
    """``url`` is the page's own address."""

    programme: Programme
    partners: Mapping[str, Partner]
    coverage: Coverage
    url: str = ""
    back_url: str = ""
    may_export: bool = False


def check_coverage(relay: Relay, now: datetime) -> NetworkCoverageView:
    programme, network = relay.programme, relay.rules.network()
    coverage = cover(programme, network, now, relay.leads.loads(tuple(network.partners)))
    return NetworkCoverageView(programme, network.partners, coverage)


def view_coverage(relay: Relay, token: str, now: datetime, *, export: bool = False) -> NetworkCoverageView:
    """Behind the link to the queue. Raises LinkRefused, or NotAllowed for an ``export`` without the right to."""
    reader = open_hq(relay, token, now)
    if export:
        reader.need(Right.EXPORT)
    view = replace(check_coverage(relay, now), url=f"{reader.url}/coverage", back_url=reader.url)
    return replace(view, may_export=reader.person.may(Right.EXPORT))
