"""Confirms a partner's mail address by a button behind a mailed link.

No lead is routed there before.
"""

from datetime import datetime

from routing_core.domain.errors import NotFound
from routing_core.domain.partner import Partner
from routing_core.domain.people import people, person_id
from routing_core.domain.values.mailboxes import email_mark
from routing_core.service.kernel.links import Purpose, Token
from routing_core.service.kernel.ports import Bus
from routing_core.service.kernel.services import Services
from routing_core.service.kernel.views import ConfirmView


def view_confirmation(services: Services, token_text: str) -> ConfirmView:
    """Show the button, or that the address is confirmed already or is another one by now.

    Raises LinkRefused or NotFound.
    """
    token, partner = _open_link(services, token_text)
    if not _is_current(token, partner):
        return _view(services, partner, "outdated")
    is_done = partner.confirmed and not partner.bounced
    return _view(services, partner, "done" if is_done else "ask")


def confirm_partner_address(
    services: Services, bus: Bus, token_text: str, now: datetime
) -> ConfirmView:
    """Confirm the address: from now on leads are routed there; raises LinkRefused or NotFound.

    The first mail, once for each address, brings the link to the desk.
    """
    token, partner = _open_link(services, token_text)
    current = _is_current(token, partner)
    if current and not partner.confirmed:
        # The mail is asked for first: whoever pressed reads mail there, and once the address is
        # confirmed nobody would ask for it any more.
        bus.publish(
            (), [("desk.requested", {"partner": partner.id, "event": f"confirmed.{token.extra}"})]
        )
    done = current and services.partners.confirm(partner.id, partner.contact.email, now)
    return _view(services, partner, "done" if done else "outdated")


def _is_current(token: Token, partner: Partner) -> bool:
    """Tell whether the link is of the address that the partner has now.

    Of an address that was taken out and came back, only a new link is. Links from before
    generations were in them (0) go by the address alone.
    """
    generation = people(partner)[person_id(partner.contact.email)]
    same_address = email_mark(partner.contact.email) == token.extra
    return same_address and token.generation in (0, generation)


def _open_link(services: Services, token_text: str) -> tuple[Token, Partner]:
    """Read a link to confirm an address, and its partner; raises LinkRefused or NotFound."""
    token = services.links.read(Purpose.CONFIRM, token_text)
    partner = services.partners.get(token.subject)
    if partner is None:
        raise NotFound("this partner no longer takes part")
    return token, partner


def _view(services: Services, partner: Partner, state: str) -> ConfirmView:
    """Make the page in the partner's language."""
    programme = services.programme
    return ConfirmView(programme, partner, programme.language_for(partner.language), state)
