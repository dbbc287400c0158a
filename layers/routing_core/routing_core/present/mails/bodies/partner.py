"""Mails to partners. Before acceptance: only what the programme allows, in every one of them."""

from datetime import datetime

from routing_core.domain.absences import away
from routing_core.domain.calendar.business_time import zone_of
from routing_core.domain.offer import Offer, OfferKind
from routing_core.present.explain.timeline import instant
from routing_core.present.lead_summary import differs_words
from routing_core.present.mails.bodies.letter import Letter
from routing_core.service.kernel.views import OfferState
from routing_core.service.offers.offer_page import may_wait, state_of


def offer(m: Letter) -> None:
    made = m.view.offer
    by, when = (
        (m.reader.short(made.expires_at), m.reader.when(made.expires_at)) if made else ("", "")
    )
    beside, words = m.beside, "wave." if m.beside else ""
    m.head(m.t("subject", what=m.what, by=by), m.t("title"), m.t(f"{words}preheader", when=when))
    if m.emergency:
        m.add("alarm", m.t("emergency"))
    if made and made.kind in (
        OfferKind.ASSIGNED,
        OfferKind.WAITING,
        OfferKind.BACKUP,
        OfferKind.HANDED,
    ):
        m.text(m.t(made.kind.value))
    if m.view.data.get("kind") == "offer.redirected":
        m.text(m.t("redirected", partner=m.partner_name))
    m.text(m.t(f"{words}intro", n=beside, when=when))
    m.lead_lines(m.line("answer_by", when))
    m.button(m.t("button"), "offer")
    m.text(m.t(f"{words}after"))
    if made:
        m.small(_without_an_answer(m, made))
    m.link(m.reader.t("mails.desk"), "desk")


def _without_an_answer(m: Letter, made: Offer) -> str:
    words = "wave.lapse" if m.beside else "retract"
    if made.on_lapse in ("share", "release"):
        words = made.on_lapse
    if made.on_lapse == "release" and m.beside:  # the others of the wave have it already
        words = "wave.release"
    return m.reader.t(f"mails.offer.{words}")


def reminder(m: Letter) -> None:
    made = m.view.offer
    if not made:
        raise ValueError("a reminder needs its offer")
    when = m.reader.when(made.expires_at)
    subject = m.t("subject", what=m.what, by=m.reader.short(made.expires_at))
    words = "wave." if m.beside else ""
    m.head(subject, m.t("title", when=when), m.t(f"{words}preheader", when=when))
    if m.emergency:
        m.add("alarm", m.reader.t("mails.offer.emergency"))
    m.text(m.t(f"{words}intro", when=when))
    if m.view.data.get("kind") == "offer.shortened":
        m.text(m.t("away", when=when))
    m.lead_lines(m.line("answer_by", when))
    m.button(m.t("button"), "offer")
    m.small(_without_an_answer(m, made))
    if m.view.data.get("second"):
        m.small(m.t("as_second" if _is_second_contact(m) else "second", partner=m.partner_name))
    m.link(m.reader.t("mails.desk"), "desk")


def _is_second_contact(m: Letter) -> bool:
    """Tells whether this copy of the mail goes to the partner's second contact."""
    second = m.view.partner.second if m.view.partner else None
    return second is not None and m.view.to == (second.email,)


def accepted(m: Letter) -> None:
    by = m.call_by
    if by:
        when = m.reader.when(by)
        subject = m.t("subject", what=m.what, by=m.reader.short(by))
        m.head(subject, m.t("title"), m.t("preheader", name=m.person, when=when))
        granted = m.view.offer is not None and m.view.offer.granted
        m.text(m.t("intro_granted" if granted else "intro", name=m.person, when=when))
        m.contact_lines(m.contact_by_line(when))
    else:
        m.head(m.t("subject_plain", what=m.what), m.t("title"))
        m.text(m.t("intro_plain", name=m.person))
        m.contact_lines()
    m.message()
    m.button(m.t("button"), "offer")
    m.text(m.t("after"))
    m.lead_lines()
    if m.return_until:
        m.small(m.t("return", when=m.reader.when(m.return_until)))
    m.attach_call()
    if m.attachments:
        m.small(m.t("calendar"))
    m.link(m.reader.t("mails.desk"), "desk")


def delegated(m: Letter) -> None:
    """To a colleague whom the firm asked to look after it: everything to call."""
    by, name = m.call_by, m.partner_name
    preheader = m.t("preheader", partner=name)
    if by:
        when = m.reader.when(by)
        m.head(m.t("subject", what=m.what, by=m.reader.short(by)), m.t("title"), preheader)
        m.text(m.t("intro", partner=name, name=m.person, when=when))
        m.contact_lines(m.contact_by_line(when))
    else:
        m.head(m.t("subject_plain", what=m.what), m.t("title"), preheader)
        m.text(m.t("intro_plain", partner=name, name=m.person))
        m.contact_lines()
    m.message()
    m.button(m.t("button"), "offer")
    m.text(m.t("after"))
    m.lead_lines()
    m.attach_call()
    if m.attachments:
        m.small(m.t("calendar"))


def gone(m: Letter) -> None:
    why = str(m.view.data.get("why") or "taken")
    if m.view.data.get("kind") == "offer.expired":
        why = "shared" if m.view.data.get("shared") else "expired"
    if why == "assigned" and m.view.offer and m.view.offer.accepted_at:
        why = "assigned_from_you"
    why = why if m.reader.t.find(f"mails.gone.{why}.title") else "taken"
    lead, made = m.view.lead, m.view.offer
    when = m.reader.when(made.expires_at) if made else m.reader.t("common.none")
    shared = why == "shared" and lead is not None and made is not None
    # Somebody was faster, or it has ended.
    if shared and lead and made and state_of(lead, made, m.view.now) is not OfferState.SHARED:
        why, shared = "expired", False
    m.head(m.t("shared.subject" if shared else "subject", what=m.what), m.t(f"{why}.title"))
    m.text(m.t(f"{why}.text", when=when))
    may_join_the_list = (
        why in ("taken", "expired") and lead and made and may_wait(lead, made, m.view.now)
    )
    if may_join_the_list:
        m.text(m.t("wait"))
    m.lead_lines()
    if shared:
        m.button(m.t("shared.button"), "offer")
    elif may_join_the_list:
        m.button(m.t("button"), "offer")
    m.link(m.reader.t("mails.desk"), "desk")


def repeated(m: Letter) -> None:
    """An owner reads all of it, and that nobody has proven to be the person; anybody else that
    there is one.
    """
    m.head(m.t("subject", what=m.what), m.t("title"))
    if not m.is_owner:
        m.text(m.t("hidden"))
        m.button(m.t("button"), "offer")
        return
    changed = str(m.view.data.get("what") or "")
    m.text(m.t(f"changed.{changed}") if changed else m.t("intro"))
    m.text(m.t("unproven"))
    if words := differs_words(m.view.data.get("differs") or (), m.reader):
        m.text(words)
    m.contact_lines()
    m.message()
    m.lead_lines()
    _gathered(m)
    m.button(m.t("button"), "offer")


def _gathered(m: Letter) -> None:
    """What else came within the hour and has no mail of its own."""
    if more := int(m.view.data.get("more") or 0):
        m.text(m.t("more", n=more))


NOTED = {"moved": "moved", "corrected": "phone", "phone": "phone", "not_called": "not_called"}


def noted(m: Letter) -> None:
    kind = NOTED.get(str(m.view.data.get("kind") or "").rpartition(".")[2], "note")
    m.head(m.t(f"{kind}.subject", what=m.what), m.t(f"{kind}.title"))
    m.text(m.t(f"{kind}.intro"))
    m.contact_lines()
    if kind == "moved":
        m.lead_lines()
    if kind == "note" and m.is_owner:
        theirs = [
            note
            for note in (m.view.context.notes if m.view.context else ())
            if note.by == "prospect"
        ]
        for note in theirs[-1:]:
            m.note(note)
    elif kind == "note" and not m.is_owner:
        m.text(m.t("hidden"))
    _gathered(m)
    m.button(m.t("button"), "offer")


def contact_reminder(m: Letter) -> None:
    by = m.call_by or instant(m.view.data.get("by")) or m.view.now
    when = m.reader.when(by)
    subject = m.t("subject", what=m.what, by=m.reader.short(by))
    m.head(subject, m.t("title", when=when), m.t("preheader", name=m.person, when=when))
    m.text(m.t("intro", name=m.person, when=when))
    if _is_away(m, by):
        m.text(m.t("away"))
    m.contact_lines(m.contact_by_line(when))
    m.button(m.t("button"), "offer")
    m.message()
    m.lead_lines()


def _is_away(m: Letter, at: datetime) -> bool:
    """Whether the partner's own holiday covers that day."""
    partner = m.view.partner
    if partner is None:
        return False
    day = at.astimezone(zone_of(partner.time_zone)).date()
    return away(partner.absences, day, day) is not None


def contact_retracted(m: Letter) -> None:
    m.head(m.t("subject", what=m.what), m.t("title"))
    m.text(m.t("intro"))
    m.lead_lines()
    m.link(m.t("button"), "desk")


def status_ask(m: Letter) -> None:
    _how_it_stands(m)
    m.contact_lines()
    m.lead_lines()
    m.link(m.reader.t("mails.desk"), "desk")


def quote_ask(m: Letter) -> None:
    _how_it_stands(m)
    m.lead_lines()
    m.link(m.reader.t("mails.desk"), "desk")


def _how_it_stands(m: Letter) -> None:
    accepted_at = m.view.lead.accepted_at if m.view.lead else None
    m.head(m.t("subject", what=m.what), m.t("title"), m.t("preheader"))
    m.text(m.t("intro", when=m.reader.when(accepted_at)) if accepted_at else m.t("intro_plain"))
    m.button(m.t("button"), "offer")


def paused(m: Letter) -> None:
    m.head(m.t("subject"), m.t("title"))
    m.text(m.t("intro", partner=m.partner_name, n=m.lapses))
    m.text(m.t("back"))
    m.button(m.t("button"), "desk")


def resumed(m: Letter) -> None:
    m.head(m.t("subject"), m.t("title"))
    m.text(m.t("intro", partner=m.partner_name))
    m.button(m.t("button"), "desk")


def unseen(m: Letter) -> None:
    m.head(m.t("subject", partner=m.partner_name), m.t("title"))
    m.text(m.t("intro", partner=m.partner_name, n=m.lapses))
    m.text(m.t("after"))
    m.button(m.t("button"), "desk")


def confirm_address(m: Letter) -> None:
    m.head(m.t("subject"), m.t("title"), m.t("preheader"))
    m.text(m.t("intro", partner=m.partner_name))
    m.button(m.t("button"), "confirm")
    m.small(m.t("after"))


def desk_link(m: Letter) -> None:
    why = str(m.view.data["why"])
    m.head(m.t("subject"), m.t(f"{why}.title"), m.t(f"{why}.preheader"))
    m.text(m.t(f"{why}.intro", partner=m.partner_name))
    m.button(m.t("button"), "desk")


def prospect_withdrew(m: Letter) -> None:
    m.head(m.t("subject", what=m.what), m.t("title"))
    m.text(m.t("intro"))
    m.lead_lines()
    m.link(m.t("button"), "offer")


def please_erase(m: Letter) -> None:
    reference = m.view.lead.reference if m.view.lead else ""
    m.head(m.t("subject", reference=reference), m.t("title"))
    m.text(m.t("intro", reference=reference))
    m.text(m.t("after"))
    m.lead_lines(m.line("reference", reference))
    m.link(m.reader.t("mails.desk"), "desk")


LETTERS = (offer, reminder, accepted, delegated, gone, repeated, noted, contact_reminder, contact_retracted, status_ask,
           quote_ask, paused, resumed, unseen, confirm_address, desk_link, prospect_withdrew, please_erase)  # fmt: skip
