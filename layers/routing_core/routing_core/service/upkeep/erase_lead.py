"""Who asked is erased: when the programme's time has come, or at once because somebody asked HQ for
it.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from routing_core.domain.enquiry.contact_keys import same_address
from routing_core.domain.events import CommitRecord
from routing_core.domain.lead import Context, Draft, Lead, LeadStatus
from routing_core.domain.lifecycle import ending
from routing_core.domain.offer import Offer, OfferStatus
from routing_core.domain.repeats import probably_one_person
from routing_core.service.kernel.ports import Change
from routing_core.service.kernel.services import Services, retry_on_conflict

S = LeadStatus


def erase_in_time(services: Services, lead_id: str, now: datetime) -> bool:
    """True if its time had come, and this did it."""

    def work(_: bool) -> bool:
        lead = services.leads.get(lead_id)
        if lead is None or lead.erase_at is None or lead.erase_at > now:
            return False
        draft = Draft(lead)
        ending.erase(draft, services.programme)
        services.commit(
            Change(draft, context=Context()), *_where_it_joined(services, lead), now=now
        )
        return True

    return retry_on_conflict(work)


def erase_on_request(services: Services, lead_id: str, by: str, now: datetime) -> Lead:
    """Whatever its state, with what is attached to it and has the same email address; an open lead
    is withdrawn first, and whoever has seen the contact is asked to erase it too. Doing it again
    changes nothing. Raises NotFound.

    The attached ones first, else they would be routed in the moment between.
    """
    before = services.lead(lead_id)
    for other in _attached(services, before):
        _erase(services, other, by, now)
    lead = _erase(services, lead_id, by, now)
    for other in _attached(services, before):  # read now, when no other can be attached any more
        _erase(services, other, by, now)
    return lead


def _attached(services: Services, first: Lead) -> tuple[str, ...]:
    """Names the enquiries of the same address that are attached to this one; and those that are
    just being compared with it, if they would be: an address alone proves nothing, for two
    strangers may have typed ``keine@angabe.de``, and nobody has looked yet whether name or phone
    agree.
    """
    rows = services.leads.arrival(first.id, first.claims, ()).claims
    listed = [each.lead for row in rows.values() for each in row.listed]
    facts = [fact for row in services.leads.events(first.id) for fact in row.facts]
    attached = [str(fact.data["stub"]) for fact in facts if fact.kind == "lead.repeated"]

    def belongs(lead: Lead) -> bool:
        if first.contact is None:
            return lead.id in attached
        if not same_address(lead.contact, first.contact):
            return False
        return lead.id in attached or probably_one_person(lead.contact, first.contact)

    found = [
        lead
        for lead in services.leads.several([*listed, *attached])
        if lead.attached_to == first.id
    ]
    return tuple(lead.id for lead in found if belongs(lead))


def _erase(services: Services, lead_id: str, by: str, now: datetime) -> Lead:
    def work(_: bool) -> Lead:
        lead = services.lead(lead_id)
        if lead.status is S.ERASED:
            return lead
        draft = Draft(lead)
        if not lead.finished and lead.status is not S.QUARANTINED:
            ending.withdraw(draft, services.programme, now)
        ending.erase(draft, services.programme, by)
        for partner in _who_has_seen(services, lead_id):
            draft.tell("erasure.asked", partner=partner)
        services.commit(
            Change(draft, context=Context()), *_where_it_joined(services, lead), now=now
        )
        return draft.lead

    return retry_on_conflict(work)


def _who_has_seen(services: Services, lead_id: str) -> tuple[str, ...]:
    """Each partner who saw the person in it, even if they see them no more: who owned it once, and
    who owned an enquiry that it was attached to.
    """
    rows = services.leads.events(lead_id)
    seen = [
        str(fact.data["partner"])
        for row in rows
        for fact in row.facts
        if fact.kind == "offer.accepted"
    ]
    for row in rows:
        for fact in row.facts:
            if fact.kind == "lead.joined":
                first = services.leads.get(str(fact.data["target"]))
                seen += _owners(first, row.at, _attached_until(rows, row)) if first else ()
    return tuple(dict.fromkeys(seen))


def _attached_until(rows: Sequence[CommitRecord], joined: CommitRecord) -> datetime | None:
    """When the enquiry that joined another went its own way; None if it never did."""
    later = [row for row in rows if row.version > joined.version]
    ends = [row.at for row in later if any(fact.kind == "attachment.ended" for fact in row.facts)]
    return ends[0] if ends else None


def _owners(first: Lead, since: datetime, until: datetime | None) -> list[str]:
    """Names whoever owned ``first`` at some time between the two instants."""

    def owned_then(offer: Offer) -> bool:
        if offer.accepted_at is None or (until is not None and offer.accepted_at >= until):
            return False
        given_back = None if offer.status is OfferStatus.ACCEPTED else offer.answered_at
        return given_back is None or given_back >= since

    return [offer.partner for offer in first.offers if owned_then(offer)]


def _where_it_joined(services: Services, stub: Lead) -> tuple[Change, ...]:
    """A repeat's words stand in a note on the lead that it joined."""
    target = services.leads.get(stub.attached_to) if stub.attached_to else None
    context = services.leads.context(target.id) if target else None
    if target is None or context is None:
        return ()
    kept = tuple(note for note in context.notes if note.by != f"repeat:{stub.id}")
    if kept == context.notes:
        return ()
    draft = Draft(target)
    draft.tell("note.erased", stub=stub.id)
    return (Change(draft, context=replace(context, notes=kept)),)
