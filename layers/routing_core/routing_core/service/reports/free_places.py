"""Says how many free places there are where demand came from, when a report is made.

A partner's free places are the cap on open enquiries, and that on the product, less what takes up
a place. Who covers several areas stands in each of them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import chain

from routing_core.domain.partner import Load, Partner
from routing_core.reporting.hq_report import Gap, HqReport
from routing_core.routing.decide.eligibility import local_day
from routing_core.routing.report.covered_cells import CoveredCell, covered_cells
from routing_core.service.kernel.services import Services

_ANY = "*?"
"""End the pattern that the postcodes of a cell share."""


def with_free_places(services: Services, report: HqReport, now: datetime) -> HqReport:
    """Give the report with the free places of each area, as they are at that instant."""
    if not report.gaps:
        return report
    covering = _covering(services, report.gaps)
    names = set(chain.from_iterable(covering.values()))
    loads = services.leads.loads(sorted(names))
    known = services.rules.network().partners
    takers = {name: known[name] for name in names if _takes_any(known[name], loads.get(name))}
    gaps = []
    for gap in report.gaps:
        partners = [takers[name] for name in covering[gap.country, gap.area] if name in takers]
        gaps.append(_with_places(gap, partners, loads, now))
    return replace(report, gaps=tuple(gaps))


def with_places_of(gaps: Iterable[Gap], known: Iterable[Gap]) -> tuple[Gap, ...]:
    """Give gaps with the free places that are known of the same areas and products."""
    places = {(gap.country, gap.area, gap.product): gap for gap in known}
    found = []
    for gap in gaps:
        same = places.get((gap.country, gap.area, gap.product))
        found.append(replace(gap, free=same.free, unlimited=same.unlimited) if same else gap)
    return tuple(found)


def _covering(services: Services, gaps: Sequence[Gap]) -> Mapping[tuple[str, str], frozenset[str]]:
    """Give for each country and area the partners who cover any part of it."""
    programme, network = services.programme, services.rules.network()
    countries = dict.fromkeys(gap.country for gap in gaps)
    cells = {each: covered_cells(programme, network, each, ()) for each in countries}
    found = {}
    for country, area in dict.fromkeys((gap.country, gap.area) for gap in gaps):
        names: set[str] = set()
        for covered in cells[country]:
            if _is_in(covered, area, is_region=area in programme.regions):
                names |= covered.names
        found[country, area] = frozenset(names)
    return found


def _is_in(covered: CoveredCell, area: str, *, is_region: bool) -> bool:
    """Tell whether a cell is a part of the area, or the area of the cell."""
    if is_region:
        return covered.region == area
    cell = covered.cell
    if cell.first != cell.last:
        return cell.first[: len(area)] <= area <= cell.last[: len(area)]
    stem = cell.first.rstrip(_ANY)
    return stem.startswith(area) or area.startswith(stem)


def _takes_any(partner: Partner, load: Load | None) -> bool:
    """Tell whether the partner takes enquiries at all; absence ends, and is none of it."""
    return partner.active and (load is None or load.active)


def _with_places(
    gap: Gap, partners: Iterable[Partner], loads: Mapping[str, Load], now: datetime
) -> Gap:
    free = unlimited = 0
    for partner in partners:
        if gap.product not in partner.products:
            continue
        places = _free_places(partner, loads.get(partner.id), gap.product, now)
        if places is None:
            unlimited += 1
        else:
            free += places
    return replace(gap, free=free, unlimited=unlimited)


def _free_places(partner: Partner, load: Load | None, product: str, now: datetime) -> int | None:
    """Count the free places of a partner for a product; None where nothing limits them."""
    known = load or Load(partner.id, active=True, caps=partner.caps)
    limits = (
        (known.open_cap(local_day(partner, now)), known.open_count),
        (known.caps.products.get(product), known.products.get(product, 0)),
    )
    free = [max(most - taken, 0) for most, taken in limits if most is not None]
    return min(free, default=None)
