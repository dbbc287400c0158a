"""Sees to it that what waits for a partner's answer does not wait for somebody who goes on holiday.

An open offer whose window the holiday eats up ends before it begins (or in an hour, if it has
begun), and the next partner is asked then; that counts against nobody. Of a lead they own and have
not called about, they and HQ are told.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from routing_core.domain.absences import away, eaten_up
from routing_core.domain.calendar.business_time import Calendar, open_spans, zone_of
from routing_core.domain.draft import Draft
from routing_core.domain.lead import DeadlineKind, Lead, LeadStatus
from routing_core.domain.lifecycle import offering, ownership
from routing_core.domain.offer import RELEASE, Offer
from routing_core.domain.partner import Absence, Partner
from routing_core.routing.decide.eligibility import local_day
from routing_core.service.kernel.ports import MOST_HELD, Change
from routing_core.service.kernel.retry import retry_on_conflict
from routing_core.service.kernel.services import Services

GRACE = timedelta(hours=1)
"""Whoever enters a holiday is there at that moment: so long they may still answer."""
LOOKED_AHEAD = timedelta(days=60)
"""Holidays that begin later than this meet no window."""


def mind_absences(services: Services, partners: Iterable[str], now: datetime) -> list[str]:
    """See to what the holidays of these partners leave unanswered.

    The ids of the leads that were changed are returned. Doing it again does nothing more.
    """
    changed: list[str] = []
    network = services.rules.network().partners
    for name in sorted(partners):
        partner = network.get(name)
        if partner is None or not _goes_away(partner, now):
            continue
        held = services.leads.held_by(name, MOST_HELD)
        changed += [lead.id for lead in held if _mind(services, lead.id, partner, now)]
    return changed


def _goes_away(partner: Partner, now: datetime) -> bool:
    """Tell whether the partner is away or will be before any open window ends."""
    today = local_day(partner, now)
    return away(partner.absences, today, today + LOOKED_AHEAD) is not None


def _mind(services: Services, lead_id: str, partner: Partner, now: datetime) -> bool:
    """See to one lead of a partner who goes away, and tell whether anything was changed."""

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
        if not draft.events:
            return False
        services.commit(Change(draft), now=now)
        return True

    return retry_on_conflict(work)


def _end_before_leaving(
    services: Services, draft: Draft, offer: Offer, partner: Partner, now: datetime
) -> None:
    """Shorten the window of an offer that a holiday would eat up."""
    if offer.on_lapse == RELEASE or offer.expires_at <= now:
        return
    calendar = partner.calendar(services.programme.hq_calendar)
    absence = eaten_up(partner.absences, calendar, now, offer.expires_at)
    if absence is None:
        return
    # A holiday that has begun already leaves an hour: whoever enters it is there at that moment.
    until = max(_leaves_at(absence, calendar, now), now + GRACE)
    if until < offer.expires_at:
        shorter = replace(offer, expires_at=until)
        offering.shorten(draft, shorter, partner, services.programme, now)


def _warn_of_missed_call(services: Services, draft: Draft, partner: Partner, now: datetime) -> None:
    """Warn the owner and HQ once of a call that falls into a holiday.

    Nobody is warned if a colleague looks after the lead.
    """
    lead = draft.lead
    if lead.status is not LeadStatus.ACCEPTED or _has_colleague(lead):
        return
    contact_by = lead.deadline(DeadlineKind.CONTACT)
    # The warning takes the reminder's place, so that where none is left the warning was given.
    if contact_by is None or lead.deadline(DeadlineKind.CONTACT_REMIND) is None:
        return
    if eaten_up(
        partner.absences, partner.calendar(services.programme.hq_calendar), now, contact_by
    ):
        draft.drop_deadlines(DeadlineKind.CONTACT_REMIND)
        ownership.warn_of_absence(draft, contact_by)


def _has_colleague(lead: Lead) -> bool:
    """Tell whether a colleague at the owner's looks after the lead."""
    return lead.colleague is not None and lead.colleague.partner == lead.owner


def _leaves_at(absence: Absence, calendar: Calendar, now: datetime) -> datetime:
    """Give when the office closes for the last time before the absence; ``now`` if that is over."""
    zone = zone_of(calendar.time_zone)
    begins = datetime.combine(absence.first, datetime.min.time(), zone)
    days = max((begins - now).days, 0) + 1
    closings = [closes for _, closes in open_spans(now, calendar, days) if closes <= begins]
    return max(closings, default=now)
