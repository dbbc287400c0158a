"""Mails to partners. Before acceptance: only what the programme allows, in every one of them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from routing_core.domain.absences import away
from routing_core.domain.calendar.business_time import zone_of
from routing_core.domain.events import (
    LeadCorrected,
    LeadMoved,
    LeadNotCalled,
    OfferExpired,
    OfferMoved,
    OfferRedirected,
    OfferShortened,
)
from routing_core.domain.lead import Note
from routing_core.domain.offer import Offer, OfferKind
from routing_core.domain.questions import last_question
from routing_core.present.explain.timeline import instant
from routing_core.present.lead_summary import differs_words
from routing_core.present.mails.bodies.body import MailBody
from routing_core.present.mails.bodies.partner_account import PARTNER_ACCOUNT_BODIES
from routing_core.service.kernel.views import OfferState
from routing_core.service.offers.offer_rights import may_wait, offer_state

KINDS_WITH_WORDS = (OfferKind.ASSIGNED, OfferKind.WAITING, OfferKind.BACKUP, OfferKind.HANDED)
"""Kinds of offers that say how the partner comes to it."""
NEWS_OF_EVENTS: Mapping[type[Any], str] = {
    LeadMoved: "moved",
    OfferMoved: "moved",
    LeadCorrected: "phone",
    LeadNotCalled: "not_called",
}
"""Event → the words of its news; of any other it is a note."""


def write_offer(mail: MailBody) -> None:
    """Offer an enquiry: what it is, and by when to answer."""
    made = mail.offer
    words = _wave_words(mail)
    by = mail.locale.when_briefly(made.expires_at) if made else ""
    when = mail.locale.when_known(made.expires_at if made else None)
    mail.head(
        mail.translate("subject", what=mail.lead_title, by=by),
        mail.translate("title"),
        mail.translate(f"{words}preheader", when=when),
    )
    if mail.emergency:
        mail.add("alarm", mail.translate("emergency"))
    if made and made.kind in KINDS_WITH_WORDS:
        mail.text(mail.translate(made.kind.value))
    if isinstance(mail.event, OfferRedirected):
        mail.text(mail.translate("redirected", partner=mail.partner_name))
    mail.text(mail.translate(f"{words}intro", n=mail.beside, when=when))
    mail.lead_lines(mail.line("answer_by", when))
    mail.button(mail.translate("button"), "offer")
    mail.text(mail.translate(f"{words}after"))
    if made:
        mail.small(_without_an_answer(mail, made))
    mail.desk_link()


def _wave_words(mail: MailBody) -> str:
    """Name the words for several who are asked at once: the first of them who accepts has it."""
    return "wave." if mail.beside else ""


def _without_an_answer(mail: MailBody, made: Offer) -> str:
    """Say what happens if the partner does not answer in time."""
    words = "wave.lapse" if mail.beside else "retract"
    if made.on_lapse in ("share", "release"):
        words = made.on_lapse
    if made.on_lapse == "release" and mail.beside:
        words = "wave.release"  # the others of the wave have it already
    return mail.locale.translate(f"mails.offer.{words}")


def write_reminder(mail: MailBody) -> None:
    """Remind of an offer. Raises ValueError for a view without one."""
    made = mail.offer
    if not made:
        raise ValueError("a reminder needs its offer")
    words = _wave_words(mail)
    by = mail.locale.when_briefly(made.expires_at)
    when = mail.locale.when(made.expires_at)
    mail.head(
        mail.translate("subject", what=mail.lead_title, by=by),
        mail.translate("title", when=when),
        mail.translate(f"{words}preheader", when=when),
    )
    if mail.emergency:
        mail.add("alarm", mail.locale.translate("mails.offer.emergency"))
    mail.text(mail.translate(f"{words}intro", when=when))
    if isinstance(mail.event, OfferShortened):
        mail.text(mail.translate("away", when=when))
    mail.lead_lines(mail.line("answer_by", when))
    mail.button(mail.translate("button"), "offer")
    mail.small(_without_an_answer(mail, made))
    if mail.data.get("second"):
        words = "as_second" if _is_to_second_contact(mail) else "second"
        mail.small(mail.translate(words, partner=mail.partner_name))
    mail.desk_link()


def _is_to_second_contact(mail: MailBody) -> bool:
    """Tell whether this copy of the mail goes to the partner's second contact."""
    second = mail.second_contact
    return second is not None and mail.view.to == (second.email,)


def write_accepted(mail: MailBody) -> None:
    """Confirm that the enquiry is theirs: whom to call by when, with everything to call."""
    call_by = mail.call_by
    if call_by:
        _call_by(mail, call_by)
    else:
        mail.head(mail.translate("subject_plain", what=mail.lead_title), mail.translate("title"))
        mail.text(mail.translate("intro_plain", name=mail.person))
        mail.contact_lines()
    mail.message()
    mail.button(mail.translate("button"), "offer")
    mail.text(mail.translate("after"))
    mail.lead_lines()
    if mail.return_until:
        mail.small(mail.translate("return", when=mail.locale.when(mail.return_until)))
    _attach_call(mail)
    mail.desk_link()


def _call_by(mail: MailBody, call_by: datetime) -> None:
    when = mail.locale.when(call_by)
    by = mail.locale.when_briefly(call_by)
    mail.head_by_words(what=mail.lead_title, by=by, name=mail.person, when=when)
    offer = mail.offer
    intro = "intro_granted" if offer and offer.granted else "intro"
    mail.text(mail.translate(intro, name=mail.person, when=when))
    mail.contact_lines(mail.contact_by_line(when))


def _attach_call(mail: MailBody) -> None:
    mail.attach_call()
    if mail.attachments:
        mail.small(mail.translate("calendar"))


def write_delegated(mail: MailBody) -> None:
    """Tell a colleague whom the firm asked to look after it: everything to call."""
    call_by = mail.call_by
    partner = mail.partner_name
    preheader = mail.translate("preheader", partner=partner)
    title = mail.translate("title")
    if call_by:
        when = mail.locale.when(call_by)
        by = mail.locale.when_briefly(call_by)
        mail.head(mail.translate("subject", what=mail.lead_title, by=by), title, preheader)
        mail.text(mail.translate("intro", partner=partner, name=mail.person, when=when))
        mail.contact_lines(mail.contact_by_line(when))
    else:
        mail.head(mail.translate("subject_plain", what=mail.lead_title), title, preheader)
        mail.text(mail.translate("intro_plain", partner=partner, name=mail.person))
        mail.contact_lines()
    mail.message()
    mail.button(mail.translate("button"), "offer")
    mail.text(mail.translate("after"))
    mail.lead_lines()
    _attach_call(mail)


def write_gone(mail: MailBody) -> None:
    """Say that an offer has ended, why, and whether anything can still be done about it."""
    lead, made = mail.lead, mail.offer
    why = _why_gone(mail)
    when = mail.locale.when(made.expires_at) if made else mail.locale.translate("common.none")
    may_still_accept = why == "shared" and lead is not None and made is not None
    subject = "shared.subject" if may_still_accept else "subject"
    mail.head(mail.translate(subject, what=mail.lead_title), mail.translate(f"{why}.title"))
    mail.text(mail.translate(f"{why}.text", when=when))
    may_join_the_list = False
    if lead and made and why in ("taken", "expired"):
        may_join_the_list = may_wait(lead, made, mail.view.now)
    if may_join_the_list:
        mail.text(mail.translate("wait"))
    mail.lead_lines()
    if may_still_accept:
        mail.button(mail.translate("shared.button"), "offer")
    elif may_join_the_list:
        mail.button(mail.translate("button"), "offer")
    mail.desk_link()


def _why_gone(mail: MailBody) -> str:
    """Name the words for why the offer has ended; ``taken`` for a reason without any."""
    # The nearest words for it: what is no reason of ours, or has no words, is simply taken.
    event, made, lead = mail.event, mail.offer, mail.lead
    why = str(mail.data.get("why") or "taken")
    if isinstance(event, OfferExpired):
        why = "shared" if event.shared else "expired"
    if why == "assigned" and made and made.accepted_at:
        why = "assigned_from_you"
    if not mail.locale.catalog.find(f"mails.gone.{why}.title"):
        why = "taken"
    if why == "shared" and lead and made:
        # The mail leaves a little later than the window ended: meanwhile somebody may have
        # accepted.
        is_shared = offer_state(lead, made, mail.view.now) is OfferState.SHARED
        why = "shared" if is_shared else "expired"
    return why


def write_repeated(mail: MailBody) -> None:
    """Tell that a customer has asked again.

    An owner reads all of it, and that nobody has proven to be the person; anybody else that there
    is one.
    """
    mail.head_by_words(what=mail.lead_title)
    if not mail.is_owner:
        mail.text(mail.translate("hidden"))
        mail.button(mail.translate("button"), "offer")
        return
    changed = str(mail.data.get("what") or "")
    mail.text(mail.translate(f"changed.{changed}" if changed else "intro"))
    mail.text(mail.translate("unproven"))
    differs = differs_words(mail.data.get("differs") or (), mail.locale)
    if differs:
        mail.text(differs)
    mail.contact_lines()
    mail.message()
    mail.lead_lines()
    _gathered(mail)
    mail.button(mail.translate("button"), "offer")


def _gathered(mail: MailBody) -> None:
    """Say what else came within the hour and has no mail of its own."""
    more = int(mail.data.get("more") or 0)
    if more:
        mail.text(mail.translate("more", n=more))


def write_noted(mail: MailBody) -> None:
    """Tell the news of an enquiry: a note, another place or number, or that nobody has called."""
    news = NEWS_OF_EVENTS.get(type(mail.event), "note")
    mail.head_by_words(f"{news}.", what=mail.lead_title)
    mail.text(mail.translate(f"{news}.intro"))
    mail.contact_lines()
    if news == "moved":
        mail.lead_lines()
    if news == "note":
        _last_note(mail)
    _gathered(mail)
    mail.button(mail.translate("button"), "offer")


def _last_note(mail: MailBody) -> None:
    """Quote the customer's last note to the owner; to anybody else say that there is one."""
    if not mail.is_owner:
        mail.text(mail.translate("hidden"))
        return
    # Only the last: the others were told when they were written.
    theirs = [note for note in _notes(mail) if note.by == "prospect"]
    if theirs:
        mail.note(theirs[-1])


def write_question(mail: MailBody) -> None:
    """Ask the owner what HQ wants to know, with the button that leads to the field for it."""
    mail.head_by_words(what=mail.lead_title)
    mail.text(mail.translate("intro"))
    question = last_question(_notes(mail), mail.partner.id) if mail.partner else None
    if question and mail.is_owner:
        mail.note(question)
    mail.button(mail.translate("button"), "offer")
    mail.lead_lines()


def _notes(mail: MailBody) -> tuple[Note, ...]:
    return mail.view.context.notes if mail.view.context else ()


def write_contact_reminder(mail: MailBody) -> None:
    """Remind the owner that the customer is to hear from them."""
    call_by = mail.call_by or instant(mail.data.get("by")) or mail.view.now
    when = mail.locale.when(call_by)
    by = mail.locale.when_briefly(call_by)
    mail.head_by_words(what=mail.lead_title, by=by, name=mail.person, when=when)
    mail.text(mail.translate("intro", name=mail.person, when=when))
    if _is_away(mail, call_by):
        mail.text(mail.translate("away"))
    mail.contact_lines(mail.contact_by_line(when))
    mail.button(mail.translate("button"), "offer")
    mail.message()
    mail.lead_lines()


def _is_away(mail: MailBody, at: datetime) -> bool:
    """Tell whether the partner's own holiday covers that day."""
    partner = mail.partner
    if partner is None:
        return False
    day = at.astimezone(zone_of(partner.time_zone)).date()
    return away(partner.absences, day, day) is not None


def write_contact_retracted(mail: MailBody) -> None:
    """Tell the former owner that the enquiry was taken away, because nobody called."""
    mail.head_by_words(what=mail.lead_title)
    mail.text(mail.translate("intro"))
    mail.lead_lines()
    mail.link(mail.translate("button"), "desk")


def write_status_ask(mail: MailBody) -> None:
    """Ask the owner how it stands."""
    _how_it_stands(mail)
    mail.contact_lines()
    mail.lead_lines()
    mail.desk_link()


def write_quote_ask(mail: MailBody) -> None:
    """Ask the owner what became of the quote."""
    _how_it_stands(mail)
    mail.lead_lines()
    mail.desk_link()


def _how_it_stands(mail: MailBody) -> None:
    mail.head_by_words(what=mail.lead_title)
    mail.text(mail.translate_at("intro", mail.accepted_at))
    mail.button(mail.translate("button"), "offer")


def write_prospect_withdrew(mail: MailBody) -> None:
    """Tell a partner that the customer has withdrawn the enquiry."""
    mail.head_by_words(what=mail.lead_title)
    mail.text(mail.translate("intro"))
    mail.lead_lines()
    mail.link(mail.translate("button"), "offer")


def write_please_erase(mail: MailBody) -> None:
    """Ask a partner who has the customer's data to erase it too."""
    mail.head_by_words(reference=mail.reference)
    mail.text(mail.translate("intro", reference=mail.reference))
    mail.text(mail.translate("after"))
    mail.lead_lines(mail.line("reference", mail.reference))
    mail.desk_link()


PARTNER_BODIES = {
    "offer": write_offer,
    "reminder": write_reminder,
    "accepted": write_accepted,
    "delegated": write_delegated,
    "gone": write_gone,
    "repeated": write_repeated,
    "noted": write_noted,
    "question": write_question,
    "contact_reminder": write_contact_reminder,
    "contact_retracted": write_contact_retracted,
    "status_ask": write_status_ask,
    "quote_ask": write_quote_ask,
    **PARTNER_ACCOUNT_BODIES,
    "prospect_withdrew": write_prospect_withdrew,
    "please_erase": write_please_erase,
}
"""Template → what writes its body."""
