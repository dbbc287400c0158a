"""Whoever has signed in at HQ's desk, as the pages know them that HQ's links open too."""

from routing_core.domain.hq_people import HqPerson
from routing_core.service.notifications.hq_access import HqReader

DESK_URL = "/hq"
"""Addresses of the desk begin like this: it stands at the root of the site that shows it."""
LEADS_URL = f"{DESK_URL}/leads"
"""The address of the list of leads."""


def desk_reader(person: HqPerson) -> HqReader:
    """Give the reader that somebody is who has come by the desk."""
    return HqReader(person, DESK_URL, LEADS_URL)
