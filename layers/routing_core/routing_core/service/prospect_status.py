"""The prospect's own page: where the enquiry stands, and what they may still say about it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from ..domain.clean import one_line, paragraphs
from ..domain.enquiry import phone_problem
from ..domain.errors import Erased, Gone, InvalidInput, NotesFull, NotFound, Problem
from ..domain.lead import LONGEST_NOTE, OWNED, Draft, Lead, LeadStatus, Note
from ..domain.mailboxes import email_mark
from ..domain.partner import Partner
from ..domain.phones import callback_number
from ..domain.repeats import as_if_alone
from ..domain.steps import ending
from .admit_lead import admit, claims_left
from .attachments import look_again
from .handle_lead import release_lead
from .links import Purpose
from .move_lead import may_move, moved
from .ports import Change, LoadChange
from .relay import Relay, until_committed
from .views import StatusView

S = LeadStatus


def actions_for(lead: Lead, confirms: str = "") -> frozenset[str]:
    """What makes sense for a lead in this state: phone, postcode, note, withdraw, not_called, ready; and confirm, for
    whoever has the link that was mailed to the address (``confirms``: its mark)."""
    if lead.finished:
        return frozenset()
    may = {"phone", "note", "withdraw"} | ({"postcode"} if may_move(lead) else set())
    if lead.status in (S.ACCEPTED, S.CONTACTED):  # whatever the partner noted: the prospect knows best
        may.add("not_called")
    if lead.status is S.NURTURE:
        may.add("ready")
    if lead.waits_for_confirmation and lead.contact and confirms == email_mark(lead.contact.email):
        may.add("confirm")
    return frozenset(may)


def view_status(
    relay: Relay,
    token: str,
    now: datetime,
    *,
    notice: str = "",
    problems: tuple[Problem, ...] = (),
    values: Mapping[str, str] | None = None,
) -> StatusView:
    """Raises LinkRefused, NotFound or Erased.

    Each enquiry shows only itself: whoever typed somebody's number or address learns nothing of their enquiry, and
    they nothing of what the other one typed.
    """
    lead, confirms = _lead(relay, token)
    context = relay.leads.context(lead.id)
    if context is None or lead.contact is None:
        raise NotFound("this enquiry no longer exists")
    programme = relay.programme
    shown, partner = _as_shown(relay, lead)
    return StatusView(
        programme=programme,
        lead=relay.placed(shown),
        context=context,
        partner=partner,
        language=programme.language_for(lead.language),
        now=now,
        may=actions_for(lead if lead.status is S.JOINED else shown, confirms),
        notice=notice,
        problems=problems,
        values=values or {},
    )


def _as_shown(relay: Relay, lead: Lead) -> tuple[Lead, Partner | None]:
    """The lead as its sender may see it, and the partner once one has acted on this very enquiry."""
    if lead.status is S.QUARANTINED and not lead.waits_for_confirmation:
        return replace(lead, status=S.OFFERED), None  # held before senders were asked to confirm; told so at the door
    if lead.status is S.JOINED and not lead.joined_of_old:
        acted = relay.partner(lead.preferred) if lead.contacted_at and lead.preferred else None
        if lead.finished:
            return lead, acted
        if acted:
            return replace(lead, status=S.CONTACTED), acted
        return as_if_alone(lead), None
    shows_owner = lead.owner and lead.status in OWNED | {S.WON}
    return lead, relay.partner(lead.owner) if shows_owner and lead.owner else None


def act_on_status(relay: Relay, token: str, form: Mapping[str, str], now: datetime) -> StatusView:
    """Does ``form["action"]`` if it makes sense now, and returns the page as it then stands."""
    action = form.get("action", "")
    if action == "confirm":
        return _confirm(relay, token, now)

    def work(contended: bool) -> Problem | str:
        lead, confirms = _lead(relay, token)
        if action not in actions_for(lead, confirms):
            return ""
        try:
            return _act(relay, lead, action, form, now, contended)
        except NotesFull as full:
            return full.problems[0]

    result = until_committed(work)
    if isinstance(result, Problem):
        return view_status(relay, token, now, problems=(result,), values=form)
    return view_status(relay, token, now, notice=result)


def _confirm(relay: Relay, token: str, now: datetime) -> StatusView:
    """The sender reads mail at the address: what was held goes its way. Pressed again it does nothing."""
    lead, confirms = _lead(relay, token)
    if "confirm" not in actions_for(lead, confirms):
        return view_status(relay, token, now)
    try:
        release_lead(relay, lead.id, None, now)
    except Gone:
        return view_status(relay, token, now)
    return view_status(relay, token, now, notice="confirmed")


def _lead(relay: Relay, token: str) -> tuple[Lead, str]:
    """The lead, and the mark of the address that this link was mailed to, if it was mailed to confirm one."""
    read = relay.links.read(Purpose.STATUS, token)
    lead = relay.leads.get(read.subject)
    if lead is None:
        raise NotFound("this enquiry no longer exists")
    if lead.status is S.ERASED:
        raise Erased("this enquiry was erased")
    return lead, read.extra


def _act(
    relay: Relay, lead: Lead, action: str, form: Mapping[str, str], now: datetime, contended: bool
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
            draft, loads = moved(relay, lead, form, "prospect", now, contended)
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
        ending.withdraw(draft, relay.programme, now)
    elif action == "not_called":
        no_number = {} if lead.contact and lead.contact.phone else {"write": True}
        draft.tell("lead.not_called", partner=lead.owner, **no_number)
    elif action == "ready":
        draft.drop_deadlines()
        draft.tell("nurture.ready")
        loads = admit(draft, relay, "offer", now, contended=contended)
        claims = claims_left(relay, draft.lead, now)
    relay.commit(Change(draft, note=note, loads=loads, **claims), *_told_to_holder(relay, lead, action), now=now)
    return NOTICES[action]


def _told_to_holder(relay: Relay, lead: Lead, action: str) -> tuple[Change, ...]:
    """What the sender of an attached enquiry adds or withdraws is news to whoever owns the first."""
    first = relay.leads.get(lead.joined_to) if lead.is_attached and lead.joined_to else None
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
