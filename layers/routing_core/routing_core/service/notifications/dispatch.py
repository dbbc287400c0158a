"""Sends what an event means, each mail once.

Each mail reads the lead again and is skipped if the event has been superseded meanwhile. It is
leased under its event, role and template before it is sent.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from routing_core.domain import events
from routing_core.domain.reasons import WithdrawReason
from routing_core.service.kernel.mail_delays import MailDelays
from routing_core.service.kernel.mail_ports import MailTry, PostedMail, was_refused
from routing_core.service.kernel.views import MailView
from routing_core.service.notifications.digests import DigestLine
from routing_core.service.notifications.held_mails import (
    alert_hq,
    closed_or_held,
    colleague_or_held,
    confirm_to_hq,
    news_or_held,
    phone_later,
    receipt_or_held,
    tell_held_back,
    tell_unconfirmed,
    waiting_or_held,
)
from routing_core.service.notifications.hq_access import REQUESTED, mail_hq_links
from routing_core.service.notifications.late_offers import send_offer, settle_window
from routing_core.service.notifications.mail_table import MAILS, NO_MAIL, PARTNER_MAILS
from routing_core.service.notifications.mail_views import (
    Case,
    PartnerNotice,
    case_of,
    fact_view,
    partner_view,
)
from routing_core.service.notifications.mailing import MailContext
from routing_core.service.notifications.sign_in_mail import SIGN_IN_REQUESTED, mail_sign_in_link

TAKES_BACK: Mapping[str, tuple[type[events.LeadEvent], str]] = {
    "gone": (events.OfferMade, "partner#offer"),
    "moved_on": (events.OfferAccepted, "prospect#partner_found"),
}
"""Mail that takes back what another said → the event of that one, and its role and template."""
LONG_AGO = timedelta(days=60)
"""By then every mail has left, and its row may be gone."""
ONCE_A_DAY = (events.LeadNotCalled, events.LeadCorrected)
"""What a prospect may press again and again; the partner and HQ hear it once a day."""

GATHERED: Mapping[str, Callable[[MailContext, Case, MailTry, datetime], PostedMail]] = {
    "alert": alert_hq,
    "closed": closed_or_held,
    # An open enquiry has these sent by itself, again and again, to the address that was typed.
    "follow_up": waiting_or_held,
    "promise_update": waiting_or_held,
    "will_call": colleague_or_held,
    # A prospect can cause these again and again: a partner gets a few an hour for each lead.
    "noted": news_or_held,
    "repeated": news_or_held,
    "held_back": tell_held_back,
}
"""Template → what sends it at once or with others of its kind: who may get many gets few mails."""
ACKNOWLEDGEMENTS = frozenset({"receipt", "confirm_enquiry"})
"""Mails that whoever fills in a form has sent to the address they typed.

A mailbox gets one an hour.
"""


def tell_fact(
    mailing: MailContext, lead_id: str, version: int, index: int, now: datetime
) -> tuple[str, ...]:
    """Send what the event means, and return the templates sent.

    Raises Conflict while somebody else is sending it, and MailDelayed while one of its mails has to
    wait.
    """
    case = case_of(mailing.services, lead_id, version, index)
    if case is None:
        return ()
    occasion = occasion_of(case.event, case.event_id, lead_id, now)
    sent = []
    delays = MailDelays()
    for role, template, still in MAILS.get(type(case.event), NO_MAIL):
        if not still(case) or not _was_told_before(mailing, case, template, now):
            continue
        send = _sender(mailing, case, role, template, now)
        key = f"{occasion}#{role}#{template}"
        with delays.gathered():
            if mailing.once(key, now, send):
                sent.append(template)
        if isinstance(case.event, events.OfferMade):
            settle_window(mailing, case, key, now)
    delays.raise_first()
    return tuple(sent)


def occasion_of(event: events.LeadEvent, event_id: str, lead_id: str, now: datetime) -> str:
    """Name the occasion of an event's mails, with which their keys in the log begin."""
    if isinstance(event, ONCE_A_DAY):
        return f"{lead_id}.{event.kind}.{now:%Y-%m-%d}"
    return event_id


def _was_told_before(mailing: MailContext, case: Case, template: str, now: datetime) -> bool:
    """Tell whether who gets the mail was told what it takes back, if it takes anything back.

    Who never heard of it need not hear that it is gone: a partner of an offer in a wave, of which
    somebody else had the lead before all were told, or of one that could not be sent; the prospect
    of a partner who had it for a moment.
    """
    number = case.event.offer_number
    if number is None or template not in TAKES_BACK:
        return True
    offer = case.lead.offer(number)
    may_not_know = offer is not None and (offer.wave > 0 or offer.reason == WithdrawReason.UNSENT)
    if template == "gone" and not may_not_know:
        return True
    said_by, mail = TAKES_BACK[template]
    for row in mailing.services.leads.events(case.lead.id):
        for index, event in enumerate(row.events):
            if isinstance(event, said_by) and event.offer_number == number:
                if now - row.at > LONG_AGO:
                    return True
                return _has_left(mailing, f"{row.event_id(index)}#{mail}")
    return False


def _has_left(mailing: MailContext, key: str) -> bool:
    """Tell whether a mail has left or is leaving; one that was refused for good has not."""
    if not mailing.outgoing.begun(key):
        return False
    noted = mailing.outgoing.noted([key]).get(key)
    return noted is None or not was_refused(noted.posted)


def tell_about_somebody(
    mailing: MailContext, detail: Mapping[str, Any], event_id: str, now: datetime
) -> tuple[str, ...]:
    """Send what an event means that is about a partner or somebody at HQ.

    Returns the templates sent.
    """
    occasion = str(detail.get("event", event_id))
    person = str(detail.get("person", ""))
    if detail["kind"] == REQUESTED:
        return mail_hq_links(mailing, person, occasion, now)
    if detail["kind"] == SIGN_IN_REQUESTED:
        back_to = str(detail.get("back_to", ""))
        return mail_sign_in_link(mailing, person, occasion, back_to, now)
    partner = mailing.services.partners.get(detail["partner"])
    if partner is None:
        return ()
    notice = PartnerNotice(detail["kind"], partner, occasion, person)
    return _tell_about_partner(mailing, notice, now)


def _tell_about_partner(
    mailing: MailContext, notice: PartnerNotice, now: datetime
) -> tuple[str, ...]:
    if notice.kind == "partner.unconfirmed" and notice.partner.confirmed:
        return ()
    sent = []
    delays = MailDelays()
    for role, template in PARTNER_MAILS.get(notice.kind, ()):
        send = _notice_sender(mailing, notice, role, template, now)
        with delays.gathered():
            if mailing.once(f"{notice.key}#{role}#{template}", now, send):
                sent.append(template)
    delays.raise_first()
    return tuple(sent)


def _notice_sender(
    mailing: MailContext, notice: PartnerNotice, role: str, template: str, now: datetime
) -> Callable[[MailTry], PostedMail]:
    if template == "partner_unconfirmed":
        line = DigestLine(notice.key, notice.kind, "", notice.partner.id, now)
        return lambda tried: tell_unconfirmed(mailing, line, tried, now)
    view = partner_view(mailing.services, notice, role, template, now)
    mark = {"partner": notice.partner.id}
    if template == "confirm_address":
        return partial(_send_anew, mailing, view, mark)
    return partial(mailing.send, view, mark)


def _send_anew(
    mailing: MailContext, view: MailView, mark: Mapping[str, str], tried: MailTry
) -> PostedMail:
    """Send a mail to an address that may have been dead: the mail service is to try it anew."""
    for address in view.to:
        mailing.post.try_anew(address)
    return mailing.send(view, mark, tried)


def _sender(
    mailing: MailContext, case: Case, role: str, template: str, now: datetime
) -> Callable[[MailTry], PostedMail]:
    """Give what sends one mail, or puts it beside others of its kind."""
    if template == "confirmation":
        return lambda tried: confirm_to_hq(mailing, case, template, tried, now)
    # Who has just clicked the link in the first mail waits for the second: it goes at once.
    was_confirmed = isinstance(case.event, events.LeadReceived) and case.event.confirmed
    if template in ACKNOWLEDGEMENTS and not was_confirmed:
        return lambda tried: receipt_or_held(mailing, case, tried, now)
    if template == "phone_partner" and case.partner and case.partner.second:
        # The second contact was just written to, and gets the time to answer first.
        return lambda _: phone_later(mailing, case, now)
    if isinstance(case.event, events.OfferMade):
        return lambda tried: send_offer(mailing, case, _tags(case, role), tried, now)
    if template in GATHERED:
        gathered = GATHERED[template]
        return lambda tried: gathered(mailing, case, tried, now)
    # The view is only made where the mail was not sent yet: it takes several reads.
    return lambda tried: mailing.send(
        fact_view(mailing.services, case, role, template, now), _tags(case, role), tried
    )


def _tags(case: Case, role: str) -> dict[str, str]:
    """Give what comes back with a bounce: whose mail it was."""
    is_for_partner = case.partner is not None and role in ("partner", "second")
    partner = case.partner.id if case.partner and is_for_partner else ""
    return {"role": role, "lead": case.lead.id, "partner": partner}
