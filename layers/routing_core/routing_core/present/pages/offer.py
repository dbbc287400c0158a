"""The partner's page for one offer, in every state it can be in."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from routing_core.domain.hq_people import hq_address
from routing_core.domain.lead import Context, DeadlineKind, LeadStatus
from routing_core.domain.offer import RELEASED, OfferKind, OfferStatus
from routing_core.domain.programme.reasons import Reason
from routing_core.domain.questions import open_question, question_mark
from routing_core.present.explain.timeline import offer_reason, reason_words
from routing_core.present.interest import told_interest
from routing_core.present.lead_files import told_files
from routing_core.present.lead_summary import (
    TO_OWNER,
    Disclosure,
    LabelledLine,
    also_lines,
    contact_lines,
    differs_words,
    lead_lines,
    lead_title,
    map_link,
)
from routing_core.present.locale_context import LocaleContext
from routing_core.present.notes import ToldNote, told_notes
from routing_core.present.pages.frame import page_in, render, title_with_problems
from routing_core.present.pages.give_back_reasons import give_back_reasons
from routing_core.present.pages.summary import at_action
from routing_core.present.problems import by_field
from routing_core.service.kernel.views import AttachedView, OfferState, OfferView

HAS_IT = frozenset({OfferState.MINE, OfferState.DONE})
GAVE_IT_UP = frozenset({OfferState.RETURNED})
OFFER_NOTICES: Mapping[str, tuple[str, frozenset[OfferState]]] = {
    "accepted": ("good", frozenset({OfferState.MINE})),
    "declined": ("calm", frozenset({OfferState.DECLINED})),
    "claimed": ("calm", frozenset({OfferState.EXISTING_CUSTOMER})),
    "released": ("good", frozenset({OfferState.DECLINED})),
    "waiting": ("good", frozenset({OfferState.DECLINED, OfferState.MISSED, OfferState.TAKEN})),
    "returned": ("calm", GAVE_IT_UP),
    "given_back": ("calm", GAVE_IT_UP),
    "delegated": ("good", HAS_IT),
    "handed_over": ("good", GAVE_IT_UP),
    "handed_to_hq": ("calm", GAVE_IT_UP),
    "attempted": ("good", frozenset({OfferState.MINE})),
    "contacted": ("good", frozenset({OfferState.MINE})),
    "quoted": ("good", HAS_IT),
    "won": ("good", frozenset({OfferState.DONE})),
    "lost": ("calm", frozenset({OfferState.DONE})),
    "undone": ("calm", HAS_IT),
    "noted": ("good", HAS_IT),
    "replied": ("good", HAS_IT),
    "already_accepted": ("calm", HAS_IT),
    "already_declined": ("calm", frozenset({OfferState.DECLINED})),
    "full": (
        "bad",
        frozenset({OfferState.OPEN, OfferState.SHARED, OfferState.DECLINED, OfferState.MISSED}),
    ),
    "too_late": ("bad", frozenset(OfferState)),
}
"""Notice code → its tone, and the states in which it is still true.

A page that is loaded again later must not say "It is yours" above "Closed".
"""
GONE_BECAUSE = frozenset({"not_granted", "undecided", "assigned", "moved", "unreachable", "closed"})
"""Names why an offer ended although nobody else need have the enquiry.

Each of these is told by a sentence of its own.
"""


@dataclass(frozen=True, slots=True)
class AttachedCard:
    """Another enquiry that goes along, as the page shows it."""

    reference: str
    """The reference of that enquiry."""
    state: str
    """Says how it stands."""
    differs: str
    """Says in what it is not like the first; empty if they are alike."""
    lines: tuple[LabelledLine, ...]
    """Says who asked, and what for."""
    message: str
    """Holds what its sender wrote."""
    notes: tuple[ToldNote, ...]
    """The notes on it, the newest first."""


@dataclass(frozen=True, slots=True)
class HqQuestion:
    """What HQ wants to know, as the page shows it above everything else."""

    mark: str
    """Names the question, for the form to say which one it answers."""
    when: str
    """The instant it was asked, in words."""
    text: str
    """The question as it was typed."""


def offer_page(view: OfferView) -> str:
    """Draw the page of one offer as it stands now."""
    locale = LocaleContext.for_partner(view.partner, view.programme, view.language, view.now)
    # The same page before and after acceptance: the title must not tell the town beforehand.
    heading = lead_title(view.lead, view.programme, locale, _is_ours(view))
    title = title_with_problems(heading, view.problems, locale)
    return render(
        page_in(locale, view.programme, "offer.html", title, ("send.js", "offer.js")),
        view=view,
        state=view.state.value,
        heading=heading,
        **_about_lead(view, locale),
        **_about_customer(view, locale),
        **_seconds_left(view),
        **_how_it_stands(view, locale),
        **_what_can_be_done(view, locale),
        **_what_was_posted(view, locale),
    )


def _is_ours(view: OfferView) -> bool:
    """Tell whether the partner has the enquiry, or had it to the end."""
    return view.state in HAS_IT


def _about_lead(view: OfferView, locale: LocaleContext) -> dict[str, Any]:
    lead, offer, programme = view.lead, view.offer, view.programme
    disclosure = Disclosure(everything=_is_ours(view), km=offer.km)
    return {
        "lead": lead,
        "ours": _is_ours(view),
        "facts": lead_lines(lead, programme, locale, disclosure),
        "emergency": programme.is_emergency(lead.urgency),
        "beside": lead.beside(offer),
        "chosen": offer.kind.value if offer.kind is not OfferKind.ROUTED else "",
        "attached": [_attached(each, view, locale) for each in view.attached],
        "attached_open": [
            (each.field, each.lead.reference, each.preset) for each in view.attached if each.open
        ],
    }


def _about_customer(view: OfferView, locale: LocaleContext) -> dict[str, Any]:
    """Give what is shown to the owner alone; empty before acceptance."""
    lead, context = view.lead, view.context
    shown: dict[str, Any] = {
        "may_be_called": _may_be_called(view),
        "contact": (),
        "map_url": "",
        "message": "",
        "also": (),
        "notes": (),
        "question": None,
        "interest": (),
        "files": (),
        "quote": "",
    }
    # The view carries none of it either: two locks, for a leak cannot be taken back.
    if not _is_ours(view):
        return shown
    shown["contact"] = contact_lines(lead, locale)
    shown["map_url"] = map_link(lead)
    if context:
        shown["message"] = context.message
        shown["also"] = also_lines(context, locale)
        shown["question"] = _question(view, context, locale)
        shown["notes"] = told_notes(context, view.programme, locale)
        shown["interest"] = told_interest(context, locale)
        shown["files"] = told_files(context.files, locale)
    if lead.quote:
        shown["quote"] = locale.money(lead.quote, view.programme.currency)
    return shown


def _question(view: OfferView, context: Context, locale: LocaleContext) -> HqQuestion | None:
    """Give what HQ wants to know of the owner, if that is not answered yet."""
    note = open_question(view.lead, context.notes)
    if note is None:
        return None
    return HqQuestion(question_mark(note), locale.when(note.at), note.text)


def _may_be_called(view: OfferView) -> bool:
    """Tell whether a number was given, be it one that only a person can read."""
    contact, context = view.lead.contact, view.context
    return bool((contact and contact.phone) or (context and context.phone_typed))


def _seconds_left(view: OfferView) -> dict[str, int]:
    """Give the seconds that the page's script counts down."""
    window = view.offer.expires_at - view.offer.begins_at
    return {
        "window": int(window.total_seconds()),
        "left": max(0, _seconds_until(view.offer.expires_at, view)),
        "undo_left": max(0, _seconds_until(view.undo_until, view)),
        # Not cut at nothing: below it the page says that the call is late.
        "call_left": _seconds_until(view.contact_by, view),
    }


def _seconds_until(instant: datetime | None, view: OfferView) -> int:
    if instant is None:
        return 0
    return int((instant - view.now).total_seconds())


def _how_it_stands(view: OfferView, locale: LocaleContext) -> dict[str, Any]:
    status = view.lead.status
    tone = _tone(view)
    return {
        "notice": view.notice if tone else "",
        "tone": tone or "calm",
        "told": _told(view, locale),
        "won": status is LeadStatus.WON,
        "contacted": status in (LeadStatus.CONTACTED, LeadStatus.QUOTED),
        "quoted": status is LeadStatus.QUOTED,
        "result": _result(view, locale),
    }


def _tone(view: OfferView) -> str:
    """Give the tone of the notice; empty if there is none, or if it is no longer true."""
    tone, states = OFFER_NOTICES.get(view.notice, ("", frozenset[OfferState]()))
    return tone if view.state in states else ""


def _told(view: OfferView, locale: LocaleContext) -> str:
    """Say how it stands, for who cannot act on it, or not any more."""
    # Whoever claims a customer waits for HQ, and not for the end of the window.
    when = view.offer.expires_at
    if view.state is OfferState.EXISTING_CUSTOMER:
        when = view.lead.deadline(DeadlineKind.HQ_HOLD) or when
    reason = offer_reason(view.offer, view.programme, locale)
    told = locale.catalog.find(
        f"offer.state.{_state_words(view, reason)}",
        reason=reason,
        brand=view.programme.brand.name,
        when=locale.when(when),
    )
    return told or ""


def _state_words(view: OfferView, reason: str) -> str:
    """Name the words for the state, more exact where it is known how it came to that."""
    offer = view.offer
    by_state = _words_of_state(view, reason)
    if by_state:
        return by_state
    if offer.status is OfferStatus.RETURNED:
        return "returned_because"
    # The status is that of any return; only the reason tells that it was given to somebody.
    if offer.reason == "handed_over":
        return "handed_over"
    if offer.granted:
        return "granted"
    return view.state.value


def _words_of_state(view: OfferView, reason: str) -> str:
    """Name the words that only one state has; empty where the offer itself tells more."""
    offer = view.offer
    if view.state is OfferState.DECLINED and reason:
        return "released" if offer.reason == RELEASED else "declined_because"
    if view.state is OfferState.EXISTING_CUSTOMER:
        return view.state.value
    if view.state is OfferState.MISSED and view.lead.claimed:
        return "missed_claimed"
    if view.state is OfferState.TAKEN and offer.reason in GONE_BECAUSE:
        return offer.reason
    if view.state is OfferState.RETURNED and offer.reason in ("assigned", "retracted"):
        return f"{offer.reason}_from_you"
    return ""


def _result(view: OfferView, locale: LocaleContext) -> str:
    """Say what came of it: the value of what was won, the reason of what was lost."""
    lead = view.lead
    if lead.status is LeadStatus.WON and lead.value:
        return locale.money(lead.value, view.programme.currency)
    if lead.status is LeadStatus.LOST and lead.reason:
        return reason_words(view.programme.lost_reasons, lead.reason, locale)
    return ""


def _what_can_be_done(view: OfferView, locale: LocaleContext) -> dict[str, Any]:
    programme = view.programme
    reasons = give_back_reasons(view, locale)
    claims = [each for each in programme.decline_reasons if each.id in view.claims]
    return {
        "decline_reasons": _choices(programme.decline_reasons, locale),
        "lost_reasons": _choices(programme.lost_reasons, locale),
        "claims": [locale.say(each.label) for each in claims],
        "give_back": [(each.value, each.label) for each in reasons],
        # Shown as soon as a reason is chosen, before anything is sent: it may cost them the lead.
        "comes_of": {each.value: each.outcome for each in reasons},
        "give_back_until": view.give_back_until if view.give_back else view.return_until,
        # Shown to who cannot do what they want here: somebody must be able to help.
        "hq_mail": hq_address(programme),
    }


def _choices(reasons: Iterable[Reason], locale: LocaleContext) -> list[tuple[str, str]]:
    return [(each.id, locale.say(each.label)) for each in reasons]


def _what_was_posted(view: OfferView, locale: LocaleContext) -> dict[str, Any]:
    """Give what was typed last and is wrong, for the form to open with."""
    action = view.values.get("action", "")
    labels = _labels(action, locale)
    return {
        "action": action,
        "values": view.values,
        "errors": by_field(view.problems, locale.catalog),
        "problems": at_action(view.problems, action, labels, locale.catalog),
    }


def _labels(action: str, locale: LocaleContext) -> Mapping[str, str]:
    """Give the labels of the fields that can be wrong in one of the page's forms."""
    match action:
        case "decline" | "give_back":
            return _reason_label(action, locale) | _text_label("decline", locale)
        case "lost":
            return _reason_label(action, locale) | _text_label("note", locale)
        case "quoted" | "won":
            value = {"value": locale.translate(f"offer.{action}.value")}
            return value | _text_label("note", locale)
        case "note" | "reply":
            return _text_label(action, locale)
    return {}


def _reason_label(action: str, locale: LocaleContext) -> dict[str, str]:
    return {"reason": locale.translate(f"offer.{action}.reason")}


def _text_label(action: str, locale: LocaleContext) -> dict[str, str]:
    return {"text": locale.translate(f"offer.{action}.text")}


def _attached(each: AttachedView, view: OfferView, locale: LocaleContext) -> AttachedCard:
    lead = each.lead
    told = lead_lines(lead, view.programme, locale, TO_OWNER)
    return AttachedCard(
        reference=lead.reference,
        state=locale.translate(f"offer.attached.state.{_attached_state(each)}"),
        differs=differs_words(each.differs, locale),
        lines=(*contact_lines(lead, locale), *told),
        message=each.context.message,
        notes=told_notes(each.context, view.programme, locale),
    )


def _attached_state(each: AttachedView) -> str:
    if each.open:
        return "open"
    if each.lead.status is LeadStatus.WITHDRAWN:
        return "withdrawn"
    return "settled"
