"""The prospect's own page: where the enquiry stands, and what they may still say about it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from routing_core.domain.enquiry.enquiry import phone_problem
from routing_core.domain.errors import Erased, Gone, InvalidInput, NotesFull, NotFound, Problem
from routing_core.domain.lead import LONGEST_NOTE, OWNED, Draft, Lead, LeadStatus, Note
from routing_core.domain.lifecycle import ending
from routing_core.domain.partner import Partner
from routing_core.domain.repeats import as_if_alone
from routing_core.domain.values.clean import one_line, paragraphs
from routing_core.domain.values.mailboxes import email_mark
from routing_core.domain.values.phones import callback_number
from routing_core.service.hq.handle_lead import release_lead
from routing_core.service.kernel.attachments import look_again
from routing_core.service.kernel.links import Purpose
from routing_core.service.kernel.ports import Change, LoadChange
from routing_core.service.kernel.services import Services, retry_on_conflict
from routing_core.service.kernel.views import StatusView
from routing_core.service.placing.admit_lead import admit_to_partners, claims_left
from routing_core.service.placing.move_lead import may_move, moved, read_correction

S = LeadStatus


def actions_for(lead: Lead, confirms: str = "") -> frozenset[str]:
    """What makes sense for a lead in this state: phone, postcode, note, withdraw, not_called,
    ready; and confirm, for whoever has the link that was mailed to the address (``confirms``: its
    mark).
    """
    if lead.finished:
        return frozenset()
    may = {"phone", "note", "withdraw"} | ({"postcode"} if may_move(lead) else set())
    if lead.status in (
        S.ACCEPTED,
        S.CONTACTED,
    ):  # whatever the partner noted: the prospect knows best
        may.add("not_called")
    if lead.status is S.NURTURE:
        may.add("ready")
    if lead.waits_for_confirmation and lead.contact and confirms == email_mark(lead.contact.email):
        may.add("confirm")
    return frozenset(may)


def view_status(
    services: Services,
    token: str,
    now: datetime,
    *,
    notice: str = "",
    problems: tuple[Problem, ...] = (),
    values: Mapping[str, str] | None = None,
) -> StatusView:
    """Raises LinkRefused, NotFound or Erased.

    Each enquiry shows only itself: whoever typed somebody's number or address learns nothing of
    their enquiry, and they nothing of what the other one typed.
    """
    lead, confirms = _lead(services, token)
    context = services.leads.context(lead.id)
    if context is None or lead.contact is None:
        raise NotFound("this enquiry no longer exists")
    programme = services.programme
    shown, partner = _as_shown(services, lead)
    return StatusView(
        programme=programme,
        lead=services.placed(shown),
        context=context,
        partner=partner,
        language=programme.language_for(lead.language),
        now=now,
        may=actions_for(lead if lead.status is S.ATTACHED else shown, confirms),
        notice=notice,
        problems=problems,
        values=values or {},
    )


def _as_shown(services: Services, lead: Lead) -> tuple[Lead, Partner | None]:
    """The lead as its sender may see it, and the partner once one has acted on this very
    enquiry.
    """
    if lead.status is S.QUARANTINED and not lead.waits_for_confirmation:
        return replace(
            lead, status=S.OFFERED
        ), None  # held before senders were asked to confirm; told so at the door
    if lead.status is S.ATTACHED and not lead.joined_of_old:
        acted = services.partner(lead.preferred) if lead.contacted_at and lead.preferred else None
        if lead.finished:
            return lead, acted
        if acted:
            return replace(lead, status=S.CONTACTED), acted
        return as_if_alone(lead), None
    shows_owner = lead.owner and lead.status in OWNED | {S.WON}
    return lead, services.partner(lead.owner) if shows_owner and lead.owner else None


def act_on_status(
    services: Services, token: str, form: Mapping[str, str], now: datetime
) -> StatusView:
    """Does ``form["action"]`` if it makes sense now, and returns the page as it then stands."""
    action = form.get("action", "")
    if action == "confirm":
        return _confirm(services, token, now)

    def work(caps_only: bool) -> Problem | str:
        lead, confirms = _lead(services, token)
        if action not in actions_for(lead, confirms):
            return ""
        try:
            return _act(services, lead, action, form, now, caps_only)
        except NotesFull as full:
            return full.problems[0]

    result = retry_on_conflict(work)
    if isinstance(result, Problem):
        return view_status(services, token, now, problems=(result,), values=form)
    return view_status(services, token, now, notice=result)


def _confirm(services: Services, token: str, now: datetime) -> StatusView:
    """The sender reads mail at the address: what was held goes its way. Pressed again it does
    nothing.
    """
    lead, confirms = _lead(services, token)
    if "confirm" not in actions_for(lead, confirms):
        return view_status(services, token, now)
    try:
        release_lead(services, lead.id, None, now)
    except Gone:
        return view_status(services, token, now)
    return view_status(services, token, now, notice="confirmed")


def _lead(services: Services, token: str) -> tuple[Lead, str]:
    """The lead, and the mark of the address that this link was mailed to, if it was mailed to
    confirm one.
    """
    read = services.links.read(Purpose.STATUS, token)
    lead = services.leads.get(read.subject)
    if lead is None:
        raise NotFound("this enquiry no longer exists")
    if lead.status is S.ERASED:
        raise Erased("this enquiry was erased")
    return lead, read.extra


def _act(
    services: Services,
    lead: Lead,
    action: str,
    form: Mapping[str, str],
    now: datetime,
    caps_only: bool,
) -> Problem | str:
    draft = Draft(lead)
    note: Note | None = None
    loads: dict[str, LoadChange] = {}
    claims: dict[str, Any] = {}
    if action == "phone":
        try:
            phone = callback_number(one_line(form.get("phone", "")), lead.country)
        except ValueError as error:
            return phone_problem(error)
        if lead.contact is None:
            return Problem("phone", "invalid_phone", "write the number with its area code")
        draft.set(contact=replace(lead.contact, phone=phone))
        if lead.is_attached:
            look_again(draft, now)
        draft.tell("lead.corrected", partner=lead.owner)
    elif action == "postcode":
        try:
            draft, loads = moved(
                services, lead, read_correction(lead, form, "prospect"), now, caps_only
            )
        except InvalidInput as wrong:
            return wrong.problems[0]
        if not draft.facts:
            return ""
    elif action == "note":
        text = paragraphs(form.get("text", ""))[:LONGEST_NOTE]
        if not text:
            return Problem("text", "required", "write the note first")
        note = Note(now, "prospect", text)
        draft.tell("lead.noted", by="prospect", partner=lead.owner)
    elif action == "withdraw":
        ending.withdraw(draft, services.programme, now)
    elif action == "not_called":
        no_number = {} if lead.contact and lead.contact.phone else {"write": True}
        draft.tell("lead.not_called", partner=lead.owner, **no_number)
    elif action == "ready":
        draft.drop_deadlines()
        draft.tell("nurture.ready")
        loads = admit_to_partners(draft, services, now, caps_only=caps_only)
        claims = claims_left(services, draft.lead, now)
    services.commit(
        Change(draft, note=note, loads=loads, **claims),
        *_told_to_holder(services, lead, action),
        now=now,
    )
    return NOTICES[action]


def _told_to_holder(services: Services, lead: Lead, action: str) -> tuple[Change, ...]:
    """What the sender of an attached enquiry adds or withdraws is news to whoever owns the
    first.
    """
    first = services.leads.get(lead.attached_to) if lead.is_attached and lead.attached_to else None
    if first is None or lead.id not in first.attached or first.status not in OWNED:
        return ()
    draft = Draft(first)
    draft.tell("repeat.changed", stub=lead.id, partner=first.owner, what=action)
    return (Change(draft),)


NOTICES = {
    "phone": "corrected",
    "postcode": "moved",
    "note": "noted",
    "withdraw": "withdrawn",
    "not_called": "not_called",
    "ready": "ready",
}
