"""HQ's page of the network's coverage: gaps first, then thin spots, overlaps, and who is out of
reach.
"""

from dataclasses import dataclass

from routing_core.domain.programme.programme import Programme
from routing_core.present.explain.coverage_report import (
    backup_line,
    kept_out,
    only_for,
    partner_name,
    why_unreachable,
)
from routing_core.present.lead_summary import product_name, region_name
from routing_core.present.locale_context import LocaleContext
from routing_core.present.pages.frame import render
from routing_core.routing.report.coverage import Kind, Spot
from routing_core.service.hq.check_coverage import NetworkCoverageView

SHOWN = 100
"""Rows of one list; all of them are in the table for a spreadsheet."""
NAMED = 6


@dataclass(frozen=True, slots=True)
class SpotRow:
    area: str
    region: str
    only_for: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SpotList:
    """The findings of one kind for one product."""

    product: str
    total: int
    rows: tuple[SpotRow, ...]

    @property
    def more(self) -> int:
        return self.total - len(self.rows)


def coverage_page(view: NetworkCoverageView) -> str:
    reader = LocaleContext.at_home(view.programme, view.programme.hq.language, view.coverage.at)
    lists = {kind.value: _lists(view, kind, reader) for kind in Kind}
    return render(
        "coverage.html",
        reader,
        view.programme,
        reader.t,
        reader.t("coverage.title"),
        view=view,
        lists=lists,
        totals={kind: sum(each.total for each in found) for kind, found in lists.items()},
        unreachable=[
            (partner_name(out.partner, view), why_unreachable(out, reader))
            for out in view.coverage.unreachable
        ],
        lost=[
            (territory, partner_name(partner, view)) for partner, territory in view.coverage.lost
        ],
        waiting=sum(spot.waits for spot in view.coverage.spots),
        total=_total(view, reader),
        hints={kind.value: _hint(kind, view, reader) for kind in Kind},
        csv_url=f"{view.url}?as=csv",
    )


def _total(view: NetworkCoverageView, reader: LocaleContext) -> str:
    """How many gaps there are, and whether the programme's backup partner would be asked in all or
    some of them.
    """
    gaps = view.coverage.of(Kind.GAP)
    backed = [spot.backup for spot in gaps if spot.backup]
    if not gaps:
        return reader.t("coverage.total.none")
    if not backed:
        return reader.t("coverage.total.some", n=len(gaps))
    which = "backed" if len(backed) == len(gaps) else "partly_backed"
    return reader.t(
        f"coverage.total.{which}",
        n=len(gaps),
        backed=len(backed),
        partner=partner_name(backed[0], view),
    )


def _hint(kind: Kind, view: NetworkCoverageView, reader: LocaleContext) -> str:
    if kind is Kind.GAP and any(spot.backup for spot in view.coverage.of(kind)):
        return reader.t("coverage.hint.gap_backed")
    return reader.t(f"coverage.hint.{kind.value}")


def _lists(view: NetworkCoverageView, kind: Kind, reader: LocaleContext) -> list[SpotList]:
    """What always holds stands before what holds for some enquiries only, and a gap before one that
    only waits for somebody to come back.
    """
    found = []
    for product in _products(view.programme):
        spots = [spot for spot in view.coverage.of(kind) if spot.product == product]
        spots.sort(key=lambda spot: (not spot.always, spot.waits))
        if spots:
            rows = tuple(_row(spot, view, reader) for spot in spots[:SHOWN])
            found.append(SpotList(product_name(view.programme, product, reader), len(spots), rows))
    return found


def _products(programme: Programme) -> tuple[str, ...]:
    return tuple(product.id for product in programme.products)


def _row(spot: Spot, view: NetworkCoverageView, reader: LocaleContext) -> SpotRow:
    lines = (*backup_line(spot, view, reader), *kept_out(spot, view, reader))
    if spot.kind is not Kind.GAP:
        named = ", ".join(partner_name(partner, view) for partner in spot.partners[:NAMED])
        more = len(spot.partners) - NAMED
        lines = (named + (f" {reader.t('coverage.and_more', n=more)}" if more > 0 else ""), *lines)
    region = region_name(view.programme, spot.region, reader)
    lines = lines or (reader.t("coverage.no_territory"),)
    return SpotRow(spot.area, region, only_for(spot, view, reader), lines)
