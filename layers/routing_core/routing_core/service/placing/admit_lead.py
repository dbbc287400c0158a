"""Sends a qualified lead where it goes: to partners, to HQ, or to another day.

It does so at the door or later.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from routing_core.domain.draft import Draft
from routing_core.domain.lead import Lead, LeadStatus
from routing_core.domain.lifecycle import promises, queueing
from routing_core.domain.programme.programme import Programme
from routing_core.domain.reasons import QueueReason
from routing_core.routing.decide.situation import LoadsByPartner
from routing_core.service.kernel.ports import ContactUpdate, KnownContact, Listed, LoadChange
from routing_core.service.kernel.services import Services
from routing_core.service.placing.place_lead import offer_next


def admit(
    draft: Draft, services: Services, outcome: str, now: datetime, *, caps_only: bool = False
) -> dict[str, LoadChange]:
    """Let the lead go where its qualification sends it; whoever must hear gets a promise.

    ``outcome`` is offer, nurture, review or crowded.
    """
    programme = services.programme
    match outcome:
        case "nurture":
            # No promise: nobody is to call about an enquiry that is not ripe.
            queueing.nurture(draft, programme, now)
            return {}
        case "review":
            queueing.queue(draft, QueueReason.REVIEW, programme, now)
        case "crowded":
            queueing.crowd_out(draft, programme, now)
        case _:
            return admit_to_partners(draft, services, now, caps_only=caps_only)
    _promise(draft, programme, now)
    return {}


def admit_to_partners(
    draft: Draft,
    services: Services,
    now: datetime,
    *,
    loads: LoadsByPartner | None = None,
    caps_only: bool = False,
) -> dict[str, LoadChange]:
    """Offer the lead to partners and promise its sender when they hear.

    ``loads`` were read already, or are read.
    """
    changes = offer_next(draft, services, now, loads=loads, caps_only=caps_only)
    _promise(draft, services.programme, now)
    return changes


def _promise(draft: Draft, programme: Programme, now: datetime) -> None:
    lead = draft.lead
    if lead.promised_by is None:
        counted_from = lead.partner_opens_at or now
        promises.promise(
            draft, promises.promised_by(programme, lead.product, lead.urgency, counted_from), now
        )


def answer_of(lead: Lead, outcome: str) -> str:
    """Give what the sender is told of a lead that was just admitted with that outcome."""
    if outcome != "offer":
        return "noted"
    if lead.status is LeadStatus.HQ_QUEUE:
        return "held" if lead.partner_opens_at else "waiting"
    return "offered"


def with_newest_enquiry(
    lead: Lead, place: str, programme: Programme, now: datetime, seen: Mapping[str, KnownContact]
) -> tuple[KnownContact, ...]:
    """Give the contact's rows, as they were ``seen``, with this enquiry as the newest.

    ``place`` says where it is, hashed.
    """
    until = now + timedelta(days=programme.repeat.window_days)
    newest = Listed(lead.id, until, place)
    return tuple(
        seen.get(key, KnownContact(key, ())).with_newest(newest, now) for key in lead.claims
    )


def place_of(services: Services, lead: Lead) -> str:
    """Give where the lead is as the contact's rows name it, unreadable."""
    return services.place_key(lead.country, lead.postcode or lead.town.casefold())


def unlisted_contacts(services: Services, lead: Lead, now: datetime) -> ContactUpdate:
    """Give the contact's rows that do not list the lead yet.

    So it is with a lead that goes to partners later than it came. They are given as arguments of a
    Change.
    """
    seen = services.leads.arrival(lead.id, lead.claims, ()).contacts
    place = place_of(services, lead)
    rows = with_newest_enquiry(lead, place, services.programme, now, seen)
    unlisted = tuple(row for row in rows if not _is_listed(lead, seen.get(row.key)))
    return ContactUpdate(unlisted, seen)


def _is_listed(lead: Lead, row: KnownContact | None) -> bool:
    return row is not None and any(each.lead == lead.id for each in row.listed)
