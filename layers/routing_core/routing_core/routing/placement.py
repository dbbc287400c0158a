"""Who is asked next: whom routing ranks first, within the programme's limits; else who waits for the lead, else a
backup partner. Nobody: then it is HQ's turn. Or nobody yet: the lead is held until who comes first opens."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from ..domain.business_time import deadline, next_opening
from ..domain.document import pick
from ..domain.lead import DeadlineKind, Lead, LeadStatus
from ..domain.offer import Offer, OfferKind
from ..domain.offer_rules import MOST_AT_ONCE, MOST_HOLDING, MOST_PARTNERS, OfferRule
from ..domain.offer_terms import ends_in_all
from ..domain.partner import Load, Partner
from ..domain.programme import Programme
from .backups import ReadLoads, backup_terms, find_backup, made_as_backup
from .decision import SHORTLIST, Candidate, Decision, decide, shortlist
from .eligibility import excluded_by_load, local_day
from .network import Network
from .policy import Enquiry, Policy

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


@dataclass(frozen=True, slots=True)
class Held:
    """Nobody is asked before this partner opens."""

    partner: Partner
    until: datetime


@dataclass(frozen=True, slots=True)
class Placement:
    """What comes of a ranking."""

    asked: Asked | None
    """None: nobody (else) can be asked."""
    limited: bool
    """The programme's limit kept it from whom routing ranks first."""
    passed_over: Mapping[str, tuple[str, ...]]
    """Backup partners who cannot take it, by reason."""
    loads: Loads
    """Those given, and those of backup partners."""
    held: Held | None = None
    stands_in: Mapping[str, str] = field(default_factory=dict)
    """Of a backup partner: for whom."""


def decide_for(
    enquiry: Enquiry, network: Network, policy: Policy, loads: Loads, now: datetime, read: ReadLoads
) -> tuple[Decision, Loads]:
    """The decision, and all the loads it took: where everybody looked at is full, or closed where the programme skips
    closed offices, it looks at more."""
    limit = SHORTLIST
    decision = decide(enquiry, network, policy, loads, now, limit)
    while decision.beyond and (decision.chosen is None or decision.nobody_open):
        limit *= 2
        loads = {**loads, **read(shortlist(enquiry, network, policy, now, limit))}
        decision = decide(enquiry, network, policy, loads, now, limit)
    return decision, loads


def next_asked(
    lead: Lead,
    decision: Decision,
    programme: Programme,
    network: Network,
    loads: Loads,
    now: datetime,
    read: ReadLoads,
    *,
    by_hand: bool = False,
) -> Placement:
    """``loads``: of the ranked and of who waits; ``read`` gets those of backup partners. ``by_hand``: HQ asks for it,
    so that no limit holds."""
    rule = _rule(lead, decision, programme)
    free = by_hand or _is_followed_up(lead)
    limited = not free and not _may_route(lead, rule, now)
    ranked, partners = decision.ranked, network.partners
    if rule.closed == "hold" and not (free or limited or lead.exhausted):
        ends = ends_in_all(lead, rule.total, programme, now)
        first, held = opens_first((each.standing.partner for each in ranked), programme, ends, now)
        ranked = ranked[first:]
        if held:
            return Placement(None, False, {}, loads, held)
    asked = _next(lead, ranked, rule, partners, loads, now, limited)
    passed_over: Mapping[str, tuple[str, ...]] = {}
    stands_in: Mapping[str, str] = {}
    if asked is None and (free or _may_ask_a_backup(lead, programme)):
        backup = find_backup(lead, decision, programme, network, read, loads)
        passed_over = backup.passed_over
        if backup.partner and backup.load:
            asked, stands_in = Asked((backup.partner,), OfferKind.BACKUP), backup.stands_in
            loads = {**loads, backup.partner.id: backup.load}
    return Placement(asked, limited and decision.chosen is not None, passed_over, loads, stands_in=stands_in)


def _rule(lead: Lead, decision: Decision, programme: Programme) -> OfferRule:
    """That of the best partner's type: how many are asked, and how many at once."""
    best = decision.ranked[0].standing.partner.type if decision.ranked else None
    return pick(programme.offers, partner_type=best, product=lead.product, urgency=lead.urgency)


def opens_first(
    ranked: Iterable[Partner], programme: Programme, ends: datetime, now: datetime
) -> tuple[int, Held | None]:
    """The place of the first who is open now, or opens before the time in all ``ends``; and the wait for it, if any.

    Nobody does: then the first of all, at once."""
    for place, partner in enumerate(ranked):
        opens = next_opening(now, partner.calendar(programme.hq_calendar))
        if opens is not None and opens < ends:
            return place, Held(partner, opens) if opens > now else None
    return 0, None


def held_until(ranked: Sequence[Partner], enquiry: Enquiry, programme: Programme, now: datetime) -> datetime | None:
    """Until when a lead with these answers would be held, if it came now."""
    best = ranked[0].type if ranked else None
    rule = pick(programme.offers, partner_type=best, product=enquiry.product, urgency=enquiry.urgency)
    if rule.closed != "hold":
        return None
    _, held = opens_first(ranked, programme, deadline(now, rule.total.duration, programme.hq_calendar), now)
    return held.until if held else None


def _next(
    lead: Lead,
    ranked: Sequence[Candidate],
    rule: OfferRule,
    partners: Mapping[str, Partner],
    loads: Loads,
    now: datetime,
    limited: bool,
) -> Asked | None:
    if ranked and not limited:
        return _routed(lead, ranked, rule)
    for partner_id in lead.waiting:
        if _could_take(partner_id, lead.product, partners, loads, now):
            return Asked((partners[partner_id],), OfferKind.WAITING)
    return None


def _may_ask_a_backup(lead: Lead, programme: Programme) -> bool:
    return made_as_backup(lead) < backup_terms(lead, programme).partners


def _routed(lead: Lead, ranked: Sequence[Candidate], rule: OfferRule) -> Asked:
    """The best partner, or the best so many as the next wave asks; beyond the last wave, as many as that."""
    if not rule.waves:
        return Asked((ranked[0].standing.partner,), OfferKind.ROUTED)
    made = _waves_made(lead.offers_here)
    size = rule.waves[min(made, len(rule.waves) - 1)]
    best = ranked[: MOST_AT_ONCE if size == "all" else size]
    return Asked(
        tuple(candidate.standing.partner for candidate in best), OfferKind.ROUTED, _waves_made(lead.offers) + 1
    )


def _waves_made(offers: Iterable[Offer]) -> int:
    return len({offer.wave for offer in offers if offer.wave})


def _may_route(lead: Lead, rule: OfferRule, now: datetime) -> bool:
    """Within the waves, or the most partners, and the time in all that the programme allows."""
    routed = sum(offer.kind is OfferKind.ROUTED for offer in lead.offers_here)
    more = _waves_made(lead.offers_here) < len(rule.waves) if rule.waves else routed < (rule.partners or MOST_PARTNERS)
    return more and (lead.total_by is None or now < lead.total_by)


def _is_followed_up(lead: Lead) -> bool:
    """HQ had its time: now anybody may have it. Before, HQ is better than a fourth stranger."""
    return lead.status is LeadStatus.FOLLOW_UP or lead.deadline(DeadlineKind.FOLLOW_UP_END) is not None


def _could_take(partner_id: str, product: str, partners: Mapping[str, Partner], loads: Loads, now: datetime) -> bool:
    partner, load = partners.get(partner_id), loads.get(partner_id)
    if partner is None or not partner.active or excluded_by_load(load, local_day(partner, now), product):
        return False
    return not any(absence.first <= local_day(partner, now) <= absence.last for absence in partner.absences)
