"""Finds the next partner or wave for a lead: escalation, step by step.

Routing comes first, then who is waiting for it, then a backup partner, then HQ.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from routing_core.domain.calendar.business_time import next_opening
from routing_core.domain.draft import Draft
from routing_core.domain.events import LeadExhausted, LeadRetried
from routing_core.domain.lead import Lead, LeadStatus
from routing_core.domain.lifecycle import offering, queueing
from routing_core.domain.partner import Load, Partner, counters, is_of, period_keys
from routing_core.domain.programme.programme import Programme
from routing_core.domain.reasons import QueueReason
from routing_core.routing.decide.answering import clocks_of
from routing_core.routing.decide.attempt import PlacementAttempt
from routing_core.routing.decide.decision import shortlist
from routing_core.routing.decide.eligibility import BY_LOAD, local_day
from routing_core.routing.decide.placement import (
    OfferPlan,
    Placement,
    choose_next,
    decide_and_widen,
)
from routing_core.routing.decide.record import record_of
from routing_core.routing.decide.situation import LoadsByPartner
from routing_core.service.kernel.ports import LoadChange
from routing_core.service.kernel.services import Services
from routing_core.service.kernel.situations import situation_of

LATE_NAMED = 5
"""So many of those who were passed over for having too little time are named in the record."""


def partners_to_read(services: Services, lead: Lead, now: datetime) -> tuple[str, ...]:
    """Name whose loads a decision about the lead needs.

    They are the shortlist, and who is waiting for it.
    """
    names = shortlist(situation_of(lead, services.rules, now))
    return tuple(dict.fromkeys((*names, *lead.waiting)))


def offer_next(
    draft: Draft,
    services: Services,
    now: datetime,
    *,
    loads: LoadsByPartner | None = None,
    caps_only: bool = False,
) -> dict[str, LoadChange]:
    """Open the next offer or wave, let the lead wait until somebody opens, or walk the fallback.

    The decision's record is kept on the draft. ``loads`` were read beforehand, or are read here.
    Return what the commit does to the loads of those chosen.
    """
    return _act_on(draft, services, _attempt(draft.lead, services, now, loads), caps_only)


def offer_next_by_hand(
    draft: Draft, services: Services, now: datetime, *, caps_only: bool
) -> dict[str, LoadChange]:
    """Open the next offer or wave because HQ asks for it: no limit of the programme holds."""
    attempt = replace(_attempt(draft.lead, services, now, None), by_hand=True)
    return _act_on(draft, services, attempt, caps_only)


@dataclass(frozen=True, slots=True)
class PlacingPreview:
    """What would come of offering a lead now, without offering it."""

    partners: tuple[Partner, ...]
    """The partners who would be asked."""
    loads: LoadsByPartner
    waits: bool
    """Tells whether it would wait until somebody opens."""
    somebody_full: bool
    """Tells whether somebody who could take it has no room for it at present."""


def preview_placing(lead: Lead, services: Services, now: datetime) -> PlacingPreview:
    """Look whom a lead would be offered to now; nothing is written."""
    attempt = _attempt(lead, services, now, None)
    placement = choose_next(attempt)
    return PlacingPreview(
        partners=placement.plan.partners if placement.plan else (),
        loads=placement.loads,
        waits=placement.waits_for is not None,
        somebody_full=any(reason in attempt.decision.excluded for reason in BY_LOAD),
    )


def _attempt(
    lead: Lead, services: Services, now: datetime, loads: LoadsByPartner | None
) -> PlacementAttempt:
    # At the door they were read beside the contact's rows, in the same request.
    if loads is None:
        loads = services.leads.loads(partners_to_read(services, lead, now))
    situation = situation_of(lead, services.rules, now).with_loads(loads)
    decision, situation = decide_and_widen(situation, services.leads.loads)
    programme = services.programme
    return PlacementAttempt(
        lead, programme, situation, decision, services.leads.loads, clocks_of(programme)
    )


def _act_on(
    draft: Draft, services: Services, attempt: PlacementAttempt, caps_only: bool
) -> dict[str, LoadChange]:
    placement = choose_next(attempt)
    outcome = outcome_fields(placement, attempt)
    if caps_only:
        outcome["contended"] = True
    if draft.lead.located_by:
        outcome["located_by"] = draft.lead.located_by
    draft.decision = record_of(attempt.decision, attempt.situation.network, outcome)
    wait = placement.waits_for
    if wait:
        queueing.wait_for_opening(
            draft, wait.partner, wait.opens_at, attempt.programme, attempt.now
        )
        return {}
    if placement.plan is None:
        _tell_that_nobody_is_left(draft, attempt.programme, attempt.now)
        return {}
    _open_offers(draft, placement.plan, attempt)
    return _load_changes(placement, attempt, caps_only)


def _open_offers(draft: Draft, plan: OfferPlan, attempt: PlacementAttempt) -> None:
    enquiry = attempt.situation.enquiry
    for partner in plan.partners:
        offering.open_offer(
            draft,
            partner,
            offering.Occasion(
                plan.kind,
                wave=plan.wave,
                reserves_slot=plan.reserves_slot,
                km=attempt.situation.network.km(partner, enquiry.country, enquiry.postcode),
                until=plan.until,
            ),
            attempt.programme,
            attempt.now,
        )


def _load_changes(
    placement: Placement, attempt: PlacementAttempt, caps_only: bool
) -> dict[str, LoadChange]:
    plan = placement.plan
    # Of a wave so large that it reserves nothing only the winner's load changes, when they accept.
    if plan is None or not plan.reserves_slot:
        return {}
    decision = attempt.decision
    changes: dict[str, LoadChange] = {}
    for partner in plan.partners:
        load = placement.loads[partner.id]
        change = taking_a_place(partner, load, attempt.now, caps_only, attempt.lead.product)
        changes[partner.id] = replace(
            change,
            offered_at=decision.offered_at,
            pass_value=decision.pass_value_after_offer(partner.id),
        )
    return changes


def outcome_fields(placement: Placement, attempt: PlacementAttempt) -> dict[str, Any]:
    """Give what a record says of what came of the decision, by the names it is stored under.

    Who was offered the lead (a list, if several at once) and as what, a backup for whom, or for
    whom it is held until when; whether a limit kept it from the first, which backup partners were
    passed over, and when the first of those opens who were skipped for being closed.
    """
    fields: dict[str, Any] = {"offered": None}
    if placement.plan:
        fields = _fields_of_plan(placement.plan)
        if placement.stands_in:
            fields["stands_in"] = dict(placement.stands_in)
    wait = placement.waits_for
    if wait:
        fields["held"] = {"partner": wait.partner.id, "until": wait.opens_at.isoformat()}
    opens = _first_opening(attempt)
    if opens:
        fields["opens"] = opens.isoformat()
    if placement.late:
        fields["late"] = {
            "count": len(placement.late),
            "examples": list(placement.late[:LATE_NAMED]),
        }
    if placement.nobody_in_time:
        fields["nobody_in_time"] = True
    if placement.passed_over:
        fields["passed_over"] = {
            reason: list(names) for reason, names in placement.passed_over.items()
        }
    if placement.limited:
        fields["limited"] = True
    return fields


def _fields_of_plan(plan: OfferPlan) -> dict[str, Any]:
    names = [partner.id for partner in plan.partners]
    fields: dict[str, Any] = {
        "offered": names if len(names) > 1 else names[0],
        "kind": plan.kind.value,
    }
    if plan.wave:
        fields["wave"] = plan.wave
    return fields


def _first_opening(attempt: PlacementAttempt) -> datetime | None:
    """Find when the first of those opens who were skipped for being closed.

    It is None where nobody was skipped.
    """
    partners = attempt.situation.network.partners
    openings: list[datetime] = []
    for name in attempt.decision.excluded.get("closed", ()):
        opens = next_opening(attempt.now, partners[name].calendar(attempt.programme.hq_calendar))
        if opens:
            openings.append(opens)
    return min(openings, default=None)


def _tell_that_nobody_is_left(draft: Draft, programme: Programme, now: datetime) -> None:
    """Let HQ hear of it once; a lead that was tried again later goes back to where it waited."""
    if not draft.lead.exhausted:
        draft.set(exhausted=True)
        draft.add_event(LeadExhausted(tried=len(draft.lead.offers)))
        queueing.queue(draft, QueueReason.EXHAUSTED, programme, now)
    elif draft.lead.status is not LeadStatus.HQ_QUEUE or not draft.lead.reason:
        queueing.follow_up(draft, programme, now)
        draft.add_event(LeadRetried())


def taking_a_place(
    partner: Partner, load: Load, now: datetime, caps_only: bool, product: str
) -> LoadChange:
    """Give what an offer does to the partner's load.

    It is counted in their day, week and month, guarded by what was seen.
    """
    today = local_day(partner, now)
    day, week, month = period_keys(today)
    # Early returns of the month are counted beside the offers, and kept as long.
    returns_of_month = f"r{month[1:]}"
    current = {day, week, month, returns_of_month}
    return LoadChange(
        guarded=True,
        # Where too many others compete, exactly this load would never be met again: the caps alone
        # must hold.
        seq=None if caps_only else load.seq,
        open_cap=load.open_cap(today),
        product_cap=load.caps.products.get(product),
        counts=counters(load.caps, today, product),
        forget_counts=tuple(
            sorted(counter for counter in load.made if not is_of(counter, current))
        ),
        offered_at=now,
    )
