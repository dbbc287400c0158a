"""Mails to the person who asked: where it stands, when they hear next, never who else was asked.

Nobody has proven that the address is theirs, so these mails carry nothing that was typed into the
form, the name included: else anybody could have their own words sent to anybody, in ours. The
greeting names nobody.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from routing_core.domain.events import ContactRetracted, OfferWithdrawn
from routing_core.domain.lead import DeadlineKind, Lead, LeadStatus
from routing_core.present.explain.timeline import instant, reason_words
from routing_core.present.lead_summary import partner_lines
from routing_core.present.mails.bodies.blocks import ListedLead
from routing_core.present.mails.bodies.body import MailBody
from routing_core.service.kernel.views import Entry

ANSWERS_TOLD = ("offered", "held", "waiting")
"""Answers at the door that come with a promise."""
GONE_ON = (LeadStatus.WON, LeadStatus.LOST, LeadStatus.REJECTED, LeadStatus.WITHDRAWN)
"""Statuses in which what was told at the door is over."""
MOVED_ON_BECAUSE: Mapping[type[Any], str] = {
    OfferWithdrawn: "assigned",
    ContactRetracted: "no_call",
}
"""Names what ended it for the partner of before, where that was not the partner."""


def _hear_by(mail: MailBody) -> datetime | None:
    """Give the instant that was promised; of a lead without a promise the one the event tells."""
    promised = mail.lead.promised_by if mail.lead else None
    return promised or instant(mail.data.get("hear_by"))


def _begin(mail: MailBody, variant: str = "", **fill: Any) -> None:
    mail.head_by_words(variant, **fill)
    mail.greet()


def _reference(mail: MailBody) -> None:
    if mail.lead:
        mail.lead_lines(mail.line("reference", mail.reference))


def _more_than_listed(mail: MailBody) -> int:
    """Give how many enquiries a gathered mail tells of beside those it lists."""
    return int(mail.data.get("more") or 0)


def write_receipt(mail: MailBody) -> None:
    """Acknowledge an enquiry, and others that were sent from the same address since."""
    lead = mail.lead
    entered = lead.entered if lead else None
    _begin(mail, "entered." if entered else "", what=mail.lead_title, reference=mail.reference)
    if lead:
        begun = mail.translate(f"entered.{entered}") if entered else mail.translate("thanks")
        mail.text(f"{begun} {_what_happens(mail, lead)}")
    _reference(mail)
    mail.button(mail.translate("button"), "status")
    mail.small(mail.translate("entered.after" if entered else "after"))
    _others_acknowledged(mail)


def _what_happens(mail: MailBody, lead: Lead) -> str:
    """Say what the sender was told at the door, unless it is no longer so.

    A gathered receipt is up to an hour late.
    """
    if lead.waits_for_confirmation:
        return _of_receipt(mail, "waits")
    # A receipt gathers for an hour, in which somebody may have accepted.
    if lead.owner or lead.status in GONE_ON:
        return _of_receipt(mail, "gone_on")
    if lead.answer == "joined":
        return _of_receipt(mail, "joined")
    if lead.answer not in ANSWERS_TOLD:
        return _of_receipt(mail, "noted")
    answer = _answer_by_now(lead)
    if lead.promised_by is None:
        return _of_receipt(mail, f"{answer}_plain")
    return _of_receipt(mail, answer, when=mail.locale.when(lead.promised_by))


def _answer_by_now(lead: Lead) -> str:
    """Give the answer at the door, or what became of one that was kept until a partner opens."""
    if lead.answer != "held" or lead.partner_opens_at is not None:
        return lead.answer
    return "offered" if lead.live_offers else "waiting"


def _of_receipt(mail: MailBody, key: str, **fill: Any) -> str:
    """Give the receipt's words: a mail that confirms one enquiry acknowledges others too."""
    return mail.locale.translate(f"mails.receipt.{key}", brand=mail.brand, **fill)


def _others_acknowledged(mail: MailBody) -> None:
    """List enquiries made with the same address since the last receipt."""
    others = mail.view.entries
    if not others:
        return
    more = _more_than_listed(mail)
    mail.text(_of_receipt(mail, "others", n=len(others) + more))
    for entry in others:
        _list_enquiry(mail, entry, _what_happens(mail, entry.lead))
    if more:
        mail.text(_of_receipt(mail, "not_listed", n=more))


def _list_enquiry(mail: MailBody, entry: Entry, sentence: str) -> None:
    title = f"{mail.title_of(entry)} · {entry.lead.reference}"
    mail.listed(ListedLead(title, sentence, (), entry.url))


def write_confirm_enquiry(mail: MailBody) -> None:
    """Ask whether the address is the sender's.

    Whoever reads this may never have heard of us: a stranger may have typed the address.
    """
    _begin(mail)
    mail.text(mail.translate("intro"))
    if mail.lead:
        mail.lines(mail.line("reference", mail.reference))
    mail.button(mail.translate("button"), "status")
    mail.small(mail.translate("after"))
    _others_acknowledged(mail)


def write_partner_found(mail: MailBody) -> None:
    """Say who will call by when."""
    call_by = mail.deadline(DeadlineKind.CONTACT)
    preheader = ""
    if call_by:
        preheader = mail.translate("preheader", when=mail.locale.when(call_by))
    mail.head(
        mail.translate("subject", partner=mail.partner_name),
        mail.translate("title", partner=mail.partner_name),
        preheader,
    )
    mail.greet()
    mail.text(mail.translate_at("intro", call_by, partner=_who_calls(mail)))
    _partner(mail)
    mail.button(mail.translate("button"), "status")
    mail.small(mail.translate("after"))


def _partner(mail: MailBody) -> None:
    if mail.partner:
        mail.lines(*partner_lines(mail.partner, mail.locale, mail.colleague))


def _who_calls(mail: MailBody) -> str:
    """Name the firm, or somebody of it who looks after the enquiry."""
    if not mail.colleague:
        return mail.partner_name
    return mail.locale.translate(
        "common.somebody_of", name=mail.colleague, partner=mail.partner_name
    )


def write_will_call(mail: MailBody) -> None:
    """Say that the firm has handed the enquiry to somebody else there."""
    _begin(mail, name=mail.colleague, partner=mail.partner_name)
    call_by = mail.deadline(DeadlineKind.CONTACT)
    mail.text(mail.translate_at("intro", call_by, name=_who_calls(mail)))
    _partner(mail)
    mail.button(mail.translate("button"), "status")


def _still_waiting(mail: MailBody, intro: str) -> None:
    _begin(mail, what=mail.lead_title)
    mail.text(intro)
    _reference(mail)
    mail.button(mail.translate("button"), "status")
    _others(mail, "follow_up")


def write_follow_up(mail: MailBody) -> None:
    """Say that it takes longer, and by when they hear again."""
    _still_waiting(mail, mail.translate_at("intro", _hear_by(mail)))


def write_promise_update(mail: MailBody) -> None:
    """Say that a promise was not kept, and what is promised now.

    If a partner owned the lead, what was promised is the call: then the question is whether it
    came.
    """
    if mail.data.get("partner"):
        _did_they_call(mail)
        return
    _still_waiting(mail, _new_promise(mail))


def _new_promise(mail: MailBody) -> str:
    lead, hear_by = mail.lead, _hear_by(mail)
    opens_at = lead.partner_opens_at if lead else None
    if opens_at is None or hear_by is None:
        return mail.translate_at("intro", hear_by)
    opens = mail.locale.when(opens_at)
    return mail.translate("intro_held", opens=opens, when=mail.locale.when(hear_by))


def _did_they_call(mail: MailBody) -> None:
    partner = mail.partner_name
    _begin(mail, "call.", partner=partner)
    mail.text(mail.translate("call.intro", partner=partner))
    mail.button(mail.translate("call.button"), "status")
    _others(mail, "follow_up")


def write_served(mail: MailBody) -> None:
    """Say that an attached enquiry was settled by a partner whom its sender knows by now."""
    outcome = "won" if mail.data.get("outcome") == "won" else "lost"
    _begin(mail, what=mail.lead_title)
    mail.text(mail.translate(outcome, partner=mail.partner_name))
    mail.text(mail.translate("after"))
    _reference(mail)
    mail.button(mail.translate("button"), "form")


def write_moved_on(mail: MailBody) -> None:
    """Say that somebody else is looked for, and why the partner of before does not come."""
    _begin(mail, what=mail.lead_title)
    # Not whose fault it was: the customer only needs to know that somebody else comes.
    why = MOVED_ON_BECAUSE.get(type(mail.event), "given_up")
    told = mail.translate(f"why.{why}", partner=mail.partner_name)
    hear_by = _hear_by(mail)
    if hear_by:
        told = f"{told} {mail.translate('next', when=mail.locale.when(hear_by))}"
    mail.text(told)
    _reference(mail)
    mail.button(mail.translate("button"), "status")
    mail.small(mail.translate("after"))


def write_nurture_ask(mail: MailBody) -> None:
    """Ask whether somebody who had time is ready now."""
    _begin(mail, what=mail.lead_title)
    mail.text(mail.translate("intro"))
    _reference(mail)
    mail.button(mail.translate("button"), "status")
    mail.small(mail.translate("after"))


def write_closed(mail: MailBody) -> None:
    """Say that the enquiry is closed, why, and what the sender can do."""
    reason = mail.data.get("reason")
    # Where nobody could be found the subject says so; any other end is not our doing.
    variant = "" if reason == "unplaced" else "_settled"
    mail.head(
        mail.translate(f"subject{variant}", what=mail.lead_title),
        mail.translate(f"title{variant}"),
    )
    mail.greet()
    mail.text(_why_closed(mail, reason))
    # Whoever was left without a partner still has somebody to call.
    hotline = mail.programme.hotline
    if hotline:
        mail.text(mail.translate("hotline", phone=hotline.phone))
    if reason != "rejected":
        mail.text(mail.translate("after"))
        mail.button(mail.translate("button"), "form")
    _reference(mail)
    _others(mail, "closed")


def _why_closed(mail: MailBody, reason: Any) -> str:
    if reason in ("cooled", "rejected"):
        return mail.translate(str(reason))
    if reason != "returned":
        return mail.translate("intro")
    code = mail.lead.reason if mail.lead else ""
    words = reason_words(mail.programme.return_reasons, code, mail.locale)
    return mail.translate("returned", partner=mail.partner_name, reason=words)


def _others(mail: MailBody, group: str) -> None:
    """List enquiries from the same address of which the same is to be told.

    They are ``closed``, or take longer (``follow_up``), since the last mail about any of them.
    """
    others = mail.view.entries
    if not others:
        return
    more = _more_than_listed(mail)
    mail.text(mail.locale.translate(f"mails.{group}.others", n=len(others) + more))
    for entry in others:
        _list_enquiry(mail, entry, mail.locale.translate("mails.closed.other"))
    if more:
        mail.text(_of_receipt(mail, "not_listed", n=more))


PROSPECT_BODIES = {
    "receipt": write_receipt,
    "confirm_enquiry": write_confirm_enquiry,
    "partner_found": write_partner_found,
    "will_call": write_will_call,
    "follow_up": write_follow_up,
    "promise_update": write_promise_update,
    "moved_on": write_moved_on,
    "nurture_ask": write_nurture_ask,
    "closed": write_closed,
    "served": write_served,
}
"""Template → what writes its body."""
