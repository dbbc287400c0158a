"""Which mail a fact means to whom, and sending it once.

``MAILS`` is the whole of it: fact → mails. Each mail re-reads the lead, is skipped if the fact has
been
superseded meanwhile, and is leased under its fact, role and template before it is sent.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from routing_core.domain import events
from routing_core.domain.enquiry.gatekeeping import HoldReason
from routing_core.domain.lead import OWNED, SERVED, LeadStatus
from routing_core.domain.offer import OfferStatus
from routing_core.domain.reasons import QueueReason
from routing_core.service.notifications.digests import DigestLine
from routing_core.service.notifications.held_mails import (
    alert_hq,
    closed_or_held,
    colleague_or_held,
    confirm_to_hq,
    has_somebody_new,
    news_or_held,
    not_called_yet,
    phone_later,
    receipt_or_held,
    tell_held_back,
    tell_unconfirmed,
    waiting_or_held,
)
from routing_core.service.notifications.hq_access import REQUESTED, mail_hq_links
from routing_core.service.notifications.mail_views import Case, case_of, fact_view, partner_view
from routing_core.service.notifications.mailing import MailContext

S = LeadStatus
Still = Callable[[Case], bool]


def _offer_is_open(case: Case) -> bool:
    number = case.event.offer_number
    offer = None if number is None else case.lead.offer(number)
    return offer is not None and offer.status is OfferStatus.PENDING


def _still_theirs(case: Case) -> bool:
    return case.lead.owner == case.event.partner_id and case.lead.status in OWNED


def _newly_at_risk(case: Case) -> bool:
    """Not if the holiday was known on accepting: the reminder before it begins says the same."""
    known = isinstance(case.event, events.ContactAtRisk) and case.event.known
    return not_called_yet(case) and not known


def _not_quoted_yet(case: Case) -> bool:
    return _still_theirs(case) and case.lead.status is not S.QUOTED


def _not_theirs(case: Case) -> bool:
    return case.lead.owner != case.event.partner_id


def _has_an_owner(case: Case) -> bool:
    return case.lead.owner is not None and case.lead.status in OWNED


def _still_in_doubt(case: Case) -> bool:
    """Whether the owner called, or, while there was none, whether anybody will be found."""
    if case.event.partner_id is not None:
        return not_called_yet(case)
    return _looked_for(case)


def _still_queued(case: Case) -> bool:
    return case.lead.status is S.HQ_QUEUE


def _still_exhausted(case: Case) -> bool:
    """However late it is told: HQ hears of it only once, so even while somebody is being asked
    again.
    """
    return case.lead.exhausted and not case.lead.finished


def _still_held_back(case: Case) -> bool:
    return case.lead.status is S.QUARANTINED


def _is_for_hq_to_see(case: Case) -> bool:
    """Not what waits because its form asks everybody to confirm: that is nothing out of the
    ordinary.
    """
    return _still_held_back(case) and case.lead.reason != HoldReason.UNCONFIRMED


def _waits_for_confirmation(case: Case) -> bool:
    return case.lead.waits_for_confirmation


def _queued_for(case: Case) -> QueueReason | None:
    return case.event.reason if isinstance(case.event, events.LeadQueued) else None


def _for_review(case: Case) -> bool:
    return _still_queued(case) and _queued_for(case) is QueueReason.REVIEW


def _to_decide(case: Case) -> bool:
    return case.lead.undecided and _queued_for(case) == case.lead.reason


def _follow_up_ended(case: Case) -> bool:
    return _still_queued(case) and _queued_for(case) is QueueReason.FOLLOW_UP_ENDED


def _merged_before(case: Case) -> bool:
    return _still_queued(case) and _queued_for(case) is QueueReason.MERGED


def _looked_for(case: Case) -> bool:
    return case.lead.owner is None and not case.lead.finished


def _not_for_review(case: Case) -> bool:
    return not (isinstance(case.event, events.LeadReturned) and case.event.next == "review")


def _to_a_partner(case: Case) -> bool:
    return isinstance(case.event, events.LeadHandedOver) and case.event.to is not None


def _said_by_prospect(case: Case) -> bool:
    by_prospect = (
        isinstance(case.event, (events.LeadMoved, events.LeadNoted)) and case.event.by == "prospect"
    )
    return by_prospect and _has_an_owner(case)


def _joined_of_old(case: Case) -> bool:
    return case.lead.joined_of_old


def _settled(case: Case) -> bool:
    """Not when the owner took it back within two minutes."""
    return case.lead.finished and case.lead.reason == SERVED


def _named(case: Case) -> bool:
    return case.partner is not None


def _always(_: Case) -> bool:
    return True


def _waits_for_its_time(case: Case) -> bool:
    return case.lead.status is LeadStatus.NURTURE


def _followed_up(case: Case) -> bool:
    return case.lead.status is LeadStatus.FOLLOW_UP


Mails = tuple[tuple[str, str, Still], ...]
NO_MAIL: Mails = ()
MAILS: Mapping[type[events.LeadEvent], Mails] = {
    events.LeadReceived: (("prospect", "receipt", _always),),
    events.LeadRepeated: (("partner", "repeated", _named),),
    events.RepeatChanged: (("partner", "repeated", _still_theirs),),
    events.RepeatFound: NO_MAIL,
    events.LeadAttached: (("prospect", "receipt", _joined_of_old),),
    events.FirstEnded: NO_MAIL,
    events.AttachmentKept: NO_MAIL,
    events.AttachmentEnded: NO_MAIL,
    events.LeadServed: (("prospect", "served", _settled),),
    events.LeadQuarantined: (
        ("prospect", "confirm_enquiry", _waits_for_confirmation),
        ("hq", "held_back", _is_for_hq_to_see),
    ),
    events.LeadConfirmed: NO_MAIL,
    events.LeadReleased: NO_MAIL,
    events.LeadRejected: NO_MAIL,
    events.LeadNurtured: NO_MAIL,
    events.NurtureAsked: (("prospect", "nurture_ask", _waits_for_its_time),),
    events.NurtureReady: NO_MAIL,
    events.OfferMade: (("partner", "offer", _offer_is_open),),
    events.OfferSeen: NO_MAIL,
    events.OfferShortened: (("partner", "reminder", _offer_is_open),),
    events.OfferReminded: (("partner", "reminder", _offer_is_open),),
    events.OfferRedirected: (("second", "offer", _offer_is_open),),
    events.OfferAccepted: (
        ("partner", "accepted", _still_theirs),
        ("prospect", "partner_found", _still_theirs),
        ("hq", "confirmation", _still_theirs),
    ),
    events.OfferDeclined: NO_MAIL,
    events.OfferExpired: (("partner", "gone", _not_theirs),),
    events.OfferWithdrawn: (
        ("partner", "gone", _not_theirs),
        ("prospect", "moved_on", _looked_for),
    ),
    events.OfferReturned: (("prospect", "moved_on", _looked_for),),
    events.ExistingCustomerClaimed: NO_MAIL,
    events.ClaimGranted: NO_MAIL,
    events.LeadReturned: (
        ("prospect", "moved_on", _looked_for),
        ("hq", "confirmation", _not_for_review),
    ),
    events.LeadDelegated: (
        ("partner", "delegated", _still_theirs),
        ("prospect", "will_call", has_somebody_new),
    ),
    events.LeadHandedOver: (
        ("prospect", "moved_on", _looked_for),
        ("hq", "confirmation", _to_a_partner),
    ),
    events.WaitingListJoined: NO_MAIL,
    events.ContactReminded: (("partner", "contact_reminder", not_called_yet),),
    events.ContactAtRisk: (
        ("partner", "contact_reminder", _newly_at_risk),
        ("hq", "confirmation", not_called_yet),
    ),
    events.ContactMissed: (("hq", "contact_missed", not_called_yet),),
    events.ContactRetracted: (
        ("partner", "contact_retracted", _not_theirs),
        ("prospect", "moved_on", _looked_for),
    ),
    events.ContactAttempted: NO_MAIL,
    events.LeadContacted: NO_MAIL,
    events.LeadQuoted: NO_MAIL,
    events.LeadWon: NO_MAIL,
    events.LeadLost: NO_MAIL,
    events.LeadUndone: NO_MAIL,
    events.StatusAsked: (("partner", "status_ask", _still_theirs),),
    events.QuoteMissed: (
        ("partner", "quote_ask", _not_quoted_yet),
        ("hq", "quote_missed", _not_quoted_yet),
    ),
    events.OutcomeMissed: (("hq", "outcome_missed", _still_theirs),),
    events.LeadExhausted: (("hq", "alert", _still_exhausted),),
    events.LeadQueued: (
        ("hq", "review", _for_review),
        ("hq", "alert", _follow_up_ended),
        ("hq", "alert", _merged_before),
        ("hq", "decide", _to_decide),
    ),
    events.LeadHeld: NO_MAIL,
    events.LeadFollowedUp: (("prospect", "follow_up", _followed_up),),
    events.LeadRetried: NO_MAIL,
    events.LeadRerouted: NO_MAIL,
    events.LeadClosed: (("prospect", "closed", _always),),
    events.LeadAssigned: (("hq", "confirmation", _always),),
    events.PromiseRenewed: (("prospect", "promise_update", _still_in_doubt),),
    events.LeadCorrected: (("partner", "noted", _has_an_owner),),
    events.LeadMoved: (
        ("partner", "noted", _has_an_owner),
        ("hq", "confirmation", _said_by_prospect),
    ),
    events.OfferMoved: (("partner", "noted", _offer_is_open),),
    events.LeadNoted: (("partner", "noted", _said_by_prospect),),
    events.LeadWithdrawn: (("partner", "prospect_withdrew", _named),),
    events.LeadNotCalled: (
        ("partner", "noted", _has_an_owner),
        ("hq", "not_called", _has_an_owner),
    ),
    events.ErasureAsked: (("partner", "please_erase", _named),),
    events.NoteErased: NO_MAIL,
    events.LeadErased: NO_MAIL,
    events.CapacityFreed: NO_MAIL,
    events.PartnerUnseen: (("second", "unseen", _named), ("hq", "phone_partner", _named)),
    events.PartnerResumed: (("partner", "resumed", _named),),
    events.PartnerPaused: (("partner", "paused", _named), ("hq", "partner_paused", _named)),
}
"""Event → the mails it means: to whom, by which template, and as long as what is still so."""
TAKES_BACK: Mapping[str, tuple[type[events.LeadEvent], str]] = {
    "gone": (events.OfferMade, "partner#offer"),
    "moved_on": (events.OfferAccepted, "prospect#partner_found"),
}
"""Mails that take back what an earlier one said: of which fact, and to whom."""
LONG_AGO = timedelta(days=60)
"""By then every mail has left, and its row may be gone."""
ONCE_A_DAY = (events.LeadNotCalled, events.LeadCorrected)
"""What a prospect may press again and again; the partner and HQ hear it once a day."""
ACKNOWLEDGEMENTS = frozenset({"receipt", "confirm_enquiry"})
"""Mails that whoever fills in a form has sent to the address they typed: one an hour for each
mailbox.
"""
WAITING_MAILS = frozenset({"follow_up", "promise_update"})
"""Mails that an open enquiry has sent by itself, again and again, to the address that was typed: a
few an hour.
"""
NEWS_MAILS = frozenset({"noted", "repeated"})
"""Mails to a partner that a prospect can cause again and again: a few an hour for each lead."""
PARTNER_MAILS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "partner.unconfirmed": (("partner", "confirm_address"), ("hq", "partner_unconfirmed")),
    "partner.bounced": (("hq", "partner_bounced"),),
    "desk.requested": (("partner", "desk_link"),),
}


def tell_fact(
    mailing: MailContext, lead_id: str, version: int, index: int, now: datetime
) -> tuple[str, ...]:
    """Sends what the fact means; returns the templates sent. Raises Conflict while somebody else is
    sending it.
    """
    case = case_of(mailing.services, lead_id, version, index)
    if case is None:
        return ()
    event = case.event
    sent = []
    occasion = case.event_id
    if isinstance(event, ONCE_A_DAY):
        occasion = f"{lead_id}.{event.kind}.{now:%Y-%m-%d}"
    for role, template, still in MAILS.get(type(event), NO_MAIL):
        send = _sender(mailing, case, role, template, now)
        if (
            still(case)
            and _was_told_before(mailing, case, template, now)
            and mailing.once(f"{occasion}#{role}#{template}", now, send)
        ):
            sent.append(template)
    return tuple(sent)


def _was_told_before(mailing: MailContext, case: Case, template: str, now: datetime) -> bool:
    """Who never heard of it need not hear that it is gone: a partner of an offer in a wave, of
    which somebody else had the lead before all were told; the prospect of a partner who had it for
    a moment.
    """
    number = case.event.offer_number
    if number is None or template not in TAKES_BACK:
        return True
    offer = case.lead.offer(number)
    if template == "gone" and (offer is None or not offer.wave):
        return True
    said_by, mail = TAKES_BACK[template]
    for row in mailing.services.leads.events(case.lead.id):
        for index, event in enumerate(row.events):
            if isinstance(event, said_by) and event.offer_number == number:
                return now - row.at > LONG_AGO or mailing.outgoing.begun(
                    f"{row.event_id(index)}#{mail}"
                )
    return False


def tell_about_somebody(
    mailing: MailContext, detail: Mapping[str, Any], event_id: str, now: datetime
) -> tuple[str, ...]:
    """Sends what an event means that is about no lead, but a partner or somebody at HQ; returns the
    templates sent.
    """
    occasion, person = str(detail.get("event", event_id)), str(detail.get("person", ""))
    if detail["kind"] == REQUESTED:
        return mail_hq_links(mailing, person, occasion, now)
    return tell_about_partner(mailing, detail["kind"], detail["partner"], occasion, now, person)


def tell_about_partner(
    mailing: MailContext, kind: str, partner_id: str, event: str, now: datetime, person: str = ""
) -> tuple[str, ...]:
    """``event`` names the occasion, so that each is told once; ``person`` whom it is for, if not
    for the contact.
    """
    partner = mailing.services.partners.get(partner_id)
    if partner is None or (kind == "partner.unconfirmed" and partner.confirmed):
        return ()
    programme = mailing.services.programme
    sent = []
    for role, template in PARTNER_MAILS.get(kind, ()):
        occasion = ".".join(part for part in (kind, partner_id, event, person) if part)
        if template == "partner_unconfirmed":
            line = DigestLine(occasion, kind, "", partner_id, now)
            send = partial(tell_unconfirmed, mailing, line, now)
        else:
            view = partner_view(
                mailing.services, programme, partner, role, template, event, now, person
            )
            send = partial(mailing.send, view, {"partner": partner_id})
        if mailing.once(f"{occasion}#{role}#{template}", now, send):
            sent.append(template)
    return tuple(sent)


def _sender(
    mailing: MailContext, case: Case, role: str, template: str, now: datetime
) -> Callable[[], str]:
    if template in ("confirmation", "digest"):
        return lambda: confirm_to_hq(mailing, case, template, now)
    if template == "alert":
        return lambda: alert_hq(mailing, case, now)
    confirmed = isinstance(case.event, events.LeadReceived) and case.event.confirmed
    if template in ACKNOWLEDGEMENTS and not confirmed:
        return lambda: receipt_or_held(mailing, case, now)
    if template == "closed":
        return lambda: closed_or_held(mailing, case, now)
    if template in WAITING_MAILS:
        return lambda: waiting_or_held(mailing, case, now)
    if template == "will_call":
        return lambda: colleague_or_held(mailing, case, now)
    if template in NEWS_MAILS:
        return lambda: news_or_held(mailing, case, now)
    if template == "held_back":
        return lambda: tell_held_back(mailing, case, now)
    if template == "phone_partner" and case.partner and case.partner.second:
        return lambda: phone_later(mailing, case, now)
    return lambda: mailing.send(
        fact_view(mailing.services, case, role, template, now), _mark(case, role)
    )


def _mark(case: Case, role: str) -> dict[str, str]:
    partner = case.partner.id if case.partner and role in ("partner", "second") else ""
    return {"role": role, "lead": case.lead.id, "partner": partner}
