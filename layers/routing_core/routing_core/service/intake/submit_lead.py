"""Makes exactly one lead of a posted form: it is stored, qualified and offered in one commit.

It is idempotent by the submission key (Idempotency-Key): one key of one sender is one lead. Whoever
posts it again gets the answer of the first time.
"""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from routing_core.domain.draft import Draft
from routing_core.domain.enquiry.contact_keys import contact_keys
from routing_core.domain.enquiry.enquiry import FormShown, Submission, read_enquiry, suspicion
from routing_core.domain.enquiry.gatekeeping import Credentials, HoldReason
from routing_core.domain.enquiry.qualify import Qualified, qualify
from routing_core.domain.errors import (
    CapacityConflict,
    ContactChanged,
    DifferentBody,
    Erased,
    InvalidInput,
    LeadExists,
    NotFound,
    VersionConflict,
)
from routing_core.domain.events import LeadReceived
from routing_core.domain.lead import Context, Lead, LeadStatus
from routing_core.domain.lifecycle import holding
from routing_core.domain.on_behalf import EntryWay
from routing_core.domain.partner import Partner
from routing_core.domain.programme.document import mail_address
from routing_core.domain.programme.forms import Form
from routing_core.domain.programme.programme import Programme
from routing_core.domain.values.clean import one_line
from routing_core.service.intake.examine_post import Entrant, Examined, examine_post
from routing_core.service.kernel.ports import Arrival, Change, ContactUpdate
from routing_core.service.kernel.retry import retry_on_conflict
from routing_core.service.kernel.services import Services
from routing_core.service.placing.admit_lead import (
    admit,
    admit_to_partners,
    answer_of,
    place_of,
    with_newest_enquiry,
)
from routing_core.service.placing.offer_by_hq import assign_new
from routing_core.service.placing.place_lead import partners_to_read
from routing_core.service.placing.repeats import attach_for_now, named_in, only_checked


@dataclass(frozen=True, slots=True)
class Received:
    """What the sender is told; the same again for the same post."""

    lead: str
    reference: str
    answer: str
    """Says what happens next: ``offered``, ``held``, ``waiting``, ``noted`` or ``confirm``.

    What was stored before repeats stayed whole may say ``joined``.
    """
    hear_by: datetime | None
    status_url: str
    region: str
    """Names the region by whose clock the sender reads; empty = the programme's clock."""
    ignored: tuple[str, ...] = ()
    """Names the fields that were sent but mean nothing to this form."""


@dataclass(frozen=True, slots=True)
class Posted:
    """One post as it came in."""

    form: str
    key: str
    """The sender's submission key: the same for each try to send the same enquiry."""
    raw: Mapping[str, Any]
    language: str
    context: Context
    shown: int | None = None
    """The version of the programme by which the form was shown; None where that is not known."""
    carried: Credentials = field(default_factory=Credentials)
    scope: str = ""
    """Names whose the submission key is where somebody enters it for its sender.

    The same enquiry is one lead then by whatever form it is read.
    """
    partner: Partner | None = None
    """The partner to whom it is offered at once, by the choice of whoever enters it."""

    @property
    def sender(self) -> str:
        """Names whose the submission key is: the API key's, else the email address's in the post.

        It is never the network address's, which changes between a post and its retry.
        """
        if self.scope:
            return self.scope
        if self.carried.api_key:
            return f"key:{self.carried.api_key}"
        return self.address

    @property
    def address(self) -> str:
        """Names the sender by the email address in the post, whatever API key it came with."""
        written = one_line(str(self.raw.get("email") or "")[:1000])
        return f"email:{_address(written).casefold()}"

    @property
    def is_from_our_form(self) -> bool:
        """Tells whether a person filled in a form of ours: those carry when they were shown."""
        if self.context.on_behalf:
            return self.context.on_behalf.way is not EntryWay.PROGRAM
        return self.carried.started is not None and not self.carried.api_key

    @property
    def lead_id(self) -> str:
        """Gives the id of the lead that this post makes."""
        return lead_id("" if self.scope else self.form, self.key, self.sender)

    @property
    def former_lead_id(self) -> str:
        """Gives the id that the same post made before submission keys belonged to a sender.

        It is empty for what is entered on behalf, which came later.
        """
        if self.scope:
            return ""
        return lead_id(self.form, self.key)


def _address(written: str) -> str:
    """Give the address in its one spelling; what is no address is given as it was written."""
    try:
        return mail_address(written)
    except ValueError:
        return written


def lead_id(form: str, key: str, sender: str = "") -> str:
    """Give the id that a form, a submission key and its sender always make: one post is one lead.

    Whoever guesses somebody else's key makes a lead of their own with it, and is in nobody's way.
    """
    scoped = f"{form}\n{key}\n{sender}" if sender else f"{form}\n{key}"
    # A lone surrogate is no text, but JSON can carry it: it must make an id and no error.
    digest = hashlib.sha256(scoped.encode("utf-8", "surrogatepass")).digest()
    return "L" + base64.b32encode(digest[:15]).decode()


def form_of(services: Services, form_id: str, version: int | None = None) -> tuple[Programme, Form]:
    """Give the programme and its form, as they are now or were in that version.

    Raises NotFound for a form that the programme does not have.
    """
    in_force, programme = services.rules.programme()
    if version is not None and version != in_force:
        programme = services.rules.programme_version(version)
    form = programme.form(form_id)
    if form is None:
        raise NotFound(f"there is no form {form_id}")
    return programme, form


def submit_lead(services: Services, posted: Posted, now: datetime) -> Received:
    """Store a post as a lead and return what its sender is told.

    The same post again gets the same answer. Raises NotFound (form), Erased, InvalidInput with
    every wrong field, DifferentBody (a key with other content).
    """
    try:
        submission = read_posted(services, posted)
    except (InvalidInput, NotFound):
        before = _as_before(services, posted)
        if before is not None:
            return before
        raise
    examined = _examined(services, posted, submission, now)
    arriving = _Arriving(services, posted, submission, examined, now)
    try:
        lead = _store_in_any_crowd(arriving)
    except LeadExists:
        # The same post came twice at the same moment: the other one made the lead.
        lead = _again(services.leads.get(posted.lead_id), submission)
    return received(services, lead, submission.ignored)


def _examined(
    services: Services, posted: Posted, submission: Submission, now: datetime
) -> Examined:
    """Examine a post at the door; whoever enters one on behalf vouches for it."""
    if posted.context.on_behalf:
        return Examined(None)
    _, form = form_of(services, posted.form)
    suspected = suspicion(posted.raw, form, posted.carried.started, now)
    entrant = Entrant(posted.lead_id, submission, posted.carried, suspected)
    return examine_post(services, entrant, now)


def read_posted(services: Services, posted: Posted, version: int | None = None) -> Submission:
    """Read what was posted by the rules of now, or of that version.

    Raises InvalidInput or NotFound.
    """
    programme, form = form_of(services, posted.form, version)
    # They agreed to what they were shown, whatever the form says by now.
    _, agreed_to = form_of(services, posted.form, posted.shown)
    shown = FormShown(
        language=posted.language,
        consent=agreed_to.consent,
        is_ours=posted.is_from_our_form and version is None,
        on_behalf=posted.context.on_behalf is not None,
    )
    return read_enquiry(programme, form, posted.raw, shown, services.find_towns)


def _as_before(services: Services, posted: Posted) -> Received | None:
    """Answer a post that is a lead already, reading it by the rules it was read by then.

    It is None if it is no lead yet. Else a retry would be told that it is wrong, and its sender
    believe that nobody has the enquiry.
    """
    lead = services.leads.get(posted.lead_id)
    if lead is None:
        lead = _of_the_same_person(services.leads.get(posted.former_lead_id), posted)
    if lead is None or lead.status is LeadStatus.ERASED:
        return None
    try:
        submission = read_posted(services, posted, lead.programme)
    except InvalidInput:
        return None
    return received(services, _again(lead, submission), submission.ignored)


def received(services: Services, lead: Lead, ignored: tuple[str, ...] = ()) -> Received:
    """Give what the sender of a stored lead is told."""
    return Received(
        lead=lead.id,
        reference=lead.reference,
        answer=lead.answer,
        hear_by=lead.first_promise,
        status_url=services.links.status(lead.id),
        region=lead.region,
        ignored=ignored,
    )


def _of_the_same_person(former: Lead | None, posted: Posted) -> Lead | None:
    """Give a lead made while submission keys were nobody's, if the post has its address."""
    if former is None or former.contact is None:
        return None
    is_theirs = f"email:{former.contact.email.casefold()}" == posted.address
    return former if is_theirs else None


def _again(existing: Lead | None, submission: Submission) -> Lead:
    """Give the lead that the same post made before.

    Raises Erased, or DifferentBody if it says something else.
    """
    if existing and existing.status is LeadStatus.ERASED:
        raise Erased("this enquiry was erased")
    if existing is None or existing.payload_hash != submission.payload_hash:
        raise DifferentBody()
    return existing


@dataclass(frozen=True, slots=True)
class _Arriving:
    """A post on its way to being stored: what it says, and what the door found out about it."""

    services: Services
    posted: Posted
    submission: Submission
    examined: Examined
    now: datetime


def _store_in_any_crowd(arriving: _Arriving) -> Lead:
    """Store the post.

    Where too many others compete for the same partners, it is stored to be routed a little later.
    """
    try:
        return retry_on_conflict(lambda caps_only: _store(arriving, caps_only))
    except (VersionConflict, CapacityConflict, ContactChanged):
        # This writes nothing that anybody else could be writing: no contact's row, no partner's
        # load, no earlier lead of the same person. So it cannot lose, and nobody is turned away
        # because many came at once.
        return _store(arriving, caps_only=True, crowded_out=True)


def _store(arriving: _Arriving, caps_only: bool, *, crowded_out: bool = False) -> Lead:
    """Store the post as a lead, decided on and all in one commit.

    A lead that is there already is given back.
    """
    qualified = qualify(arriving.services.programme, arriving.submission)
    lead = _lead_of(arriving, qualified)
    chosen = arriving.posted.partner
    asks_partners = qualified.outcome == "offer" and not crowded_out and chosen is None
    arrival = _look_up(arriving, lead, asks_partners=asks_partners)
    existing = arrival.existing or _of_the_same_person(arrival.former, arriving.posted)
    if existing:
        return _again(existing, arriving.submission)
    if arriving.examined.hold:
        return _hold_back(arriving, lead, arriving.examined.hold)
    if chosen is not None:
        return _store_for(arriving, lead, arrival, chosen)
    if asks_partners:
        return _store_and_ask(arriving, lead, arrival, caps_only)
    draft = Draft(None, lead)
    admit(draft, arriving.services, "crowded" if crowded_out else qualified.outcome, arriving.now)
    draft.set(answer=answer_of(draft.lead, qualified.outcome), first_promise=draft.lead.promised_by)
    return _committed(arriving, Change(draft))


def _store_and_ask(arriving: _Arriving, lead: Lead, arrival: Arrival, caps_only: bool) -> Lead:
    """Store the lead and ask partners about it; or attach it to another one of a known contact."""
    services = arriving.services
    now = arriving.now
    draft = Draft(None, lead)
    loads = admit_to_partners(draft, services, now, loads=arrival.loads, caps_only=caps_only)
    draft.set(answer=answer_of(draft.lead, "offer"), first_promise=draft.lead.promised_by)
    here = place_of(services, lead)
    known = named_in(arrival.contacts, lead, here, now)
    if known is not None:
        # As many calls, reads and writes as for somebody unknown: whoever measures learns nothing.
        decided = draft.lead
        draft = Draft(None, lead)
        attach_for_now(draft, decided, known.lead, now)
        loads = only_checked(loads)
    rows = with_newest_enquiry(lead, here, services.programme, now, arrival.contacts)
    contacts = ContactUpdate(rows, arrival.contacts)
    return _committed(arriving, Change(draft, loads=loads, contacts=contacts))


def _store_for(arriving: _Arriving, lead: Lead, arrival: Arrival, partner: Partner) -> Lead:
    """Store the lead and offer it to the partner of HQ's choice, whatever the caps and the score.

    It stands by itself, though its sender may be known: whoever chose a partner meant that one.
    """
    services = arriving.services
    on_behalf = arriving.posted.context.on_behalf
    draft = Draft(None, lead)
    by = on_behalf.by if on_behalf else ""
    loads = assign_new(draft, services, partner, by, arriving.now)
    draft.set(answer=answer_of(draft.lead, "offer"), first_promise=draft.lead.promised_by)
    here = place_of(services, lead)
    rows = with_newest_enquiry(lead, here, services.programme, arriving.now, arrival.contacts)
    contacts = ContactUpdate(rows, arrival.contacts)
    return _committed(arriving, Change(draft, loads=loads, contacts=contacts))


def _lead_of(arriving: _Arriving, qualified: Qualified) -> Lead:
    """Make the lead as it arrives, with the keys under which its contact is known."""
    posted = arriving.posted
    submission = arriving.submission
    version, programme = arriving.services.rules.programme()
    lead = new_lead(posted.lead_id, posted.form, submission, qualified, arriving.now)
    known_by = contact_keys(submission.contact, programme.repeat.by, programme.mail_domains)
    keys = arriving.services.contact_row_keys(known_by, submission.product)
    on_behalf = posted.context.on_behalf
    entered = on_behalf.way if on_behalf else None
    return replace(lead, programme=version, claims=keys, entered=entered)


def _look_up(arriving: _Arriving, lead: Lead, *, asks_partners: bool) -> Arrival:
    """Read in one batch what a decision needs: lead, contact's rows and partners' loads."""
    services = arriving.services
    names: tuple[str, ...] = ()
    if asks_partners and arriving.examined.hold is None:
        names = partners_to_read(services, lead, arriving.now)
    return services.leads.arrival(lead.id, lead.claims, names, arriving.posted.former_lead_id)


def _hold_back(arriving: _Arriving, lead: Lead, why: HoldReason) -> Lead:
    """Store the lead without asking anybody: its sender is to confirm the address first."""
    draft = Draft(None, lead)
    holding.hold_back(
        draft, why, arriving.examined.from_client, arriving.services.programme, arriving.now
    )
    arriving.services.commit(Change(draft, context=_context_of(arriving)), now=arriving.now)
    return draft.lead


def _committed(arriving: _Arriving, change: Change) -> Lead:
    """Commit a new lead with all that came with the post, and return it."""
    draft = change.draft
    draft.add_event(_received_event(draft.lead.status, arriving.posted.context))
    arriving.services.commit(replace(change, context=_context_of(arriving)), now=arriving.now)
    return draft.lead


def _received_event(status: LeadStatus, context: Context) -> LeadReceived:
    """Say that it was stored, and who entered it if its sender did not."""
    on_behalf = context.on_behalf
    if on_behalf is None:
        return LeadReceived(next=status)
    return LeadReceived(next=status, by=on_behalf.by)


def _context_of(arriving: _Arriving) -> Context:
    """Gather what came with the enquiry and is not needed to route it."""
    submission = arriving.submission
    return replace(
        arriving.posted.context,
        message=submission.message,
        consent_version=submission.consent_version,
        consent_text=submission.consent_text,
        phone_typed=submission.phone_typed,
        also_sent=submission.also_sent,
        marks=arriving.examined.marks,
    )


def new_lead(
    lead_id: str, form: str, submission: Submission, qualified: Qualified, now: datetime
) -> Lead:
    """Make a lead as it arrives, before anything is decided about it."""
    return Lead(
        id=lead_id,
        form=form,
        status=LeadStatus.OFFERED,
        version=1,
        received_at=now,
        country=submission.country,
        postcode=submission.postcode,
        product=submission.product,
        urgency=submission.urgency,
        language=submission.language,
        payload_hash=submission.payload_hash,
        contact=submission.contact,
        town=submission.town,
        located_by=submission.located_by,
        region=submission.region,
        answers=submission.answers,
        score=qualified.score,
        score_reasons=tuple(qualified.reasons),
    )
