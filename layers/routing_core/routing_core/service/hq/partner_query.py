"""What an address says of the list of partners that is asked for, and a page as a document."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, TypeVar

from routing_core.domain.errors import InvalidInput, Problem
from routing_core.domain.partner import TIERS
from routing_core.domain.partner_state import PartnerState
from routing_core.domain.programme.programme import Programme
from routing_core.domain.territory.countries import country_code
from routing_core.formats.partner_document import partner_document
from routing_core.service.hq.partner_list import (
    MOST_PARTNERS_ON_PAGE,
    PARTNERS_ON_PAGE,
    PageOfPartners,
    PartnerFilter,
    PartnerPage,
    PartnerSort,
    PartnerStanding,
)

FILTERS = ("q", "state", "product", "region", "country", "postcode", "type", "tier")
"""The parameters that filter the list."""
PAGED = frozenset({*FILTERS, "sort", "limit", "cursor"})
"""The parameters with any of which a page is given, and not the whole list."""
_Choice = TypeVar("_Choice", bound=StrEnum)


def read_page(asked: Mapping[str, str], programme: Programme) -> PageOfPartners:
    """Read which page an address asks for. Raises InvalidInput, naming each wrong parameter."""
    problems: list[Problem] = []
    tier = _number(asked, "tier", TIERS, problems)
    limit = _number(asked, "limit", range(1, MOST_PARTNERS_ON_PAGE + 1), problems)
    country = asked.get("country", "")
    if country and not country_code(country):
        problems.append(Problem("country", "unknown_option", "is a country like DE"))
    wanted = PartnerFilter(
        text=asked.get("q", "").strip(),
        state=_choice(asked, "state", PartnerState, problems),
        product=_named(asked, "product", [each.id for each in programme.products], problems),
        region=_named(asked, "region", list(programme.regions), problems),
        country=country_code(country),
        postcode=asked.get("postcode", "").strip()[:12],
        type=_named(asked, "type", programme.partner_types, problems),
        tier=tier,
    )
    sort = _choice(asked, "sort", PartnerSort, problems) or PartnerSort.NAME
    if problems:
        raise InvalidInput(problems)
    return PageOfPartners(wanted, sort, asked.get("cursor", ""), limit or PARTNERS_ON_PAGE)


def _number(
    asked: Mapping[str, str], name: str, allowed: range, problems: list[Problem]
) -> int | None:
    text = asked.get(name, "")
    if not text:
        return None
    if text.isascii() and text.isdigit() and len(text) < 6 and int(text) in allowed:
        return int(text)
    message = f"is a number from {allowed[0]} to {allowed[-1]}"
    problems.append(Problem(name, "invalid", message))
    return None


def _choice(
    asked: Mapping[str, str], name: str, kind: type[_Choice], problems: list[Problem]
) -> _Choice | None:
    text = _named(asked, name, [each.value for each in kind], problems)
    return kind(text) if text else None


def _named(asked: Mapping[str, str], name: str, known: list[str], problems: list[Problem]) -> str:
    text = asked.get(name, "")
    if text and text not in known:
        message = f"is not one of {', '.join(known)}"
        problems.append(Problem(name, "unknown_option", message))
        return ""
    return text


def page_document(page: PartnerPage) -> dict[str, Any]:
    """Give a page as a document: its partners, and the cursor with which the next one begins."""
    return {
        "partners": [_with_standing(row) for row in page.rows],
        "next": page.cursor,
        "matching": page.matching,
        "sorted_by_name": page.unsorted,
    }


def _with_standing(row: PartnerStanding) -> dict[str, Any]:
    document = partner_document(row.partner)
    load = row.load
    document["status"] |= {
        "state": row.state.value,
        "full": row.full,
        "open": load.open_count,
        "last_offer": load.last_offered.isoformat() if load.last_offered else None,
        "acceptance": row.acceptance,
        "window_used": row.window_used,
    }
    return document
