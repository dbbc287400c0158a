"""Who is asked next: whom routing ranks first, within the programme's limits; else who waits for
the lead, else a backup partner. Nobody: then it is HQ's turn. Or nobody yet: the lead is held until
who comes first opens.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from routing_core.domain.calendar.business_time import deadline, next_opening
from routing_core.domain.lead import DeadlineKind, Lead, LeadStatus
from routing_core.domain.offer import Offer, OfferKind
from routing_core.domain.offer_terms import NotYetAsked, ends_in_all
from routing_core.domain.partner import Load, Partner
from routing_core.domain.programme.document import pick
from routing_core.domain.programme.offer_rules import (
    MOST_AT_ONCE,
    MOST_HOLDING,
    MOST_PARTNERS,
    OfferRule,
)
from routing_core.domain.programme.programme import Programme
from routing_core.routing.decide.answering import Answering, ClockOf, clocks_of
from routing_core.routing.decide.backups import ReadLoads, backup_terms, find_backup, made_as_backup
from routing_core.routing.decide.decision import SHORTLIST, Decision, decide, shortlist
from routing_core.routing.decide.eligibility import excluded_by_load, local_day
from routing_core.routing.index.network import Network
from routing_core.routing.policy import Enquiry, Policy

Loads = Mapping[str, Load]


@dataclass(frozen=True, slots=True)
class Asked:
    """Who is offered the lead now, and as what; ``wave`` counts from 1, 0 = no wave."""

    partners: tuple[Partner, ...]
    kind: OfferKind
    wave: int = 0
    until: datetime | None = None
    """The latest end of their windows, so that the next partner has time too."""

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
    late: tuple[str, ...] = ()
    """Whom routing ranks higher, and who is passed over for having too little open time to answer
    in.
    """
    nobody_in_time: bool = False
    """Nobody could answer in time: the best was asked all the same."""


def decide_for(
    enquiry: Enquiry, network: Network, policy: Policy, loads: Loads, now: datetime, read: ReadLoads
) -> tuple[Decision, Loads]:
    """The decision, and all the loads it took: where everybody looked at is full, or closed where
    the programme skips closed offices, it looks at more.
    """
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
    clock_of: ClockOf | None = None,
) -> Placement:
    """``loads``: of the ranked and of who waits; ``read`` gets those of backup partners.
    ``by_hand``: HQ asks for it,
    so that no limit holds. Whoever has too little open time before the lead's limits is passed over
    while somebody
    else can answer.
    """
    rule = _rule(lead, decision, programme)
    free = by_hand or _is_followed_up(lead)
    limited = not free and not _may_route(lead, rule, now)
    partners = network.partners
    holds_for_opening = rule.closed == "hold" and not (free or limited or lead.exhausted)
    clock_of = clock_of or clocks_of(programme)
    late: tuple[str, ...] = ()
    nobody_in_time = False
    asked: Asked | None = None
    if decision.ranked and not limited:
        ranked = [candidate.standing.partner for candidate in decision.ranked]
        answering = Answering(lead, programme, clock_of, now, _sharing(lead, rule, len(ranked)))
        size = _how_many(lead, rule)
        able = list(islice(answering.in_time(ranked), None if holds_for_opening else size))
        late, nobody_in_time = tuple(answering.late), not able
        until: datetime | None = None
        if nobody_in_time and rule.waves:
            able, until = ranked, answering.until(ranked[0], 1)
        elif nobody_in_time:
            best, until = answering.best_of_the_late(ranked)
            able = [best]
        if holds_for_opening:
            ends = ends_in_all(lead, rule.total, programme, now)
            first, held = opens_first(able, programme, ends, now)
            able = able[first:]
            if held:
                return Placement(
                    None, False, {}, loads, held, late=late, nobody_in_time=nobody_in_time
                )
        asked = _routed(lead, able[:size], rule, until or answering.until(able[0]))
    if asked is None:
        asked = _waiting(lead, partners, loads, now)
    passed_over: Mapping[str, tuple[str, ...]] = {}
    stands_in: Mapping[str, str] = {}
    if asked is None and (free or _may_ask_a_backup(lead, programme)):
        backup = find_backup(lead, decision, programme, network, read, loads, clock_of)
        passed_over = backup.passed_over
        if backup.partner and backup.load:
            asked, stands_in = Asked((backup.partner,), OfferKind.BACKUP), backup.stands_in
            loads = {**loads, backup.partner.id: backup.load}
    return Placement(
        asked,
        limited and decision.chosen is not None,
        passed_over,
        loads,
        stands_in=stands_in,
        late=late,
        nobody_in_time=nobody_in_time,
    )


def too_late(lead: Lead, decision: Decision, programme: Programme, now: datetime) -> frozenset[str]:
    """Which of the ranked would be passed over for having too little open time; nobody, if all of
    them would.
    """
    rule = _rule(lead, decision, programme)
    ranked = [candidate.standing.partner for candidate in decision.ranked]
    answering = Answering(
        lead, programme, clocks_of(programme), now, _sharing(lead, rule, len(ranked))
    )
    late = frozenset(partner.id for partner in ranked if answering.is_late(partner))
    return late if len(late) < len(ranked) else frozenset()


def _rule(lead: Lead, decision: Decision, programme: Programme) -> OfferRule:
    """That of the best partner's type: how many are asked, and how many at once."""
    best = decision.ranked[0].standing.partner.type if decision.ranked else None
    return pick(programme.offers, partner_type=best, product=lead.product, urgency=lead.urgency)


def opens_first(
    ranked: Iterable[Partner], programme: Programme, ends: datetime, now: datetime
) -> tuple[int, Held | None]:
    """The place of the first who is open now, or opens before the time in all ``ends``; and the
    wait for it, if any.

    Nobody does: then the first of all, at once.
    """
    for place, partner in enumerate(ranked):
        opens = next_opening(now, partner.calendar(programme.hq_calendar))
        if opens is not None and opens < ends:
            return place, Held(partner, opens) if opens > now else None
    return 0, None


def held_until(
    ranked: Sequence[Partner], enquiry: Enquiry, programme: Programme, now: datetime
) -> datetime | None:
    """Until when a lead with these answers would be held, if it came now."""
    best = ranked[0].type if ranked else None
    rule = pick(
        programme.offers, partner_type=best, product=enquiry.product, urgency=enquiry.urgency
    )
    if rule.closed != "hold":
        return None
    would_be = NotYetAsked(enquiry.product, enquiry.urgency)
    sharing = min(rule.partners or MOST_PARTNERS, len(ranked))
    in_time = list(
        Answering(would_be, programme, clocks_of(programme), now, sharing).in_time(ranked)
    )
    ends = deadline(now, rule.total.duration, programme.hq_calendar)
    _, held = opens_first(in_time or ranked, programme, ends, now)
    return held.until if held else None


def _waiting(
    lead: Lead, partners: Mapping[str, Partner], loads: Loads, now: datetime
) -> Asked | None:
    for partner_id in lead.waiting:
        if _could_take(partner_id, lead.product, partners, loads, now):
            return Asked((partners[partner_id],), OfferKind.WAITING)
    return None


def _may_ask_a_backup(lead: Lead, programme: Programme) -> bool:
    return made_as_backup(lead) < backup_terms(lead, programme).partners


def _how_many(lead: Lead, rule: OfferRule) -> int:
    """One partner, or so many as the next wave asks; beyond the last wave, as many as that. Never
    fewer than the sender was told are being asked.
    """
    if not rule.waves:
        return 1
    made = _waves_made(lead.offers_here)
    size = rule.waves[min(made, len(rule.waves) - 1)]
    return max(size, lead.asked_at_door) if isinstance(size, int) else MOST_AT_ONCE


def _sharing(lead: Lead, rule: OfferRule, candidates: int) -> int:
    """Among how many partners or waves, the next one included, what is left of the time is
    shared.
    """
    if not rule.waves:
        return min((rule.partners or MOST_PARTNERS) - _routed_before(lead), candidates)
    if candidates <= _how_many(lead, rule):
        return 1
    return len(rule.waves) - _waves_made(lead.offers_here)


def _routed(lead: Lead, partners: Sequence[Partner], rule: OfferRule, until: datetime) -> Asked:
    wave = _waves_made(lead.offers) + 1 if rule.waves else 0
    return Asked(tuple(partners), OfferKind.ROUTED, wave, until)


def _routed_before(lead: Lead) -> int:
    return sum(offer.kind is OfferKind.ROUTED for offer in lead.offers_here)


def _waves_made(offers: Iterable[Offer]) -> int:
    return len({offer.wave for offer in offers if offer.wave})


def _may_route(lead: Lead, rule: OfferRule, now: datetime) -> bool:
    """Within the waves, or the most partners, and the time in all that the programme allows."""
    if rule.waves:
        more = _waves_made(lead.offers_here) < len(rule.waves)
    else:
        more = _routed_before(lead) < (rule.partners or MOST_PARTNERS)
    return more and (lead.total_by is None or now < lead.total_by)


def _is_followed_up(lead: Lead) -> bool:
    """HQ had its time: now anybody may have it. Before, HQ is better than a fourth stranger."""
    return (
        lead.status is LeadStatus.FOLLOW_UP or lead.deadline(DeadlineKind.FOLLOW_UP_END) is not None
    )


def _could_take(
    partner_id: str, product: str, partners: Mapping[str, Partner], loads: Loads, now: datetime
) -> bool:
    partner, load = partners.get(partner_id), loads.get(partner_id)
    if (
        partner is None
        or not partner.active
        or excluded_by_load(load, local_day(partner, now), product)
    ):
        return False
    return not any(
        absence.first <= local_day(partner, now) <= absence.last for absence in partner.absences
    )
