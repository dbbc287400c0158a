"""HQ ends the links of a partner's people: of one of them, or of all at once.

The profile has the contacts and so do their links' generations. A colleague who looks after an
enquiry stands on that enquiry alone; the partner's row only counts how often HQ ended their links,
so that it takes one write however many enquiries they look after, and reaches those that are closed
by now.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from routing_core.domain.activity import ActivityKind
from routing_core.domain.checks.partner_regions import regions_of
from routing_core.domain.errors import InvalidInput, NotFound, Problem
from routing_core.domain.hq_people import Right
from routing_core.domain.partner import Partner
from routing_core.domain.people import address_of, people, person_id, times_ended
from routing_core.service.hq.note_activity import note_partner
from routing_core.service.kernel.ports import Bus
from routing_core.service.kernel.services import Services
from routing_core.service.kernel.views import AccessView, ColleagueAccess
from routing_core.service.notifications.hq_access import HqReader, open_hq
from routing_core.service.offers.hand_over import may_be_colleague

logger = logging.getLogger(__name__)
MOST_LEADS_LOOKED_AT = 1_000
"""The open enquiries of a partner that are looked through for their colleagues."""
LONGEST_TIMES_ENDED = 9
"""The most digits of how often links were ended."""


@dataclass(frozen=True, slots=True)
class Revocation:
    """Whose links HQ ends."""

    partner: str
    """The partner's id."""
    by: str
    """Who at HQ does it: the log keeps it."""
    email: str = ""
    """The address whose reader's links end, a contact's or a colleague's; empty for everybody's."""
    seen: int | None = None
    """How often they had been ended as the page showed it (``times_ended``); None of an API call.

    A press that is repeated then ends no link that the first one sent.
    """


def revoke_access(services: Services, bus: Bus, asked: Revocation, now: datetime) -> bool:
    """End the links of one person, or of everybody at a partner; False if it had been done before.

    A contact who still has access gets a new link to the desk by mail, a colleague one with the
    next mail about their enquiry. Raises NotFound, and InvalidInput for an address that is
    nobody's there.
    """
    partner = _partner(services, asked.partner)
    person = person_id(asked.email) if asked.email else ""
    if person and not _is_of(services, partner, asked.email):
        raise InvalidInput([Problem("email", "nobodys", "is nobody's at this partner")])
    ended = services.partners.revoke_links(partner.id, now, person, asked.seen, asked.by)
    logger.info(
        "links ended",
        extra={"partner": partner.id, "person": person or "all", "by": asked.by, "changed": ended},
    )
    if ended:
        kind = ActivityKind.PARTNER_LINKS_ENDED
        note_partner(services, kind, partner.id, asked.by, now)
    mail_new_links(bus, _partner(services, partner.id), person)
    return ended


def mail_new_links(bus: Bus, partner: Partner, person: str) -> None:
    """Ask for a new link to the desk for the contacts whose links have ended.

    ``person`` is a short id, empty for all contacts.
    """
    for each in people(partner):
        if person not in ("", each):
            continue
        address = address_of(partner, each)
        # An address that nobody has confirmed proves nothing, and gets no link.
        proven = address != partner.contact.email or partner.confirmed
        if proven and partner.reaches(address):
            bus.publish((), [("desk.requested", _occasion(partner, each))])


def _is_of(services: Services, partner: Partner, email: str) -> bool:
    """Tell whether links of the partner can ever have been sent to that address.

    It is a contact's, a colleague's, or one at the firm's own domain, whose enquiries may all be
    closed by now.
    """
    if may_be_colleague(services, partner, email) or person_id(email) in partner.ended:
        return True
    return any(
        each.email.casefold() == email.casefold() for each in colleagues_of(services, partner)
    )


def colleagues_of(services: Services, partner: Partner) -> tuple[ColleagueAccess, ...]:
    """List who looks after open enquiries of the partner and is no contact of it.

    Each stands there once, in the order of their addresses.
    """
    contacts = people(partner)
    found: dict[str, ColleagueAccess] = {}
    for lead in services.leads.held_by(partner.id, MOST_LEADS_LOOKED_AT):
        who = lead.colleague
        if who is None or who.partner != partner.id or person_id(who.email) in contacts:
            continue
        seen = times_ended(partner, person_id(who.email))
        found.setdefault(who.email.casefold(), ColleagueAccess(who.email, who.name, seen))
    return tuple(found[address] for address in sorted(found))


def _occasion(partner: Partner, person: str) -> Mapping[str, str]:
    return {"partner": partner.id, "event": f"renewed.{partner.links}.hq", "person": person}


class AccessPage(NamedTuple):
    """The page of who has links of a partner, behind a link of HQ's."""

    token: str
    """The token of the link."""
    partner: str
    """The partner's id."""


def view_access(
    services: Services, page: AccessPage, now: datetime, notice: str = ""
) -> AccessView:
    """Show who has links of a partner.

    Raises LinkRefused, and NotFound also for a partner who works in none of the reader's regions.
    """
    reader = open_hq(services, page.token, now)
    partner = _theirs(services, reader, page.partner)
    url = f"{reader.url}/partners/{partner.id}"
    return AccessView(
        services.programme,
        partner,
        now,
        url,
        reader.url,
        colleagues_of(services, partner),
        notice,
        reader=reader.read_by(Right.CHANGE_PARTNERS, f"/partners/{partner.id}"),
    )


def act_on_access(
    services: Services, bus: Bus, page: AccessPage, form: Mapping[str, str], now: datetime
) -> AccessView:
    """Press the page's button: ``revoke`` with an ``email`` (none for everybody's) and ``seen``.

    Raises LinkRefused and NotFound, and NotAllowed for whoever only looks.
    """
    reader = open_hq(services, page.token, now)
    reader.person.need(Right.CHANGE_PARTNERS)
    _theirs(services, reader, page.partner)
    if form.get("action") != "revoke":
        return view_access(services, page, now)
    asked = Revocation(page.partner, reader.person.actor, form.get("email", ""), _seen(form))
    try:
        ended = revoke_access(services, bus, asked, now)
    except InvalidInput:
        # The address was taken out while the page was open: its links have ended with it.
        ended = False
    return view_access(services, page, now, "revoked" if ended else "revoked_before")


def _seen(form: Mapping[str, str]) -> int | None:
    """Read how often links had been ended when the page was shown; None if it does not say."""
    shown = form.get("seen", "")
    is_number = shown.isascii() and shown.isdigit()
    return int(shown) if is_number and len(shown) <= LONGEST_TIMES_ENDED else None


def _theirs(services: Services, reader: HqReader, partner_id: str) -> Partner:
    """Find a partner of the reader's regions; raises NotFound for any other."""
    partner = _partner(services, partner_id)
    if not reader.person.sees_any_of(regions_of(partner, services.programme)):
        raise NotFound(f"there is no partner {partner_id}")
    return partner


def _partner(services: Services, partner_id: str) -> Partner:
    partner = services.partners.get(partner_id)
    if partner is None:
        raise NotFound(f"there is no partner {partner_id}")
    return partner
