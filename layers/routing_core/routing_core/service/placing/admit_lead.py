"""Where a qualified lead goes, at the door or later: to partners, to HQ, or to another day."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from routing_core.domain.lead import Draft, Lead, LeadStatus
from routing_core.domain.lifecycle import promises
from routing_core.domain.lifecycle import queueing as resting
from routing_core.domain.programme.programme import Programme
from routing_core.service.kernel.ports import Arrival, KnownContact, Listed, LoadChange
from routing_core.service.kernel.services import Services
from routing_core.service.placing.place_lead import place


def admit(
    draft: Draft,
    services: Services,
    outcome: str,
    now: datetime,
    *,
    arrival: Arrival | None = None,
    caps_only: bool = False,
) -> dict[str, LoadChange]:
    """``outcome``: offer, nurture, review or crowded. Whoever must hear gets a promise.
    ``arrival``: what was read
    already.
    """
    programme = services.programme
    if outcome == "nurture":
        resting.nurture(draft, programme, now)
        return {}
    loads: dict[str, LoadChange] = {}
    if outcome == "review":
        resting.queue(draft, "review", programme, now)
    elif outcome == "crowded":
        resting.crowd_out(draft, programme, now)
    else:
        loads = place(
            draft, services, now, loads=arrival.loads if arrival else None, caps_only=caps_only
        )
    lead = draft.lead
    if lead.promised_by is None:
        counted_from = lead.held_until or now
        promises.promise(
            draft, promises.promised_by(programme, lead.product, lead.urgency, counted_from), now
        )
    return loads


def answer_of(lead: Lead, outcome: str) -> str:
    """Gives what the sender is told of a lead that was just admitted with that outcome."""
    if outcome != "offer":
        return "noted"
    if lead.status is LeadStatus.HQ_QUEUE:
        return "held" if lead.held_until else "waiting"
    return "offered"


def new_claims(
    lead: Lead, place: str, programme: Programme, now: datetime, seen: Mapping[str, KnownContact]
) -> tuple[KnownContact, ...]:
    """The contact's rows, as they were ``seen``, with this enquiry as the newest; ``place``: where
    it is, hashed.
    """
    until = now + timedelta(days=programme.repeat.window_days)
    newest = Listed(lead.id, until, place)
    return tuple(
        seen.get(key, KnownContact(key, ())).with_newest(newest, now) for key in lead.claims
    )


def place_of(services: Services, lead: Lead) -> str:
    """Gives where the lead is as the contact's rows name it, unreadable."""
    return services.place_key(lead.country, lead.postcode or lead.town.casefold())


def claims_left(services: Services, lead: Lead, now: datetime) -> dict[str, Any]:
    """Gives, for a lead that goes to partners later than it came, the contact's rows that do not
    list it yet, as arguments of a Change.
    """
    seen = services.leads.arrival(lead.id, lead.claims, ()).claims
    place = place_of(services, lead)
    claims = [
        claim
        for claim in new_claims(lead, place, services.programme, now, seen)
        if claim.key not in seen or all(each.lead != lead.id for each in seen[claim.key].listed)
    ]
    return {"claims": tuple(claims), "claims_seen": seen}
