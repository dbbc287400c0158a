"""HQ's page of the network's coverage.

Gaps come first, then thin spots, overlaps, and who is out of reach.
"""

from dataclasses import dataclass
from typing import Any

from routing_core.present.explain.coverage_report import CoverageWords
from routing_core.present.lead_summary import product_name, region_name
from routing_core.present.pages.frame import page_in, render
from routing_core.routing.report.coverage import Finding, FindingKind
from routing_core.service.hq.check_coverage import NetworkCoverageView

ROWS_OF_A_LIST = 100
"""Rows of one list; all of them are in the table for a spreadsheet."""
PARTNERS_OF_A_ROW = 6
"""Partners named in one row; of more the rest is a number."""


@dataclass(frozen=True, slots=True)
class FindingRow:
    """One finding, as the page shows it."""

    area: str
    """The area, written as a territory: ``DE 97*``."""
    region: str
    """The name of the programme's region around it; empty if it has none."""
    only_for: str
    """The enquiries it holds for; empty if for all."""
    lines: tuple[str, ...]
    """Says who is there, who would be, and why they are not asked."""


@dataclass(frozen=True, slots=True)
class FindingList:
    """The findings of one kind for one product, as the page shows it."""

    product: str
    """The product's name."""
    total: int
    """The number of findings, also of those without a row."""
    rows: tuple[FindingRow, ...]
    """The first of them, the worst before the others."""

    @property
    def more(self) -> int:
        """Give how many findings have no row here."""
        return self.total - len(self.rows)


def coverage_page(view: NetworkCoverageView) -> str:
    """Draw the page behind HQ's link, as of the instant of the report."""
    words = CoverageWords.for_headquarters(view)
    title = words.translate("coverage.title")
    page = page_in(words.locale, view.programme, "coverage.html", title)
    return render(page, **coverage_fill(words))


def coverage_fill(words: CoverageWords) -> dict[str, Any]:
    """Give what ``coverage_body.html`` is filled in with, on whichever page it stands."""
    view = words.view
    coverage = view.coverage
    lists = {kind.value: _lists(words, kind) for kind in FindingKind}
    unreachable = [
        (words.partner_name(out.partner), words.why_unreachable(out))
        for out in coverage.unreachable
    ]
    lost = [(territory, words.partner_name(partner)) for partner, territory in coverage.lost]
    return {
        "view": view,
        "lists": lists,
        "totals": {kind: _total_of(found) for kind, found in lists.items()},
        "unreachable": unreachable,
        "lost": lost,
        "waiting": sum(finding.waits for finding in coverage.findings),
        "total": _gaps_in_total(words),
        "hints": {kind.value: _hint(kind, words) for kind in FindingKind},
    }


def _total_of(lists: list[FindingList]) -> int:
    return sum(each.total for each in lists)


def _gaps_in_total(words: CoverageWords) -> str:
    """Say how many gaps there are, and whether the programme's backup partner is asked there."""
    gaps = words.view.coverage.of(FindingKind.GAP)
    backups = [finding.backup for finding in gaps if finding.backup]
    if not gaps:
        return words.translate("coverage.total.none")
    if not backups:
        return words.translate("coverage.total.some", n=len(gaps))
    which = "backed" if len(backups) == len(gaps) else "partly_backed"
    # A programme has one backup partner: whoever stands in one gap stands in all of them.
    partner = words.partner_name(backups[0])
    return words.translate(
        f"coverage.total.{which}", n=len(gaps), backed=len(backups), partner=partner
    )


def _hint(kind: FindingKind, words: CoverageWords) -> str:
    if kind is FindingKind.GAP and any(finding.backup for finding in words.view.coverage.of(kind)):
        return words.translate("coverage.hint.gap_backed")
    return words.translate(f"coverage.hint.{kind.value}")


def _lists(words: CoverageWords, kind: FindingKind) -> list[FindingList]:
    """List the findings of one kind, product by product.

    What always holds stands before what holds for some enquiries only, and a gap before one that
    only waits for somebody to come back.
    """
    programme = words.view.programme
    of_kind = words.view.coverage.of(kind)
    lists = []
    for product in programme.products:
        findings = [finding for finding in of_kind if finding.product == product.id]
        if not findings:
            continue
        findings.sort(key=lambda finding: (not finding.always, finding.waits))
        rows = tuple(_row(finding, words) for finding in findings[:ROWS_OF_A_LIST])
        name = product_name(programme, product.id, words.locale)
        lists.append(FindingList(name, len(findings), rows))
    return lists


def _row(finding: Finding, words: CoverageWords) -> FindingRow:
    lines = [*words.backup(finding), *words.kept_out(finding)]
    if finding.kind is not FindingKind.GAP:
        lines.insert(0, _partners(finding, words))
    region = region_name(words.view.programme, finding.region, words.locale)
    if not lines:
        lines.append(words.translate("coverage.no_territory"))
    return FindingRow(finding.area, region, words.only_for(finding), tuple(lines))


def _partners(finding: Finding, words: CoverageWords) -> str:
    """Name the partners who could be asked, and how many more there are."""
    named = ", ".join(map(words.partner_name, finding.partners[:PARTNERS_OF_A_ROW]))
    more = len(finding.partners) - PARTNERS_OF_A_ROW
    if more <= 0:
        return named
    return f"{named} {words.translate('coverage.and_more', n=more)}"
