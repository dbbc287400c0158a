"""Mails to channel management: reference, place, work and partner; never who asked."""

from collections.abc import Iterable, Sequence
from typing import Any

from routing_core.domain.events import from_data
from routing_core.domain.lead import DeadlineKind, Lead
from routing_core.domain.offer import Offer, OfferKind, OfferStatus
from routing_core.domain.partner import Partner
from routing_core.domain.reasons import QueueReason
from routing_core.present.explain.timeline import instant, offer_outcome, offer_reason, sentence
from routing_core.present.lead_summary import LabelledLine, partner_lines, product_name
from routing_core.present.mails.bodies.body import ListedLead, MailBody
from routing_core.present.safe import line, shown_address
from routing_core.service.kernel.hq_link import LINK_DAYS
from routing_core.service.kernel.views import TRIED_NAMED, Entry

AREAS_NAMED = 20
"""Areas of one product that are named; the rest is a number."""
LONGEST_AREAS = 1000
"""Letters of the areas of one product."""


# One enquiry among several.


def _listed(mail: MailBody, entry: Entry) -> ListedLead:
    """Say what happened to an enquiry, for a digest."""
    lines: tuple[str, ...] = ()
    # Worth a line only where several were asked: then HQ sees who was faster.
    asked = _asked(mail, entry.lead)
    if entry.kind == "offer.accepted" and asked:
        lines = (f"{asked.label}: {asked.value}",)
    return ListedLead(_title(mail, entry), _what_happened(mail, entry), lines, entry.url)


def _listed_with_reasons(mail: MailBody, entry: Entry) -> ListedLead:
    """Say what happened to an enquiry, what was tried, and how it goes on, for an alert."""
    told = _what_happened(mail, entry)
    if entry.lead.reason == QueueReason.UNATTENDED:
        words = mail.locale.catalog.of_code("facts.queue", QueueReason.UNATTENDED)
        told = f"{words} · {mail.locale.when(entry.at)}"
    if _goes_on(entry.lead):
        told = f"{told}. {_how_it_goes_on(mail, entry)}"
    return ListedLead(_title(mail, entry), told, _what_was_tried(mail, entry), entry.url)


def _title(mail: MailBody, entry: Entry) -> str:
    return line(f"{mail.title_of(entry)} · {entry.lead.reference}")


def _what_happened(mail: MailBody, entry: Entry) -> str:
    told = sentence(
        from_data(entry.kind, _event_data(mail, entry)),
        mail.locale,
        mail.programme,
        _partners_named(entry),
    )
    return f"{told} · {mail.locale.when(entry.at)}"


def _partners_named(entry: Entry) -> dict[str, Partner]:
    """Give the partners that the entry's sentence may name, by id."""
    named = [entry.partner, *(partner for partner, _ in entry.tried)]
    return {partner.id: partner for partner in named if partner}


def _event_data(mail: MailBody, entry: Entry) -> dict[str, Any]:
    """Give what the entry's event says, as the lead stands now: a digest is hours late."""
    offers = entry.lead.offers
    data: dict[str, Any] = {"reason": entry.lead.reason, **mail.data}
    data["partner"] = entry.partner.id if entry.partner else None
    if entry.kind == "lead.returned":
        reasons = [offer.reason for offer in offers if offer.status is OfferStatus.RETURNED]
        data["reason"] = reasons[0] if reasons else ""
    if entry.kind == "lead.handed_over":
        handed_to = [offer.partner for offer in offers if offer.kind is OfferKind.HANDED]
        data["to"] = handed_to[-1] if handed_to else ""
    return data


def _what_was_tried(mail: MailBody, entry: Entry) -> tuple[str, ...]:
    """Say how each partner answered, and why others were not asked.

    Nothing of what nobody was to be asked about.
    """
    lines = []
    for partner, made in entry.tried[:TRIED_NAMED]:
        outcome = offer_outcome(made, mail.locale, mail.programme)
        lines.append(line(f"{_partner_name(partner, made)}: {outcome}"))
    more = len(entry.tried) - TRIED_NAMED
    if more > 0:
        lines.append(mail.translate("tried_more", n=more))
    if not lines and entry.lead.reason != QueueReason.UNATTENDED:
        lines.append(mail.translate("tried_none"))
    if entry.excluded:
        codes = _numbers_excluded(mail, entry)
        lines.append(f"{mail.translate('excluded')}: {', '.join(codes)}")
    return tuple(lines)


def _numbers_excluded(mail: MailBody, entry: Entry) -> list[str]:
    """Say how many partners were not asked for each reason: ``3 × too far away``."""
    told = []
    for code, count in entry.excluded.items():
        words = mail.locale.catalog.of_code("facts.excluded", code)
        told.append(f"{count} × {words}")
    return told


def _partner_name(partner: Partner | None, made: Offer) -> str:
    return partner.name if partner else made.partner


def _asked(mail: MailBody, lead: Lead) -> LabelledLine | None:
    """Say how many partners were offered it, if several."""
    partners = {offer.partner for offer in lead.offers}
    if len(partners) < 2:
        return None
    return mail.line("asked", str(len(partners)))


def _goes_on(lead: Lead) -> bool:
    """Tell whether somebody is being asked, or will be without anybody's doing."""
    return bool(lead.live_offers) or lead.partner_opens_at is not None or lead.crowded_out


def _how_it_goes_on(mail: MailBody, entry: Entry) -> str:
    """Say who is being asked until when, or when somebody will be."""
    opens_at = entry.lead.partner_opens_at
    if opens_at:
        return mail.translate("held", when=mail.locale.when(opens_at))
    asked = [each for each in entry.tried if each[1].status is OfferStatus.PENDING]
    if not asked:
        return mail.locale.catalog.of_code("facts.queue", entry.lead.reason)
    until = min(made.expires_at for _, made in asked)
    return mail.translate(
        "asked", n=len(asked), partner=_partner_name(*asked[0]), when=mail.locale.when(until)
    )


def _list(mail: MailBody, leads: Iterable[ListedLead]) -> None:
    """Add all of them, or as many as a mail holds and how many more there are."""
    left_out = mail.listed_as_far_as_fits(leads)
    if left_out:
        mail.text(mail.locale.translate("mails.not_listed", n=left_out))


# Mails about leads.


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
            mail.listed(_listed(mail, each))
    if lead:
        lines = [mail.line("reference", reference)]
        if partner:
            lines.append(mail.line("partner", partner))
        asked = _asked(mail, lead)
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
    _list(mail, (_listed(mail, entry) for entry in mail.view.entries))
    mail.button(mail.locale.translate("mails.queue"), "queue")


def write_alert(mail: MailBody) -> None:
    """Tell HQ once of leads for which nobody is left to ask.

    Which of them somebody is asked again by now is said apart: those do not wait for HQ.
    """
    # An alert is sent a little after it is decided: meanwhile somebody may be asked again.
    going_on = [entry for entry in mail.view.entries if _goes_on(entry.lead)]
    waiting = [entry for entry in mail.view.entries if not _goes_on(entry.lead)]
    entries = [*waiting, *going_on]
    words = _alert_words(waiting, entries)
    count = len(waiting) or len(entries)
    first = mail.title_of(entries[0]) if entries else mail.lead_title
    mail.head_by_words(words, n=count, what=first)
    mail.text(mail.translate(f"{words}intro", n=count))
    if waiting and going_on:
        mail.text(mail.translate("some_go_on", n=len(going_on)))
    _list(mail, (_listed_with_reasons(mail, entry) for entry in entries))
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


# Mails about partners.


def _about_partner(mail: MailBody, *more: str) -> None:
    partner = mail.partner
    email = shown_address(partner.contact.email) if partner else ""
    mail.head_by_words(partner=mail.partner_name)
    mail.text(mail.translate("intro", partner=mail.partner_name, email=email, n=mail.lapses))
    for each in more:
        mail.text(each)
    _partner_and_queue(mail)


def _partner_and_queue(mail: MailBody) -> None:
    if mail.partner:
        mail.lines(*partner_lines(mail.partner, mail.locale))
    mail.button(mail.translate("button"), "queue")


def write_phone_partner(mail: MailBody) -> None:
    """Ask HQ to call a partner who does not look at offers, with every number there is."""
    partner, second = mail.partner, mail.second_contact
    more = []
    if second:
        name = second.name or shown_address(second.email)
        more.append(mail.translate("second", second=name))
    if _has_number(partner):
        _about_partner(mail, *more)
        return
    _about_partner(mail, *more, mail.translate("no_number.text"))
    mail.head_by_words("no_number.", partner=mail.partner_name)


def _has_number(partner: Partner | None) -> bool:
    if partner is None:
        return False
    return any(person.phone for person in (partner.contact, partner.second) if person)


def write_partner_paused(mail: MailBody) -> None:
    """Tell of a partner who is paused.

    It names at once the places in which nobody is left, for these are HQ's to look after.
    """
    more = []
    if mail.data.get("backup"):
        more.append(mail.translate("backup", partner=mail.partner_name))
    _about_partner(mail, *more)
    alone = mail.data.get("left_alone") or {}
    if not alone:
        return
    mail.head(
        mail.translate("subject_alone", partner=mail.partner_name),
        mail.translate("title_alone", partner=mail.partner_name),
    )
    mail.text(mail.translate("alone", partner=mail.partner_name))
    for product, areas in alone.items():
        mail.add("item", _areas(mail, product, areas))


def _areas(mail: MailBody, product: str, areas: Sequence[str]) -> str:
    """Name the areas of one product, as many as a mail shows."""
    named = list(areas[:AREAS_NAMED])
    more = len(areas) - len(named)
    if more:
        named.append(mail.locale.translate("mails.alert.tried_more", n=more))
    name = product_name(mail.programme, product, mail.locale)
    return line(f"{name}: {', '.join(named)}", LONGEST_AREAS)


def write_partner_bounced(mail: MailBody) -> None:
    """Tell of a partner whom no mail reaches, and whether a second contact stands in."""
    second = mail.second_contact
    if second is None:
        _about_partner(mail, mail.translate("nobody"))
        return
    _about_partner(mail, mail.translate("second", second=shown_address(second.email)))


def write_other_bounced(mail: MailBody) -> None:
    """Tell of a dead address that offers do not go to: the second contact's, or a colleague's."""
    who = mail.data["who"]
    email = shown_address(mail.data["email"])
    mail.head_by_words(partner=mail.partner_name, email=email)
    mail.text(mail.translate(who, partner=mail.partner_name, email=email))
    _partner_and_queue(mail)


def write_partner_unconfirmed(mail: MailBody) -> None:
    """List partners who have not confirmed their address yet."""
    count = mail.data["count"]
    mail.head_by_words(n=count)
    mail.text(mail.translate("intro", n=count))
    mail.items(mail.data["names"], count)
    mail.button(mail.translate("button"), "queue")


# Other mails.


def write_hq_link(mail: MailBody) -> None:
    """Send the link to the queue."""
    mail.head_by_words()
    mail.text(mail.translate("intro", days=LINK_DAYS))
    mail.button(mail.translate("button"), "queue")


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
    "phone_partner": write_phone_partner,
    "partner_paused": write_partner_paused,
    "partner_bounced": write_partner_bounced,
    "other_bounced": write_other_bounced,
    "partner_unconfirmed": write_partner_unconfirmed,
    "calendars": write_calendars,
    "held_back": write_held_back,
    "hq_link": write_hq_link,
    "not_called": write_not_called,
    "review": write_review,
    "decide": write_decide,
}
"""Template → what writes its body."""
