"""Where a qualified lead goes, at the door or later: to partners, to HQ, or to another day."""

from datetime import datetime, timedelta
from typing import Any

from ..domain.lead import Draft, Lead
from ..domain.programme import Programme
from ..domain.steps import promises, resting
from .place_lead import place
from .ports import Arrival, Claim, LoadChange
from .relay import Relay


def admit(
    draft: Draft,
    relay: Relay,
    outcome: str,
    now: datetime,
    *,
    arrival: Arrival | None = None,
    contended: bool = False,
) -> dict[str, LoadChange]:
    """``outcome``: offer, nurture, review or crowded. Whoever must hear gets a promise. ``arrival``: what was read
    already."""
    programme = relay.programme
    if outcome == "nurture":
        resting.nurture(draft, programme, now)
        return {}
    loads: dict[str, LoadChange] = {}
    if outcome == "review":
        resting.queue(draft, "review", programme, now)
    elif outcome == "crowded":
        resting.crowd_out(draft, programme, now)
    else:
        loads = place(draft, relay, now, loads=arrival.loads if arrival else None, contended=contended)
    lead = draft.lead
    if lead.promised_by is None:
        counted_from = lead.held_until or now
        promises.promise(draft, promises.promised_by(programme, lead.product, lead.urgency, counted_from), now)
    return loads


def new_claims(lead: Lead, programme: Programme, now: datetime) -> tuple[Claim, ...]:
    until = now + timedelta(days=programme.repeat.window_days)
    return tuple(Claim(key, lead.id, until) for key in lead.claims)


def claims_left(relay: Relay, lead: Lead, now: datetime) -> dict[str, Any]:
    """For a lead that goes to partners later than it came: its claims, except where another open lead of the same
    person stands by now; as arguments of a Change."""
    seen = relay.leads.arrival(lead.id, lead.claims, ()).claims
    held = {claim.lead for claim in seen.values() if claim.until > now}
    open_leads = {other.id for other in map(relay.leads.get, held) if other and other.takes_repeats}
    claims = tuple(
        claim
        for claim in new_claims(lead, relay.programme, now)
        if claim.key not in seen or seen[claim.key].lead not in open_leads
    )
    return {"claims": claims, "claims_seen": seen}
