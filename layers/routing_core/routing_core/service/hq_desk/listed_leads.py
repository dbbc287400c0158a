"""The list of leads for programs: the desk's own filters, an exact contact or reference, a cursor."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from routing_core.domain.errors import InvalidInput, Problem
from routing_core.domain.hq_people import HqPerson
from routing_core.domain.lead_row import LeadRow
from routing_core.service.hq_desk.lead_query import LONGEST_TYPED, read_lead_query
from routing_core.service.kernel.contact_search import typed_search_keys
from routing_core.service.kernel.read_model import MOST_ON_PAGE, LeadPage, ReadModel
from routing_core.service.kernel.services import Services

USUAL_LIMIT = 50
"""So many leads are on a page if nobody says otherwise."""


@dataclass(frozen=True, slots=True)
class ListedLeads:
    """A page of the list, and how far behind the leads it is."""

    page: LeadPage
    behind: timedelta


def list_leads(
    services: Services,
    read_model: ReadModel,
    person: HqPerson,
    asked: Mapping[str, str],
    now: datetime,
) -> ListedLeads:
    """Give the page that the parameters of an address ask for; what nobody knows asks for nothing.

    ``reference`` and ``contact`` find exactly, whatever else is asked for. Raises InvalidInput.
    """
    behind = read_model.lag(now)
    reference, contact = asked.get("reference", ""), asked.get("contact", "")[:LONGEST_TYPED]
    if reference:
        return ListedLeads(LeadPage(_seen_by(person, read_model.by_reference(reference))), behind)
    if contact:
        found = _of_contact(services, read_model, contact)
        return ListedLeads(LeadPage(_seen_by(person, found)), behind)
    programme = services.programme
    partners = services.rules.network().partners
    query = read_lead_query(asked, person, partners, programme.time_zone, now)
    limit, problems = _limit(asked.get("limit", ""))
    if query.problems or problems:
        raise InvalidInput([*query.problems, *problems])
    wanted = replace(
        query.wanted,
        text=asked.get("text", "")[:LONGEST_TYPED],
        # A key is no person, to whom leads could belong: it says whose it wants.
        handled_by=asked.get("handled_by", "")[:LONGEST_TYPED],
    )
    cursor = asked.get("cursor", "")
    return ListedLeads(read_model.page(wanted, now, query.sort, cursor, limit), behind)


def _seen_by(person: HqPerson, rows: Sequence[LeadRow]) -> tuple[LeadRow, ...]:
    return tuple(row for row in rows if person.sees_region(row.region))


def _of_contact(services: Services, read_model: ReadModel, typed: str) -> tuple[LeadRow, ...]:
    programme = services.programme
    countries = [programme.country]
    for form in programme.forms:
        countries += form.countries
    keys = typed_search_keys(services.contact_secret, typed, dict.fromkeys(countries))
    if not keys:
        message = "is an e-mail address or a phone number"
        raise InvalidInput([Problem("contact", "invalid", message)])
    rows: dict[str, LeadRow] = {}
    for key in keys:
        rows |= {row.id: row for row in read_model.by_contact(key)}
    return tuple(sorted(rows.values(), key=lambda row: row.position, reverse=True))


def _limit(typed: str) -> tuple[int, list[Problem]]:
    if not typed:
        return USUAL_LIMIT, []
    is_number = typed.isascii() and typed.isdigit() and len(typed) < len(str(MOST_ON_PAGE)) + 1
    if is_number and 0 < int(typed) <= MOST_ON_PAGE:
        return int(typed), []
    return USUAL_LIMIT, [
        Problem("limit", "invalid_number", f"is a number from 1 to {MOST_ON_PAGE}")
    ]
