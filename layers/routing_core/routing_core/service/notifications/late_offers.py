"""Sends the mail with an offer, and moves the partner's window where it leaves late or not at all.

The mail says the window that counts from now, and once it is noted as sent, the lead says so too:
from the instant that was noted, so that whoever is told again after a crash settles the same.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from routing_core.domain.draft import Draft
from routing_core.domain.events import OfferMade
from routing_core.domain.lead import Lead
from routing_core.domain.lifecycle import late_mail, offering
from routing_core.domain.offer import Offer, OfferStatus
from routing_core.domain.offer_terms import PlannedOffer
from routing_core.domain.reasons import WithdrawReason
from routing_core.service.kernel.mail_delays import MailDelayed, MailHindrance
from routing_core.service.kernel.mail_ports import MailTry, PostedMail, was_refused
from routing_core.service.kernel.ports import Change, LoadChange
from routing_core.service.kernel.retry import retry_on_conflict
from routing_core.service.kernel.services import Services
from routing_core.service.notifications.mail_views import Case, fact_view
from routing_core.service.notifications.mailing import MailContext
from routing_core.service.placing.place_lead import offer_next


def send_offer(
    mailing: MailContext, case: Case, mark: Mapping[str, str], tried: MailTry, now: datetime
) -> PostedMail:
    """Send the mail with an offer, and give what that came to.

    Raises MailDelayed while it cannot leave: then the lead says that it waits.
    """
    services, event = mailing.services, case.event
    if not isinstance(event, OfferMade):
        raise TypeError(f"{event.kind} makes no offer")
    offer = case.lead.offer(event.offer)
    is_late = offer is not None and late_mail.leaves_late(offer, now)
    shown = _counted(services, case.lead, event, now).lead if is_late else case.lead
    try:
        view = fact_view(services, replace(case, lead=shown), "partner", "offer", now)
        posted = mailing.send(view, mark, tried)
    except MailDelayed as delayed:
        # The rate alone holds a mail up for moments: that is worth no word.
        if is_late or delayed.hindrance is not MailHindrance.RATE:
            _note_unsent(services, case.lead.id, event.offer, now)
        raise
    return posted


def settle_window(mailing: MailContext, case: Case, key: str, now: datetime) -> None:
    """Let the lead say what its offer's mail came to, which is noted under a key.

    The window counts from when a late one left; of one that is refused for good the next partner
    is asked.
    """
    event, noted = case.event, mailing.outgoing.noted([key]).get(key)
    if noted is None or not isinstance(event, OfferMade):
        return
    if was_refused(noted.posted):
        _pass_on(mailing.services, case.lead.id, event.offer, now)
        return
    offer = _pending(case.lead, event.offer)
    if offer is not None and late_mail.leaves_late(offer, noted.at):
        _count_from(mailing.services, case.lead.id, event, noted.at, now)


def _counted(services: Services, lead: Lead, event: OfferMade, now: datetime) -> Draft:
    """Draft the lead with the offer's window counted from then."""
    draft = Draft(lead)
    offer = _pending(lead, event.offer)
    if offer is not None:
        partner = services.partner(offer.partner)
        planned = PlannedOffer(services.programme, partner, offer.kind, lead)
        first = late_mail.FirstWindow(event.until, bool(event.shortened))
        late_mail.count_from_sending(draft, first, offer, planned, now)
    return draft


def _count_from(
    services: Services, lead_id: str, event: OfferMade, left_at: datetime, now: datetime
) -> None:
    """Commit that the window counts from then, unless the offer is answered or ended by now."""

    def work(_: bool) -> None:
        lead = services.leads.get(lead_id)
        offer = _pending(lead, event.offer) if lead else None
        if lead and offer and late_mail.leaves_late(offer, left_at):
            services.commit(Change(_counted(services, lead, event, left_at)), now=now)

    retry_on_conflict(work)


def _note_unsent(services: Services, lead_id: str, number: int, now: datetime) -> None:
    """Commit that the offer's mail cannot leave, once."""

    def work(_: bool) -> None:
        lead = services.leads.get(lead_id)
        offer = _pending(lead, number) if lead else None
        if lead is None or offer is None or offer.unsent:
            return
        draft = Draft(lead)
        late_mail.note_unsent(draft, offer, services.programme, now)
        services.commit(Change(draft), now=now)

    retry_on_conflict(work)


def _pass_on(services: Services, lead_id: str, number: int, now: datetime) -> None:
    """Ask the next partner where the mail service never takes the mail to this one."""

    def work(caps_only: bool) -> None:
        lead = services.leads.get(lead_id)
        offer = _pending(lead, number) if lead else None
        if lead is None or offer is None or offer.seen_at:
            return
        draft = Draft(lead)
        loads: dict[str, LoadChange] = {}
        offering.withdraw_offer(draft, offer, WithdrawReason.UNSENT, now)
        if not draft.lead.live_offers:  # others of the wave may still answer
            loads = offer_next(draft, services, now, caps_only=caps_only)
        services.commit(Change(draft, loads=loads), now=now)

    retry_on_conflict(work)


def _pending(lead: Lead, number: int) -> Offer | None:
    offer = lead.offer(number)
    return offer if offer and offer.status is OfferStatus.PENDING else None
