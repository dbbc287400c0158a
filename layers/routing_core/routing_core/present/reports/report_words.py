"""The words of one report: names of what its ids stand for, columns, and lines of tables."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from routing_core.domain.programme.programme import Programme
from routing_core.domain.programme.reasons import Reason, ReturnReason
from routing_core.present.lead_summary import product_name, region_name
from routing_core.present.locale_context import LocaleContext
from routing_core.present.reports.report_document import CellKind, ReportCell, ReportColumn
from routing_core.present.reports.written_cells import NOTHING, share_in_words, written_cell
from routing_core.reporting.hq_report import FunnelStep
from routing_core.reporting.money import Money
from routing_core.reporting.period import Period
from routing_core.reporting.report_schedule import is_week
from routing_core.reporting.share import Share, Typical

COUNT = CellKind.COUNT
SHARE = CellKind.SHARE
HOURS = CellKind.HOURS
DAYS = CellKind.DAYS
MONEY = CellKind.MONEY


@dataclass(frozen=True, slots=True)
class ReportWords:
    """Says in one reader's words what a report holds as ids and numbers."""

    programme: Programme
    locale: LocaleContext
    partner_names: Mapping[str, str]
    """Partner's id → name, as far as partners are known."""
    partner_url: str = ""
    """The address that leads to a partner's own report with the id behind it; empty for none."""

    def translate(self, key: str, **fill: Any) -> str:
        """Give words from under ``reports``."""
        return self.locale.translate(f"reports.{key}", **fill)

    # ── names ─────────────────────────────────────────────────────────────────────────────────────

    def partner(self, partner: str) -> str:
        """Give a partner's name; of one whom nobody knows any more the id."""
        return self.partner_names.get(partner, partner)

    def product(self, product: str) -> str:
        """Give what a product is called."""
        return product_name(self.programme, product, self.locale)

    def area(self, area: str, country: str = "") -> str:
        """Give the name of a region, or the beginning of postcodes with its country."""
        name = region_name(self.programme, area, self.locale)
        if name:
            return name
        if area and country:
            return f"{country} {area}*"
        return area or self.translate("everywhere")

    def reason(self, reasons: Iterable[Reason | ReturnReason], reason: str) -> str:
        """Give the words of a reason of the programme; of one it knows no more the id.

        An enquiry of another system may have been lost for no reason that anybody gave.
        """
        if not reason:
            return self.translate("no_reason")
        for each in reasons:
            if each.id == reason:
                return self.locale.say(each.label)
        return reason

    def period(self, period: Period) -> str:
        """Name a month or a week as in a sentence."""
        if is_week(period):
            year, number, _ = period.first_day.isocalendar()
            return self.translate("week", number=number, year=year)
        return self.locale.month(period.first_day)

    def period_briefly(self, period: Period) -> str:
        """Name a month or a week where there is little room."""
        if is_week(period):
            return f"{period.first_day.isocalendar()[1]:02}"
        return self.locale.month_briefly(period.first_day)

    def subtitle(self, period: Period, created: datetime, version: int) -> str:
        """Say on which days the report is, when it was made, and in which version."""
        last_day = period.next_day - timedelta(days=1)
        first = self.locale.day(period.first_day)
        return self.translate(
            "subtitle",
            days=self.translate("days", first=first, last=self.locale.day(last_day)),
            made=self.translate("made", when=self.locale.when(created)),
            version=version,
        )

    def link_to_partner(self, partner: str) -> str:
        """Give the address of a partner's own report; empty where there is none to lead to."""
        return f"{self.partner_url}{quote(partner, safe='')}" if self.partner_url else ""

    # ── numbers in sentences ──────────────────────────────────────────────────────────────────────

    def number(self, value: float | Decimal | None, kind: CellKind = CellKind.DECIMAL) -> str:
        """Write a number as in a cell of that kind."""
        return written_cell(ReportCell(value, kind), self.locale, self.programme.currency)

    def share(self, share: Share) -> str:
        """Write a share in per cent; of too few cases how many of how many."""
        if share.rate is not None:
            return share_in_words(share.rate, self.locale)
        return f"{share.count} / {share.of}" if share.of else NOTHING

    def amount(self, money: Money) -> Decimal | None:
        """Give the amount in the currency of the programme; None where there is none."""
        return money.get(self.programme.currency)

    def written_money(self, money: Money) -> str:
        """Write amounts in all their currencies; a dash where there are none."""
        written = [
            self.locale.money(str(amount.quantize(Decimal(1))), currency)
            for currency, amount in sorted(money.items())
        ]
        return " + ".join(written) or NOTHING

    # ── columns and cells ─────────────────────────────────────────────────────────────────────────

    def columns(self, *columns: tuple[str, CellKind] | str) -> tuple[ReportColumn, ...]:
        """Make columns of their names, each with the kind of its values: words, if none is said."""
        made = []
        for each in columns:
            name, kind = (each, CellKind.TEXT) if isinstance(each, str) else each
            made.append(ReportColumn(self.translate(f"column.{name}"), kind))
        return tuple(made)

    def definitions(self, *terms: tuple[str, str]) -> tuple[tuple[str, str], ...]:
        """Give the definitions of terms: the key of the term's own words, and its definition's."""
        return tuple(
            (self.translate(term), self.translate(f"definition.{name}")) for term, name in terms
        )

    def funnel_rows(self, funnel: Sequence[FunnelStep]) -> tuple[tuple[Any, ...], ...]:
        """Give a row for each step: its name, its leads, and its share of the step before."""
        rows = []
        before = 0
        for step in funnel:
            went_on = Share(step.leads, before).rate if before else None
            rows.append((self.translate(f"stage.{step.stage}"), step.leads, went_on))
            before = step.leads
        return tuple(rows)


def half_of(typical: Typical) -> ReportCell:
    """Give the hours that half of the cases take at most."""
    return ReportCell(typical.median, CellKind.HOURS)


def nine_in_ten(typical: Typical) -> ReportCell:
    """Give the hours that nine in ten cases take at most."""
    return ReportCell(typical.p90, CellKind.HOURS)
