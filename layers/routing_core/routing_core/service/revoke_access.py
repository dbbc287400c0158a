"""HQ ends the links of a partner's people: of one of them, or of all at once."""

from collections.abc import Mapping
from datetime import datetime

from ..domain.errors import InvalidInput, NotFound, Problem
from ..domain.partner import Partner
from ..domain.people import address_of, people, person_id
from .hq_access import HqReader, open_hq
from .mail_views import regions_of
from .ports import Bus
from .relay import Relay
from .views import AccessView


def revoke_access(
    relay: Relay, bus: Bus, partner_id: str, email: str, now: datetime, seen: int | None = None
) -> Partner:
    """Ends the links of whoever reads mail at that address of the partner; without one, everybody's, the colleagues of
    its leads included. Who still has access gets a new link to the desk by mail.

    ``seen`` is the generation that the page showed (of everybody's links: how often they were ended), so that a press
    that is repeated ends no link that the first one sent. Raises NotFound or InvalidInput.
    """
    partner = _partner(relay, partner_id)
    person = person_id(email) if email else ""
    if person and not address_of(partner, person):
        raise InvalidInput([Problem("email", "unknown_option", "is not an address of this partner's contacts")])
    relay.partners.revoke_links(partner_id, now, person, seen)
    revoked = _partner(relay, partner_id)
    for each in people(revoked):
        address = address_of(revoked, each)
        proven = address != revoked.contact.email or revoked.confirmed
        if person in ("", each) and proven and revoked.reaches(address):
            bus.publish((), [("desk.requested", _occasion(revoked, each))])
    return revoked


def _occasion(partner: Partner, person: str) -> Mapping[str, str]:
    return {"partner": partner.id, "event": f"renewed.{partner.links}.hq", "person": person}


def view_access(relay: Relay, token: str, partner_id: str, now: datetime, notice: str = "") -> AccessView:
    """Raises LinkRefused, or NotFound for a partner who works in none of the reader's regions."""
    reader = open_hq(relay, token, now)
    partner = _theirs(relay, reader, partner_id)
    url = f"{reader.url}/partners/{partner.id}"
    return AccessView(relay.programme, partner, now, url, reader.url, notice)


def act_on_access(
    relay: Relay, bus: Bus, token: str, partner_id: str, form: Mapping[str, str], now: datetime
) -> AccessView:
    """revoke (email; none = everybody's; seen)."""
    _theirs(relay, open_hq(relay, token, now), partner_id)
    if form.get("action") != "revoke":
        return view_access(relay, token, partner_id, now)
    try:
        revoke_access(relay, bus, partner_id, form.get("email", ""), now, _seen(form))
    except InvalidInput:  # the address was taken out while the page was open: its links have ended with it
        return view_access(relay, token, partner_id, now, "revoked")
    return view_access(relay, token, partner_id, now, "revoked")


def _seen(form: Mapping[str, str]) -> int | None:
    shown = form.get("seen", "")
    return int(shown) if shown.isascii() and shown.isdigit() and len(shown) < 10 else None


def _theirs(relay: Relay, reader: HqReader, partner_id: str) -> Partner:
    partner = _partner(relay, partner_id)
    regions = reader.person.regions
    if regions is not None and not regions & regions_of(partner, relay.programme):
        raise NotFound(f"there is no partner {partner_id}")
    return partner


def _partner(relay: Relay, partner_id: str) -> Partner:
    partner = relay.partners.get(partner_id)
    if partner is None:
        raise NotFound(f"there is no partner {partner_id}")
    return partner
