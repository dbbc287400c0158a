"""One mail for several readers becomes a mail for each, with the links that are theirs."""

from collections.abc import Iterator
from dataclasses import replace

from routing_core.domain.hq_people import HqPerson, hq_person
from routing_core.domain.people import person_id
from routing_core.service.kernel.access import links_for
from routing_core.service.kernel.hq_link import hq_link
from routing_core.service.kernel.services import Services
from routing_core.service.kernel.views import MailView


def addressed(services: Services, view: MailView) -> Iterator[MailView]:
    """Gives the mail as each of its readers gets it; none to whom nothing in it concerns."""
    for email in dict.fromkeys(view.to):
        theirs = replace(view, to=(email,))
        if "queue" not in view.links:
            yield _to_partner(services, theirs, email)
            continue
        person = hq_person(services.programme, person_id(email))
        if person and (for_hq := _for_hq(services, theirs, person)):
            yield for_hq


def _for_hq(services: Services, view: MailView, person: HqPerson) -> MailView | None:
    """Of HQ's mail: only leads of the reader's regions, each behind the reader's link."""
    queue = hq_link(services, person.email, view.now)
    entries = tuple(
        replace(entry, url=f"{queue}/leads/{entry.lead.id}")
        for entry in view.entries
        if person.sees(entry.lead)
    )
    of_several_leads = view.lead is None
    if of_several_leads and view.entries and not entries:
        return None
    nobodys = view.links["queue"]
    links = {name: link.replace(nobodys, queue, 1) for name, link in view.links.items()}
    if view.lead and not person.sees(view.lead):
        links.pop("lead", None)
    return replace(view, entries=entries, links=links)


def _to_partner(services: Services, view: MailView, email: str) -> MailView:
    """Of a partner's mail: the offer's link and, but for a colleague, the desk's."""
    if view.partner is None or "desk" not in view.links:
        return view
    offer = view.offer.number if view.offer and "offer" in view.links else None
    theirs = links_for(email, services.links, view.partner, view.offered_lead or view.lead, offer)
    others = {name: link for name, link in view.links.items() if name not in ("desk", "offer")}
    return replace(view, links=others | dict(theirs))
