"""The partners there are: ids and names from the compiled network, profiles by their keys.

Nothing here walks through the table. A partner saved a moment ago is found by its id at once, and
among all others as soon as the network has been compiled with it: within seconds.
"""

from collections.abc import Collection

from routing_core.domain.errors import NotFound
from routing_core.domain.partner import Partner
from routing_core.service.kernel.services import Services


def known_partners(services: Services, listed: Collection[str]) -> dict[str, Partner]:
    """Give all partners by id: those that are ``listed`` as they are saved this very moment."""
    services.rules.look_again()
    known = dict(services.rules.network().partners.items())
    known.update({partner.id: partner for partner in services.partners.some(frozenset(listed))})
    return known


def all_as_saved(services: Services) -> list[Partner]:
    """Give all partners by id, each as it is saved this very moment."""
    services.rules.look_again()
    ids = services.rules.network().partners.ids
    return sorted(services.partners.some(ids), key=lambda partner: partner.id)


def saved_partner(services: Services, partner_id: str) -> Partner:
    """Give a partner as it is saved; raises NotFound."""
    partner = services.partners.get(partner_id)
    if partner is None:
        raise NotFound(f"there is no partner {partner_id}")
    return partner
