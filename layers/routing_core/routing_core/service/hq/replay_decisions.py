"""Makes the decisions about a lead again from what was known at the time.

It says whether they come out the same.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from routing_core.domain.errors import NotFound
from routing_core.domain.events import CommitRecord, OfferMade
from routing_core.domain.lead import Lead
from routing_core.routing.decide.decision import decide, shortlist
from routing_core.routing.decide.record import (
    RECORD_SCHEMA,
    load_rows,
    loads_of,
    outcome_in,
    record_of,
)
from routing_core.routing.decide.situation import Situation
from routing_core.routing.policy import Enquiry, Policy
from routing_core.service.kernel.ports import Leads, RuleBook


@dataclass(frozen=True, slots=True)
class Replayed:
    """Whether one decision comes out as it was stored."""

    version: int
    """Gives the version of the lead that the decision made."""
    differences: tuple[str, ...]
    """Names what does not come out as it was stored: nothing, for an identical decision."""

    @property
    def identical(self) -> bool:
        """Tell whether everything comes out as it was stored."""
        return not self.differences


def replay_decisions(leads: Leads, rules: RuleBook, lead_id: str) -> tuple[Replayed, ...]:
    """Make every decision about the lead again, in order.

    Each is made with the network and programme of its time. Raises NotFound.
    """
    lead = leads.get(lead_id)
    if lead is None:
        raise NotFound(f"there is no lead {lead_id}")
    rows = leads.events(lead_id)
    replayed: list[Replayed] = []
    for row in rows:
        if row.decision:
            differences = _differences(_as_at(lead, rows, row.version), row.decision, rules)
            replayed.append(Replayed(row.version, differences))
    return tuple(replayed)


def _as_at(lead: Lead, rows: tuple[CommitRecord, ...], version: int) -> Lead:
    """Give the lead with the offers it had before that version's own.

    It is where it was then taken to be.
    """
    later = _offers_made_since(rows, version)
    # A move says where the lead was before it.
    place = next((move for move in lead.moves if move.version > version), lead)
    offers = tuple(offer for offer in lead.offers if offer.number not in later)
    return replace(lead, offers=offers, postcode=place.postcode, region=place.region)


def _offers_made_since(rows: tuple[CommitRecord, ...], version: int) -> set[int]:
    numbers: set[int] = set()
    for row in rows:
        if row.version >= version:
            numbers.update(event.offer for event in row.events if isinstance(event, OfferMade))
    return numbers


def _differences(lead: Lead, stored: Mapping[str, Any], rules: RuleBook) -> tuple[str, ...]:
    if stored.get("schema") != RECORD_SCHEMA:
        return ("schema",)  # kept by older code, with less in it
    network = rules.network_version(stored["network_version"])
    version = int(stored["policy_version"])
    policy = Policy.of(rules.programme_version(version), version)
    situation = Situation(Enquiry.of(lead), network, policy, datetime.fromisoformat(stored["at"]))
    limit = int(stored["limit"])
    considered = shortlist(situation, limit)
    if stored.get("loads_left_out"):
        return ("loads",)  # there was no room for all of them
    if len(considered) != len(load_rows(stored)):
        return ("inputs",)
    decision = decide(situation.with_loads(loads_of(stored, considered, network)), limit)
    again = record_of(decision, network, outcome_in(stored))
    # Through JSON, as what is stored went: tuples and lists are the same there.
    as_stored = json.loads(json.dumps(again))
    return tuple(name for name, value in as_stored.items() if stored.get(name) != value)
