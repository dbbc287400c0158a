"""A posted form becomes exactly one lead: stored, qualified, offered, all in one commit."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any

from routing_core.domain.enquiry.contact_keys import contact_keys
from routing_core.domain.enquiry.enquiry import FormShown, Submission, read_enquiry, suspicion
from routing_core.domain.enquiry.gatekeeping import Credentials
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
from routing_core.domain.lead import Context, Draft, Lead, LeadStatus
from routing_core.domain.lifecycle import holding
from routing_core.domain.programme.document import mail_address
from routing_core.domain.programme.forms import Form
from routing_core.domain.programme.programme import Programme
from routing_core.domain.values.clean import one_line
from routing_core.service.intake.examine_post import Examined, examine_post
from routing_core.service.kernel.ports import Change
from routing_core.service.kernel.services import Services, retry_on_conflict
from routing_core.service.placing.admit_lead import (
    admit,
    admit_to_partners,
    answer_of,
    new_claims,
    place_of,
)
from routing_core.service.placing.place_lead import partners_to_read
from routing_core.service.placing.repeats import attach_for_now, named_in, only_checked


@dataclass(frozen=True, slots=True)
class Received:
    """What the sender is told; the same again for the same post."""

    lead: str
    reference: str
    answer: str
    """offered | held | waiting | noted | confirm; what was stored before repeats stayed whole may
    say joined
    """
    hear_by: datetime | None
    status_url: str
    region: str
    """By its clock the sender reads; empty = the programme's."""
    ignored: tuple[str, ...] = ()
    """Fields that were sent but mean nothing to this form."""


@dataclass(frozen=True, slots=True)
class Posted:
    """One post as it came in. ``key``: the sender's submission key; ``shown``: by which version of
    the programme the form was shown, if known.
    """

    form: str
    key: str
    raw: Mapping[str, Any]
    language: str
    context: Context
    shown: int | None = None
    carried: Credentials = field(default_factory=Credentials)

    @property
    def sender(self) -> str:
        """Whose the submission key is: the API key's, else the email address's in the same post.

        Never the network address's, which changes between a post and its retry.
        """
        if self.carried.api_key:
            return f"key:{self.carried.api_key}"
        written = one_line(str(self.raw.get("email") or "")[:1000])
        return f"email:{_address(written).casefold()}"

    @property
    def is_from_our_form(self) -> bool:
        """Tells whether a person filled in the hosted or the embedded form: those carry when they
        were shown.
        """
        return self.carried.started is not None and not self.carried.api_key

    @property
    def lead_id(self) -> str:
        return lead_id(self.form, self.key, self.sender)

    @property
    def former_lead_id(self) -> str:
        """What the same post made before submission keys belonged to a sender."""
        return lead_id(self.form, self.key)


def _address(written: str) -> str:
    """The address in its one spelling; what is no address, as it was written."""
    try:
        return mail_address(written)
    except ValueError:
        return written


def lead_id(form: str, key: str, sender: str = "") -> str:
    """Gives the id that a form, a submission key and its sender always make: one post is one lead.

    Whoever guesses somebody else's key makes a lead of their own with it, and is in nobody's way.
    """
    scoped = f"{form}\n{key}\n{sender}" if sender else f"{form}\n{key}"
    digest = hashlib.sha256(scoped.encode("utf-8", "surrogatepass")).digest()
    return "L" + base64.b32encode(digest[:15]).decode()


def form_of(services: Services, form_id: str, version: int | None = None) -> tuple[Programme, Form]:
    """As it is now, or was in that version. Raises NotFound for a form the programme does not
    have.
    """
    in_force, programme = services.rules.programme()
    if version is not None and version != in_force:
        programme = services.rules.programme_version(version)
    form = programme.form(form_id)
    if form is None:
        raise NotFound(f"there is no form {form_id}")
    return programme, form


def submit_lead(services: Services, posted: Posted, now: datetime) -> Received:
    """Raises NotFound (form), Erased, InvalidInput with every wrong field, DifferentBody (a key
    with other content).
    """
    try:
        submission = _read(services, posted)
    except (InvalidInput, NotFound):
        if before := _as_before(services, posted):
            return before
        raise
    _, form = form_of(services, posted.form)
    suspected = suspicion(posted.raw, form, posted.carried.started, now)
    examined = examine_post(services, posted.carried, submission, suspected, posted.lead_id, now)
    store = partial(_store, services, posted, submission, examined, now)
    try:
        try:
            lead = retry_on_conflict(store)
        except (VersionConflict, CapacityConflict, ContactChanged):
            lead = store(True, crowded_out=True)
    except LeadExists:
        lead = _again(services.leads.get(posted.lead_id), submission)
    return received(services, lead, submission.ignored)


def _read(services: Services, posted: Posted, version: int | None = None) -> Submission:
    """By the rules of now, or of that version. They agreed to what they were shown, whatever the
    form says by now.
    """
    programme, form = form_of(services, posted.form, version)
    _, agreed_to = form_of(services, posted.form, posted.shown)
    shown = FormShown(
        language=posted.language,
        consent=agreed_to.consent,
        is_ours=posted.is_from_our_form and version is None,
    )
    return read_enquiry(programme, form, posted.raw, shown, services.find_towns)


def _as_before(services: Services, posted: Posted) -> Received | None:
    """A post that is a lead already is read by the rules it was read by then, else a retry would be
    told that it is wrong and the sender believe that nobody has it.
    """
    lead = services.leads.get(posted.lead_id) or _of_the_same_person(
        services.leads.get(posted.former_lead_id), posted
    )
    if lead is None or lead.status is LeadStatus.ERASED:
        return None
    try:
        submission = _read(services, posted, lead.programme)
    except InvalidInput:
        return None
    return received(services, _again(lead, submission), submission.ignored)


def received(services: Services, lead: Lead, ignored: tuple[str, ...] = ()) -> Received:
    status = services.links.status(lead.id)
    return Received(
        lead.id, lead.reference, lead.answer, lead.first_promise, status, lead.region, ignored
    )


def _of_the_same_person(former: Lead | None, posted: Posted) -> Lead | None:
    """A lead made while submission keys belonged to nobody, if it is of the address in this
    post.
    """
    if former is None or former.contact is None:
        return None
    return (
        former
        if f"email:{former.contact.email.casefold()}"
        == replace(posted, carried=Credentials()).sender
        else None
    )


def _again(existing: Lead | None, submission: Submission) -> Lead:
    if existing and existing.status is LeadStatus.ERASED:
        raise Erased("this enquiry was erased")
    if existing is None or existing.payload_hash != submission.payload_hash:
        raise DifferentBody()
    return existing


def _store(
    services: Services,
    posted: Posted,
    submission: Submission,
    examined: Examined,
    now: datetime,
    caps_only: bool,
    *,
    crowded_out: bool = False,
) -> Lead:
    """``crowded_out``: too often somebody was faster. Writes nothing that anybody else could be
    writing: no claim, no
    partner's load, no earlier lead of the same person.
    """
    version, programme = services.rules.programme()
    qualified = qualify(programme, submission)
    known_by = contact_keys(submission.contact, programme.repeat.by, programme.mail_domains)
    claims = services.claim_keys(known_by, submission.product)
    fresh = new_lead(posted.lead_id, posted.form, submission, qualified, now)
    lead = replace(fresh, programme=version, claims=claims)
    routed = examined.hold is None and qualified.outcome == "offer" and not crowded_out
    names = partners_to_read(services, lead, now) if routed else ()
    arrival = services.leads.arrival(lead.id, claims, names, posted.former_lead_id)
    existing = arrival.existing or _of_the_same_person(arrival.former, posted)
    if existing:
        return _again(existing, submission)
    context = replace(
        posted.context,
        message=submission.message,
        consent_version=submission.consent_version,
        consent_text=submission.consent_text,
        phone_typed=submission.phone_typed,
        also_sent=submission.also_sent,
        marks=examined.marks,
    )
    draft = Draft(None, lead)
    if examined.hold:
        holding.hold_back(draft, examined.hold, examined.from_client, programme, now)
        services.commit(Change(draft, context=context), now=now)
        return draft.lead
    outcome = "crowded" if crowded_out and qualified.outcome == "offer" else qualified.outcome
    if outcome == "offer":
        loads = admit_to_partners(draft, services, now, loads=arrival.loads, caps_only=caps_only)
    else:
        loads = admit(draft, services, outcome, now)
    draft.set(answer=answer_of(draft.lead, qualified.outcome), first_promise=draft.lead.promised_by)
    here = place_of(services, lead)
    claims_now = (
        new_claims(lead, here, programme, now, arrival.claims) if outcome == "offer" else ()
    )
    known = named_in(arrival.claims, lead, here, now) if claims_now else None
    if known is not None:
        # As many calls, reads and writes as for somebody unknown: whoever measures learns nothing.
        decided, draft = draft.lead, Draft(None, lead)
        attach_for_now(draft, decided, known.lead, now)
        loads = only_checked(loads)
    draft.tell("lead.received", next=draft.lead.status.value)
    change = Change(
        draft, context=context, claims=claims_now, claims_seen=arrival.claims, loads=loads
    )
    services.commit(change, now=now)
    return draft.lead


def new_lead(
    lead_id: str, form: str, submission: Submission, qualified: Qualified, now: datetime
) -> Lead:
    """As it arrives, before anything is decided about it."""
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
