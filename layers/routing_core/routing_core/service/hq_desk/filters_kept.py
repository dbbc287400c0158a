"""Keeps filters of the list of leads for whoever uses them again: each person's own."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from routing_core.domain.errors import InvalidInput, Problem
from routing_core.domain.hq_access import HqAccess
from routing_core.domain.hq_people import HqPerson, Right
from routing_core.domain.saved_filters import with_filter, without_filter
from routing_core.service.hq_desk.lead_query import SEARCH_FIELD, LeadQuery, read_lead_query
from routing_core.service.kernel.hq_access_book import change_access
from routing_core.service.kernel.services import Services


@dataclass(frozen=True, slots=True)
class FilterRefused:
    """A filter that was not kept, to be mended on the list."""

    problems: tuple[Problem, ...]
    name: str
    """What was typed."""


def kept_fields(query: LeadQuery) -> Mapping[str, str]:
    """Give what is kept of a list's address: not what is searched, for it may name a customer."""
    return {name: value for name, value in query.values.items() if name != SEARCH_FIELD}


def act_on_filters(
    services: Services,
    person: HqPerson,
    asked: Mapping[str, str],
    form: Mapping[str, str],
    now: datetime,
) -> Mapping[str, str] | FilterRefused:
    """Keep what the list's address asks for under a name, or forget the filter of that name.

    Gives the fields of the list to show then.
    """
    person.need(Right.LOOK)
    name = form.get("filter_name", "")
    if form.get("action") == "forget":
        change_access(services.hq_access, person.id, lambda access: _forgotten(access, name))
        return asked
    partners = services.rules.network().partners
    query = read_lead_query(asked, person, partners, services.programme.time_zone, now)
    fields = kept_fields(query)
    if query.problems or not fields:
        return asked
    try:
        change_access(services.hq_access, person.id, lambda access: _kept(access, name, fields))
    except InvalidInput as error:
        return FilterRefused(tuple(error.problems), name)
    return fields


def _kept(access: HqAccess, name: str, fields: Mapping[str, str]) -> HqAccess:
    return replace(access, filters=with_filter(access.filters, name, fields))


def _forgotten(access: HqAccess, name: str) -> HqAccess:
    return replace(access, filters=without_filter(access.filters, name))
