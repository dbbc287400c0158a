"""A partner goes on holiday while something of theirs is open: what waits for their answer must not
wait for them.

An open offer whose window the holiday eats up ends before it begins (or in an hour, if it has
begun), and the next partner is asked then; that counts against nobody. Of a lead they own and have
not called about, they and HQ are told.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from routing_core.domain.absences import away, eaten_up
from routing_core.domain.calendar.business_time import Calendar, open_spans, zone_of
from routing_core.domain.lead import DeadlineKind, Draft, Lead, LeadStatus
from routing_core.domain.lifecycle import offering
from routing_core.domain.lifecycle import ownership as owning
from routing_core.domain.offer import RELEASE, Offer
from routing_core.domain.partner import Absence, Partner
from routing_core.routing.decide.eligibility import local_day
from routing_core.service.kernel.ports import Change
from routing_core.service.kernel.services import Services, retry_on_conflict

GRACE = timedelta(hours=1)
"""Whoever enters a holiday is there at that moment: so long they may still answer."""
LOOKED_AHEAD = timedelta(days=60)
"""Holidays that begin later meet no window."""
MOST = 1_000
"""Leads of one partner looked at, the oldest first: far more than a firm has open."""


def mind_absences(services: Services, partners: Iterable[str], now: datetime) -> list[str]:
    """Ids of the leads for which something was done; doing it again does nothing more."""
    done: list[str] = []
    network = services.rules.network().partners
    for name in sorted(partners):
        partner = network.get(name)
        if partner is None or not _goes_away(partner, now):
            continue
        held = services.leads.held_by(name, MOST)
        done += [lead.id for lead in held if _mind(services, lead.id, partner, now)]
    return done


def _goes_away(partner: Partner, now: datetime) -> bool:
    today = local_day(partner, now)
    return away(partner.absences, today, today + LOOKED_AHEAD) is not None


def _mind(services: Services, lead_id: str, partner: Partner, now: datetime) -> bool:
    def work(_: bool) -> bool:
        lead = services.leads.get(lead_id)
        if lead is None:
            return False
        draft = Draft(lead)
        if lead.owner == partner.id:
            _warn_of_missed_call(services, draft, partner, now)
        for offer in lead.live_offers:
            if offer.partner == partner.id:
                _end_before_leaving(services, draft, offer, partner, now)
        if not draft.facts:
            return False
        services.commit(Change(draft), now=now)
        return True

    return retry_on_conflict(work)


def _end_before_leaving(
    services: Services, draft: Draft, offer: Offer, partner: Partner, now: datetime
) -> None:
    calendar = partner.calendar(services.programme.hq_calendar)
    absence = eaten_up(partner.absences, calendar, now, offer.expires_at)
    if absence is None or offer.on_lapse == RELEASE or offer.expires_at <= now:
        return
    until = max(_leaves(absence, calendar, now), now + GRACE)
    if until < offer.expires_at:
        offering.shorten(draft, offer, until, partner, services.programme, now)


def _warn_of_missed_call(services: Services, draft: Draft, partner: Partner, now: datetime) -> None:
    """Once: the warning takes the reminder's place. Not if a colleague looks after it."""
    lead = draft.lead
    contact_by, remind_at = (
        lead.deadline(DeadlineKind.CONTACT),
        lead.deadline(DeadlineKind.CONTACT_REMIND),
    )
    if (
        lead.status is not LeadStatus.ACCEPTED
        or contact_by is None
        or remind_at is None
        or _has_colleague(lead)
    ):
        return
    if eaten_up(
        partner.absences, partner.calendar(services.programme.hq_calendar), now, contact_by
    ):
        draft.drop_deadlines(DeadlineKind.CONTACT_REMIND)
        owning.warn_of_absence(draft, contact_by)


def _has_colleague(lead: Lead) -> bool:
    return lead.colleague is not None and lead.colleague.partner == lead.owner


def _leaves(absence: Absence, calendar: Calendar, now: datetime) -> datetime:
    """When the office closes for the last time before the absence; ``now`` if that is over."""
    zone = zone_of(calendar.time_zone)
    begins = datetime.combine(absence.first, datetime.min.time(), zone)
    ends = [
        closes
        for _, closes in open_spans(now, calendar, max((begins - now).days, 0) + 1)
        if closes <= begins
    ]
    return max(ends, default=now)
