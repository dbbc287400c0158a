"""HQ's links: each names its reader, and ends.

Role, regions and rights are looked up in the rules in force when a link is used. Whoever still
stands in the rules gets a fresh one by mail with one button; nobody is shown one.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from routing_core.domain.errors import LinkRefused, NotFound
from routing_core.domain.hq_people import ANYBODY, HqPerson, Right, hq_people, hq_person
from routing_core.domain.lead import Lead
from routing_core.service.kernel.hq_link import is_in_force
from routing_core.service.kernel.links import Purpose
from routing_core.service.kernel.mail_delays import MailDelays
from routing_core.service.kernel.ports import Bus
from routing_core.service.kernel.services import Services
from routing_core.service.kernel.views import ReadBy
from routing_core.service.notifications.mail_views import HqAudience, hq_view
from routing_core.service.notifications.mailing import MailContext

REQUESTED = "hq.link_requested"
"""The event by which a link is asked for, and the beginning of the key of its mail."""


class HqLinkEnded(LinkRefused):
    """Raised for a link that is over, and whose reader may have a fresh one mailed."""


@dataclass(frozen=True, slots=True)
class HqReader:
    """Somebody at HQ who has been let in, and the way by which they came."""

    person: HqPerson
    url: str
    """The address under which they find leads and partners: the queue's link, or the desk."""
    list_url: str
    """The address of the list that a lead's page leads back to."""

    def lead_url(self, lead_id: str) -> str:
        """Give the address of a lead's page on that way."""
        return f"{self.url}/leads/{lead_id}"

    def read_by(self, right: Right, desk_path: str = "") -> ReadBy:
        """Say who reads a page: whether they may act on it, and where the same is on the desk."""
        start, _, token = self.url.rpartition("/q/")
        desk_url = ""
        if start and self.person.id:
            desk_url = f"{start}/hq/open/{token}?to=/hq{desk_path}"
        return ReadBy(self.person.language, desk_url, self.person.may(right))

    def look_at(self, lead: Lead) -> None:
        """Raise NotFound for a lead of a region that is not theirs, as if there were none."""
        if not self.person.sees(lead):
            raise NotFound(f"there is no lead {lead.id}")


def open_hq(services: Services, token_text: str, now: datetime) -> HqReader:
    """Open HQ's pages for whoever holds a link.

    Raises LinkRefused for whoever is no reader of HQ's any more, and HqLinkEnded for one with an
    old link.
    """
    token = services.links.read(Purpose.QUEUE, token_text)
    url = f"{services.links.base_url}/q/{token_text}"
    if not token.person:
        if token.generation != services.programme.hq.links:
            raise LinkRefused("this link is no longer valid")
        return HqReader(ANYBODY, url, url)
    person = hq_person(services.programme, token.person)
    if person is None:
        raise LinkRefused("this link is no longer valid")
    # The token's number is the last day on which it opens.
    today = now.astimezone(UTC).date().toordinal()
    in_force = is_in_force(services, token, services.hq_access.of(person.id))
    if not in_force or today > token.number:
        raise HqLinkEnded("this link has ended")
    return HqReader(person, url, url)


def request_hq_link(services: Services, bus: Bus, token_text: str, now: datetime) -> None:
    """Have a fresh link mailed to whom this one was sent, once an hour at most.

    A link that names nobody has one mailed to everybody at HQ. Raises LinkRefused for whoever is
    no reader of HQ's any more.
    """
    # That the link has ended is why a fresh one is asked for.
    with suppress(HqLinkEnded):
        open_hq(services, token_text, now)
    person = services.links.read(Purpose.QUEUE, token_text).person
    bus.publish((), [(REQUESTED, {"person": person, "event": f"{now:%Y-%m-%dT%HZ}"})])


def mail_hq_links(mailing: MailContext, person: str, event: str, now: datetime) -> tuple[str, ...]:
    """Mail the person with that short id their own link, or everybody where there is none.

    Each gets it once for each ``event``. Gives the templates of the mails that left.
    """
    services = mailing.services
    sent = []
    delays = MailDelays()
    for each in hq_people(services.programme):
        if person not in ("", each.id):
            continue
        view = hq_view(services, "hq_link", now, audience=HqAudience(to=(each.email,)))
        send = partial(mailing.send, view, {"role": "hq"})
        with delays.gathered():
            if mailing.once(f"{REQUESTED}.{each.id}.{event}#hq", now, send):
                sent.append("hq_link")
    delays.raise_first()
    return tuple(sent)
