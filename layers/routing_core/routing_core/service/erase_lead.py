"""Who asked is erased: when the programme's time has come, or at once because somebody asked HQ for it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from ..domain.enquiry import same_address
from ..domain.events import EventRow
from ..domain.lead import Context, Draft, Lead, LeadStatus
from ..domain.offer import Offer, OfferStatus
from ..domain.repeats import probably_one_person
from ..domain.steps import ending
from .ports import Change
from .relay import Relay, until_committed

S = LeadStatus


def erase_in_time(relay: Relay, lead_id: str, now: datetime) -> bool:
    """True if its time had come, and this did it."""

    def work(_: bool) -> bool:
        lead = relay.leads.get(lead_id)
        if lead is None or lead.erase_at is None or lead.erase_at > now:
            return False
        draft = Draft(lead)
        ending.erase(draft, relay.programme)
        relay.commit(Change(draft, context=Context()), *_where_it_joined(relay, lead), now=now)
        return True

    return until_committed(work)


def erase_on_request(relay: Relay, lead_id: str, by: str, now: datetime) -> Lead:
    """Whatever its state, with what is attached to it and has the same email address; an open lead is withdrawn
    first, and whoever has seen the contact is asked to erase it too. Doing it again changes nothing. Raises NotFound.

    The attached ones first, else they would be routed in the moment between.
    """
    before = relay.lead(lead_id)
    for other in _attached(relay, before):
        _erase(relay, other, by, now)
    lead = _erase(relay, lead_id, by, now)
    for other in _attached(relay, before):  # read now, when no other can be attached any more
        _erase(relay, other, by, now)
    return lead


def _attached(relay: Relay, first: Lead) -> tuple[str, ...]:
    """Names the enquiries of the same address that are attached to this one; and those that are just being compared
    with it, if they would be: an address alone proves nothing, for two strangers may have typed ``keine@angabe.de``,
    and nobody has looked yet whether name or phone agree."""
    rows = relay.leads.arrival(first.id, first.claims, ()).claims
    listed = [each.lead for row in rows.values() for each in row.listed]
    facts = [fact for row in relay.leads.events(first.id) for fact in row.facts]
    attached = [str(fact.data["stub"]) for fact in facts if fact.kind == "lead.repeated"]

    def belongs(lead: Lead) -> bool:
        if first.contact is None:
            return lead.id in attached
        if not same_address(lead.contact, first.contact):
            return False
        return lead.id in attached or probably_one_person(lead.contact, first.contact)

    found = [lead for lead in relay.leads.several([*listed, *attached]) if lead.joined_to == first.id]
    return tuple(lead.id for lead in found if belongs(lead))


def _erase(relay: Relay, lead_id: str, by: str, now: datetime) -> Lead:
    def work(_: bool) -> Lead:
        lead = relay.lead(lead_id)
        if lead.status is S.ERASED:
            return lead
        draft = Draft(lead)
        if not lead.finished and lead.status is not S.QUARANTINED:
            ending.withdraw(draft, relay.programme, now)
        ending.erase(draft, relay.programme, by)
        for partner in _who_has_seen(relay, lead_id):
            draft.tell("erasure.asked", partner=partner)
        relay.commit(Change(draft, context=Context()), *_where_it_joined(relay, lead), now=now)
        return draft.lead

    return until_committed(work)


def _who_has_seen(relay: Relay, lead_id: str) -> tuple[str, ...]:
    """Each partner who saw the person in it, even if they see them no more: who owned it once, and who owned an
    enquiry that it was attached to."""
    rows = relay.leads.events(lead_id)
    seen = [str(fact.data["partner"]) for row in rows for fact in row.facts if fact.kind == "offer.accepted"]
    for row in rows:
        for fact in row.facts:
            if fact.kind == "lead.joined":
                first = relay.leads.get(str(fact.data["target"]))
                seen += _owners(first, row.at, _attached_until(rows, row)) if first else ()
    return tuple(dict.fromkeys(seen))


def _attached_until(rows: Sequence[EventRow], joined: EventRow) -> datetime | None:
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


def _where_it_joined(relay: Relay, stub: Lead) -> tuple[Change, ...]:
    """A repeat's words stand in a note on the lead that it joined."""
    target = relay.leads.get(stub.joined_to) if stub.joined_to else None
    context = relay.leads.context(target.id) if target else None
    if target is None or context is None:
        return ()
    kept = tuple(note for note in context.notes if note.by != f"repeat:{stub.id}")
    if kept == context.notes:
        return ()
    draft = Draft(target)
    draft.tell("note.erased", stub=stub.id)
    return (Change(draft, context=replace(context, notes=kept)),)
