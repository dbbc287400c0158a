"""The next partner for a lead: routing, then who is waiting for it, then the backup partner, then HQ."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from ..domain import steps
from ..domain.lead import DeadlineKind, Draft, Lead, LeadStatus
from ..domain.offer import OfferKind
from ..domain.partner import Load, Partner, period_keys
from ..domain.programme import Programme, pick
from ..routing.decision import SHORTLIST, Decision, decide, shortlist
from ..routing.eligibility import excluded_by_load, local_day
from ..routing.policy import Enquiry, Policy
from ..routing.record import record_of
from .ports import LoadChange
from .relay import Relay

Loads = Mapping[str, Load]


def partners_to_read(relay: Relay, enquiry: Enquiry, now: datetime, waiting: Sequence[str] = ()) -> tuple[str, ...]:
    """Whose loads a decision needs: the shortlist, who is waiting, the backup partner."""
    version, programme = relay.rules.programme()
    backup = programme.fallback.backup_partner
    names = (
        *shortlist(enquiry, relay.rules.network(), Policy.of(programme, version), now),
        *waiting,
        *([backup] if backup else []),
    )
    return tuple(dict.fromkeys(names))


def place(
    draft: Draft,
    relay: Relay,
    now: datetime,
    *,
    loads: Loads | None = None,
    contended: bool = False,
    by_hand: bool = False,
) -> dict[str, LoadChange]:
    """Opens the next offer or walks the fallback; the decision's record is kept on the draft.

    ``loads``: read beforehand, or read here. ``by_hand``: HQ asks for it, so that no limit holds. Returns what the
    commit does to the chosen partner's load.
    """
    version, programme = relay.rules.programme()
    network = relay.rules.network()
    enquiry = Enquiry.of(draft.lead)
    if loads is None:
        loads = relay.leads.loads(partners_to_read(relay, enquiry, now, draft.lead.waiting))
    policy, limit = Policy.of(programme, version), SHORTLIST
    decision = decide(enquiry, network, policy, loads, now, limit)
    while decision.chosen is None and decision.beyond:  # a crowded place where everybody looked at is full
        limit *= 2
        loads = {**loads, **relay.leads.loads(shortlist(enquiry, network, policy, now, limit))}
        decision = decide(enquiry, network, policy, loads, now, limit)
    draft.decision = record_of(decision, network) | ({"contended": True} if contended else {})
    limited = not by_hand and not _is_followed_up(draft.lead) and not _may_route(draft.lead, programme, now)
    chosen = _next(draft.lead, decision, programme, network.partners, loads, now, limited)
    draft.decision |= _done(chosen, limited and decision.chosen is not None)
    if chosen is None:
        _exhausted(draft, programme, now)
        return {}
    partner, kind = chosen
    steps.open_offer(draft, partner, kind, programme, now)
    return {partner.id: taking_a_place(partner, loads[partner.id], now, contended)}


def _done(chosen: tuple[Partner, OfferKind] | None, limited: bool) -> dict[str, Any]:
    """What came of the ranking: who was offered the lead and as what, and whether a limit kept it from the first."""
    offered = {"offered": chosen[0].id, "kind": chosen[1].value} if chosen else {"offered": None}
    return offered | ({"limited": True} if limited else {})


def _next(
    lead: Lead,
    decision: Decision,
    programme: Programme,
    partners: Mapping[str, Partner],
    loads: Loads,
    now: datetime,
    limited: bool,
) -> tuple[Partner, OfferKind] | None:
    if decision.chosen and not limited:
        return partners[decision.chosen], OfferKind.ROUTED
    for partner_id in lead.waiting:
        if _could_take(partner_id, partners, loads, now):
            return partners[partner_id], OfferKind.WAITING
    backup = programme.fallback.backup_partner
    tried = {offer.partner for offer in lead.offers}
    if backup and backup not in tried and _could_take(backup, partners, loads, now):
        return partners[backup], OfferKind.BACKUP
    return None


def _may_route(lead: Lead, programme: Programme, now: datetime) -> bool:
    """Within the most partners and the time in all that the programme allows."""
    limit = pick(programme.offers, product=lead.product, urgency=lead.urgency).partners
    routed = sum(offer.kind is OfferKind.ROUTED for offer in lead.offers)
    return routed < limit and (lead.total_by is None or now < lead.total_by)


def _is_followed_up(lead: Lead) -> bool:
    """HQ had its time: now anybody may have it. Before, HQ is better than a fourth stranger."""
    return lead.status is LeadStatus.FOLLOW_UP or lead.deadline(DeadlineKind.FOLLOW_UP_END) is not None


def _could_take(partner_id: str, partners: Mapping[str, Partner], loads: Loads, now: datetime) -> bool:
    partner, load = partners.get(partner_id), loads.get(partner_id)
    if partner is None or not partner.active or excluded_by_load(load, local_day(partner, now)):
        return False
    return not any(absence.first <= local_day(partner, now) <= absence.last for absence in partner.absences)


def _exhausted(draft: Draft, programme: Programme, now: datetime) -> None:
    """HQ hears once; a lead that was tried again later goes back to where it waited."""
    if not draft.lead.exhausted:
        draft.set(exhausted=True)
        draft.tell("lead.exhausted", tried=len(draft.lead.offers))
        steps.queue(draft, "exhausted", programme, now)
    elif draft.lead.status is not LeadStatus.HQ_QUEUE or not draft.lead.reason:
        steps.follow_up(draft, programme, now)
        draft.tell("lead.retried")


def taking_a_place(partner: Partner, load: Load, now: datetime, contended: bool) -> LoadChange:
    """A routed offer: counted in the partner's day, week and month, guarded by what was seen."""
    day, week, month = period_keys(local_day(partner, now))
    current = {day, week, month, f"r{month[1:]}"}
    return LoadChange(
        guarded=True,
        seq=None if contended else load.seq,
        places_cap=load.caps.open,
        counts={day: load.caps.day, week: load.caps.week, month: load.caps.month},
        forget_counts=tuple(sorted(set(load.made) - current)),
        offered_at=now,
    )
