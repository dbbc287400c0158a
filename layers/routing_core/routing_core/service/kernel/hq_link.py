"""Makes the link to HQ's pages for one reader, and tells whether it is in force."""

from datetime import UTC, datetime, timedelta

from routing_core.domain.hq_access import HqAccess
from routing_core.domain.people import person_id
from routing_core.service.kernel.links import Purpose, Token
from routing_core.service.kernel.services import Services

LINK_DAYS = 30
"""A link to HQ's queue opens for so many days.

That is long enough for a holiday, and short enough that a mailbox which somebody left behind opens
nothing for long.
"""


def hq_link_for(services: Services, email: str, now: datetime) -> str:
    """Give the link to HQ's queue for whoever reads mail at an address; the same all day long."""
    return hq_link(services, services.hq_access.of(person_id(email)), now)


def hq_link(services: Services, access: HqAccess, now: datetime) -> str:
    """Give the link to HQ's queue for the person whose access that is."""
    # A day and no instant: mails of one day carry the same link, and can be sent again as they
    # were.
    last_day = (now.astimezone(UTC) + timedelta(days=LINK_DAYS)).date().toordinal()
    token = Token(
        Purpose.QUEUE,
        number=last_day,
        generation=services.programme.hq.links,
        extra=own_generation(access),
        person=access.person,
    )
    return f"{services.links.base_url}/q/{services.links.token(token)}"


def own_generation(access: HqAccess) -> str:
    """Write a person's own generation as their links say it, beside that of everybody's links."""
    # Empty for 0: links from before people had generations of their own do not say one.
    return str(access.generation or "")


def is_in_force(services: Services, token: Token, access: HqAccess) -> bool:
    """Tell whether neither everybody's links nor this person's were ended since it was made."""
    is_of_everybodys = token.generation == services.programme.hq.links
    return is_of_everybodys and token.extra == own_generation(access)
