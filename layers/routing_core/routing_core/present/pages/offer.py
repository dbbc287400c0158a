"""The partner's page for one offer, in every state it can be in."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo

from routing_core.domain.lead import DeadlineKind, LeadStatus
from routing_core.domain.offer import RELEASED, OfferKind, OfferStatus
from routing_core.domain.programme.reasons import ReturnReason, Tries
from routing_core.domain.returns import Missing, missing
from routing_core.present.catalog import Catalog
from routing_core.present.explain.timeline import offer_reason, reason_words
from routing_core.present.lead_summary import (
    Line,
    also_lines,
    contact_lines,
    differs_words,
    lead_lines,
    map_link,
    what,
)
from routing_core.present.locale_context import LocaleContext
from routing_core.present.pages.frame import render
from routing_core.present.pages.notes import ToldNote, told_notes
from routing_core.present.pages.summary import at_action
from routing_core.present.problems import by_field
from routing_core.present.safe import shown_address
from routing_core.service.kernel.views import AttachedView, OfferState, OfferView
from routing_core.service.offers.offer_page import BY_MISTAKE

ANY = frozenset(OfferState)
HAS_IT = frozenset({OfferState.MINE, OfferState.DONE})
GAVE_IT_UP = frozenset({OfferState.RETURNED})
NOTICES: Mapping[str, tuple[str, frozenset[OfferState]]] = {
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
    "already_accepted": ("calm", HAS_IT),
    "already_declined": ("calm", frozenset({OfferState.DECLINED})),
    "full": (
        "bad",
        frozenset({OfferState.OPEN, OfferState.SHARED, OfferState.DECLINED, OfferState.MISSED}),
    ),
    "too_late": ("bad", ANY),
}
"""Notice code → its tone, and the states in which it is still true: a page that is loaded again
later must not say "It is yours" above "Closed".
"""


def offer_page(view: OfferView) -> str:
    reader = LocaleContext.partner(view.partner, view.programme, view.language, view.now)
    t = reader.t
    ours = view.state in (OfferState.MINE, OfferState.DONE)
    lead, offer = view.lead, view.offer
    window = (offer.expires_at - offer.made_at).total_seconds()
    errors = by_field(view.problems, t)
    action = view.values.get("action", "")
    tone = _tone(view)
    title = what(lead, view.programme, reader, ours)
    reasons = _give_back(view, reader)
    return render(
        "offer.html",
        reader,
        view.programme,
        t,
        f"{t('form.error_prefix')} {title}" if view.problems else title,
        ("offer.js",),
        view=view,
        lead=lead,
        state=view.state.value,
        ours=ours,
        heading=title,
        facts=lead_lines(lead, view.programme, reader, ours, view.offer.km),
        contact=contact_lines(lead, reader) if ours else (),
        may_be_called=_may_be_called(view),
        map_url=map_link(lead) if ours else "",
        emergency=view.programme.is_emergency(lead.urgency),
        message=view.context.message if ours and view.context else "",
        also=also_lines(view.context, reader) if ours and view.context else (),
        notes=told_notes(view.context, view.programme, reader) if ours else (),
        window=int(window),
        left=max(0, int((offer.expires_at - view.now).total_seconds())),
        undo_left=max(0, int((view.undo_until - view.now).total_seconds()))
        if view.undo_until
        else 0,
        call_left=int((view.contact_by - view.now).total_seconds()) if view.contact_by else 0,
        beside=lead.beside(offer),
        chosen=offer.kind.value if offer.kind is not OfferKind.ROUTED else "",
        notice=view.notice if tone else "",
        tone=tone or "calm",
        errors=errors,
        problems=at_action(view.problems, action, _labels(action, t), t),
        action=action,
        values=view.values,
        decline_reasons=[(r.id, reader.say(r.label)) for r in view.programme.decline_reasons],
        attached=[_attached(each, view, reader) for each in view.attached],
        attached_open=[
            (each.field, each.lead.reference, each.preset) for each in view.attached if each.open
        ],
        lost_reasons=[(r.id, reader.say(r.label)) for r in view.programme.lost_reasons],
        claims=[reader.say(r.label) for r in view.programme.decline_reasons if r.id in view.claims],
        told=_told(view, reader),
        give_back=[(value, label) for value, label, _ in reasons],
        comes_of={value: comes_of_it for value, _, comes_of_it in reasons},
        give_back_until=view.give_back_until if view.give_back else view.return_until,
        hq_mail=view.programme.brand.reply_to or view.programme.hq.emails[0],
        won=lead.status is LeadStatus.WON,
        contacted=lead.status in (LeadStatus.CONTACTED, LeadStatus.QUOTED),
        quoted=lead.status is LeadStatus.QUOTED,
        quote=reader.money(lead.quote, view.programme.currency) if ours and lead.quote else "",
        result=_result(view, reader),
    )


GONE_BECAUSE = frozenset({"not_granted", "undecided", "assigned", "moved", "unreachable", "closed"})
"""Why an offer ended although nobody else need have the enquiry: told by a sentence of its own."""


@dataclass(frozen=True, slots=True)
class Attached:
    """Another enquiry that goes along, as its card shows it."""

    reference: str
    state: str
    differs: str
    lines: tuple[Line, ...]
    message: str
    notes: tuple[ToldNote, ...]


def _attached(each: AttachedView, view: OfferView, reader: LocaleContext) -> Attached:
    lead = each.lead
    told = lead_lines(lead, view.programme, reader, everything=True)
    state = (
        "open" if each.open else "withdrawn" if lead.status is LeadStatus.WITHDRAWN else "settled"
    )
    return Attached(
        reference=lead.reference,
        state=reader.t(f"offer.attached.state.{state}"),
        differs=differs_words(each.differs, reader),
        lines=(*contact_lines(lead, reader), *told),
        message=each.context.message,
        notes=told_notes(each.context, view.programme, reader),
    )


def hand_over_page(view: OfferView) -> str:
    """To whom the owner may give it; opens with what was tried last."""
    reader = LocaleContext.partner(view.partner, view.programme, view.language, view.now)
    t, partner = reader.t, view.partner
    action = view.values.get("action", "")
    known = [
        shown_address(person.email)
        for person in (partner.contact, partner.second_contact)
        if person
    ]
    title = t("offer.hand_over.title")
    return render(
        "hand_over.html",
        reader,
        view.programme,
        t,
        f"{t('form.error_prefix')} {title}" if view.problems else title,
        view=view,
        heading=what(view.lead, view.programme, reader, True),
        others=[(each.id, each.name) for each in view.others or ()],
        known=", ".join(known),
        errors=by_field(view.problems, t),
        problems=at_action(view.problems, action, _hand_over_labels(action, t), t),
        action=action,
        values=view.values,
    )


def _tone(view: OfferView) -> str:
    """The tone of the notice; empty if there is none, or if it is no longer true."""
    tone, states = NOTICES.get(view.notice, ("", ANY))
    return tone if view.state in states else ""


def _told(view: OfferView, reader: LocaleContext) -> str:
    """How it stands, for who cannot act on it, or not any more."""
    t, offer, brand, key = reader.t, view.offer, view.programme.brand.name, view.state.value
    reason = offer_reason(offer, view.programme, reader)
    when = offer.expires_at
    if view.state is OfferState.DECLINED and reason:
        key = "released" if offer.reason == RELEASED else "declined_because"
    elif view.state is OfferState.EXISTING_CUSTOMER:
        when = view.lead.deadline(DeadlineKind.HQ_HOLD) or when
    elif view.state is OfferState.MISSED and view.lead.claimed:
        key = "missed_claimed"
    elif view.state is OfferState.TAKEN and offer.reason in GONE_BECAUSE:
        key = offer.reason
    elif view.state is OfferState.RETURNED and offer.reason in ("assigned", "retracted"):
        key = f"{offer.reason}_from_you"
    elif offer.status is OfferStatus.RETURNED:
        key = "returned_because"
    elif offer.reason == "handed_over":
        key = offer.reason
    elif offer.granted:
        key = "granted"
    return t.find(f"offer.state.{key}", reason=reason, brand=brand, when=reader.when(when)) or ""


def _may_be_called(view: OfferView) -> bool:
    """Tells whether a number was given, be it one that only a person can read."""
    contact, context = view.lead.contact, view.context
    return bool((contact and contact.phone) or (context and context.phone_typed))


def _give_back(view: OfferView, reader: LocaleContext) -> list[tuple[str, str, str]]:
    """Why it may be given back now: the value, the reason and what comes of it, that of a mistake
    first.
    """
    reasons = [
        (reason.id, reader.say(reason.label), _comes_of(reason, view, reader))
        for reason in view.give_back
    ]
    if view.return_until is None:
        return reasons
    comes_of_it = reader.t("offer.give_back.mistake.then", when=reader.when(view.return_until))
    return [(BY_MISTAKE, reader.t("offer.give_back.mistake.label"), comes_of_it), *reasons]


def _comes_of(reason: ReturnReason, view: OfferView, reader: LocaleContext) -> str:
    """What happens to the enquiry, what it does to the partner's figures, and what the reason still
    needs.
    """
    t = reader.t
    told = [t(f"offer.give_back.then.{reason.then}", brand=view.programme.brand.name)]
    told.append(t("offer.give_back.neutral" if reason.neutral else "offer.give_back.counts"))
    if reason.needs:
        told.append(_tries(reason, reason.needs, view, reader))
    return " ".join(told)


def _tries(reason: ReturnReason, needs: Tries, view: OfferView, reader: LocaleContext) -> str:
    """What the reason needs, and what of it is missing."""
    lack = missing(needs, view.lead.attempts, view.partner.time_zone)
    after = time.fromisoformat(needs.after) if needs.after else None
    asked = _listed("need", Missing(needs.attempts, needs.days, after), view, reader)
    rest = _listed("lack", lack, view, reader)
    t = reader.t
    told = t("offer.give_back.missing", list=rest) if lack else t("offer.give_back.enough")
    return f"{t('offer.give_back.needs', reason=reader.say(reason.label), list=asked)} {told}"


def _listed(which: str, what: Missing, view: OfferView, reader: LocaleContext) -> str:
    parts = [
        reader.t(f"offer.give_back.{which}.{name}", n=n)
        for name, n in (("attempts", what.attempts), ("days", what.days))
        if n
    ]
    if what.after is not None:
        zone = ZoneInfo(view.partner.time_zone)
        at = datetime.combine(view.now.astimezone(zone).date(), what.after, zone)
        parts.append(reader.t(f"offer.give_back.{which}.after", time=reader.clock(at)))
    return ", ".join(parts)


def _result(view: OfferView, reader: LocaleContext) -> str:
    lead = view.lead
    if lead.status is LeadStatus.WON and lead.value:
        return reader.money(lead.value, view.programme.currency)
    if lead.status is LeadStatus.LOST and lead.reason:
        return reason_words(view.programme.lost_reasons, lead.reason, reader)
    return ""


def _labels(action: str, t: Catalog) -> dict[str, str]:
    """Of the fields of one of the offer page's forms that can be wrong."""
    match action:
        case "decline" | "lost" | "give_back":
            return {"reason": t(f"offer.{action}.reason")}
        case "quoted" | "won":
            return {"value": t(f"offer.{action}.value")}
        case "note":
            return {"text": t("offer.note.text")}
    return {}


def _hand_over_labels(action: str, t: Catalog) -> dict[str, str]:
    match action:
        case "colleague":
            return {name: t(f"offer.hand_over.colleague.{name}") for name in ("name", "email")}
        case "partner":
            return {"partner": t("offer.hand_over.partner.reason")}
        case "hq":
            return {"text": t("offer.hand_over.hq.text")}
    return {}
