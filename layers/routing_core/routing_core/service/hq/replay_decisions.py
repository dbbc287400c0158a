"""Makes the decisions about a lead again from what was known at the time, and says whether they
come out the same.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from routing_core.domain.errors import NotFound
from routing_core.domain.events import CommitRecord
from routing_core.domain.lead import Lead
from routing_core.routing.decide.decision import decide, shortlist
from routing_core.routing.decide.record import SCHEMA, load_rows, loads_of, record_of, told_beside
from routing_core.routing.policy import Enquiry, Policy
from routing_core.service.kernel.ports import Leads, Rules


@dataclass(frozen=True, slots=True)
class Replayed:
    """``differences`` names what does not come out as it was stored: nothing, for an identical
    decision.
    """

    version: int
    differences: tuple[str, ...]

    @property
    def identical(self) -> bool:
        return not self.differences


def replay_decisions(leads: Leads, rules: Rules, lead_id: str) -> tuple[Replayed, ...]:
    """Every decision about the lead, in order, with the network and programme of its time. Raises
    NotFound.
    """
    lead = leads.get(lead_id)
    if lead is None:
        raise NotFound(f"there is no lead {lead_id}")
    rows = leads.events(lead_id)
    return tuple(
        Replayed(row.version, _differences(_as_at(lead, rows, row.version), row.decision, rules))
        for row in rows
        if row.decision
    )


def _as_at(lead: Lead, rows: tuple[CommitRecord, ...], version: int) -> Lead:
    """The lead with the offers it had before that version's own, where it was then taken to be."""
    later = {
        fact.data["offer"]
        for row in rows
        if row.version >= version
        for fact in row.facts
        if fact.kind == MADE
    }
    place = next((each for each in lead.moves if each.version > version), lead)
    offers = tuple(offer for offer in lead.offers if offer.number not in later)
    return replace(lead, offers=offers, postcode=place.postcode, region=place.region)


MADE = "offer.made"


def _differences(lead: Lead, stored: Mapping[str, Any], rules: Rules) -> tuple[str, ...]:
    if stored.get("schema") != SCHEMA:
        return ("schema",)  # kept by older code, with less in it
    network = rules.network_version(stored["network_version"])
    version = int(stored["policy_version"])
    policy = Policy.of(rules.programme_version(version), version)
    enquiry, at, limit = (
        Enquiry.of(lead),
        datetime.fromisoformat(stored["at"]),
        int(stored["limit"]),
    )
    considered = shortlist(enquiry, network, policy, at, limit)
    if stored.get("loads_left_out"):
        return ("loads",)  # there was no room for all of them
    if len(considered) != len(load_rows(stored)):
        return ("inputs",)
    loads = loads_of(stored, considered, network)
    again = record_of(
        decide(enquiry, network, policy, loads, at, limit), network, told_beside(stored)
    )
    return tuple(
        name for name, value in json.loads(json.dumps(again)).items() if stored.get(name) != value
    )
