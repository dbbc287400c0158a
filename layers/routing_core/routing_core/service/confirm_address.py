"""A partner's mail address is confirmed by a button behind a mailed link, before leads are routed to it."""

from datetime import datetime

from ..domain.errors import NotFound
from ..domain.mailboxes import email_mark
from ..domain.partner import Partner
from ..domain.people import people, person_id
from .links import Purpose, Token
from .ports import Bus
from .relay import Relay
from .views import ConfirmView


def view_confirmation(relay: Relay, token_text: str) -> ConfirmView:
    """Raises LinkRefused or NotFound."""
    token, partner = _open(relay, token_text)
    if not _is_current(token, partner):
        return _view(relay, partner, "outdated")
    return _view(relay, partner, "done" if partner.confirmed and not partner.bounced else "ask")


def confirm_address(relay: Relay, bus: Bus, token_text: str, now: datetime) -> ConfirmView:
    """From now on leads are routed there; the first mail, once for each address, brings the link to the desk.

    The mail is asked for first: whoever pressed reads mail there, and once the address is confirmed nobody would ask.
    """
    token, partner = _open(relay, token_text)
    current = _is_current(token, partner)
    if current and not partner.confirmed:
        bus.publish((), [("desk.requested", {"partner": partner.id, "event": f"confirmed.{token.extra}"})])
    done = current and relay.partners.confirm(partner.id, partner.contact.email, now)
    return _view(relay, partner, "done" if done else "outdated")


def _is_current(token: Token, partner: Partner) -> bool:
    """Whether the link is of the address as it stands there now: of one that was away meanwhile, only a new link is.

    Links from before generations were in them (0) go by the address alone.
    """
    generation = people(partner)[person_id(partner.contact.email)]
    same_address = email_mark(partner.contact.email) == token.extra
    return same_address and token.generation in (0, generation)


def _open(relay: Relay, token_text: str) -> tuple[Token, Partner]:
    token = relay.links.read(Purpose.CONFIRM, token_text)
    partner = relay.partners.get(token.subject)
    if partner is None:
        raise NotFound("this partner no longer takes part")
    return token, partner


def _view(relay: Relay, partner: Partner, state: str) -> ConfirmView:
    programme = relay.programme
    return ConfirmView(programme, partner, programme.language_for(partner.language), state)
