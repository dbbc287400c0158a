"""Choose who is asked next: the steps of escalation.

It is whom routing ranks first, within the programme's limits; else who waits for the lead, else a
backup partner. Where there is nobody, it is HQ's turn; or the lead waits until the partner who
comes first opens.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice

from routing_core.domain.calendar.business_time import deadline, next_opening
from routing_core.domain.lead import DeadlineKind, Lead, LeadStatus
from routing_core.domain.offer import Offer, OfferKind
from routing_core.domain.offer_terms import NotYetAsked, total_deadline
from routing_core.domain.partner import Load, Partner
from routing_core.domain.programme.document import most_specific_rule
from routing_core.domain.programme.offer_rules import (
    LARGEST_RESERVING_WAVE,
    LARGEST_WAVE,
    PARTNERS_BY_DEFAULT,
    OfferRule,
)
from routing_core.domain.programme.programme import Programme
from routing_core.routing.decide.answering import Answering, clocks_of
from routing_core.routing.decide.attempt import PlacementAttempt
from routing_core.routing.decide.backups import backup_terms, find_backup, made_as_backup
from routing_core.routing.decide.decision import SHORTLIST, Decision, decide, shortlist
from routing_core.routing.decide.eligibility import excluded_by_load, local_day
from routing_core.routing.decide.situation import LoadsByPartner, ReadLoads, Situation
from routing_core.routing.policy import Enquiry


@dataclass(frozen=True, slots=True)
class OfferPlan:
    """A plan: who is offered the lead now, and as what."""

    partners: tuple[Partner, ...]
    """The partners who are asked, all at once."""
    kind: OfferKind
    """The occasion on which they are asked."""
    wave: int = 0
    """Counts the waves of the lead from 1; 0: no wave."""
    until: datetime | None = None
    """Gives the latest end of their windows, so that the next partner has time too."""

    @property
    def reserves_slot(self) -> bool:
        """Tell whether each of them keeps a place free for it, being few enough.

        Of more partners only the winner takes a place.
        """
        return len(self.partners) <= LARGEST_RESERVING_WAVE


@dataclass(frozen=True, slots=True)
class WaitForOpening:
    """A wait: nobody is asked before this partner opens."""

    partner: Partner
    """The partner who comes first, and is closed."""
    opens_at: datetime
    """Gives the instant at which that one opens."""


@dataclass(frozen=True, slots=True)
class Placement:
    """What comes of a ranking."""

    plan: OfferPlan | None
    """Says who is asked; None: nobody (else) can be, or nobody is yet."""
    loads: LoadsByPartner
    """Gives the loads of the situation, and those of backup partners."""
    limited: bool = False
    """Tells whether the programme's limit kept it from whom routing ranks first."""
    passed_over: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Names by reason the backup partners who cannot take it."""
    waits_for: WaitForOpening | None = None
    """Says whose opening the lead waits for, if it does."""
    stands_in: Mapping[str, str] = field(default_factory=dict)
    """Says of a backup partner for whom it stands in."""
    late: tuple[str, ...] = ()
    """Names whom routing ranks higher, but passes over.

    They have too little open time to answer in.
    """
    nobody_in_time: bool = False
    """Tells whether nobody could answer in time, so that the best was asked all the same."""


def decide_and_widen(situation: Situation, read_loads: ReadLoads) -> tuple[Decision, Situation]:
    """Decide, and give the situation with all the loads it took.

    Where everybody looked at is full, or closed where the programme skips closed offices, more
    partners are looked at.
    """
    limit = SHORTLIST
    decision = decide(situation, limit)
    while decision.beyond and (decision.chosen is None or decision.nobody_open):
        # Doubled each time, so that a crowd is walked through in few reads.
        limit *= 2
        situation = situation.with_loads(read_loads(shortlist(situation, limit)))
        decision = decide(situation, limit)
    return decision, situation


def choose_next(attempt: PlacementAttempt) -> Placement:
    """Choose who is asked next.

    Whoever has too little open time before the lead's limits is passed over while somebody else can
    answer.
    """
    placement = _from_ranking(attempt)
    if placement.plan or placement.waits_for:
        return placement
    # Whoever asked for the lead may have it, though routing's limit is reached.
    waiting = _first_who_waits(attempt)
    if waiting:
        return replace(placement, plan=OfferPlan((waiting,), OfferKind.WAITING))
    if _is_unlimited(attempt) or _may_ask_a_backup(attempt.lead, attempt.programme):
        return _from_backups(attempt, placement)
    return placement


def _from_ranking(attempt: PlacementAttempt) -> Placement:
    """Choose among those whom routing ranks.

    Nobody is chosen if there are none, or a limit of the programme is reached.
    """
    lead = attempt.lead
    rule = _rule_of_best(lead, attempt.decision, attempt.programme)
    ranked = attempt.ranked
    nobody = Placement(None, attempt.situation.loads)
    if not ranked:
        return nobody
    if not _is_unlimited(attempt) and not _may_route(lead, rule, attempt.now):
        return replace(nobody, limited=True)
    size = _how_many(lead, rule)
    answering = _answering(attempt, rule)
    waits = _waits_for_opening(attempt, rule)
    # Who waits for somebody to open has to know all who could answer, not only as many as are asked
    # at once.
    able = list(islice(answering.in_time(ranked), None if waits else size))
    found = replace(nobody, late=tuple(answering.late), nobody_in_time=not able)
    until: datetime | None = None
    if not able:
        able, until = _though_late(ranked, rule, answering)
    if waits:
        ends = total_deadline(lead, rule.total, attempt.programme, attempt.now)
        first, wait = opens_first(able, attempt.programme, ends, attempt.now)
        if wait:
            return replace(found, waits_for=wait)
        able = able[first:]
    plan = OfferPlan(
        tuple(able[:size]),
        OfferKind.ROUTED,
        _next_wave(lead, rule),
        until or answering.until(able[0]),
    )
    return replace(found, plan=plan)


def _answering(attempt: PlacementAttempt, rule: OfferRule) -> Answering:
    sharing = _sharing(attempt.lead, rule, len(attempt.decision.ranked))
    return Answering(attempt.lead, attempt.programme, attempt.clock_of, attempt.now, sharing)


def _though_late(
    ranked: list[Partner], rule: OfferRule, answering: Answering
) -> tuple[list[Partner], datetime]:
    """Choose where nobody can answer in time: a whole wave, or the best of them; and until when."""
    if rule.waves:
        return ranked, answering.until(ranked[0], 1)
    best, until = answering.best_of_the_late(ranked)
    return [best], until


def _from_backups(attempt: PlacementAttempt, placement: Placement) -> Placement:
    backup = find_backup(attempt)
    placement = replace(placement, passed_over=backup.passed_over)
    if backup.partner is None or backup.load is None:
        return placement
    return replace(
        placement,
        plan=OfferPlan((backup.partner,), OfferKind.BACKUP),
        stands_in=backup.stands_in,
        loads={**placement.loads, backup.partner.id: backup.load},
    )


def too_late(lead: Lead, decision: Decision, programme: Programme) -> frozenset[str]:
    """Name which of the ranked would be passed over for having too little open time.

    It names nobody if all of them would.
    """
    rule = _rule_of_best(lead, decision, programme)
    ranked = [each.standing.partner for each in decision.ranked]
    sharing = _sharing(lead, rule, len(ranked))
    answering = Answering(lead, programme, clocks_of(programme), decision.at, sharing)
    late = frozenset(partner.id for partner in ranked if answering.is_late(partner))
    return late if len(late) < len(ranked) else frozenset()


# ── openings ──────────────────────────────────────────────────────────────────────────────────────


def _waits_for_opening(attempt: PlacementAttempt, rule: OfferRule) -> bool:
    """Tell whether the programme lets a lead wait for an office to open, and this one still may."""
    return rule.closed == "hold" and not _is_unlimited(attempt) and not attempt.lead.exhausted


def opens_first(
    ranked: Iterable[Partner], programme: Programme, ends: datetime, now: datetime
) -> tuple[int, WaitForOpening | None]:
    """Find the first who is open now, or opens before the time in all ``ends``.

    That one's place is given, and the wait, if any. Where nobody opens, it is the first of all, at
    once.
    """
    for place, partner in enumerate(ranked):
        opens = next_opening(now, partner.calendar(programme.hq_calendar))
        if opens is None or opens >= ends:
            continue
        return place, WaitForOpening(partner, opens) if opens > now else None
    return 0, None


def would_wait_until(
    ranked: Sequence[Partner], enquiry: Enquiry, programme: Programme, now: datetime
) -> datetime | None:
    """Give until when a lead with these answers would wait for an opening, if it came now.

    It is None if it would not.
    """
    best = ranked[0].type if ranked else None
    rule = most_specific_rule(
        programme.offers, partner_type=best, product=enquiry.product, urgency=enquiry.urgency
    )
    if rule.closed != "hold":
        return None
    would_be = NotYetAsked(enquiry.product, enquiry.urgency)
    sharing = min(rule.partners or PARTNERS_BY_DEFAULT, len(ranked))
    answering = Answering(would_be, programme, clocks_of(programme), now, sharing)
    in_time = list(answering.in_time(ranked))
    ends = deadline(now, rule.total.duration, programme.hq_calendar)
    _, wait = opens_first(in_time or ranked, programme, ends, now)
    return wait.opens_at if wait else None


# ── limits ────────────────────────────────────────────────────────────────────────────────────────


def _is_unlimited(attempt: PlacementAttempt) -> bool:
    """Tell whether no limit of the programme holds: HQ asks for it, or had its time.

    After that anybody may have the lead. Before, HQ is better than a fourth stranger.
    """
    lead = attempt.lead
    is_followed_up = (
        lead.status is LeadStatus.FOLLOW_UP or lead.deadline(DeadlineKind.FOLLOW_UP_END) is not None
    )
    return attempt.by_hand or is_followed_up


def _rule_of_best(lead: Lead, decision: Decision, programme: Programme) -> OfferRule:
    """Give the rule of the best partner's type: how many are asked, and how many at once."""
    best = decision.ranked[0].standing.partner.type if decision.ranked else None
    return most_specific_rule(
        programme.offers, partner_type=best, product=lead.product, urgency=lead.urgency
    )


def _may_route(lead: Lead, rule: OfferRule, now: datetime) -> bool:
    """Tell whether the programme lets routing ask another partner or wave.

    The waves, or the most partners, and the time in all may be used up.
    """
    if lead.total_by is not None and now >= lead.total_by:
        return False
    if rule.waves:
        return _waves_made(lead.offers_here) < len(rule.waves)
    return _routed_before(lead) < (rule.partners or PARTNERS_BY_DEFAULT)


def _may_ask_a_backup(lead: Lead, programme: Programme) -> bool:
    return made_as_backup(lead) < backup_terms(lead, programme).partners


def _how_many(lead: Lead, rule: OfferRule) -> int:
    """Count whom to ask: one partner, or as many as the next wave asks.

    Beyond the last wave it is as many as that. Never fewer than the sender was told are being
    asked.
    """
    if not rule.waves:
        return 1
    made = _waves_made(lead.offers_here)
    size = rule.waves[min(made, len(rule.waves) - 1)]
    return max(size, lead.asked_at_door) if isinstance(size, int) else LARGEST_WAVE


def _sharing(lead: Lead, rule: OfferRule, candidates: int) -> int:
    """Count among how many partners or waves the rest of the time is shared.

    The next one is included. Beyond the programme's limits it is that one alone.
    """
    if not rule.waves:
        left = (rule.partners or PARTNERS_BY_DEFAULT) - _routed_before(lead)
        return max(1, min(left, candidates))
    if candidates <= _how_many(lead, rule):
        return 1
    return max(1, len(rule.waves) - _waves_made(lead.offers_here))


def _next_wave(lead: Lead, rule: OfferRule) -> int:
    return _waves_made(lead.offers) + 1 if rule.waves else 0


def _routed_before(lead: Lead) -> int:
    return sum(1 for offer in lead.offers_here if offer.kind is OfferKind.ROUTED)


def _waves_made(offers: Iterable[Offer]) -> int:
    return len({offer.wave for offer in offers if offer.wave})


# ── who waits ─────────────────────────────────────────────────────────────────────────────────────


def _first_who_waits(attempt: PlacementAttempt) -> Partner | None:
    """Find the first of those who asked to get the lead if it comes free, and who could take it."""
    situation = attempt.situation
    for partner_id in attempt.lead.waiting:
        partner = situation.network.partners.get(partner_id)
        load = situation.loads.get(partner_id)
        if partner is not None and _could_take(partner, load, attempt.lead.product, attempt.now):
            return partner
    return None


def _could_take(partner: Partner, load: Load | None, product: str, now: datetime) -> bool:
    today = local_day(partner, now)
    if not partner.active or excluded_by_load(load, today, product):
        return False
    return not any(absence.first <= today <= absence.last for absence in partner.absences)
