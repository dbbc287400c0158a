"""HQ's list of leads: filtered, searched and paged, from the read model alone."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from routing_core.domain.errors import InvalidInput
from routing_core.domain.hq_people import HqPerson
from routing_core.domain.lead import LeadStatus
from routing_core.domain.lead_row import LeadRow
from routing_core.domain.partner import Partner
from routing_core.domain.programme.programme import Programme
from routing_core.domain.saved_filters import SavedFilter
from routing_core.service.hq_desk.filters_kept import FilterRefused
from routing_core.service.hq_desk.lead_bulk import PressRefused
from routing_core.service.hq_desk.lead_desk import LeadDesk
from routing_core.service.hq_desk.lead_query import COUNTED_FIELD, LeadQuery, read_lead_query
from routing_core.service.kernel.contact_search import typed_search_keys
from routing_core.service.kernel.read_model import WORTH_A_WORD, LeadPage, StateCount

STATES_COUNTED = (
    LeadStatus.HQ_QUEUE,
    LeadStatus.OFFERED,
    LeadStatus.ACCEPTED,
    LeadStatus.CONTACTED,
    LeadStatus.QUOTED,
    LeadStatus.FOLLOW_UP,
    LeadStatus.NURTURE,
    LeadStatus.QUARANTINED,
    LeadStatus.WON,
    LeadStatus.LOST,
)
"""States that are one tap away, in the order of a lead's way, each with its number of leads."""
LEADS_ON_PAGE = 50
"""A page of the list has so many leads."""
REFERENCE = re.compile(r"#?([A-Z2-7]{8})", re.IGNORECASE)
"""What a reference looks like, as it stands on pages and in mails."""
FEWEST_DIGITS = 6
"""A phone number has so many digits at least."""
WHOLE_ID = re.compile(r"L[A-Z2-7]{24}", re.IGNORECASE)
"""What a lead's id looks like, as addresses and the API have it."""


class FoundBy(StrEnum):
    """By what a search found its leads."""

    REFERENCE = "reference"
    CONTACT = "contact"
    """An e-mail address or a phone number, in whatever spelling."""
    TEXT = "text"
    """What stands in the name or the company."""


@dataclass(frozen=True, slots=True)
class ListRequest:
    """One page of the list, as the address asks for it."""

    asked: Mapping[str, str]
    """The fields of the filter."""
    cursor: str = ""
    """Where to go on; empty for the first page."""
    refused: PressRefused | None = None
    """The press below the list that is to be mended on it."""
    saved: tuple[SavedFilter, ...] = ()
    """The filters that the visitor keeps."""
    unsaved: FilterRefused | None = None
    """The filter that was not kept, to be mended on the list."""


@dataclass(frozen=True, slots=True)
class LeadListView:
    """What the list of leads shows."""

    programme: Programme
    now: datetime
    query: LeadQuery
    page: LeadPage
    partners: Mapping[str, Partner]
    """All partners of the network, by id."""
    found_by: FoundBy | None = None
    """By what the search looked; None where nothing is searched for."""
    cursor: str = ""
    """Where this page begins; empty for the beginning of the list."""
    behind: timedelta | None = None
    """How far the list is behind the leads, where that is worth a word."""
    notice: str = ""
    refused: PressRefused | None = None
    """The press below the list of which nothing was done, if it was so."""
    saved: tuple[SavedFilter, ...] = ()
    """The filters that the visitor keeps."""
    unsaved: FilterRefused | None = None
    """The filter that was not kept, if it was so."""
    counts: Mapping[LeadStatus, StateCount] | None = None
    """How many leads of the filter are in which state; None where nobody asked."""


def view_leads(
    desk: LeadDesk, person: HqPerson, request: ListRequest, now: datetime, *, notice: str = ""
) -> LeadListView:
    """Show a page of the leads that somebody asks for, as far as they may see them."""
    services = desk.services
    partners = services.rules.network().partners
    programme = services.programme
    query = read_lead_query(request.asked, person, partners, programme.time_zone, now)
    cursor, found_by = request.cursor, None
    page = LeadPage(())
    if not query.problems:
        page, found_by = exactly(desk, person, query) or _listed(desk, query, cursor, now)
    lag = desk.read_model.lag(now)
    return LeadListView(
        programme=programme,
        now=now,
        query=query,
        page=page,
        partners=partners,
        found_by=found_by,
        cursor=cursor,
        refused=request.refused,
        saved=request.saved,
        unsaved=request.unsaved,
        counts=_counted(desk, query) if request.asked.get(COUNTED_FIELD) else None,
        behind=lag if lag > WORTH_A_WORD else None,
        notice=notice,
    )


def _counted(desk: LeadDesk, query: LeadQuery) -> Mapping[LeadStatus, StateCount]:
    """Count the leads of the filter by state; nothing is counted for a search."""
    if query.search or query.problems:
        return {}
    return desk.read_model.states(STATES_COUNTED, replace(query.wanted, states=frozenset()))


def _listed(
    desk: LeadDesk, query: LeadQuery, cursor: str, now: datetime
) -> tuple[LeadPage, FoundBy | None]:
    """Give a page of the filtered list; a cursor that no page gave begins it anew."""
    wanted = replace(query.wanted, text=query.search)
    found_by = FoundBy.TEXT if query.search else None
    try:
        page = desk.read_model.page(wanted, now, query.sort, cursor, LEADS_ON_PAGE)
    except InvalidInput:
        page = desk.read_model.page(wanted, now, query.sort, "", LEADS_ON_PAGE)
    return page, found_by


def exactly(
    desk: LeadDesk, person: HqPerson, query: LeadQuery
) -> tuple[LeadPage, FoundBy | None] | None:
    """Give what has the reference or the contact that was typed, whatever the filter says.

    None: it is none, or a reference that no lead has and that may be a name.
    """
    typed = query.search
    found = tuple(_with_reference(desk, person, typed))
    if found:
        return LeadPage(found), FoundBy.REFERENCE
    # A postcode has fewer digits than any number at which somebody could be called.
    digits = sum(sign.isdigit() for sign in typed)
    if "@" not in typed and digits < FEWEST_DIGITS:
        return None
    keys = typed_search_keys(desk.services.contact_secret, typed, _countries(desk))
    if not keys:
        return None
    rows: dict[str, LeadRow] = {}
    for key in keys:
        rows |= {row.id: row for row in desk.read_model.by_contact(key)}
    theirs = [row for row in rows.values() if person.sees_region(row.region)]
    theirs.sort(key=lambda row: row.position, reverse=True)
    return LeadPage(tuple(theirs)), FoundBy.CONTACT


def _with_reference(desk: LeadDesk, person: HqPerson, typed: str) -> Iterator[LeadRow]:
    whole = WHOLE_ID.fullmatch(typed)
    reference = REFERENCE.fullmatch(typed[-8:] if whole else typed)
    if reference is None:
        return
    for row in desk.read_model.by_reference(reference[1].upper()):
        is_meant = whole is None or row.id == typed.upper()
        if is_meant and person.sees_region(row.region):
            yield row


def _countries(desk: LeadDesk) -> tuple[str, ...]:
    """Name the countries in which a phone number may be meant, the programme's own first."""
    programme = desk.services.programme
    named = [programme.country]
    for form in programme.forms:
        named += form.countries
    return tuple(dict.fromkeys(named))
