"""Partners from a spreadsheet: every row checked, every error named by its row and column.

Lists stand in one cell, separated by ``|``, by lines, or by commas or semicolons. Columns may come
in any order, separated by semicolons, commas or tabs, and go by their own names or by those that
people give them (``partner_columns``). What many rows share is told once.

Columns that we do not have are left out and named, for vendors' lists have many of their own. Only
one whose name is nearly that of ours stops the list: a misspelt column would be lost in silence, in
each of its rows.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from routing_core.domain.errors import InvalidInput, Problem, first_problems
from routing_core.domain.programme.programme import Programme
from routing_core.domain.territory.lost_zeros import without_zeros
from routing_core.domain.territory.territory import Territory
from routing_core.domain.values.clean import one_line
from routing_core.domain.values.sentence import said_by, worded
from routing_core.domain.values.spelled import folded
from routing_core.formats.field_marks import Column
from routing_core.formats.partner_columns import (
    COLUMN_NAMES,
    COLUMNS,
    NEEDED_COLUMNS,
    OWN_SETTINGS,
    PATHS,
    SPELLED,
    VENDOR_NAMES,
    column_of,
)
from routing_core.formats.partner_document import read_partner
from routing_core.formats.row_problems import RowProblems
from routing_core.formats.sheet import (
    Columns,
    SheetRow,
    Table,
    nearest_column,
    plain_names,
    without_quote,
)
from routing_core.formats.territory_cells import NoCountry, territory_texts

LARGEST_LIST = 6_000_000
"""A list has at most so many characters."""
MOST_ROWS = 20_000


@dataclass(frozen=True, slots=True)
class PartnersFile:
    """What a list says, and what is wrong with it."""

    documents: tuple[tuple[int, dict[str, Any]], ...]
    """The rows without a problem, as ``read_partner`` reads them, with their numbers."""
    problems: tuple[Problem, ...]
    ignored: tuple[str, ...] = ()
    """Columns that were left out, as the file names them."""
    own: tuple[str, ...] = ()
    """Columns of the list for what a partner may set too.

    A row in which one is empty says nothing of it.
    """


@dataclass(frozen=True, slots=True)
class Assumed:
    """What whoever sends a list says of it beside the list."""

    country: str = ""
    """The country of territories which name none, where their row names none either."""
    zeros_are_right: bool = False
    """Tells that a list of a whole country is right to have nothing that begins with 0."""


NOTHING_ASSUMED = Assumed()


@dataclass(frozen=True, slots=True)
class Reading:
    """What a list is read with."""

    programme: Programme
    today: date
    assumed: Assumed = NOTHING_ASSUMED

    @property
    def form_countries(self) -> frozenset[str]:
        """Give the countries that the programme's forms ask in."""
        return frozenset().union(*(form.countries for form in self.programme.forms))


class _PartnerColumns(Columns):
    """The columns of a partners' list, also by the names that vendors give them."""

    def names(self, cells: Sequence[str]) -> list[str]:
        """Give the columns by our names.

        What vendors call a column is that column, unless the list has one of our name beside it.
        """
        spelled = [_our_spelling(name) for name in plain_names(cells)]
        names = []
        for name in spelled:
            ours = VENDOR_NAMES.get(name, name)
            names.append(name if ours in spelled else ours)
        return names

    def nearest(self, name: str, names: Sequence[str]) -> str:
        """Give the column of ours that the list lacks and that is spelled nearly so."""
        lacking = [
            each
            for each in (*COLUMN_NAMES, *VENDOR_NAMES)
            if VENDOR_NAMES.get(each, each) not in names
        ]
        return nearest_column(name, lacking)

    def problems(self, names: Sequence[str], written: Sequence[str]) -> Iterator[Problem]:
        """Tell the first of what is wrong with a header."""
        yield from first_problems(list(super().problems(names, written)))


def _our_spelling(name: str) -> str:
    return name if name in COLUMNS else SPELLED.get(folded(name), name)


def read_partners_csv(text: str, reading: Reading, *, most_rows: int = MOST_ROWS) -> PartnersFile:
    """Read a list; never raises for what the file says, all of it is in ``problems``."""
    table = Table(text, _PartnerColumns(COLUMNS, NEEDED_COLUMNS), LARGEST_LIST)
    rows = _PartnerRows(reading, table.names)
    for row in table:
        if len(rows.documents) >= most_rows:
            message = worded("rows.many", "is too many: at most {most} at once", most=most_rows)
            table.problems.append(row.problem("", "too_many_rows", message))
            break
        rows.read(row)
        if rows.problems.too_many:
            break
    problems = [*rows.problems.told(), *table.problems]
    if not problems and not rows.documents:
        english = "contains no partners: start with the header, then one partner per row"
        message = worded("rows.none", english)
        problems.append(Problem("file", "empty", message))
    if not reading.assumed.zeros_are_right:
        problems += zero_problems(rows.territories())
    own = tuple(name for name in OWN_SETTINGS if name in table.names)
    told = tuple(first_problems(problems))
    return PartnersFile(tuple(rows.documents), told, table.ignored, own)


_ZEROS_LOST = (
    "nothing in {country} begins with 0, but {count} entries are a digit short "
    "({shown}): a spreadsheet has taken the zeros away. Format the column as text and "
    "write {meant}; if it is right as it is, send it with ?zeros_are_right=true"
)


def zero_problems(territories: Iterable[str]) -> Iterator[Problem]:
    """Stop a list in which a whole country's leading zeros are missing."""
    for country, lost in without_zeros(map(Territory.parse, territories)).items():
        shown = ", ".join(f"{country} {value}*" for value in lost[:3])
        meant = ", ".join(f"0{value}" for value in lost[:3])
        yield Problem(
            "territories",
            "zeros_lost",
            worded(
                "rows.zeros",
                _ZEROS_LOST,
                country=country,
                count=f"{len(lost):,}",
                shown=shown,
                meant=meant,
            ),
        )


def read_partner_cells(
    cells: Mapping[str, str], reading: Reading
) -> tuple[dict[str, Any], tuple[Problem, ...]]:
    """Read one partner from its cells by column; problems stand at the column alone.

    The document is given as far as it could be read.
    """
    rows = _PartnerRows(reading, tuple(cells))
    row = SheetRow(1, cells)
    document = rows.document(row)
    told = [_at_column(problem) for problem in rows.problems.told()]
    return document, tuple(told)


def _at_column(problem: Problem) -> Problem:
    _, _, column = problem.field.partition(", ")
    return replace(problem, field=column)


# ── rows ──────────────────────────────────────────────────────────────────────────────────────────


@dataclass(slots=True)
class _PartnerRows:
    """Takes one row after another, and keeps the documents of those without a problem."""

    reading: Reading
    names: Sequence[str]
    """The columns that the list has."""
    documents: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    problems: RowProblems = field(default_factory=RowProblems)
    first_rows: dict[str, int] = field(default_factory=dict)
    """Partner, without its capitals → the first row in which it stands."""

    def read(self, row: SheetRow) -> None:
        """Read one row, or note everything that is wrong with it."""
        told_before = self.problems.count
        document: dict[str, Any] = {}
        if row.overfull:
            self.problems.add(row.number, "", "not_readable", row.overfull)
        else:
            document = self.document(row)
        self._once(row, document)
        if self.problems.count == told_before:
            self.documents.append((row.number, document))

    def territories(self) -> Iterator[str]:
        """Give all that the documents without a problem cover."""
        for _, document in self.documents:
            yield from document["territories"]

    def _once(self, row: SheetRow, document: Mapping[str, Any]) -> None:
        name = str(document.get("id", "")).casefold()
        if name and name in self.first_rows:
            first = self.first_rows[name]
            english = "{value!r} is already in row {row}: each partner once"
            message = worded("rows.twice", english, value=document["id"], row=first)
            self.problems.add(row.number, "id", "duplicate", message)
        self.first_rows.setdefault(name, row.number)

    def document(self, row: SheetRow) -> dict[str, Any]:
        """Give the document of a row, and note everything that is wrong with it."""
        document: dict[str, Any] = {}
        unread = self._read_cells(row, document) | self._read_territories(row, document)
        _mind_second_contact(document, self.names)
        try:
            # A backup may be named, and only whoever knows the network can tell by whose name.
            reading = self.reading
            read_partner({**document, "backup": ""}, reading.programme, reading.today)
        except InvalidInput as error:
            for problem in error.problems:
                column = column_of(problem.field)
                if column not in unread:  # what could not be read is told already
                    self.problems.add(row.number, column, problem.code, problem.message)
        return document

    def _read_cells(self, row: SheetRow, document: dict[str, Any]) -> set[str]:
        """Put each cell's value where it stands in the document.

        The columns whose cells make no sense are given.
        """
        unread = set()
        for name, raw in row.cells.items():
            column = COLUMNS.get(name)
            if column is None:
                continue
            cell = _cell(raw, column)
            if not cell and (column.empty_is_default or name in OWN_SETTINGS):
                continue
            try:
                _put(document, PATHS[name], column.cell.read(cell))
            except ValueError as error:
                self.problems.add(row.number, name, "invalid", said_by(error))
                unread.add(name)
        return unread

    def _read_territories(self, row: SheetRow, document: dict[str, Any]) -> set[str]:
        """Put the territories there, with the row's country for those that name none.

        The column is given if they make no sense.
        """
        country = document.get("country") or self.reading.assumed.country
        cell = row.cells.get("territories", "")
        try:
            document["territories"] = territory_texts(cell, country, self.reading.form_countries)
        except NoCountry as error:
            usual = self.reading.programme.country
            english = (
                "{why}; shall we read such rows as {country}? Then send the list with "
                "?country={country}, or with a column country"
            )
            question = worded("rows.country", english, why=said_by(error), country=usual)
            self.problems.add(row.number, "territories", "no_country", question)
            return {"territories"}
        return set()


def _cell(raw: str, column: Column) -> str:
    if column.cell.keeps_lines:
        return without_quote(raw.strip())
    return one_line(without_quote(raw))


def _mind_second_contact(document: dict[str, Any], names: Sequence[str]) -> None:
    """Take out a second contact without anything to it.

    Empty cells say that there is none; where the list has no such column, it says nothing of them.
    """
    if any(document.get("second_contact", {}).values()):
        return
    document.pop("second_contact", None)
    if "second_email" in names:
        document["second_contact"] = None


def _put(document: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    for name in path[:-1]:
        document = document.setdefault(name, {})
    document[path[-1]] = value
