"""Mails to the person who asked: where it stands, when they hear next, never who else was asked.

Nobody has proven that the address is theirs, so these mails carry nothing that was typed into the
form, the name included: else anybody could have their own words sent to anybody, in ours. The
greeting names nobody.
"""

from datetime import datetime
from typing import Any

from routing_core.domain.lead import DeadlineKind, Lead, LeadStatus
from routing_core.present.explain.timeline import instant, reason_words
from routing_core.present.lead_summary import partner_lines, what
from routing_core.present.mails.bodies.letter import Case, Letter


def _hear_by(m: Letter) -> datetime | None:
    promised = m.view.lead.promised_by if m.view.lead else None
    return promised or instant(m.view.data.get("hear_by"))


def _opened(m: Letter, subject: str, title: str, preheader: str = "") -> None:
    m.head(subject, title, preheader)
    m.greet()


def _reference(m: Letter) -> None:
    if m.view.lead:
        m.lead_lines(m.line("reference", m.view.lead.reference))


def receipt(m: Letter) -> None:
    lead = m.view.lead
    preheader = m.t("preheader", reference=lead.reference if lead else "")
    _opened(m, m.t("subject", what=m.what), m.t("title"), preheader)
    if lead:
        m.text(f"{m.t('thanks')} {_what_happens(m, lead)}")
    _reference(m)
    m.button(m.t("button"), "status")
    m.small(m.t("after"))
    _others_acknowledged(m)


ANSWERS_TOLD = ("offered", "held", "waiting")
"""Answers at the door that come with a promise."""


def _what_happens(m: Letter, lead: Lead) -> str:
    """What the sender was told at the door, unless it is no longer so: a gathered receipt is up to
    an hour late.
    """
    if lead.waits_for_confirmation:
        return _of_receipt(m, "waits")
    if lead.owner or lead.status in (
        LeadStatus.WON,
        LeadStatus.LOST,
        LeadStatus.REJECTED,
        LeadStatus.WITHDRAWN,
    ):
        return _of_receipt(m, "gone_on")
    if lead.answer not in ANSWERS_TOLD:
        return _of_receipt(m, "joined" if lead.answer == "joined" else "noted")
    by, answer = lead.promised_by, lead.answer
    if answer == "held" and lead.held_until is None:
        answer = "offered" if lead.live_offers else "waiting"
    return (
        _of_receipt(m, answer, when=m.reader.when(by)) if by else _of_receipt(m, f"{answer}_plain")
    )


def _of_receipt(m: Letter, key: str, **fill: Any) -> str:
    """The receipt's words, also in a mail that asks to confirm one enquiry and acknowledges
    others.
    """
    return m.reader.t(f"mails.receipt.{key}", brand=m.brand, **fill)


def _others_acknowledged(m: Letter) -> None:
    """Enquiries made with the same address since the last receipt."""
    others = m.view.entries
    if not others:
        return
    more = int(m.view.data.get("more") or 0)
    m.text(_of_receipt(m, "others", n=len(others) + more))
    for entry in others:
        title = f"{what(entry.lead, m.view.programme, m.reader, True)} · {entry.lead.reference}"
        m.case(Case(title, _what_happens(m, entry.lead), (), entry.url))
    if more:
        m.text(_of_receipt(m, "not_listed", n=more))


def confirm_enquiry(m: Letter) -> None:
    """Whoever reads this may never have heard of us: no greeting by a name, for a stranger may have
    typed it.
    """
    m.head(m.t("subject"), m.t("title"), m.t("preheader"))
    m.greet()
    m.text(m.t("intro"))
    if m.view.lead:
        m.lines(m.line("reference", m.view.lead.reference))
    m.button(m.t("button"), "status")
    m.small(m.t("after"))
    _others_acknowledged(m)


def partner_found(m: Letter) -> None:
    by = m.view.lead.deadline(DeadlineKind.CONTACT) if m.view.lead else None
    name = _who_calls(m)
    preheader = m.t("preheader", when=m.reader.when(by)) if by else ""
    _opened(
        m, m.t("subject", partner=m.partner_name), m.t("title", partner=m.partner_name), preheader
    )
    m.text(
        m.t("intro", partner=name, when=m.reader.when(by))
        if by
        else m.t("intro_plain", partner=name)
    )
    if m.view.partner:
        m.lines(*partner_lines(m.view.partner, m.reader, m.colleague))
    m.button(m.t("button"), "status")
    m.small(m.t("after"))


def _who_calls(m: Letter) -> str:
    """The firm, or somebody of it who looks after the enquiry."""
    return (
        m.reader.t("common.somebody_of", name=m.colleague, partner=m.partner_name)
        if m.colleague
        else m.partner_name
    )


def will_call(m: Letter) -> None:
    """The firm has handed the enquiry to somebody else there."""
    by = m.view.lead.deadline(DeadlineKind.CONTACT) if m.view.lead else None
    _opened(
        m, m.t("subject", name=m.colleague, partner=m.partner_name), m.t("title", name=m.colleague)
    )
    name = _who_calls(m)
    m.text(m.t("intro", name=name, when=m.reader.when(by)) if by else m.t("intro_plain", name=name))
    if m.view.partner:
        m.lines(*partner_lines(m.view.partner, m.reader, m.colleague))
    m.button(m.t("button"), "status")


def _still_waiting(m: Letter, words: str = "") -> None:
    by = _hear_by(m)
    _opened(m, m.t("subject", what=m.what), m.t("title"))
    m.text(words or (m.t("intro", when=m.reader.when(by)) if by else m.t("intro_plain")))
    _reference(m)
    m.button(m.t("button"), "status")
    _others(m, "follow_up")


def follow_up(m: Letter) -> None:
    _still_waiting(m)


def promise_update(m: Letter) -> None:
    """If a partner owned the lead, what was promised is the call: then the question is whether it
    came.
    """
    if not m.view.data.get("partner"):
        lead, by = m.view.lead, _hear_by(m)
        if lead and lead.held_until and by:
            words = m.t("intro_held", opens=m.reader.when(lead.held_until), when=m.reader.when(by))
            return _still_waiting(m, words)
        return _still_waiting(m)
    name = m.partner_name
    _opened(m, m.t("call.subject", partner=name), m.t("call.title", partner=name))
    m.text(m.t("call.intro", partner=name))
    m.button(m.t("call.button"), "status")
    _others(m, "follow_up")
    return None


def served(m: Letter) -> None:
    """An attached enquiry was settled by a partner whom its sender knows by now."""
    outcome = "won" if m.view.data.get("outcome") == "won" else "lost"
    _opened(m, m.t("subject", what=m.what), m.t("title"))
    m.text(m.t(outcome, partner=m.partner_name))
    m.text(m.t("after"))
    _reference(m)
    m.button(m.t("button"), "form")


MOVED_ON_WHY = {"offer.withdrawn": "assigned", "contact.retracted": "no_call"}
"""What ended it for the partner whom the prospect was told, where it was not the partner."""


def moved_on(m: Letter) -> None:
    by, name = _hear_by(m), m.partner_name
    _opened(m, m.t("subject", what=m.what), m.t("title"))
    why = MOVED_ON_WHY.get(str(m.view.data.get("kind")), "given_up")
    told = m.t(f"why.{why}", partner=name)
    m.text(f"{told} {m.t('next', when=m.reader.when(by))}" if by else told)
    _reference(m)
    m.button(m.t("button"), "status")
    m.small(m.t("after"))


def nurture_ask(m: Letter) -> None:
    _opened(m, m.t("subject", what=m.what), m.t("title"))
    m.text(m.t("intro"))
    _reference(m)
    m.button(m.t("button"), "status")
    m.small(m.t("after"))


def closed(m: Letter) -> None:
    reason = m.view.data.get("reason")
    rejected, returned = reason == "rejected", reason == "returned"
    settled = "" if reason == "unplaced" else "_settled"
    _opened(m, m.t(f"subject{settled}", what=m.what), m.t(f"title{settled}"))
    if reason == "cooled":
        m.text(m.t("cooled"))
    elif returned:
        why = reason_words(
            m.view.programme.return_reasons, m.view.lead.reason if m.view.lead else "", m.reader
        )
        m.text(m.t("returned", partner=m.partner_name, reason=why))
    else:
        m.text(m.t("rejected") if rejected else m.t("intro"))
    if m.view.programme.hotline:
        m.text(m.t("hotline", phone=m.view.programme.hotline.phone))
    if not rejected:
        m.text(m.t("after"))
        m.button(m.t("button"), "form")
    _reference(m)
    _others(m, "closed")


def _others(m: Letter, group: str) -> None:
    """Enquiries made with the same address of which the same is to be told since the last mail
    about any: that they are ``closed``, or take longer (``follow_up``).
    """
    others = m.view.entries
    if not others:
        return
    more = int(m.view.data.get("more") or 0)
    m.text(m.reader.t(f"mails.{group}.others", n=len(others) + more))
    for entry in others:
        title = f"{what(entry.lead, m.view.programme, m.reader, True)} · {entry.lead.reference}"
        m.case(Case(title, m.reader.t("mails.closed.other"), (), entry.url))
    if more:
        m.text(_of_receipt(m, "not_listed", n=more))


LETTERS = (receipt, confirm_enquiry, partner_found, will_call, follow_up, promise_update, moved_on, nurture_ask, closed,
           served)  # fmt: skip
