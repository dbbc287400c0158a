"""The link to HQ's queue, made for one reader."""

from datetime import UTC, datetime, timedelta

from routing_core.domain.people import person_id
from routing_core.service.kernel.links import Purpose, Token
from routing_core.service.kernel.services import Services

LINK_DAYS = 30
"""Long enough for a holiday; short enough that a mailbox somebody left behind opens nothing for
long.
"""


def hq_link(services: Services, email: str, now: datetime) -> str:
    """Gives the address of HQ's queue for whoever reads mail at that address; the same all day
    long.
    """
    last_day = (now.astimezone(UTC) + timedelta(days=LINK_DAYS)).date().toordinal()
    token = Token(
        Purpose.QUEUE,
        number=last_day,
        generation=services.programme.hq.links,
        person=person_id(email),
    )
    return f"{services.links.base_url}/q/{services.links.token(token)}"
