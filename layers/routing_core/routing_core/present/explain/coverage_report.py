"""The coverage report for machines: a document, and a table for a spreadsheet."""

import csv
import io
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from routing_core.formats.sheet import harmless
from routing_core.present.lead_summary import partner_name, product_name, region_name, urgency_name
from routing_core.present.locale_context import LocaleContext
from routing_core.routing.report.coverage import Demand, Finding, FindingKind, KeptOut
from routing_core.service.hq.check_coverage import NetworkCoverageView

FINDINGS_OF_A_DOCUMENT = 10_000
"""Findings of one document: Lambda answers with 6 MB at most.

The table, which is a quarter of the size, has all.
"""
COVERAGE_COLUMNS = (
    "finding",
    "country",
    "area",
    "region",
    "product",
    "only_for",
    "partners",
    "kept_out",
)


def coverage_document(view: NetworkCoverageView) -> dict[str, Any]:
    """Make the report, ready for JSON.

    Of too many findings the gaps come first; ``left_out`` counts the rest.
    """
    coverage = view.coverage
    findings: Sequence[Finding] = coverage.findings
    if len(findings) > FINDINGS_OF_A_DOCUMENT:
        worst_first = chain.from_iterable(map(coverage.of, FindingKind))
        findings = list(worst_first)[:FINDINGS_OF_A_DOCUMENT]
    lost = [{"partner": partner, "territory": area} for partner, area in coverage.lost]
    return {
        "at": coverage.at.isoformat(),
        "spots": list(map(_finding_document, findings)),
        "left_out": len(coverage.findings) - len(findings),
        "unreachable": list(map(_kept_out_document, coverage.unreachable)),
        "lost": lost,
    }


def _finding_document(finding: Finding) -> dict[str, Any]:
    return {
        "finding": finding.kind.value,
        "area": finding.area,
        "region": finding.region,
        "product": finding.product,
        "needs": [need._asdict() for need in finding.demands],
        "always": finding.always,
        "partners": list(finding.partners),
        "backup": finding.backup or None,
        "kept_out": list(map(_kept_out_document, finding.kept_out)),
    }


def _kept_out_document(out: KeptOut) -> dict[str, str | None]:
    until = out.until.isoformat() if out.until else None
    return {"partner": out.partner, "reason": out.reason, "until": until}


def coverage_csv(view: NetworkCoverageView) -> str:
    """Make a table in HQ's language, with a line for each finding.

    The last lines are the partners nobody reaches, and the territories that cover nothing. It
    begins with a byte order mark, without which Excel takes umlauts for something else.
    """
    words = CoverageWords.for_headquarters(view)
    file = io.StringIO()
    table = csv.writer(file, delimiter=";", lineterminator="\r\n")
    table.writerow([words.translate(f"coverage.column.{name}") for name in COVERAGE_COLUMNS])
    for row in _rows(words):
        # A cell that begins like a formula would be computed by whoever opens the file.
        table.writerow(map(harmless, row))
    return "\ufeff" + file.getvalue()


def _rows(words: "CoverageWords") -> Iterator[tuple[str, ...]]:
    """Give the rows of the table, their cells in the order of COVERAGE_COLUMNS."""
    view = words.view
    for finding in view.coverage.findings:
        yield (
            words.translate(f"coverage.kind.{finding.kind.value}"),
            finding.country,
            finding.area,
            region_name(view.programme, finding.region, words.locale) or finding.region,
            product_name(view.programme, finding.product, words.locale),
            words.only_for(finding),
            ", ".join(map(words.partner_name, finding.partners)),
            "; ".join((*words.backup(finding), *words.kept_out(finding))),
        )
    unreachable = words.translate("coverage.kind.unreachable")
    for out in view.coverage.unreachable:
        why = f"{words.partner_name(out.partner)}: {words.why_unreachable(out)}"
        yield (unreachable, "", "", "", "", "", "", why)
    lost = words.translate("coverage.kind.lost")
    for partner, territory in view.coverage.lost:
        yield (lost, "", territory, "", "", "", words.partner_name(partner), "")


@dataclass(frozen=True, slots=True)
class CoverageWords:
    """Tells the findings of one report in words."""

    view: NetworkCoverageView
    locale: LocaleContext

    @classmethod
    def for_headquarters(cls, view: NetworkCoverageView) -> "CoverageWords":
        """Tell them in HQ's language, as of the instant of the report."""
        programme = view.programme
        at = view.coverage.at
        return cls(view, LocaleContext.for_programme(programme, programme.hq.language, at))

    def translate(self, key: str, **fill: Any) -> str:
        """Give the text of a key of the catalogue. Raises LookupError for a key nobody wrote."""
        return self.locale.translate(key, **fill)

    def partner_name(self, partner: str) -> str:
        """Give a partner's name; of one who is not in the network any more the id."""
        return partner_name(self.view.partners, partner)

    def kept_out(self, finding: Finding) -> tuple[str, ...]:
        """Say who covers the area and is not asked: ``Spatz & Söhne: paused``."""
        return tuple(
            f"{self.partner_name(out.partner)}: {self._why(out)}" for out in finding.kept_out
        )

    def backup(self, finding: Finding) -> tuple[str, ...]:
        """Say who is asked in a gap after all, in one sentence; in none where nobody is."""
        if not finding.backup:
            return ()
        return (self.translate("coverage.backup", partner=self.partner_name(finding.backup)),)

    def why_unreachable(self, out: KeptOut) -> str:
        """Say why no enquiry can reach a partner."""
        return self.locale.catalog.find(f"coverage.unreachable.{out.reason}") or self._why(out)

    def _why(self, out: KeptOut) -> str:
        if out.until:
            return self.translate("coverage.away_until", day=self.locale.day(out.until))
        catalog = self.locale.catalog
        return catalog.find(f"coverage.away.{out.reason}") or catalog.of_code(
            "facts.excluded", out.reason
        )

    def only_for(self, finding: Finding) -> str:
        """Say for which urgencies, languages and weekdays the finding holds; empty if for all."""
        if finding.always:
            return ""
        by_days: dict[tuple[str, ...], list[Demand]] = {}
        for need in finding.demands:
            by_days.setdefault(need.weekdays, []).append(need)
        told = [self._on(days, self._what(finding, needs)) for days, needs in by_days.items()]
        return "; ".join(told)

    def _on(self, days: Sequence[str], what: str) -> str:
        if not days:
            return what
        named = ", ".join(map(self.locale.weekday, days))
        what = what or self.translate("coverage.enquiries")
        return self.translate("coverage.on_days", what=what, days=named)

    def _what(self, finding: Finding, needs: Sequence[Demand]) -> str:
        """Say what is asked for, as shortly as it can be; empty if it is whatever the form asks."""
        urgencies = list(dict.fromkeys(need.urgency for need in needs))
        languages = list(dict.fromkeys(need.language for need in needs))
        # Every urgency with every language: then one of the two lists says it all.
        is_a_grid = len(needs) == len(urgencies) * len(languages)
        if is_a_grid and self._is_every_language(languages):
            if self._is_every_urgency(finding, urgencies):
                return ""
            return ", ".join(map(self._urgency, urgencies))
        if is_a_grid and self._is_every_urgency(finding, urgencies):
            return ", ".join(map(self.locale.language_name, languages))
        return ", ".join(map(self._need, needs))

    def _is_every_language(self, languages: Collection[str]) -> bool:
        programme = self.view.programme
        return not programme.match_language or set(languages) == set(programme.languages)

    def _is_every_urgency(self, finding: Finding, urgencies: Collection[str]) -> bool:
        """Tell whether no form that offers the product asks for any other urgency."""
        for form in self.view.programme.forms:
            if finding.product in form.products and not set(form.urgencies) <= set(urgencies):
                return False
        return True

    def _need(self, need: Demand) -> str:
        return f"{self._urgency(need.urgency)} ({self.locale.language_name(need.language)})"

    def _urgency(self, urgency: str) -> str:
        return urgency_name(self.view.programme, urgency, self.locale)
