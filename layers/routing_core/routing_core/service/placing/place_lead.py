"""The next partner or wave for a lead: routing, then who is waiting for it, then a backup partner,
then HQ.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from routing_core.domain.calendar.business_time import next_opening
from routing_core.domain.lead import Draft, LeadStatus
from routing_core.domain.lifecycle import offering
from routing_core.domain.lifecycle import queueing as resting
from routing_core.domain.partner import Load, Partner, counters, is_of, period_keys
from routing_core.domain.programme.programme import Programme
from routing_core.routing.decide.decision import Decision, shortlist
from routing_core.routing.decide.eligibility import local_day
from routing_core.routing.decide.placement import Loads, Placement, decide_for, next_asked
from routing_core.routing.decide.record import record_of
from routing_core.routing.index.network import Network
from routing_core.routing.policy import Enquiry, Policy
from routing_core.service.kernel.ports import LoadChange
from routing_core.service.kernel.services import Services

MOST_LATE = 5
"""So many of those who were passed over for having too little time are named in the record."""


def partners_to_read(
    services: Services, enquiry: Enquiry, now: datetime, waiting: Sequence[str] = ()
) -> tuple[str, ...]:
    """Whose loads a decision needs: the shortlist, and who is waiting."""
    version, programme = services.rules.programme()
    names = shortlist(enquiry, services.rules.network(), Policy.of(programme, version), now)
    return tuple(dict.fromkeys((*names, *waiting)))


def place(
    draft: Draft,
    services: Services,
    now: datetime,
    *,
    loads: Loads | None = None,
    caps_only: bool = False,
    by_hand: bool = False,
) -> dict[str, LoadChange]:
    """Opens the next offer or wave, holds the lead until somebody opens, or walks the fallback; the
    decision's record is kept on the draft.

    ``loads``: read beforehand, or read here. ``by_hand``: HQ asks for it, so that no limit holds.
    Returns what the
    commit does to the loads of those chosen.
    """
    version, programme = services.rules.programme()
    network = services.rules.network()
    enquiry = Enquiry.of(draft.lead)
    if loads is None:
        loads = services.leads.loads(partners_to_read(services, enquiry, now, draft.lead.waiting))
    decision, loads = decide_for(
        enquiry, network, Policy.of(programme, version), loads, now, services.leads.loads
    )
    placement = next_asked(
        draft.lead, decision, programme, network, loads, now, services.leads.loads, by_hand=by_hand
    )
    told = told_of(placement, decision, programme, network) | (
        {"contended": True} if caps_only else {}
    )
    if draft.lead.located_by:
        told["located_by"] = draft.lead.located_by
    draft.decision = record_of(decision, network, told)
    if held := placement.held:
        resting.hold(draft, held.partner, held.until, programme, now)
        return {}
    asked, loads = placement.asked, placement.loads
    if asked is None:
        _exhausted(draft, programme, now)
        return {}
    for partner in asked.partners:
        km = network.km(partner, enquiry.country, enquiry.postcode)
        offering.open_offer(
            draft,
            partner,
            asked.kind,
            programme,
            now,
            wave=asked.wave,
            holds=asked.holds,
            km=km,
            until=asked.until,
        )
    if not asked.holds:
        return {}
    return {
        each.id: replace(
            taking_a_place(each, loads[each.id], now, caps_only, draft.lead.product),
            offered_at=decision.offered_at,
            turn=decision.turn(each.id),
        )
        for each in asked.partners
    }


def told_of(
    placement: Placement, decision: Decision, programme: Programme, network: Network
) -> dict[str, Any]:
    """Who was offered the lead (a list, if several at once) and as what, a backup for whom, or for
    whom it is held until when; whether a limit kept it from the first, which backup partners were
    passed over, and when the first of those opens who were skipped for being closed.
    """
    told: dict[str, Any] = {"offered": None}
    if asked := placement.asked:
        names = [partner.id for partner in asked.partners]
        told = {"offered": names if len(names) > 1 else names[0], "kind": asked.kind.value}
        told |= {"wave": asked.wave} if asked.wave else {}
        told |= {"stands_in": dict(placement.stands_in)} if placement.stands_in else {}
    if held := placement.held:
        told |= {"held": {"partner": held.partner.id, "until": held.until.isoformat()}}
    skipped = (
        network.partners[name].calendar(programme.hq_calendar)
        for name in decision.excluded.get("closed", ())
    )
    if opens := [at for at in (next_opening(decision.at, calendar) for calendar in skipped) if at]:
        told |= {"opens": min(opens).isoformat()}
    if placement.late:
        told["late"] = {"count": len(placement.late), "examples": list(placement.late[:MOST_LATE])}
    if placement.nobody_in_time:
        told["nobody_in_time"] = True
    if placement.passed_over:
        told["passed_over"] = {
            reason: list(names) for reason, names in placement.passed_over.items()
        }
    return told | ({"limited": True} if placement.limited else {})


def _exhausted(draft: Draft, programme: Programme, now: datetime) -> None:
    """HQ hears once; a lead that was tried again later goes back to where it waited."""
    if not draft.lead.exhausted:
        draft.set(exhausted=True)
        draft.tell("lead.exhausted", tried=len(draft.lead.offers))
        resting.queue(draft, "exhausted", programme, now)
    elif draft.lead.status is not LeadStatus.HQ_QUEUE or not draft.lead.reason:
        resting.follow_up(draft, programme, now)
        draft.tell("lead.retried")


def taking_a_place(
    partner: Partner, load: Load, now: datetime, caps_only: bool, product: str
) -> LoadChange:
    """A routed offer: counted in the partner's day, week and month, guarded by what was seen."""
    today = local_day(partner, now)
    day, week, month = period_keys(today)
    current = {day, week, month, f"r{month[1:]}"}
    return LoadChange(
        guarded=True,
        seq=None if caps_only else load.seq,
        places_cap=load.caps.open,
        product_cap=load.caps.products.get(product),
        counts=counters(load.caps, today, product),
        forget_counts=tuple(
            sorted(counter for counter in load.made if not is_of(counter, current))
        ),
        offered_at=now,
    )
