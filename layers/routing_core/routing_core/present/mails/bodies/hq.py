"""Mails to channel management: reference, place, work and partner; never who asked."""

from collections.abc import Sequence

from routing_core.domain.lead import DeadlineKind
from routing_core.domain.reasons import QueueReason
from routing_core.present.explain.timeline import instant, offer_reason
from routing_core.present.mails.bodies.body import MailBody
from routing_core.present.mails.bodies.hq_entries import (
    add_list,
    asked_line,
    goes_on,
    lead_with_reasons,
    plain_lead,
)
from routing_core.present.mails.bodies.hq_partners import HQ_PARTNER_BODIES
from routing_core.service.kernel.hq_link import LINK_DAYS
from routing_core.service.kernel.views import Entry


def _about_lead(mail: MailBody) -> None:
    """End a mail about one lead: what it is, and the button to its page, or else to the queue."""
    if mail.lead:
        mail.lead_lines(mail.line("reference", mail.reference))
    _to_lead(mail)


def _to_lead(mail: MailBody) -> None:
    mail.button(mail.translate("button"), "lead" if "lead" in mail.view.links else "queue")


def _head_with_partner(mail: MailBody) -> None:
    mail.head_by_words(what=mail.lead_title, partner=mail.partner_name)


def write_confirmation(mail: MailBody) -> None:
    """Confirm what became of one lead, as soon as it happens."""
    lead, partner = mail.lead, mail.partner_name
    entry = mail.view.entries[0] if mail.view.entries else None
    reference, what = _reference_and_title(mail, entry)
    preheader = mail.translate("preheader", reference=reference)
    was_accepted = entry is None or entry.kind == "offer.accepted"
    if partner and was_accepted:
        subject = mail.translate("subject", partner=partner, what=what)
        mail.head(subject, mail.translate("title", partner=partner), preheader)
    else:
        subject = mail.translate("subject_plain", what=what)
        mail.head(subject, mail.translate("title_plain"), preheader)
        for each in mail.view.entries:
            mail.listed(plain_lead(mail, each))
    if lead:
        lines = [mail.line("reference", reference)]
        if partner:
            lines.append(mail.line("partner", partner))
        asked = asked_line(mail, lead)
        if asked:
            lines.append(asked)
        mail.lead_lines(*lines)
    _to_lead(mail)


def _reference_and_title(mail: MailBody, entry: Entry | None) -> tuple[str, str]:
    """Give those of the mail's lead, else those of the first entry's."""
    if mail.lead is None and entry is not None:
        return entry.lead.reference, mail.title_of(entry)
    return mail.reference, mail.lead_title


def write_digest(mail: MailBody) -> None:
    """List what happened since the last digest."""
    count = len(mail.view.entries)
    mail.head_by_words(n=count)
    add_list(mail, (plain_lead(mail, entry) for entry in mail.view.entries))
    mail.button(mail.locale.translate("mails.queue"), "queue")


def write_alert(mail: MailBody) -> None:
    """Tell HQ once of leads for which nobody is left to ask.

    Which of them somebody is asked again by now is said apart: those do not wait for HQ.
    """
    # An alert is sent a little after it is decided: meanwhile somebody may be asked again.
    going_on = [entry for entry in mail.view.entries if goes_on(entry.lead)]
    waiting = [entry for entry in mail.view.entries if not goes_on(entry.lead)]
    entries = [*waiting, *going_on]
    words = _alert_words(waiting, entries)
    count = len(waiting) or len(entries)
    first = mail.title_of(entries[0]) if entries else mail.lead_title
    mail.head_by_words(words, n=count, what=first)
    mail.text(mail.translate(f"{words}intro", n=count))
    if waiting and going_on:
        mail.text(mail.translate("some_go_on", n=len(going_on)))
    add_list(mail, (lead_with_reasons(mail, entry) for entry in entries))
    mail.button(mail.locale.translate("mails.queue"), "queue")


def _alert_words(waiting: Sequence[Entry], entries: Sequence[Entry]) -> str:
    """Name the words of an alert by the reasons of its leads."""
    reasons = [entry.lead.reason for entry in entries]
    if all(reason == QueueReason.MERGED for reason in reasons):
        return "merged."
    if not waiting:
        return "goes_on."
    if QueueReason.UNATTENDED in reasons:
        return "unattended."
    return ""


def write_contact_missed(mail: MailBody) -> None:
    """Tell that the owner has not called in time."""
    at = instant(mail.data.get("at")) or mail.call_by
    _head_with_partner(mail)
    mail.text(mail.translate_at("intro", at))
    retract_at = mail.deadline(DeadlineKind.RETRACT)
    if retract_at:
        mail.text(mail.translate("retract", when=mail.locale.when(retract_at)))
    _about_lead(mail)


def write_outcome_missed(mail: MailBody) -> None:
    """Tell that the owner has not said what became of it."""
    _nothing_since(mail)
    _about_lead(mail)


def write_quote_missed(mail: MailBody) -> None:
    """Tell that the owner has not said what became of the quote."""
    _nothing_since(mail)
    mail.text(mail.translate("after", partner=mail.partner_name))
    _about_lead(mail)


def _nothing_since(mail: MailBody) -> None:
    _head_with_partner(mail)
    mail.text(mail.translate_at("intro", mail.accepted_at, partner=mail.partner_name))


def write_not_called(mail: MailBody) -> None:
    """Tell that the customer says that nobody has called."""
    mail.head_by_words(what=mail.lead_title, partner=mail.partner_name)
    mail.text(mail.translate("intro", partner=mail.partner_name))
    contacted_at = mail.lead.contacted_at if mail.lead else None
    if contacted_at:
        when = mail.locale.when(contacted_at)
        mail.text(mail.translate("but", partner=mail.partner_name, when=when))
    _about_lead(mail)


def write_reply(mail: MailBody) -> None:
    """Tell who asked that the partner has answered; the answer itself is on the lead's page."""
    _head_with_partner(mail)
    mail.text(mail.translate("intro", partner=mail.partner_name))
    _about_lead(mail)


def write_review(mail: MailBody) -> None:
    """Ask HQ to look at a lead whose score is neither good nor bad."""
    score = mail.lead.score if mail.lead else 0
    mail.head_by_words(what=mail.lead_title)
    mail.text(mail.translate("intro", score=score))
    _about_lead(mail)


def write_decide(mail: MailBody) -> None:
    """Ask HQ to decide, because a partner said something that a person must judge."""
    why = str(mail.data.get("reason"))
    partner = mail.partner_name
    mail.head(
        mail.translate("subject", what=mail.lead_title),
        mail.translate(f"{why}.title", partner=partner),
    )
    mail.text(mail.translate(f"{why}.intro", partner=partner, reason=_their_reason(mail)))
    until = mail.deadline(DeadlineKind.HQ_HOLD)
    if until:
        mail.text(mail.translate("until", when=mail.locale.when(until)))
    _about_lead(mail)


def _their_reason(mail: MailBody) -> str:
    """Say what the partner said about the last offer; empty if there was none."""
    lead, partner = mail.lead, mail.partner
    if lead is None or partner is None:
        return ""
    theirs = [offer for offer in lead.offers if offer.partner == partner.id]
    if not theirs:
        return ""
    return offer_reason(theirs[-1], mail.programme, mail.locale)


def write_held_back(mail: MailBody) -> None:
    """Tell of enquiries that wait for their senders to confirm the address; a flood is one line."""
    count = mail.data["count"]
    mail.head_by_words(n=count)
    mail.text(mail.translate("intro"))
    for alike in mail.data["alike"]:
        mail.add("item", mail.translate("alike", n=alike))
    mail.button(mail.translate("button"), "held_back")


def write_hq_link(mail: MailBody) -> None:
    """Send the link to the queue."""
    mail.head_by_words()
    mail.text(mail.translate("intro", days=LINK_DAYS))
    mail.button(mail.translate("button"), "queue")


def write_hq_sign_in(mail: MailBody) -> None:
    """Send the link by which somebody signs in on a device."""
    mail.head_by_words()
    mail.text(mail.translate("intro", minutes=mail.data["minutes"]))
    mail.button(mail.translate("button"), "sign_in")
    mail.small(mail.translate("not_you"))


def write_calendars(mail: MailBody) -> None:
    """Tell what became of holidays and time zones."""
    data = mail.data
    what = str(data["what"])
    count = int(data.get("count", 1))
    fill = {"year": data.get("year", ""), "n": count}
    mail.head_by_words(f"{what}.", **fill)
    mail.text(mail.translate(f"{what}.intro", **fill))
    names = data.get("names", ())
    if names:
        mail.items(names, count)
    mail.button(mail.locale.translate("mails.queue"), "queue")


HQ_BODIES = {
    "confirmation": write_confirmation,
    "digest": write_digest,
    "alert": write_alert,
    "contact_missed": write_contact_missed,
    "quote_missed": write_quote_missed,
    "outcome_missed": write_outcome_missed,
    **HQ_PARTNER_BODIES,
    "calendars": write_calendars,
    "held_back": write_held_back,
    "hq_link": write_hq_link,
    "hq_sign_in": write_hq_sign_in,
    "not_called": write_not_called,
    "reply": write_reply,
    "review": write_review,
    "decide": write_decide,
}
"""Template → what writes its body."""
