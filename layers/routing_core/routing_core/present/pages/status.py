"""The prospect's page: where the enquiry stands."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from routing_core.domain.enquiry.typed_fields import LENGTHS
from routing_core.domain.lead import FINISHED, SERVED, DeadlineKind, Lead, LeadStatus
from routing_core.domain.values.clean import named
from routing_core.present.lead_summary import (
    TO_PROSPECT,
    LabelledLine,
    lead_lines,
    partner_lines,
    phone_words,
    place_words,
    town_of,
)
from routing_core.present.locale_context import LocaleContext
from routing_core.present.notes import own_notes
from routing_core.present.pages.frame import page_in, render, title_with_problems
from routing_core.present.pages.summary import at_action
from routing_core.present.problems import by_field
from routing_core.service.kernel.views import StatusView

STAGES = ("received", "found", "contact", "done")
STAGES_REACHED = {
    LeadStatus.QUARANTINED: 0,
    LeadStatus.ACCEPTED: 2,
    LeadStatus.CONTACTED: 3,
    LeadStatus.QUOTED: 3,
    LeadStatus.WON: 4,
}
"""Gives how many stages are behind, by status; 1 while a partner is looked for."""
ENDINGS = {
    LeadStatus.LOST: "lost",
    LeadStatus.WITHDRAWN: "withdrawn",
    LeadStatus.REJECTED: "ended",
    LeadStatus.ERASED: "ended",
    LeadStatus.ATTACHED: "joined",
}
"""Status → the words for an enquiry that is over."""
WORDS_OF_STATUS = {
    LeadStatus.CONTACTED: "contacted",
    LeadStatus.QUOTED: "quoted",
    LeadStatus.WON: "won",
    LeadStatus.NURTURE: "nurture",
    LeadStatus.QUARANTINED: "confirm",
}
"""Status → the words for an enquiry that goes on, where one sentence says it all."""
LOOKED_FOR = frozenset({LeadStatus.OFFERED, LeadStatus.HQ_QUEUE, LeadStatus.FOLLOW_UP})
GOING_ON = frozenset(LeadStatus) - FINISHED
STATUS_NOTICES: Mapping[str, frozenset[LeadStatus]] = {
    "corrected": GOING_ON,
    "moved": GOING_ON,
    "noted": GOING_ON,
    "withdrawn": frozenset({LeadStatus.WITHDRAWN}),
    "called": GOING_ON,
    "not_called": frozenset({LeadStatus.ACCEPTED, LeadStatus.CONTACTED}),
    "ready": LOOKED_FOR,
    "confirmed": GOING_ON - {LeadStatus.QUARANTINED},
}
"""Notice code → the states in which it is still true.

The page may be loaded again much later.
"""
FIELDS_OF_FORMS = {"phone": "phone", "postcode": "postcode", "note": "text"}
"""Action of each of the page's forms → the field of it that can be wrong."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One of the stages that every enquiry goes through."""

    name: str
    """The stage, one of STAGES."""
    state: str
    """Says what it is for this enquiry: done, now or later."""


def status_page(view: StatusView) -> str:
    """Draw the page of an enquiry as it stands now."""
    locale = LocaleContext.for_prospect(view.programme, view.language, view.now, view.lead.region)
    title = title_with_problems(locale.translate("status.title"), view.problems, locale)
    return render(
        page_in(locale, view.programme, "status.html", title),
        view=view,
        lengths=LENGTHS,
        **_how_it_stands(view, locale),
        **_about_lead(view, locale),
        **_what_was_posted(view, locale),
    )


def _how_it_stands(view: StatusView, locale: LocaleContext) -> dict[str, Any]:
    status, partner = view.lead.status, view.partner
    ending = _ending(view)
    partner_shown: tuple[LabelledLine, ...] = ()
    if partner:
        partner_shown = partner_lines(partner, locale, _colleague(view.lead))
    return {
        "ended": ending,
        "stages": [] if ending else _stages(status),
        "sentence": _sentence(view, locale),
        "partner": partner_shown,
        "notice": view.notice if status in STATUS_NOTICES.get(view.notice, ()) else "",
    }


def _about_lead(view: StatusView, locale: LocaleContext) -> dict[str, Any]:
    lead, context = view.lead, view.context
    told = lead_lines(lead, view.programme, locale, TO_PROSPECT)
    phone = lead.contact.phone if lead.contact else ""
    unread_phone = ""
    # A number that nobody could read is shown as it was typed, so that its owner can mend it.
    if lead.contact and not phone:
        unread_phone = context.phone_typed
    return {
        "lead": lead,
        # They chose the language themselves, and read it on this page.
        "facts": [each for each in told if each.kind != "language"],
        "place": place_words(lead.country, lead.postcode, town_of(lead), lead.located_by),
        "message": context.message,
        "notes": own_notes(context, locale),
        "phone": phone_words(phone) if phone else "",
        "unread_phone": unread_phone,
    }


def _what_was_posted(view: StatusView, locale: LocaleContext) -> dict[str, Any]:
    """Give what was typed last and is wrong, for the form to open with."""
    action = view.values.get("action", "")
    labels = {}
    if action in FIELDS_OF_FORMS:
        labels[FIELDS_OF_FORMS[action]] = locale.translate(f"status.{action}.label")
    return {
        "action": action,
        "values": view.values,
        "errors": by_field(view.problems, locale.catalog),
        "problems": at_action(view.problems, action, labels, locale.catalog),
    }


def _stages(status: LeadStatus) -> list[Stage]:
    """List the stages: the first that is not behind is the one of now.

    An enquiry that is asked about again later is in none.
    """
    # Every status that is not listed is one in which a partner is looked for.
    behind = STAGES_REACHED.get(status, 1)
    current = "later" if status is LeadStatus.NURTURE else "now"
    stages = []
    for position, name in enumerate(STAGES):
        state = "later"
        if position < behind:
            state = "done"
        elif position == behind:
            state = current
        stages.append(Stage(name, state))
    return stages


def _ending(view: StatusView) -> str:
    """Name the words for how the enquiry ended; empty while it goes on."""
    if view.lead.reason == SERVED and view.partner:
        return "served"
    return ENDINGS.get(view.lead.status, "")


def _colleague(lead: Lead) -> str:
    """Name who at the partner looks after it, if the partner has said whom."""
    colleague = lead.colleague
    if colleague is None or colleague.partner != lead.owner:
        return ""
    return named(colleague.name)


def _sentence(view: StatusView, locale: LocaleContext) -> str:
    """Say in one sentence how it stands."""
    status = view.lead.status
    partner = _partner(view, locale)
    words = _ending(view) or WORDS_OF_STATUS.get(status)
    if words:
        return locale.translate(f"status.sentence.{words}", partner=partner)
    if status is LeadStatus.ACCEPTED:
        return _accepted_sentence(view, locale, partner)
    return _looked_for_sentence(view, locale)


def _partner(view: StatusView, locale: LocaleContext) -> str:
    """Name the partner, and who there looks after it."""
    if view.partner is None:
        return ""
    colleague = _colleague(view.lead)
    if not colleague:
        return view.partner.name
    return locale.translate("common.somebody_of", name=colleague, partner=view.partner.name)


def _accepted_sentence(view: StatusView, locale: LocaleContext, partner: str) -> str:
    """Say who calls by when, or writes where no number was given."""
    lead = view.lead
    if lead.contact_confirmed:
        return locale.translate("status.sentence.confirmed", partner=partner)
    words = "status.sentence.accepted_write"
    if lead.contact and lead.contact.phone:
        words = "status.sentence.accepted"
    contact_by = lead.deadline(DeadlineKind.CONTACT)
    if contact_by is None or contact_by <= view.now:
        return locale.translate(f"{words}_plain", partner=partner)
    return locale.translate(words, partner=partner, when=locale.when(contact_by))


def _looked_for_sentence(view: StatusView, locale: LocaleContext) -> str:
    """Say that a partner is looked for, who is being asked, and when they hear of it."""
    lead = view.lead
    # A promise that has passed is not repeated: a page that promises yesterday is worse than none.
    promised_by, opens_at = lead.promised_by, lead.partner_opens_at
    if opens_at and opens_at > view.now and promised_by:
        opens, when = locale.when(opens_at), locale.when(promised_by)
        return locale.translate("status.sentence.held", opens=opens, when=when)
    asked = len(lead.wave) if lead.live_offers else lead.asked_at_door
    words = "status.sentence.offered_many" if asked else "status.sentence.offered"
    if lead.status in (LeadStatus.HQ_QUEUE, LeadStatus.FOLLOW_UP):
        words = "status.sentence.searching"
    if promised_by is None or promised_by <= view.now:
        return locale.translate(f"{words}_plain", n=asked)
    return locale.translate(words, n=asked, when=locale.when(promised_by))
