"""The partner's page for one offer, in every state it can be in."""

from ...domain.lead import DeadlineKind, LeadStatus
from ...domain.offer import RELEASED, OfferKind
from ...service.views import OfferState, OfferView
from ..facts import contact_lines, is_emergency, lead_lines, map_link, what
from ..notes import told_notes
from ..problems import by_field, field_name, sentence
from ..reader import Reader
from ..timeline import reason_words
from .frame import render

NOTICES = {
    "accepted": "good",
    "declined": "calm",
    "claimed": "calm",
    "released": "good",
    "waiting": "good",
    "returned": "calm",
    "attempted": "good",
    "contacted": "good",
    "quoted": "good",
    "won": "good",
    "lost": "calm",
    "undone": "calm",
    "noted": "good",
    "already_accepted": "calm",
    "already_declined": "calm",
    "full": "bad",
    "too_late": "bad",
}
"""Notice code → tone."""


def offer_page(view: OfferView) -> str:
    reader = Reader.partner(view.partner, view.programme, view.language, view.now)
    t = reader.t
    ours = view.state in (OfferState.MINE, OfferState.DONE)
    lead, offer = view.lead, view.offer
    window = (offer.expires_at - offer.made_at).total_seconds()
    errors = by_field(view.problems, t)
    action = view.values.get("action", "")
    title = what(lead, view.programme, reader, ours)
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
        facts=lead_lines(lead, view.programme, reader, ours),
        contact=contact_lines(lead, reader) if ours else (),
        map_url=map_link(lead) if ours else "",
        emergency=is_emergency(lead, view.programme),
        message=view.context.message if ours and view.context else "",
        notes=told_notes(view.context, view.programme, reader) if ours else (),
        window=int(window),
        left=max(0, int((offer.expires_at - view.now).total_seconds())),
        undo_left=max(0, int((view.undo_until - view.now).total_seconds())) if view.undo_until else 0,
        call_left=int((view.contact_by - view.now).total_seconds()) if view.contact_by else 0,
        beside=lead.beside(offer),
        chosen=offer.kind.value if offer.kind is not OfferKind.ROUTED else "",
        notice=view.notice if view.notice in NOTICES else "",
        tone=NOTICES.get(view.notice, "calm"),
        errors=errors,
        problems=[(f"{action}-{field_name(p)}" if action else "", sentence(p, t)) for p in view.problems],
        action=action,
        values=view.values,
        decline_reasons=[(r.id, reader.say(r.label)) for r in view.programme.decline_reasons],
        lost_reasons=[(r.id, reader.say(r.label)) for r in view.programme.lost_reasons],
        claims=[reader.say(r.label) for r in view.programme.decline_reasons if r.id in view.claims],
        told=_told(view, reader),
        hq_mail=view.programme.brand.reply_to or view.programme.hq.emails[0],
        won=lead.status is LeadStatus.WON,
        contacted=lead.status in (LeadStatus.CONTACTED, LeadStatus.QUOTED),
        quoted=lead.status is LeadStatus.QUOTED,
        quote=reader.money(lead.quote, view.programme.currency) if ours and lead.quote else "",
        result=_result(view, reader),
    )


def _told(view: OfferView, reader: Reader) -> str:
    """How it stands, for who cannot act on it, or not any more."""
    t, offer, brand, key = reader.t, view.offer, view.programme.brand.name, view.state.value
    reason = reason_words(view.programme.decline_reasons, offer.reason, reader) if offer.reason else ""
    when = offer.expires_at
    if view.state is OfferState.DECLINED and reason:
        key = "released" if offer.reason == RELEASED else "declined_because"
    elif view.state is OfferState.CLAIMED:
        when = view.lead.deadline(DeadlineKind.HQ_HOLD) or when
    elif view.state is OfferState.MISSED and view.lead.claimed:
        key = "missed_claimed"
    elif view.state is OfferState.TAKEN and offer.reason in ("not_granted", "undecided"):
        key = offer.reason
    elif offer.granted:
        key = "granted"
    return t.find(f"offer.state.{key}", reason=reason, brand=brand, when=reader.when(when)) or ""


def _result(view: OfferView, reader: Reader) -> str:
    lead = view.lead
    if lead.status is LeadStatus.WON and lead.value:
        return reader.money(lead.value, view.programme.currency)
    if lead.status is LeadStatus.LOST and lead.reason:
        return reason_words(view.programme.lost_reasons, lead.reason, reader)
    return ""
