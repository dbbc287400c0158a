"""Which mail a fact means to whom, and sending it once.

``MAILS`` is the whole of it: fact → mails. Each mail re-reads the lead, is skipped if the fact has
been
superseded meanwhile, and is leased under its fact, role and template before it is sent.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from routing_core.domain.enquiry.gatekeeping import HoldReason
from routing_core.domain.lead import MERGED, OWNED, SERVED, LeadStatus
from routing_core.domain.offer import OfferStatus
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
    offer = case.lead.offer(int(case.fact.data.get("offer", 0)))
    return offer is not None and offer.status is OfferStatus.PENDING


def _still_theirs(case: Case) -> bool:
    return case.lead.owner == case.fact.data.get("partner") and case.lead.status in OWNED


def _newly_at_risk(case: Case) -> bool:
    """Not if the holiday was known on accepting: the reminder before it begins says the same."""
    return not_called_yet(case) and not case.fact.data.get("known")


def _not_quoted_yet(case: Case) -> bool:
    return _still_theirs(case) and case.lead.status is not S.QUOTED


def _not_theirs(case: Case) -> bool:
    return case.lead.owner != case.fact.data.get("partner")


def _has_an_owner(case: Case) -> bool:
    return case.lead.owner is not None and case.lead.status in OWNED


def _still_in_doubt(case: Case) -> bool:
    """Whether the owner called, or, while there was none, whether anybody will be found."""
    return not_called_yet(case) if "partner" in case.fact.data else _looked_for(case)


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


def _for_review(case: Case) -> bool:
    return _still_queued(case) and case.fact.data["reason"] == "review"


def _to_decide(case: Case) -> bool:
    return case.lead.undecided and case.fact.data["reason"] == case.lead.reason


def _follow_up_ended(case: Case) -> bool:
    return _still_queued(case) and case.fact.data["reason"] == "follow_up_ended"


def _merged_before(case: Case) -> bool:
    return _still_queued(case) and case.fact.data["reason"] == MERGED


def _looked_for(case: Case) -> bool:
    return case.lead.owner is None and not case.lead.finished


def _not_for_review(case: Case) -> bool:
    return case.fact.data.get("next") != "review"


def _to_a_partner(case: Case) -> bool:
    return bool(case.fact.data.get("to"))


def _said_by_prospect(case: Case) -> bool:
    return case.fact.data.get("by", "prospect") == "prospect" and _has_an_owner(case)


def _joined_of_old(case: Case) -> bool:
    return case.lead.joined_of_old


def _settled(case: Case) -> bool:
    """Not when the owner took it back within two minutes."""
    return case.lead.finished and case.lead.reason == SERVED


def _named(case: Case) -> bool:
    return case.partner is not None


def _always(_: Case) -> bool:
    return True


MAILS: Mapping[str, tuple[tuple[str, str, Still], ...]] = {
    "lead.received": (("prospect", "receipt", _always),),
    "lead.quarantined": (
        ("prospect", "confirm_enquiry", _waits_for_confirmation),
        ("hq", "held_back", _is_for_hq_to_see),
    ),
    "lead.joined": (("prospect", "receipt", _joined_of_old),),
    "lead.repeated": (("partner", "repeated", _named),),
    "repeat.changed": (("partner", "repeated", _still_theirs),),
    "lead.served": (("prospect", "served", _settled),),
    "nurture.asked": (("prospect", "nurture_ask", lambda c: c.lead.status is S.NURTURE),),
    "offer.made": (("partner", "offer", _offer_is_open),),
    "offer.reminded": (("partner", "reminder", _offer_is_open),),
    "offer.shortened": (("partner", "reminder", _offer_is_open),),
    "offer.redirected": (("second", "offer", _offer_is_open),),
    "offer.accepted": (
        ("partner", "accepted", _still_theirs),
        ("prospect", "partner_found", _still_theirs),
        ("hq", "confirmation", _still_theirs),
    ),
    "offer.expired": (("partner", "gone", _not_theirs),),
    "offer.withdrawn": (("partner", "gone", _not_theirs), ("prospect", "moved_on", _looked_for)),
    "offer.returned": (("prospect", "moved_on", _looked_for),),
    "contact.reminded": (("partner", "contact_reminder", not_called_yet),),
    "contact.at_risk": (
        ("partner", "contact_reminder", _newly_at_risk),
        ("hq", "confirmation", not_called_yet),
    ),
    "contact.missed": (("hq", "contact_missed", not_called_yet),),
    "contact.retracted": (
        ("partner", "contact_retracted", _not_theirs),
        ("prospect", "moved_on", _looked_for),
    ),
    "status.asked": (("partner", "status_ask", _still_theirs),),
    "quote.missed": (
        ("partner", "quote_ask", _not_quoted_yet),
        ("hq", "quote_missed", _not_quoted_yet),
    ),
    "outcome.missed": (("hq", "outcome_missed", _still_theirs),),
    "lead.returned": (
        ("prospect", "moved_on", _looked_for),
        ("hq", "confirmation", _not_for_review),
    ),
    "lead.delegated": (
        ("partner", "delegated", _still_theirs),
        ("prospect", "will_call", has_somebody_new),
    ),
    "lead.handed_over": (
        ("prospect", "moved_on", _looked_for),
        ("hq", "confirmation", _to_a_partner),
    ),
    "lead.exhausted": (("hq", "alert", _still_exhausted),),
    "lead.queued": (
        ("hq", "review", _for_review),
        ("hq", "alert", _follow_up_ended),
        ("hq", "alert", _merged_before),
        ("hq", "decide", _to_decide),
    ),
    "lead.followed_up": (("prospect", "follow_up", lambda c: c.lead.status is S.FOLLOW_UP),),
    "lead.closed": (("prospect", "closed", _always),),
    "promise.renewed": (("prospect", "promise_update", _still_in_doubt),),
    "lead.corrected": (("partner", "noted", _has_an_owner),),
    "lead.moved": (("partner", "noted", _has_an_owner), ("hq", "confirmation", _said_by_prospect)),
    "offer.moved": (("partner", "noted", _offer_is_open),),
    "lead.noted": (("partner", "noted", _said_by_prospect),),
    "lead.not_called": (("partner", "noted", _has_an_owner), ("hq", "not_called", _has_an_owner)),
    "lead.withdrawn": (("partner", "prospect_withdrew", _named),),
    "erasure.asked": (("partner", "please_erase", _named),),
    "lead.assigned": (("hq", "confirmation", _always),),
    "partner.unseen": (("second", "unseen", _named), ("hq", "phone_partner", _named)),
    "partner.resumed": (("partner", "resumed", _named),),
    "partner.paused": (("partner", "paused", _named), ("hq", "partner_paused", _named)),
}
TAKES_BACK = {
    "gone": ("offer.made", "partner#offer"),
    "moved_on": ("offer.accepted", "prospect#partner_found"),
}
"""Mails that take back what an earlier one said: of which fact, and to whom."""
LONG_AGO = timedelta(days=60)
"""By then every mail has left, and its row may be gone."""
ONCE_A_DAY = frozenset({"lead.not_called", "lead.corrected"})
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
    fact = case.fact
    sent = []
    occasion = f"{lead_id}.{fact.kind}.{now:%Y-%m-%d}" if fact.kind in ONCE_A_DAY else case.fact_id
    for role, template, still in MAILS.get(fact.kind, ()):
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
    number = case.fact.data.get("offer")
    if number is None or template not in TAKES_BACK:
        return True
    offer = case.lead.offer(int(number))
    if template == "gone" and (offer is None or not offer.wave):
        return True
    kind, mail = TAKES_BACK[template]
    for row in mailing.services.leads.events(case.lead.id):
        for index, fact in enumerate(row.facts):
            if fact.kind == kind and fact.data["offer"] == number:
                return now - row.at > LONG_AGO or mailing.outgoing.begun(
                    f"{row.fact_id(index)}#{mail}"
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
    if template in ACKNOWLEDGEMENTS and not case.fact.data.get("confirmed"):
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
