"""Makes of one mail for several readers a mail for each, with the links that are theirs."""

from collections.abc import Collection, Iterator
from dataclasses import replace

from routing_core.domain.hq_people import HqPerson, hq_people
from routing_core.domain.people import person_id
from routing_core.service.kernel.access import links_for
from routing_core.service.kernel.hq_link import hq_link
from routing_core.service.kernel.services import Services
from routing_core.service.kernel.views import MailView


def addressed(services: Services, view: MailView) -> Iterator[MailView]:
    """Yield the mail as each of its readers gets it; none to whom nothing in it concerns."""
    readers = tuple(dict.fromkeys(view.to))
    if "queue" in view.links:
        yield from _to_everybody_at_hq(services, view, readers)
        return
    for email in readers:
        yield _to_partner(services, replace(view, to=(email,)), email)


def _to_everybody_at_hq(
    services: Services, view: MailView, readers: Collection[str]
) -> Iterator[MailView]:
    people = {person.id: person for person in hq_people(services.programme)}
    ids = {email: person_id(email) for email in readers}
    access = services.hq_access.several([each for each in ids.values() if each in people])
    for email, person in ids.items():
        if person not in people:
            continue
        queue = hq_link(services, access[person], view.now)
        theirs = _to_hq(replace(view, to=(email,)), people[person], queue)
        if theirs is not None:
            yield theirs


def _to_hq(view: MailView, person: HqPerson, queue: str) -> MailView | None:
    """Give a mail to HQ in the reader's language, with only leads of their regions.

    Each stands behind the reader's own link to the ``queue``.

    It is None where the mail is about several leads and none of them is theirs.
    """
    theirs = [entry for entry in view.entries if person.sees(entry.lead)]
    entries = tuple(replace(entry, url=f"{queue}/leads/{entry.lead.id}") for entry in theirs)
    is_about_several_leads = view.lead is None and bool(view.entries)
    if is_about_several_leads and not entries:
        return None
    # The links of the view name nobody; each of them begins with the queue's address.
    nobodys = view.links["queue"]
    links = {name: link.replace(nobodys, queue, 1) for name, link in view.links.items()}
    if view.lead and not person.sees(view.lead):
        links.pop("lead", None)
    return replace(view, entries=entries, links=links, language=person.language)


def _to_partner(services: Services, view: MailView, email: str) -> MailView:
    """Give a mail to a partner with the reader's own links.

    They lead to the offer and, but for a colleague, to the desk.
    """
    if view.partner is None or "desk" not in view.links:
        return view
    offer = None
    if view.offer and "offer" in view.links:
        offer = view.offer.number
    theirs = links_for(email, services.links, view.partner, view.offered_lead or view.lead, offer)
    others = {name: link for name, link in view.links.items() if name not in ("desk", "offer")}
    return replace(view, links=others | dict(theirs))
