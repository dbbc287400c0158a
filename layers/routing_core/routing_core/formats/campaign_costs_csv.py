"""What campaigns cost, from a spreadsheet or a program: errors are named by their place.

    month;source;campaign;cost;currency
    2026-10;google;brand;1.250,00;EUR
    2026-10;fair;;4800;

``campaign`` may be empty: the source as a whole. ``currency`` may be left out: the programme's.
Columns may come in any order and have German names; others may stand beside them. Of several rows
for the same month and campaign the costs are added up.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from routing_core.domain.campaign_cost import CampaignCost
from routing_core.domain.errors import MOST_TOLD, Problem, first_problems
from routing_core.domain.values.amounts import read_amount
from routing_core.domain.values.clean import one_line
from routing_core.formats.sheet import (
    LONGEST_SHOWN,
    Columns,
    SheetRow,
    Table,
    harmless,
    plain_names,
    without_quote,
    written_table,
)

LARGEST_COSTS = 1_000_000
"""A list of costs has at most so many characters."""
LONGEST_CAMPAIGN = 200
"""A campaign's name has at most so many characters, as the tags of addresses have."""
LARGEST_NUMBER = 10**12
"""A program's number from here on is no amount."""
_OTHER_NAMES = {
    "monat": "month",
    "quelle": "source",
    "utm_source": "source",
    "kampagne": "campaign",
    "utm_campaign": "campaign",
    "kosten": "cost",
    "costs": "cost",
    "waehrung": "currency",
    "währung": "currency",
}
_MONTH = re.compile(r"(?P<year>20[0-9]{2})-(?P<month>0[1-9]|1[0-2])(?:-[0-9]{2})?")
_MONTH_FIRST = re.compile(r"(?P<month>0?[1-9]|1[0-2])[./](?P<year>20[0-9]{2})")
_CURRENCY = re.compile(r"[A-Z]{3}")


@dataclass(frozen=True, slots=True)
class CostsFile:
    """What a list of costs says, and what is wrong with it."""

    costs: tuple[CampaignCost, ...]
    """One for each month, campaign and currency; none if anything is wrong."""
    problems: tuple[Problem, ...]


class _CostColumns(Columns):
    """The columns of a list of costs, also by their German names."""

    def names(self, cells: Sequence[str]) -> list[str]:
        """Give the columns of a header by our names."""
        return [_OTHER_NAMES.get(name, name) for name in plain_names(cells)]


_COLUMNS = _CostColumns(
    known=("month", "source", "campaign", "cost", "currency"),
    needed=("month", "source", "cost"),
    how_to_separate="with decimal commas, separate by semicolons",
)


def read_campaign_costs(text: str, currency: str) -> CostsFile:
    """Read a list of costs; never raises for what the file says, all of it is in ``problems``."""
    table = Table(text, _COLUMNS, LARGEST_COSTS)
    costs = _Costs(currency)
    for row in table:
        costs.read(row)
        if len(costs.problems) > MOST_TOLD:
            break
    problems = [*first_problems(costs.problems), *table.problems]
    if not problems and not costs.sums:
        message = "contains no costs: start with the header, then one campaign and month per row"
        problems.append(Problem("file", "empty", message))
    if problems:
        return CostsFile((), tuple(problems))
    return CostsFile(tuple(costs.added_up()), ())


def read_cost_documents(documents: Sequence[Any], currency: str) -> CostsFile:
    """Read the costs that a program sends, with the same checks; never raises for what they say."""
    costs = _Costs(currency)
    for number, document in enumerate(documents):
        costs.read(_document_row(number, document))
        if len(costs.problems) > MOST_TOLD:
            break
    problems = first_problems(costs.problems)
    if not documents:
        message = "names at least one campaign and month"
        problems.append(Problem("costs", "empty", message))
    if problems:
        return CostsFile((), tuple(problems))
    return CostsFile(tuple(costs.added_up()), ())


class _DocumentRow(SheetRow):
    """A cost as a program sends it; its place is a path."""

    __slots__ = ()

    def problem(self, column: str, code: str, message: str) -> Problem:
        """Give a problem that names its place: ``costs[0].month``."""
        place = f"costs[{self.number}]"
        return Problem(f"{place}.{column}" if column else place, code, message)


def _document_row(number: int, document: Any) -> SheetRow:
    if not isinstance(document, Mapping):
        return _DocumentRow(number, {}, "is an object with month, source and cost")
    for name, value in document.items():
        if not _COLUMNS.is_known(name):
            return _DocumentRow(number, {}, f"has no field {str(name)[:LONGEST_SHOWN]!r}")
        if not isinstance(value, _kinds(name)):
            return _DocumentRow(number, {}, f"has a {name} of the wrong kind: write it as text")
    return _DocumentRow(number, {name: _cell(value) for name, value in document.items()})


def _kinds(name: str) -> tuple[type, ...]:
    return (str, int, float) if name == "cost" else (str, type(None))


def _cell(value: Any) -> str:
    """Give a value as a cell has it: a number with two digits, so that none reads as thousands."""
    if isinstance(value, str) or value is None:
        return value or ""
    is_amount = not isinstance(value, bool) and abs(value) < LARGEST_NUMBER
    return f"{value:.2f}" if is_amount else ""


def written_campaign_costs(costs: Iterable[CampaignCost]) -> str:
    """Write a list of costs that ``read_campaign_costs`` reads again unchanged."""
    header = ("month", "source", "campaign", "cost", "currency")
    lines = [
        (
            f"{each.month:%Y-%m}",
            harmless(each.source),
            harmless(each.campaign),
            str(each.amount),
            each.currency,
        )
        for each in costs
    ]
    return written_table([header, *lines])


def _plain(cell: str) -> str:
    return without_quote(one_line(cell))[:LONGEST_CAMPAIGN]


_Key = tuple[date, str, str, str]
"""Month, source, campaign and currency."""


@dataclass(slots=True)
class _Costs:
    """Takes one row after another, and adds up what is of the same campaign and month."""

    currency: str
    sums: dict[_Key, Decimal] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def read(self, row: SheetRow) -> None:
        """Take a row, or note everything that is wrong with it."""
        if row.overfull:
            self.problems.append(row.problem("", "not_readable", row.overfull))
            return
        cells = {name: _plain(cell) for name, cell in row.cells.items()}
        month = self._month(row, cells.get("month", ""))
        amount = self._amount(row, cells.get("cost", ""))
        currency = self._currency(row, cells.get("currency", ""))
        source = cells.get("source", "")
        if not source:
            self.problems.append(row.problem("source", "required", "name the source"))
        elif month and amount is not None and currency:
            key = (month, source, cells.get("campaign", ""), currency)
            self.sums[key] = self.sums.get(key, Decimal(0)) + amount

    def added_up(self) -> list[CampaignCost]:
        """Give the costs, by month and name."""
        return [
            CampaignCost(source, campaign, month, amount, currency)
            for (month, source, campaign, currency), amount in sorted(self.sums.items())
        ]

    def _month(self, row: SheetRow, cell: str) -> date | None:
        found = _MONTH.fullmatch(cell) or _MONTH_FIRST.fullmatch(cell)
        if not found:
            message = f"{cell[:20]!r} is not a month: use the form 2026-10"
            self.problems.append(row.problem("month", "invalid_date", message))
            return None
        return date(int(found["year"]), int(found["month"]), 1)

    def _amount(self, row: SheetRow, cell: str) -> Decimal | None:
        amount = read_amount(cell)
        if amount is None:
            message = f"{cell[:20]!r} is not an amount: write a number such as 1250.00"
            self.problems.append(row.problem("cost", "invalid_number", message))
        return amount

    def _currency(self, row: SheetRow, cell: str) -> str:
        currency = cell.upper() or self.currency
        if not _CURRENCY.fullmatch(currency):
            message = f"{cell[:20]!r} is not a currency: write three letters such as EUR"
            self.problems.append(row.problem("currency", "invalid", message))
            return ""
        return currency
