"""Who at HQ sees a partner, and may change it."""

from routing_core.domain.checks.partner_regions import regions_of
from routing_core.domain.errors import InvalidInput, NotFound, Problem
from routing_core.domain.hq_people import HqPerson, Right
from routing_core.domain.partner import Partner
from routing_core.service.hq.known_partners import saved_partner
from routing_core.service.hq.partner_list import visible_to
from routing_core.service.kernel.services import Services

PARTNERS_URL = "/hq/partners"
"""The list of partners on HQ's desk."""


def partner_seen_by(services: Services, visitor: HqPerson, partner_id: str) -> Partner:
    """Give a partner as saved; raises NotFound, also for one of none of the visitor's regions."""
    partner = saved_partner(services, partner_id)
    if not visible_to(visitor, partner, services):
        raise NotFound(f"there is no partner {partner_id}")
    return partner


def partner_changed_by(services: Services, visitor: HqPerson, partner_id: str) -> Partner:
    """Give a partner whom the visitor may change. Raises NotAllowed, or NotFound."""
    visitor.need(Right.CHANGE_PARTNERS)
    return partner_seen_by(services, visitor, partner_id)


def refuse_outside(services: Services, visitor: HqPerson, partner: Partner) -> None:
    """Raise InvalidInput for a profile that would lie in none of the visitor's regions."""
    if visitor.sees_any_of(regions_of(partner, services.programme)):
        return
    message = "lie in none of your regions, nor does the address"
    raise InvalidInput([Problem("territories", "outside_regions", message)])
