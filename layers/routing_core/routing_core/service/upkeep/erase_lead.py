"""Erases who asked: when the programme's time has come, or at once if somebody asks HQ for it."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from routing_core.domain.draft import Draft
from routing_core.domain.enquiry.contact_keys import same_address
from routing_core.domain.events import (
    AttachmentEnded,
    CommitRecord,
    ErasureAsked,
    LeadAttached,
    LeadEvent,
    LeadRepeated,
    NoteErased,
    OfferAccepted,
)
from routing_core.domain.lead import Context, Lead, LeadStatus
from routing_core.domain.lifecycle import ending
from routing_core.domain.offer import Offer, OfferStatus
from routing_core.domain.repeats import probably_one_person
from routing_core.service.kernel.ports import Change
from routing_core.service.kernel.retry import retry_on_conflict
from routing_core.service.kernel.services import Services

Event = TypeVar("Event", bound=LeadEvent)


def erase_in_time(services: Services, lead_id: str, now: datetime) -> bool:
    """Erase who asked if the time has come; tell whether it had, and this did it."""

    def work(_: bool) -> bool:
        lead = services.leads.get(lead_id)
        if lead is None or lead.erase_at is None or lead.erase_at > now:
            return False
        draft = Draft(lead)
        ending.erase(draft, services.programme)
        services.commit(Change(draft, context=Context()), *_note_erased(services, lead), now=now)
        return True

    return retry_on_conflict(work)


def erase_on_request(services: Services, lead_id: str, by: str, now: datetime) -> Lead:
    """Erase who asked, with what is attached to the lead and has the same email address.

    An open lead is withdrawn first, and whoever has seen the contact is asked to erase it too.
    Doing it again changes nothing. Raises NotFound.
    """
    before = services.lead(lead_id)
    # The attached ones first, else they would be routed in the moment between.
    for other in _attached(services, before):
        _erase(services, other, by, now)
    lead = _erase(services, lead_id, by, now)
    # Once more, for one may have been attached meanwhile: to what is erased no other can be.
    for other in _attached(services, before):
        _erase(services, other, by, now)
    return lead


def _attached(services: Services, first: Lead) -> tuple[str, ...]:
    """Name the enquiries of the same address that are attached to this one.

    Those that are just being compared with it are among them, if they would be attached. An address
    alone proves nothing, for two strangers may have typed ``keine@angabe.de``, and nobody has
    looked yet whether name or phone agree.
    """
    named: list[str] = []
    for contact in services.leads.arrival(first.id, first.claims, ()).contacts.values():
        named += [each.lead for each in contact.listed]
    rows = services.leads.events(first.id)
    attached = [event.repeat for _, event in _events_of(rows, LeadRepeated)]
    found = services.leads.several([*named, *attached])
    theirs = [lead for lead in found if lead.attached_to == first.id]
    return tuple(
        lead.id
        for lead in theirs
        if _is_same_persons(lead, first, was_attached=lead.id in attached)
    )


def _is_same_persons(lead: Lead, first: Lead, *, was_attached: bool) -> bool:
    """Tell whether an enquiry that points to ``first`` is erased with it."""
    if first.contact is None:
        return was_attached
    if not same_address(lead.contact, first.contact):
        return False
    return was_attached or probably_one_person(lead.contact, first.contact)


def _erase(services: Services, lead_id: str, by: str, now: datetime) -> Lead:
    """Erase one lead and return it as it then stands; raises NotFound."""

    def work(_: bool) -> Lead:
        lead = services.lead(lead_id)
        if lead.status is LeadStatus.ERASED:
            return lead
        draft = Draft(lead)
        if not lead.finished and lead.status is not LeadStatus.QUARANTINED:
            ending.withdraw(draft, services.programme, now, by)
        ending.erase(draft, services.programme, by)
        for partner in _who_has_seen(services, lead_id):
            draft.add_event(ErasureAsked(partner=partner))
        services.commit(Change(draft, context=Context()), *_note_erased(services, lead), now=now)
        return draft.lead

    return retry_on_conflict(work)


def _events_of(
    rows: Sequence[CommitRecord], event_class: type[Event]
) -> Iterator[tuple[CommitRecord, Event]]:
    """Yield a lead's events of one class, each with the commit that it is of, oldest first."""
    for row in rows:
        for event in row.events:
            if isinstance(event, event_class):
                yield row, event


def _who_has_seen(services: Services, lead_id: str) -> tuple[str, ...]:
    """Name each partner who saw the person in it, even if they see them no more.

    That is who owned it once, and who owned an enquiry that it was attached to.
    """
    rows = services.leads.events(lead_id)
    seen = [event.partner for _, event in _events_of(rows, OfferAccepted)]
    ends = [row for row, _ in _events_of(rows, AttachmentEnded)]
    for joined, event in _events_of(rows, LeadAttached):
        first = services.leads.get(event.first) if event.first else None
        if first is not None:
            seen += _owners(first, joined.at, _attached_until(joined, ends))
    return tuple(dict.fromkeys(seen))


def _attached_until(joined: CommitRecord, ends: Sequence[CommitRecord]) -> datetime | None:
    """Give when the enquiry that joined another went its own way; None if it never did."""
    later = [row.at for row in ends if row.version > joined.version]
    return later[0] if later else None


def _owners(first: Lead, since: datetime, until: datetime | None) -> list[str]:
    """Name whoever owned ``first`` at some time between the two instants."""

    def owned_then(offer: Offer) -> bool:
        if offer.accepted_at is None:
            return False
        if until is not None and offer.accepted_at >= until:
            return False
        given_back = None if offer.status is OfferStatus.ACCEPTED else offer.answered_at
        return given_back is None or given_back >= since

    return [offer.partner for offer in first.offers if owned_then(offer)]


def _note_erased(services: Services, lead: Lead) -> tuple[Change, ...]:
    """Give the change that erases what a repeat said from the lead in whose notes it stands."""
    if lead.attached_to is None:
        return ()
    target = services.leads.get(lead.attached_to)
    if target is None:
        return ()
    context = services.leads.context(target.id)
    if context is None:
        return ()
    kept = tuple(note for note in context.notes if note.by != f"repeat:{lead.id}")
    if kept == context.notes:
        return ()
    draft = Draft(target)
    draft.add_event(NoteErased(repeat=lead.id))
    return (Change(draft, context=replace(context, notes=kept)),)
