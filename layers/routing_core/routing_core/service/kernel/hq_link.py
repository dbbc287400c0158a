"""Makes the link to HQ's queue for one reader."""

from datetime import UTC, datetime, timedelta

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
    # A day and no instant: mails of one day carry the same link, and can be sent again as they
    # were.
    last_day = (now.astimezone(UTC) + timedelta(days=LINK_DAYS)).date().toordinal()
    generation = services.programme.hq.links
    token = Token(Purpose.QUEUE, number=last_day, generation=generation, person=person_id(email))
    return f"{services.links.base_url}/q/{services.links.token(token)}"
