"""HQ ends the links of a partner's people: of one of them, or of all at once.

The profile has the contacts and so do their links' generations. A colleague who looks after an
enquiry stands on that enquiry alone; the partner's row only counts how often HQ ended their links,
so that it takes one write however many enquiries they look after, and reaches those that are closed
by now.
"""

import logging
from collections.abc import Mapping
from datetime import datetime

from routing_core.domain.errors import InvalidInput, NotFound, Problem
from routing_core.domain.partner import Partner
from routing_core.domain.people import address_of, people, person_id, times_ended
from routing_core.service.kernel.ports import Bus
from routing_core.service.kernel.services import Services
from routing_core.service.kernel.views import AccessView, ColleagueAccess
from routing_core.service.notifications.hq_access import HqReader, open_hq
from routing_core.service.notifications.mail_views import regions_of
from routing_core.service.offers.hand_over import may_be_colleague

logger = logging.getLogger(__name__)
EVERY_LEAD = 1_000
"""Open enquiries of a partner that are looked through for their colleagues."""


def revoke_access(
    services: Services,
    bus: Bus,
    partner_id: str,
    email: str,
    by: str,
    now: datetime,
    seen: int | None = None,
) -> bool:
    """Ends the links of whoever reads mail at that address of the partner, be it a contact or a
    colleague who looks after some of its leads; without an address, everybody's. A contact who
    still has access gets a new link to the desk by mail, a colleague one with the next mail about
    their enquiry.

    ``by`` names who at HQ does it: the log keeps it. ``seen`` is what the page showed
    (``times_ended``), so that a
    press that is repeated ends no link that the first one sent: False then. Raises NotFound or
    InvalidInput.
    """
    partner = _partner(services, partner_id)
    person = person_id(email) if email else ""
    if person and not _is_of(services, partner, email):
        raise InvalidInput([Problem("email", "nobodys", "is nobody's at this partner")])
    ended = services.partners.revoke_links(partner_id, now, person, seen)
    logger.info(
        "links ended",
        extra={"partner": partner_id, "person": person or "all", "by": by, "changed": ended},
    )
    revoked = _partner(services, partner_id)
    for each in people(revoked):
        address = address_of(revoked, each)
        proven = address != revoked.contact.email or revoked.confirmed
        if person in ("", each) and proven and revoked.reaches(address):
            bus.publish((), [("desk.requested", _occasion(revoked, each))])
    return ended


def _is_of(services: Services, partner: Partner, email: str) -> bool:
    """Tells whether links of the partner can ever have been sent to that address: it is a
    contact's, a colleague's, or one at the firm's own domain, whose enquiries may all be closed by
    now.
    """
    if may_be_colleague(services, partner, email) or person_id(email) in partner.ended:
        return True
    return any(each.email.casefold() == email.casefold() for each in _colleagues(services, partner))


def _colleagues(services: Services, partner: Partner) -> tuple[ColleagueAccess, ...]:
    """Lists who looks after open enquiries of the partner and is no contact of it, each once, by
    address.
    """
    contacts = people(partner)
    found: dict[str, ColleagueAccess] = {}
    for lead in services.leads.held_by(partner.id, EVERY_LEAD):
        who = lead.colleague
        if who is None or who.partner != partner.id or person_id(who.email) in contacts:
            continue
        seen = times_ended(partner, person_id(who.email))
        found.setdefault(who.email.casefold(), ColleagueAccess(who.email, who.name, seen))
    return tuple(found[address] for address in sorted(found))


def _occasion(partner: Partner, person: str) -> Mapping[str, str]:
    return {"partner": partner.id, "event": f"renewed.{partner.links}.hq", "person": person}


def view_access(
    services: Services, token: str, partner_id: str, now: datetime, notice: str = ""
) -> AccessView:
    """Raises LinkRefused, or NotFound for a partner who works in none of the reader's regions."""
    reader = open_hq(services, token, now)
    partner = _theirs(services, reader, partner_id)
    url = f"{reader.url}/partners/{partner.id}"
    return AccessView(
        services.programme, partner, now, url, reader.url, _colleagues(services, partner), notice
    )


def act_on_access(
    services: Services,
    bus: Bus,
    token: str,
    partner_id: str,
    form: Mapping[str, str],
    now: datetime,
) -> AccessView:
    """revoke (email; none = everybody's; seen)."""
    reader = open_hq(services, token, now)
    _theirs(services, reader, partner_id)
    if form.get("action") != "revoke":
        return view_access(services, token, partner_id, now)
    try:
        by = reader.person.actor
        ended = revoke_access(
            services, bus, partner_id, form.get("email", ""), by, now, _seen(form)
        )
    except (
        InvalidInput
    ):  # the address was taken out while the page was open: its links have ended with it
        ended = False
    return view_access(services, token, partner_id, now, "revoked" if ended else "revoked_before")


def _seen(form: Mapping[str, str]) -> int | None:
    shown = form.get("seen", "")
    return int(shown) if shown.isascii() and shown.isdigit() and len(shown) < 10 else None


def _theirs(services: Services, reader: HqReader, partner_id: str) -> Partner:
    partner = _partner(services, partner_id)
    regions = reader.person.regions
    if regions is not None and not regions & regions_of(partner, services.programme):
        raise NotFound(f"there is no partner {partner_id}")
    return partner


def _partner(services: Services, partner_id: str) -> Partner:
    partner = services.partners.get(partner_id)
    if partner is None:
        raise NotFound(f"there is no partner {partner_id}")
    return partner
