"""Enquiries of the past as a spreadsheet gives them: one row each, to be played again.

    received_at;country;postcode;product;urgency;language;house;phone;partner;outcome;value
    2026-01-07 09:14;DE;80331;heat-pump;soon;de;detached;valid;isar-haustechnik;won;21500

Dates without an offset are on the programme's clock, and may be written as in the US or in Germany.
``country`` and ``language`` may be left out where they are the programme's own. Other columns are
answers to the forms' questions, by the question's id, read as the form reads them; and ``phone``,
``email`` and ``message`` in the words of points (valid, business, present), never as they were
given. What only one of several programmes knows may stand in it too.

What became of it may stand there as well: ``partner`` (who had it, by id or name), ``outcome``
(won, lost), ``value``, ``accepted_at`` and ``closed_at``. Columns that are none of these are
ignored, and named; a row that cannot be read is skipped, and named.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from routing_core.domain.checks.qualification_checks import POINT_VALUES
from routing_core.domain.enquiry.answers import read_answer
from routing_core.domain.enquiry.qualify import facts_of
from routing_core.domain.errors import InvalidInput, Problem, first_problems
from routing_core.domain.lead import Lead, LeadStatus
from routing_core.domain.outcome import Outcome, read_won
from routing_core.domain.programme.forms import Question
from routing_core.domain.programme.programme import Programme
from routing_core.domain.territory import postcodes
from routing_core.domain.values.amounts import read_amount
from routing_core.domain.values.clean import one_line
from routing_core.domain.values.instants import month_comes_first, read_instant
from routing_core.domain.values.spelled import meant, spellings
from routing_core.formats.sheet import Columns, SheetRow, Table, plain_names

LARGEST_HISTORY = 50_000_000
"""A file has at most so many characters."""
ALSO_CALLED: Mapping[str, str] = {
    **dict.fromkeys(("zip", "zip_code", "postal_code", "plz"), "postcode"),
    **dict.fromkeys(("received", "created_at", "created", "date"), "received_at"),
}
"""What other systems call the columns that are needed.

It counts where the file has none of our name.
"""
OUTCOME_COLUMNS = ("partner", "outcome", "value", "accepted_at", "closed_at")
_NEEDED = ("received_at", "postcode", "product", "urgency")
_OF_THE_LEAD = (*_NEEDED, "country", "language")
_READ_WHEN_EMPTY = frozenset({"received_at", "product", "urgency", "country", "language"})
"""Columns that every enquiry has.

If nothing stands there, the usual counts or something is wrong.
"""
_DATES = ("received_at", "accepted_at", "closed_at")

CellReader = Callable[[str], Any]
"""Gives what a cell says; raises ValueError saying what would be right."""


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One enquiry of the past, as it came."""

    lead: Lead
    facts: Mapping[str, str]
    """What points look at; empty where the file has a column for it and nothing stands there."""
    outcome: Outcome | None = None


@dataclass(frozen=True, slots=True)
class History:
    """What a file says of the past, and what of it could not be read."""

    rows: tuple[HistoryRow, ...]
    skipped: int = 0
    """So many rows could not be read."""
    problems: tuple[Problem, ...] = ()
    """Why: of very many the first ``MOST_TOLD``."""
    ignored: tuple[str, ...] = ()
    """Columns that say nothing here."""


class _HistoryColumns(Columns):
    """The columns of a file of enquiries, also by what other systems call them."""

    def names(self, cells: Sequence[str]) -> list[str]:
        """Give the columns by our names.

        A question of the forms may be called as they call ours.
        """
        written = plain_names(cells)
        names = []
        for name in written:
            ours = ALSO_CALLED.get(name, name)
            is_ours_already = name in self.known or ours in written
            names.append(name if is_ours_already else ours)
        return names


def read_history_csv(
    text: str, *programmes: Programme, partners: Mapping[str, str] | None = None
) -> History:
    """Read a file of enquiries; the first programme is the one in force. ``partners``: id → name.

    Raises InvalidInput with the row and column of what is wrong where nothing at all can be played.
    """
    reader = _HistoryReader(programmes, partners or {})
    table = Table(text, _HistoryColumns(reader.columns, _NEEDED), LARGEST_HISTORY)
    rows = list(table)
    if table.problems:
        raise InvalidInput(table.problems)
    reader.look_at(table.names, rows)
    read: list[HistoryRow] = []
    problems: list[Problem] = []
    for row in rows:
        try:
            read.append(reader.read(row))
        except InvalidInput as error:
            problems += error.problems
    if not problems and not read:
        message = "contains no enquiries: start with the header, then one enquiry per row"
        problems.append(Problem("file", "empty", message))
    told = first_problems(problems)
    if not read:
        raise InvalidInput(told)
    ignored = tuple(name for name in table.names if name not in reader.columns)
    return History(tuple(read), len(rows) - len(read), tuple(told), ignored)


class _HistoryReader:
    """Reads rows with a reader for each column, as the programmes and the whole file have it."""

    def __init__(self, programmes: Sequence[Programme], partners: Mapping[str, str]):
        self.programme = programmes[0]
        self.month_first = False
        self.header: frozenset[str] = frozenset()
        # Who has another's name as their id is meant by it: ids win.
        self.partners = {name.casefold(): partner for partner, name in partners.items()}
        self.partners |= {partner.casefold(): partner for partner in partners}
        self.questions = _questions(programmes)
        self.readers = self._readers(programmes)
        self.columns = frozenset((*_OF_THE_LEAD, *OUTCOME_COLUMNS, *self.readers))

    def _readers(self, programmes: Sequence[Programme]) -> dict[str, CellReader]:
        """Give the reader of each column; ours win over a question of the same name."""
        readers: dict[str, CellReader] = {}
        for name, questions in self.questions.items():
            readers[name] = partial(_answer, questions)
        for name, words in POINT_VALUES.items():
            readers[name] = partial(_one_of, words)
        products: dict[str, list[str]] = {}
        urgencies: dict[str, list[str]] = {}
        languages: list[str] = []
        for programme in programmes:
            languages += programme.languages
            for product in programme.products:
                products.setdefault(product.id, []).extend(product.name.values())
            for urgency in programme.urgencies:
                urgencies.setdefault(urgency.id, []).extend(urgency.name.values())
        readers["received_at"] = self._instant
        readers["country"] = partial(_country, self.programme.country)
        readers["product"] = partial(_id_or_name, products, spellings(products))
        readers["urgency"] = partial(_id_or_name, urgencies, spellings(urgencies))
        readers["language"] = partial(_language, languages)
        return readers

    def look_at(self, names: Iterable[str], rows: Iterable[SheetRow]) -> None:
        """Take from the whole file which columns it has, and how it writes dates."""
        self.header = frozenset(names)
        dates = []
        for row in rows:
            dates += [one_line(row.cells.get(name, "")) for name in _DATES]
        self.month_first = month_comes_first(dates, self.programme.country)

    def read(self, row: SheetRow) -> HistoryRow:
        """Give the enquiry of a row; raises InvalidInput with everything that is wrong with it."""
        if row.overfull:
            raise InvalidInput([row.problem("", "not_readable", row.overfull)])
        cells = {name: one_line(cell) for name, cell in row.cells.items()}
        said = self._said(row, cells)
        lead = Lead(
            id=f"row-{row.number}",
            form=self.programme.forms[0].id,
            status=LeadStatus.OFFERED,
            version=1,
            payload_hash="",
            answers={name: said[name] for name in self.questions if said.get(name)},
            **{name: said[name] for name in _OF_THE_LEAD},
        )
        return HistoryRow(lead, self._facts(lead, said), self._outcome(cells))

    def _said(self, row: SheetRow, cells: Mapping[str, str]) -> dict[str, Any]:
        """Give what each column says that is filled or always read, or raise InvalidInput."""
        said: dict[str, Any] = {}
        problems: list[Problem] = []
        for name, read in self.readers.items():
            cell = cells.get(name, "")
            if cell or name in _READ_WHEN_EMPTY:
                try:
                    said[name] = read(cell)
                except ValueError as error:
                    problems.append(row.problem(name, "invalid", str(error)))
        # A postcode makes no sense without its country.
        if "country" in said:
            try:
                said["postcode"] = _postcode(said["country"], cells.get("postcode", ""))
            except ValueError as error:
                problems.append(row.problem("postcode", "invalid", str(error)))
        if problems:
            raise InvalidInput(problems)
        return said

    def _facts(self, lead: Lead, said: Mapping[str, Any]) -> dict[str, str]:
        """Give what points look at; a column with no answer is a question asked and left open."""
        facts = {name: "" for name in self.questions if name in self.header}
        facts |= facts_of(lead)
        return facts | {name: said[name] for name in POINT_VALUES if name in said}

    def _outcome(self, cells: Mapping[str, str]) -> Outcome | None:
        """Give what became of it.

        What cannot be read of it is left out: the enquiry is played all the same. A question of
        that name is no outcome.
        """
        said = {}
        for name in OUTCOME_COLUMNS:
            if cells.get(name) and name not in self.questions:
                said[name] = cells[name]
        if not said:
            return None
        amount = read_amount(said.get("value", ""))
        return Outcome(
            partner=self.partners.get(said.get("partner", "").casefold(), ""),
            won=read_won(said.get("outcome", "")),
            value=None if amount is None else float(amount),
            accepted_at=self._instant_or_none(said.get("accepted_at", "")),
            ended_at=self._instant_or_none(said.get("closed_at", "")),
        )

    def _instant(self, cell: str) -> datetime:
        return read_instant(cell, self.programme.zone, self.month_first)

    def _instant_or_none(self, cell: str) -> datetime | None:
        try:
            return self._instant(cell)
        except ValueError:
            return None


def _questions(programmes: Iterable[Programme]) -> dict[str, list[Question]]:
    """Give the questions of all forms by id; those that several ask may differ."""
    found: dict[str, list[Question]] = {}
    for programme in programmes:
        for form in programme.forms:
            for question in form.questions:
                found.setdefault(question.id, []).append(question)
    return found


# ── cells ─────────────────────────────────────────────────────────────────────────────────────────


def _country(usual: str, cell: str) -> str:
    code = cell.upper() or usual
    if not postcodes.is_country(code):
        raise ValueError(f"{cell[:40]!r} is not a country: use one like DE, AT or US")
    return code


def _postcode(country: str, cell: str) -> str:
    try:
        return postcodes.understood(country, cell)
    except postcodes.NoPostcode as error:
        raise ValueError(f"{cell[:40]!r} {error}") from error


def _language(known: Sequence[str], cell: str) -> str:
    """Give ``en`` for ``en-US``.

    An empty cell means the first language of the programme in force.
    """
    return _one_of(known, re.split("[-_]", cell)[0].lower() or known[0])


def _id_or_name(known: Mapping[str, Iterable[str]], spelled: Mapping[str, str], cell: str) -> str:
    """Give the id of a product or urgency; the cell has the id, or what people read for it."""
    return _one_of(list(known), meant(cell, spelled))


def _one_of(known: Sequence[str], cell: str) -> str:
    if cell not in known:
        wrong = f"{cell[:40]!r} is not one of" if cell else "is required: one of"
        raise ValueError(f"{wrong} {', '.join(dict.fromkeys(known))}")
    return cell


def _answer(questions: Sequence[Question], cell: str) -> str:
    """Give the answer as the first of these questions reads it that can.

    Each programme has its own.
    """
    refused = ""
    for question in questions:
        try:
            return read_answer(question, cell)
        except InvalidInput as error:
            refused = refused or error.problems[0].message
    raise ValueError(refused)
