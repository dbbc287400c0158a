"""HQ's links: each names its reader, and ends.

Role, regions and rights are looked up in the rules in force when a link is used. Whoever still
stands in the rules gets a fresh one by mail with one button; nobody is shown one.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from routing_core.domain.errors import LinkRefused, NotAllowed, NotFound
from routing_core.domain.hq_people import ANYBODY, HqPerson, Right, hq_people, hq_person
from routing_core.domain.lead import Lead
from routing_core.service.kernel.links import Purpose
from routing_core.service.kernel.ports import Bus
from routing_core.service.kernel.services import Services
from routing_core.service.notifications.mail_views import HqAudience, hq_view
from routing_core.service.notifications.mailing import MailContext

REQUESTED = "hq.link_requested"


class HqLinkEnded(LinkRefused):
    """The link is over, and its reader may have a fresh one mailed."""


@dataclass(frozen=True, slots=True)
class HqReader:
    """Somebody at HQ whose link is in force; ``url`` is the address of the queue by that very
    link.
    """

    person: HqPerson
    url: str

    def lead_url(self, lead_id: str) -> str:
        return f"{self.url}/leads/{lead_id}"

    def look_at(self, lead: Lead) -> None:
        """Raises NotFound for a lead of a region that is not theirs, as if there were none."""
        if not self.person.sees(lead):
            raise NotFound(f"there is no lead {lead.id}")

    def need(self, right: Right) -> None:
        """Raises NotAllowed."""
        if not self.person.may(right):
            raise NotAllowed(f"this link gives no right to {right.value}")


def open_hq(services: Services, token_text: str, now: datetime) -> HqReader:
    """Raises LinkRefused for whoever is no reader of HQ's any more, and HqLinkEnded for one with an
    old link.
    """
    token = services.links.read(Purpose.QUEUE, token_text)
    in_force = token.generation == services.programme.hq.links
    url = f"{services.links.base_url}/q/{token_text}"
    if not token.person:
        if not in_force:
            raise LinkRefused("this link is no longer valid")
        return HqReader(ANYBODY, url)
    person = hq_person(services.programme, token.person)
    if person is None:
        raise LinkRefused("this link is no longer valid")
    if not in_force or now.astimezone(UTC).date().toordinal() > token.number:
        raise HqLinkEnded("this link has ended")
    return HqReader(person, url)


def request_hq_link(services: Services, bus: Bus, token_text: str, now: datetime) -> None:
    """Has a fresh link mailed to whom this one was sent, once an hour at most; to everybody at HQ
    for one that names nobody. Raises LinkRefused for whoever is no reader of HQ's any more.
    """
    with suppress(HqLinkEnded):
        open_hq(services, token_text, now)
    person = services.links.read(Purpose.QUEUE, token_text).person
    bus.publish((), [(REQUESTED, {"person": person, "event": f"{now:%Y-%m-%dT%HZ}"})])


def mail_hq_links(mailing: MailContext, person: str, event: str, now: datetime) -> tuple[str, ...]:
    """Mails the person with that short id their own link, without one everybody; each once for each
    ``event``.
    """
    services = mailing.services
    sent = []
    for each in hq_people(services.programme):
        if person not in ("", each.id):
            continue
        send = partial(
            mailing.send,
            hq_view(services, "hq_link", now, audience=HqAudience(to=(each.email,))),
            {"role": "hq"},
        )
        if mailing.once(f"{REQUESTED}.{each.id}.{event}#hq", now, send):
            sent.append("hq_link")
    return tuple(sent)
