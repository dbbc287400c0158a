"""The prospect's page: where the enquiry stands."""

from collections.abc import Mapping
from dataclasses import dataclass

from routing_core.domain.enquiry.typed_fields import LENGTHS
from routing_core.domain.lead import FINISHED, SERVED, DeadlineKind, Lead, LeadStatus
from routing_core.domain.values.clean import named
from routing_core.present.catalog import Catalog
from routing_core.present.lead_summary import (
    lead_lines,
    partner_lines,
    phone_words,
    place_words,
    town_of,
)
from routing_core.present.locale_context import LocaleContext
from routing_core.present.pages.frame import render
from routing_core.present.pages.notes import own_notes
from routing_core.present.pages.summary import at_action
from routing_core.present.problems import by_field
from routing_core.service.kernel.views import StatusView

S = LeadStatus
STAGES = ("received", "found", "contact", "done")
REACHED = {S.QUARANTINED: 0, S.ACCEPTED: 2, S.CONTACTED: 3, S.QUOTED: 3, S.WON: 4}
"""How many stages are behind, by status; 1 while a partner is looked for."""
ENDED = {
    S.LOST: "lost",
    S.WITHDRAWN: "withdrawn",
    S.REJECTED: "ended",
    S.ERASED: "ended",
    S.ATTACHED: "joined",
}
LOOKED_FOR = frozenset({S.OFFERED, S.HQ_QUEUE, S.FOLLOW_UP})
NOTICES: Mapping[str, frozenset[LeadStatus]] = {
    "corrected": frozenset(S) - FINISHED,
    "moved": frozenset(S) - FINISHED,
    "noted": frozenset(S) - FINISHED,
    "withdrawn": frozenset({S.WITHDRAWN}),
    "not_called": frozenset({S.ACCEPTED, S.CONTACTED}),
    "ready": LOOKED_FOR,
    "confirmed": frozenset(S) - FINISHED - {S.QUARANTINED},
}
"""Notice code → the states in which it is still true, for the page may be loaded again much
later.
"""


@dataclass(frozen=True, slots=True)
class Stage:
    """``state``: done, now or later."""

    name: str
    state: str


def status_page(view: StatusView) -> str:
    reader = LocaleContext.prospect(view.programme, view.language, view.now, view.lead.region)
    t, lead = reader.t, view.lead
    ended = "served" if lead.reason == SERVED and view.partner else ENDED.get(lead.status, "")
    action = view.values.get("action", "")
    told = lead_lines(lead, view.programme, reader, everything=True, as_asked=True)
    return render(
        "status.html",
        reader,
        view.programme,
        t,
        f"{t('form.error_prefix')} {t('status.title')}" if view.problems else t("status.title"),
        view=view,
        lead=lead,
        stages=[] if ended else _stages(lead.status),
        ended=ended,
        sentence=_sentence(lead, view, reader, ended),
        facts=[each for each in told if each.kind != "language"],
        place=place_words(lead.country, lead.postcode, town_of(lead), lead.located_by),
        partner=partner_lines(view.partner, reader, _colleague(lead)) if view.partner else (),
        message=view.context.message,
        notes=own_notes(view.context, reader),
        phone=phone_words(lead.contact.phone) if lead.contact and lead.contact.phone else "",
        unread_phone=view.context.phone_typed if lead.contact and not lead.contact.phone else "",
        notice=view.notice if lead.status in NOTICES.get(view.notice, ()) else "",
        errors=by_field(view.problems, t),
        problems=at_action(view.problems, action, _labels(action, t), t),
        action=action,
        values=view.values,
        lengths=LENGTHS,
    )


def _stages(status: LeadStatus) -> list[Stage]:
    """The first stage that is not behind is the one of now; an enquiry that is asked about again
    later is in none.
    """
    behind = REACHED.get(status, 1)
    current = "later" if status is S.NURTURE else "now"
    states = [*["done"] * behind, current, *["later"] * len(STAGES)]
    return [Stage(name, state) for name, state in zip(STAGES, states, strict=False)]


def _colleague(lead: Lead) -> str:
    """Who at the partner looks after it, if the partner has handed it to somebody there and said
    whom.
    """
    who = lead.colleague
    return named(who.name) if who and who.partner == lead.owner else ""


def _sentence(lead: Lead, view: StatusView, reader: LocaleContext, ended: str) -> str:
    t = reader.t
    name = view.partner.name if view.partner else ""
    if view.partner and (colleague := _colleague(lead)):
        name = t("common.somebody_of", name=colleague, partner=name)
    if ended:
        return t(f"status.sentence.{ended}", partner=name)
    if lead.status is S.ACCEPTED:
        by = lead.deadline(DeadlineKind.CONTACT)
        how = "accepted" if lead.contact and lead.contact.phone else "accepted_write"
        if by and by > view.now:
            return t(f"status.sentence.{how}", partner=name, when=reader.when(by))
        return t(f"status.sentence.{how}_plain", partner=name)
    if lead.status in (S.CONTACTED, S.QUOTED):
        return t(f"status.sentence.{lead.status.value}", partner=name)
    if lead.status is S.WON:
        return t("status.sentence.won", partner=name)
    if lead.status is S.NURTURE:
        return t("status.sentence.nurture")
    if lead.status is S.QUARANTINED:
        return t("status.sentence.confirm")
    opens = lead.held_until
    asked = len(lead.wave) if lead.live_offers else lead.asked_at_door
    if opens and opens > view.now and lead.promised_by:
        return t(
            "status.sentence.held", opens=reader.when(opens), when=reader.when(lead.promised_by)
        )
    group = (
        "searching"
        if lead.status in (S.HQ_QUEUE, S.FOLLOW_UP)
        else "offered_many"
        if asked
        else "offered"
    )
    if lead.promised_by and lead.promised_by > view.now:
        return t(f"status.sentence.{group}", n=asked, when=reader.when(lead.promised_by))
    return t(f"status.sentence.{group}_plain", n=asked)


def _labels(action: str, t: Catalog) -> dict[str, str]:
    """Of the fields of one of the page's forms."""
    fields = {"phone": "phone", "postcode": "postcode", "note": "text"}
    return {fields[action]: t(f"status.{action}.label")} if action in fields else {}
