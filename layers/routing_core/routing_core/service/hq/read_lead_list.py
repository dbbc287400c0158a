"""Read a list of leads by its columns: what each row says, and every cell that is wrong.

A row is read as an enquiry that is entered on behalf (``enter_lead``); what it does not say, the
settings of the list say for it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property

from routing_core.domain.errors import InvalidInput, Problem, first_problems
from routing_core.domain.lead_list import (
    LIST_SCOPE,
    LeadList,
    ListMode,
    RowOutcome,
    SheetFile,
    WaitingRow,
    waiting_row_key,
)
from routing_core.domain.on_behalf import OnBehalf
from routing_core.domain.values.instants import month_comes_first
from routing_core.formats.cell_formats import says_yes
from routing_core.formats.lead_columns import SEVERAL_COLUMNS
from routing_core.service.hq.enter_lead import LeadEntry, read_lead_entry
from routing_core.service.hq.past_leads import read_past_lead
from routing_core.service.intake.submit_lead import lead_id
from routing_core.service.kernel.services import Services

MOST_WRONG_CELLS = 100
"""Wrong cells that are told; whoever mends them sees the next ones."""
DATE_FIELDS = ("asked_at", "consent_at", "accepted_at", "closed_at")
NAME_PARTS = ("first_name", "last_name")
"""Fields of a list that together are the name."""


@dataclass(frozen=True, slots=True)
class WrongCell:
    """A cell that is wrong."""

    row: int
    """The number of the row, as a spreadsheet shows it."""
    field: str
    """The field of ours that it was read as."""
    column: int
    """The place of its column in the list, from 0."""
    cell: str
    """What stands there."""
    problem: Problem


@dataclass(slots=True)
class MissingField:
    """A field that rows lack, and for which the list has no column in which to mend it."""

    name: str
    """The field of ours."""
    problem: Problem
    rows: list[int] = field(default_factory=list)
    """The numbers of the rows."""


@dataclass(slots=True)
class ListCheck:
    """What a list would do."""

    rows: int = 0
    leads: list[WaitingRow] = field(default_factory=list)
    """The rows that can become leads, each once."""
    twice: int = 0
    """Counts the rows that say the same as one above."""
    wrong: list[WrongCell] = field(default_factory=list)
    """The first ``MOST_WRONG_CELLS`` cells that are wrong."""
    wrong_cells: int = 0
    missing: dict[tuple[str, str], MissingField] = field(default_factory=dict)
    """Field and code → what rows lack without there being a column for it."""
    wrong_rows: int = 0
    general: list[Problem] = field(default_factory=list)
    """What is wrong with the list as a whole."""

    @property
    def is_right(self) -> bool:
        """Tell whether nothing is wrong with it."""
        return not self.wrong_rows and not self.general

    def need_right(self) -> None:
        """Raise InvalidInput that names row and column of what is wrong, if anything is."""
        if not self.is_right:
            missing = map(_with_rows, self.missing.values())
            cells = map(_with_place, self.wrong)
            raise InvalidInput(first_problems([*self.general, *missing, *cells]))


ROWS_NAMED = 3
"""Rows that a problem of many of them names."""


def _with_rows(missing: MissingField) -> Problem:
    rows = ", ".join(map(str, missing.rows[:ROWS_NAMED]))
    more = len(missing.rows) - ROWS_NAMED
    if more > 0:
        rows = f"{rows} and {more:,} more"
    place = f"row{'s' if len(missing.rows) > 1 else ''} {rows}, {missing.name}"
    return replace(missing.problem, field=place)


def _with_place(wrong: WrongCell) -> Problem:
    problem = wrong.problem
    cell = f" (there is {wrong.cell[:60]!r})" if wrong.cell else ""
    place = f"row {wrong.row}, {wrong.field}"
    return Problem(place, problem.code, f"{problem.message}{cell}", problem.hints)


def list_lead_id(key: str) -> str:
    """Give the id of the lead that a row makes."""
    return lead_id("", key, LIST_SCOPE)


def check_list(
    services: Services, imported: LeadList, sheet: SheetFile, now: datetime
) -> ListCheck:
    """Read every row of a list, as its columns and settings say."""
    check = ListCheck(rows=len(sheet.rows), general=_general_problems(services, imported))
    if check.general:
        return check
    reader = ListReader(services, imported, sheet, now)
    seen: dict[str, tuple[int, Mapping[str, str]]] = {}
    for number, cells in sheet.rows:
        lead = reader.lead_of(number, cells)
        before = seen.setdefault(lead.key, (number, lead.fields))
        if before[0] != number:
            _note_twice(check, reader, lead, cells, before)
            continue
        try:
            reader.read(lead)
        except InvalidInput as error:
            _note_wrong(check, reader, (number, cells), error.problems)
        else:
            check.leads.append(lead)
    return check


def _note_twice(
    check: ListCheck,
    reader: "ListReader",
    lead: WaitingRow,
    cells: Sequence[str],
    before: tuple[int, Mapping[str, str]],
) -> None:
    """Count a row that stands there twice; two that differ cannot have one id."""
    first, fields = before
    if fields == lead.fields:
        check.twice += 1
        return
    problem = Problem("id", "id_twice", f"is the id of row {first} too", (("row", str(first)),))
    _note_wrong(check, reader, (lead.row, cells), [problem])


def _note_wrong(
    check: ListCheck, reader: "ListReader", row: tuple[int, Sequence[str]], found: Sequence[Problem]
) -> None:
    """Note what is wrong with a row: at its cell, or as a field that the list has no column for."""
    check.wrong_rows += 1
    number, cells = row
    for problem in found:
        place = reader.place_of(problem.field)
        if place is None:
            lacks = MissingField(problem.field, problem)
            check.missing.setdefault((problem.field, problem.code), lacks).rows.append(number)
            continue
        check.wrong_cells += 1
        if len(check.wrong) < MOST_WRONG_CELLS:
            check.wrong.append(WrongCell(number, problem.field, place, cells[place], problem))


def _general_problems(services: Services, imported: LeadList) -> list[Problem]:
    """Tell what is wrong with the list as a whole: its name, its form, two columns of one field."""
    problems: list[Problem] = []
    settings = imported.settings
    if not settings.name:
        problems.append(Problem("name", "required", "is required"))
    if services.programme.form(settings.form) is None:
        problems.append(Problem("form", "unknown_option", "is not one of the forms"))
    for column in dict.fromkeys(imported.columns):
        is_one = column not in SEVERAL_COLUMNS and column
        if is_one and imported.columns.count(column) > 1:
            message = f"is said of {imported.columns.count(column)} columns"
            problems.append(Problem(column, "two_columns", message))
    return problems


@dataclass(frozen=True)
class ListReader:
    """Reads the rows of one list."""

    services: Services
    imported: LeadList
    sheet: SheetFile
    now: datetime

    @cached_property
    def month_first(self) -> bool:
        """Tell whether the list writes 1/7 for the seventh of January."""
        places = [place for place, name in enumerate(self.imported.columns) if name in DATE_FIELDS]
        dates: list[str] = []
        for _, cells in self.sheet.rows:
            dates += [cells[place] for place in places]
        return month_comes_first(dates, self.services.programme.country)

    @cached_property
    def _assumed(self) -> dict[str, str]:
        """Give what the list says for rows that do not say it."""
        settings = self.imported.settings
        return {
            "product": settings.product,
            "urgency": settings.urgency,
            "language": settings.language,
            "country": self.services.programme.country,
            "campaign": settings.campaign,
            "source": settings.source,
            "way": settings.way.value,
            "consent_way": settings.consent_way.value,
            "consent_by": settings.consent_by,
            "consent_at": settings.consent_at,
        }

    def lead_of(self, number: int, cells: Sequence[str]) -> WaitingRow:
        """Give the fields of a row, with what the list says for it, and its submission key."""
        fields = _fields(self.imported.columns, cells)
        own_id = fields.pop("id", "")
        key = waiting_row_key(self.imported.settings.name, own_id, cells)
        return WaitingRow(number, key, self._completed(fields))

    def _completed(self, fields: dict[str, str]) -> dict[str, str]:
        parts = [fields.pop(part, "") for part in NAME_PARTS]
        name = " ".join(filter(None, parts))
        if name and not fields.get("name"):
            fields["name"] = name
        settings = self.imported.settings
        agreed = "consent" not in self.imported.columns and settings.all_agreed
        if agreed or says_yes(fields.get("consent", "")):
            fields["consent"] = "yes"
        for name, said in self._assumed.items():
            if said and not fields.get(name):
                fields[name] = said
        fields["month_first"] = "yes" if self.month_first else ""
        return {name: said for name, said in fields.items() if said}

    def read(self, lead: WaitingRow) -> None:
        """Read a row as it will be read at its turn; raises InvalidInput."""
        if self.imported.settings.mode is ListMode.PAST:
            read_past_lead(self.services, self.imported, lead, self.now)
            return
        read_lead_entry(self.services, entry_of_row(self.imported, lead), self.now)

    def place_of(self, name: str) -> int | None:
        """Give the place of a field's column, from 0; None where the list has none."""
        columns = self.imported.columns
        for candidate in (name, *(NAME_PARTS if name == "name" else ())):
            if candidate in columns:
                return columns.index(candidate)
        return None


def _fields(columns: Sequence[str], cells: Sequence[str]) -> dict[str, str]:
    """Give the cells by their fields; those of a field with several columns are put together."""
    fields: dict[str, str] = {}
    for column, cell in zip(columns, cells, strict=True):
        if not column or not cell:
            continue
        if column in fields:
            separator = "\n" if column == "message" else " "
            cell = f"{fields[column]}{separator}{cell}"
        fields[column] = cell
    return fields


def entry_of_row(imported: LeadList, lead: WaitingRow) -> LeadEntry:
    """Give a row as it is entered for its sender."""
    fields = dict(lead.fields)
    month_first = bool(fields.pop("month_first", ""))
    return LeadEntry(
        form=imported.settings.form,
        key=lead.key,
        fields=fields,
        assumed=OnBehalf(imported.by, list_row=f"{imported.id}/{lead.row}"),
        regions=imported.regions,
        scope=LIST_SCOPE,
        month_first=month_first,
    )


def counted(counts: Mapping[str, int], **more: int) -> dict[str, int]:
    """Give the counts of an import, each outcome with a number."""
    every = {outcome.value: counts.get(outcome.value, 0) for outcome in RowOutcome}
    return {outcome: count + more.get(outcome, 0) for outcome, count in every.items()}


def mended(sheet: SheetFile, cells: Mapping[tuple[int, int], str]) -> SheetFile:
    """Give the list with some cells mended, by row and column; others are not there."""
    rows = []
    for number, written in sheet.rows:
        told = [cells.get((number, place), cell) for place, cell in enumerate(written)]
        rows.append((number, tuple(told)))
    return replace(sheet, rows=tuple(rows))
