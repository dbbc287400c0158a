"""One mail for several readers becomes a mail for each, with the links that are theirs."""

from collections.abc import Iterator
from dataclasses import replace

from .access import links_for
from .relay import Relay
from .views import MailView


def addressed(relay: Relay, view: MailView) -> Iterator[MailView]:
    """Gives the mail as each of its readers gets it."""
    for email in dict.fromkeys(view.to):
        yield _to_partner(relay, replace(view, to=(email,)), email)


def _to_partner(relay: Relay, view: MailView, email: str) -> MailView:
    """Of a partner's mail: the offer's link and, but for a colleague, the desk's."""
    if view.partner is None or "desk" not in view.links:
        return view
    offer = view.offer.number if view.offer and "offer" in view.links else None
    theirs = links_for(email, relay.links, view.partner, view.lead, offer)
    others = {name: link for name, link in view.links.items() if name not in ("desk", "offer")}
    return replace(view, links=others | dict(theirs))
