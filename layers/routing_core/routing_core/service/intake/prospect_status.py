"""Serves the prospect's own page: where the enquiry stands, and what they may still say."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from routing_core.domain.draft import Draft
from routing_core.domain.enquiry.enquiry import phone_problem
from routing_core.domain.errors import Erased, Gone, InvalidInput, NotFound, Problem
from routing_core.domain.events import (
    LeadCorrected,
    LeadNotCalled,
    LeadNoted,
    NurtureReady,
)
from routing_core.domain.lead import OWNED, Lead, LeadStatus, Note
from routing_core.domain.lifecycle import ending, ownership
from routing_core.domain.partner import Partner
from routing_core.domain.repeats import as_if_alone
from routing_core.domain.values.clean import one_line
from routing_core.domain.values.mailboxes import email_mark
from routing_core.domain.values.phones import callback_number
from routing_core.domain.written_note import written_note
from routing_core.service.kernel.attachments import look_again
from routing_core.service.kernel.holder_news import news_for_holder
from routing_core.service.kernel.links import Purpose
from routing_core.service.kernel.ports import Change
from routing_core.service.kernel.retry import retry_on_conflict
from routing_core.service.kernel.services import Services
from routing_core.service.kernel.views import StatusView
from routing_core.service.placing.admit_lead import admit_to_partners, unlisted_contacts
from routing_core.service.placing.move_lead import may_move, moved, read_correction
from routing_core.service.placing.release_lead import release_lead


@dataclass(frozen=True, slots=True)
class _Page:
    """A prospect's link that was read: the lead, and the address it confirms."""

    lead: Lead
    confirms: str
    """The mark of the address that this link was mailed to, if it was mailed to confirm one.

    It is empty for any other link.
    """


def actions_for(lead: Lead, confirms: str = "") -> frozenset[str]:
    """Give the actions that make sense for a lead in this state, by the names that the page posts.

    ``confirm`` is only for whoever has the link that was mailed to the address (``confirms``: its
    mark).
    """
    if lead.finished:
        return frozenset()
    may = {"phone", "note", "withdraw"}
    if may_move(lead):
        may.add("postcode")
    # Whatever the partner noted, the prospect knows best whether somebody called.
    if lead.status in (LeadStatus.ACCEPTED, LeadStatus.CONTACTED):
        may |= {"called", "not_called"}
    if lead.status is LeadStatus.NURTURE:
        may.add("ready")
    if lead.waits_for_confirmation and lead.contact and confirms == email_mark(lead.contact.email):
        may.add("confirm")
    return frozenset(may)


def view_status(services: Services, token: str, now: datetime, *, notice: str = "") -> StatusView:
    """Show where the enquiry stands; raises LinkRefused, NotFound or Erased.

    Each enquiry shows only itself: whoever typed somebody's number or address learns nothing of
    their enquiry, and they nothing of what the other one typed.
    """
    page = _open_page(services, token)
    lead = page.lead
    context = services.leads.context(lead.id)
    if context is None or lead.contact is None:
        raise NotFound("this enquiry no longer exists")
    programme = services.programme
    shown, partner = _as_its_sender_sees_it(services, lead)
    # What may be done with an attached enquiry is judged by what it is, not by what its sender is
    # shown of it.
    judged = lead if lead.status is LeadStatus.ATTACHED else shown
    return StatusView(
        programme=programme,
        lead=services.with_towns(shown),
        context=context,
        partner=partner,
        language=programme.language_for(lead.language),
        now=now,
        may=actions_for(judged, page.confirms),
        notice=notice,
    )


def _as_its_sender_sees_it(services: Services, lead: Lead) -> tuple[Lead, Partner | None]:
    """Give the lead as its sender may see it, and the partner once one has acted on it."""
    if lead.status is LeadStatus.QUARANTINED and not lead.waits_for_confirmation:
        # Held before senders were asked to confirm: at the door they were told that partners are
        # being asked.
        return replace(lead, status=LeadStatus.OFFERED), None
    if lead.status is LeadStatus.ATTACHED and not lead.joined_of_old:
        return _attached_as_its_sender_sees_it(services, lead)
    shows_owner = lead.status in OWNED or lead.status is LeadStatus.WON
    if lead.owner and shows_owner:
        return lead, services.partner(lead.owner)
    return lead, None


def _attached_as_its_sender_sees_it(services: Services, lead: Lead) -> tuple[Lead, Partner | None]:
    """Give an attached enquiry as if it were alone, until its partner has called its sender."""
    acted = None
    if lead.contacted_at and lead.preferred:
        acted = services.partner(lead.preferred)
    if lead.finished:
        return lead, acted
    if acted:
        return replace(lead, status=LeadStatus.CONTACTED), acted
    return as_if_alone(lead), None


def act_on_status(
    services: Services, token: str, form: Mapping[str, str], now: datetime
) -> StatusView:
    """Do ``form["action"]`` if it makes sense now, and show the page as it then stands."""
    action = form.get("action", "")
    if action == "confirm":
        return _confirm(services, token, now)

    def work(caps_only: bool) -> str:
        page = _open_page(services, token)
        if action not in actions_for(page.lead, page.confirms):
            return ""
        return _act(_Said(services, page.lead, form, now, caps_only), action)

    try:
        notice = retry_on_conflict(work)
    except InvalidInput as wrong:
        view = view_status(services, token, now)
        return replace(view, problems=wrong.problems[:1], values=form)
    return view_status(services, token, now, notice=notice)


def _confirm(services: Services, token: str, now: datetime) -> StatusView:
    """Let an enquiry go its way whose sender reads mail at the address.

    Pressed again, it does nothing.
    """
    page = _open_page(services, token)
    if "confirm" not in actions_for(page.lead, page.confirms):
        return view_status(services, token, now)
    try:
        release_lead(services, page.lead.id, None, now)
    except Gone:
        # HQ has let it go or rejected it between the reading and the press.
        return view_status(services, token, now)
    return view_status(services, token, now, notice="confirmed")


def _open_page(services: Services, token: str) -> _Page:
    """Read the lead behind a link; raises LinkRefused, NotFound or Erased."""
    read = services.links.read(Purpose.STATUS, token)
    lead = services.leads.get(read.subject)
    if lead is None:
        raise NotFound("this enquiry no longer exists")
    if lead.status is LeadStatus.ERASED:
        raise Erased("this enquiry was erased")
    return _Page(lead, read.extra)


@dataclass(frozen=True, slots=True)
class _Said:
    """What a prospect says about an enquiry, and all that acting on it takes."""

    services: Services
    lead: Lead
    form: Mapping[str, str]
    now: datetime
    caps_only: bool


def _act(said: _Said, action: str) -> str:
    """Commit what an action changes and return its notice; empty where it changes nothing.

    Raises InvalidInput where what was typed makes no sense, or no further note can be kept.
    """
    chosen = ACTIONS[action]
    change = chosen.change(said)
    if change is None:
        return ""
    said.services.commit(change, *news_for_holder(said.services, said.lead, action), now=said.now)
    return chosen.notice


def _correct_phone(said: _Said) -> Change:
    lead = said.lead
    try:
        phone = callback_number(one_line(said.form.get("phone", "")), lead.country)
    except ValueError as error:
        raise InvalidInput([phone_problem(error)]) from error
    if lead.contact is None:
        raise InvalidInput(
            [Problem("phone", "invalid_phone", "write the number with its area code")]
        )
    draft = Draft(lead)
    draft.set(contact=replace(lead.contact, phone=phone))
    if lead.is_attached:
        # It may be attached by the number that was just found to be wrong.
        look_again(draft, said.now)
    draft.add_event(LeadCorrected(partner=lead.owner))
    return Change(draft)


def _correct_postcode(said: _Said) -> Change | None:
    correction = read_correction(said.lead, said.form, "prospect")
    draft, loads = moved(said.services, said.lead, correction, said.now, said.caps_only)
    if not draft.events:
        return None
    return Change(draft, loads=loads)


def _add_note(said: _Said) -> Change:
    text = written_note(said.form.get("text", ""))
    if not text:
        raise InvalidInput([Problem("text", "required", "write the note first")])
    draft = Draft(said.lead)
    draft.add_event(LeadNoted(by="prospect", partner=said.lead.owner))
    return Change(draft, note=Note(said.now, "prospect", text))


def _withdraw(said: _Said) -> Change:
    draft = Draft(said.lead)
    ending.withdraw(draft, said.services.programme, said.now)
    return Change(draft)


def _complain(said: _Said) -> Change:
    """Tell whoever owns the lead that nobody has called.

    Where no number was given they are told to write.
    """
    draft = Draft(said.lead)
    draft.add_event(LeadNotCalled(partner=said.lead.owner, write=_only_by_mail(said.lead)))
    return Change(draft)


def _confirm_contact(said: _Said) -> Change:
    draft = Draft(said.lead)
    ownership.confirm_contact(draft, _only_by_mail(said.lead))
    return Change(draft)


def _only_by_mail(lead: Lead) -> bool | None:
    """Give True if no number was given, and None otherwise: that is the usual."""
    gave_number = lead.contact is not None and bool(lead.contact.phone)
    return None if gave_number else True


def _is_ready(said: _Said) -> Change:
    """Ask partners about an enquiry whose time had not come yet."""
    draft = Draft(said.lead)
    draft.drop_deadlines()
    draft.add_event(NurtureReady())
    loads = admit_to_partners(draft, said.services, said.now, caps_only=said.caps_only)
    contacts = unlisted_contacts(said.services, draft.lead, said.now)
    return Change(draft, loads=loads, contacts=contacts)


@dataclass(frozen=True, slots=True)
class StatusAction:
    """One button of the prospect's page."""

    change: Callable[[_Said], Change | None]
    """Gives what is committed, or None where nothing changes; raises InvalidInput."""
    notice: str
    """Names what the page then says, as a code."""


ACTIONS: Mapping[str, StatusAction] = {
    "phone": StatusAction(_correct_phone, "corrected"),
    "postcode": StatusAction(_correct_postcode, "moved"),
    "note": StatusAction(_add_note, "noted"),
    "withdraw": StatusAction(_withdraw, "withdrawn"),
    "not_called": StatusAction(_complain, "not_called"),
    "called": StatusAction(_confirm_contact, "called"),
    "ready": StatusAction(_is_ready, "ready"),
}
"""Says what each button of the prospect's page does.

``confirm`` is not among them: it commits in another way.
"""
