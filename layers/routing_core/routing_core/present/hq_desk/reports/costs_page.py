"""The page of campaign costs: what is kept, where a list is uploaded, and what it would do."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from routing_core.domain.campaign_cost import CampaignCost
from routing_core.domain.errors import Problem
from routing_core.formats.sheet_file import LARGEST_FILE
from routing_core.present.explain.who_at_hq import who_at_hq
from routing_core.present.hq_desk.frame import DeskFrame, desk_locale, render_desk
from routing_core.present.hq_desk.reports.report_list import REPORTS_URL
from routing_core.present.locale_context import LocaleContext
from routing_core.present.problems import problem_sentence
from routing_core.service.reports.campaign_costs import CostChange, CostsView

COSTS_URL = f"{REPORTS_URL}/costs"
"""The address of the page."""
MOST_COSTS_SHOWN = 300
"""Rows of a table that the page shows; of more it says how many there are."""
_PLACE = re.compile(r"row (?P<row>\d+)(?:, (?P<column>.+))?")


@dataclass(frozen=True, slots=True)
class CostLine:
    """A cost, or one that would be another one."""

    month: str
    campaign: str
    """Names the source, and the campaign where it is one."""
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class WrongCost:
    """Something wrong with a list, and where."""

    row: str
    """The number of the row as the spreadsheet shows it; empty for the whole file."""
    column: str
    sentence: str


def costs_page(view: CostsView, notice: str = "") -> str:
    """Draw the page; ``notice`` is what a button has just done."""
    locale = desk_locale(view.programme, view.visitor, view.now)
    title = locale.translate("reports.costs.title")
    scripts = ("file_size.js",)
    frame = DeskFrame(
        "costs.html", title, "reports", view.visitor, view.programme, locale, scripts, wide=True
    )
    changes = view.plan.changes if view.plan else ()
    kept = sorted(view.known.costs, key=lambda each: each.month, reverse=True)
    return render_desk(
        frame,
        view=view,
        url=COSTS_URL,
        largest_file=LARGEST_FILE,
        back=REPORTS_URL,
        notice=notice,
        wrong=[_wrong(each, locale) for each in view.problems],
        changes=[_change(each, locale) for each in changes[:MOST_COSTS_SHOWN]],
        changes_more=max(len(changes) - MOST_COSTS_SHOWN, 0),
        months=_months(view, locale),
        kept=_kept(kept[:MOST_COSTS_SHOWN], locale),
        kept_more=max(len(kept) - MOST_COSTS_SHOWN, 0),
        saved=_saved(view, locale),
    )


def _months(view: CostsView, locale: LocaleContext) -> str:
    months: Sequence[str] = ()
    if view.plan:
        months = [locale.month(month) for month in view.plan.months]
    return ", ".join(months)


def _saved(view: CostsView, locale: LocaleContext) -> str:
    if view.known.saved_at is None:
        return ""
    who = who_at_hq(view.known.by, locale, view.programme)
    return f"{locale.when(view.known.saved_at)}, {who or view.known.by}"


def _kept(costs: Iterable[CampaignCost], locale: LocaleContext) -> list[CostLine]:
    return [
        CostLine(
            locale.month(each.month),
            _name(each.source, each.campaign),
            "",
            locale.money(str(each.amount), each.currency),
        )
        for each in costs
    ]


def _change(each: CostChange, locale: LocaleContext) -> CostLine:
    return CostLine(
        locale.month(each.month),
        _name(each.source, each.campaign),
        _amount(each.before, each.currency, locale),
        _amount(each.after, each.currency, locale),
    )


def _name(source: str, campaign: str) -> str:
    return f"{source} · {campaign}" if campaign else source


def _amount(amount: Decimal | None, currency: str, locale: LocaleContext) -> str:
    return "" if amount is None else locale.money(str(amount), currency)


def _wrong(problem: Problem, locale: LocaleContext) -> WrongCost:
    found = _PLACE.fullmatch(problem.field)
    column = (found["column"] or "") if found else ""
    named = locale.catalog.find(f"reports.costs.column.{column}") or column
    said = locale.catalog.find(f"reports.costs.wrong.{problem.code}")
    return WrongCost(
        row=found["row"] if found else "",
        column=named,
        sentence=said or problem_sentence(problem, locale.catalog),
    )
