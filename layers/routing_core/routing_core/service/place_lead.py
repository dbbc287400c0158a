"""The next partner or wave for a lead: routing, then who is waiting for it, then a backup partner, then HQ."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..domain import steps
from ..domain.lead import DeadlineKind, Draft, Lead, LeadStatus
from ..domain.offer import OfferKind
from ..domain.partner import Load, Partner, period_keys
from ..domain.programme import MOST_AT_ONCE, MOST_HOLDING, MOST_PARTNERS, OfferRule, Programme, pick
from ..routing.decision import SHORTLIST, Decision, decide, shortlist
from ..routing.eligibility import excluded_by_load, local_day
from ..routing.policy import Enquiry, Policy
from ..routing.record import record_of
from .backups import backup_terms, find_backup, made_as_backup
from .ports import LoadChange
from .relay import Relay

Loads = Mapping[str, Load]


@dataclass(frozen=True, slots=True)
class Asked:
    """Who is offered the lead now, and as what; ``wave`` counts from 1, 0 = no wave."""

    partners: tuple[Partner, ...]
    kind: OfferKind
    wave: int = 0

    @property
    def holds(self) -> bool:
        """So many that each keeps a place free for it; of more, only the winner takes one."""
        return len(self.partners) <= MOST_HOLDING


def partners_to_read(relay: Relay, enquiry: Enquiry, now: datetime, waiting: Sequence[str] = ()) -> tuple[str, ...]:
    """Whose loads a decision needs: the shortlist, and who is waiting."""
    version, programme = relay.rules.programme()
    names = shortlist(enquiry, relay.rules.network(), Policy.of(programme, version), now)
    return tuple(dict.fromkeys((*names, *waiting)))


def place(
    draft: Draft,
    relay: Relay,
    now: datetime,
    *,
    loads: Loads | None = None,
    contended: bool = False,
    by_hand: bool = False,
) -> dict[str, LoadChange]:
    """Opens the next offer or wave, or walks the fallback; the decision's record is kept on the draft.

    ``loads``: read beforehand, or read here. ``by_hand``: HQ asks for it, so that no limit holds. Returns what the
    commit does to the loads of those chosen.
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
    rule = _rule(draft.lead, decision, network.partners, programme)
    limited = not by_hand and not _is_followed_up(draft.lead) and not _may_route(draft.lead, rule, now)
    asked = _next(draft.lead, decision, rule, network.partners, loads, now, limited)
    if asked is None and (by_hand or _is_followed_up(draft.lead) or _may_ask_a_backup(draft.lead, programme)):
        backup = find_backup(draft.lead, decision, programme, network, relay.leads, loads)
        if backup.passed_over:
            draft.decision |= {"passed_over": {reason: list(names) for reason, names in backup.passed_over.items()}}
        if backup.partner and backup.load:
            asked = Asked((backup.partner,), OfferKind.BACKUP)
            loads = {**loads, backup.partner.id: backup.load}
    draft.decision |= _done(asked, limited and decision.chosen is not None)
    if asked is None:
        _exhausted(draft, programme, now)
        return {}
    for partner in asked.partners:
        steps.open_offer(draft, partner, asked.kind, programme, now, wave=asked.wave, holds=asked.holds)
    if not asked.holds:
        return {}
    return {each.id: taking_a_place(each, loads[each.id], now, contended) for each in asked.partners}


def _done(asked: Asked | None, limited: bool) -> dict[str, Any]:
    """What came of the ranking: who was offered the lead (a list, if several at once) and as what, and whether a limit
    kept it from the first."""
    done: dict[str, Any] = {"offered": None}
    if asked:
        names = [partner.id for partner in asked.partners]
        done = {"offered": names if len(names) > 1 else names[0], "kind": asked.kind.value}
        done |= {"wave": asked.wave} if asked.wave else {}
    return done | ({"limited": True} if limited else {})


def _rule(lead: Lead, decision: Decision, partners: Mapping[str, Partner], programme: Programme) -> OfferRule:
    """That of the best partner's type: how many are asked, and how many at once."""
    best = partners[decision.chosen].type if decision.chosen else None
    return pick(programme.offers, partner_type=best, product=lead.product, urgency=lead.urgency)


def _next(
    lead: Lead,
    decision: Decision,
    rule: OfferRule,
    partners: Mapping[str, Partner],
    loads: Loads,
    now: datetime,
    limited: bool,
) -> Asked | None:
    if decision.chosen and not limited:
        return _routed(lead, decision, rule, partners)
    for partner_id in lead.waiting:
        if _could_take(partner_id, partners, loads, now):
            return Asked((partners[partner_id],), OfferKind.WAITING)
    return None


def _may_ask_a_backup(lead: Lead, programme: Programme) -> bool:
    return made_as_backup(lead) < backup_terms(lead, programme).partners


def _routed(lead: Lead, decision: Decision, rule: OfferRule, partners: Mapping[str, Partner]) -> Asked:
    """The best partner, or the best so many as the next wave asks; beyond the last wave, as many as that."""
    if not rule.waves:
        return Asked((partners[decision.ranked[0].partner],), OfferKind.ROUTED)
    wave = _waves_made(lead) + 1
    size = rule.waves[min(wave, len(rule.waves)) - 1]
    best = decision.ranked[: MOST_AT_ONCE if size == "all" else size]
    return Asked(tuple(partners[candidate.partner] for candidate in best), OfferKind.ROUTED, wave)


def _waves_made(lead: Lead) -> int:
    return max((offer.wave for offer in lead.offers), default=0)


def _may_route(lead: Lead, rule: OfferRule, now: datetime) -> bool:
    """Within the waves, or the most partners, and the time in all that the programme allows."""
    routed = sum(offer.kind is OfferKind.ROUTED for offer in lead.offers)
    more = _waves_made(lead) < len(rule.waves) if rule.waves else routed < (rule.partners or MOST_PARTNERS)
    return more and (lead.total_by is None or now < lead.total_by)


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
