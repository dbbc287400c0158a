"""Enquiries of the past as a spreadsheet gives them: one row each, to be played again.

    received_at;country;postcode;product;urgency;language;house;phone
    2026-01-07 09:14;DE;80331;heat-pump;soon;de;detached;valid

Dates without an offset are on the programme's clock. ``country`` and ``language`` may be left out where they are the
programme's own. Other columns are answers to the forms' questions, by the question's id, read as the form reads them;
and ``phone``, ``email`` and ``message`` in the words of points (valid, business, present), never as they were given.
What only one of several programmes knows may stand in it too.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from functools import partial
from typing import Any

from . import postcodes
from .answers import read_answer
from .clean import one_line
from .errors import InvalidInput, Problem
from .lead import Lead, LeadStatus
from .programme import Programme, Question
from .programme_checks import POINT_VALUES
from .qualify import facts_of
from .sheet import rows, unreadable

LARGEST = 50_000_000
"""Characters."""
MOST_TOLD = 100
"""Errors; a file with more is told that there are more."""
YEARS = range(2000, 2100)
NEEDED = ("received_at", "postcode", "product", "urgency")
NEVER_EMPTY = ("received_at", "product", "urgency", "country", "language")

Row = tuple[Lead, Mapping[str, str]]
"""A lead, and what points look at; empty where the file has a column for it and nothing stands there."""


def read_history_csv(text: str, *programmes: Programme) -> tuple[Row, ...]:
    """The first programme is the one in force. Raises InvalidInput with the row and column of what is wrong."""
    if problem := unreadable(text, LARGEST):
        raise InvalidInput([problem])
    reader = _Reader(programmes)
    header: list[str] | None = None
    problems: list[Problem] = []
    read: list[Row] = []
    for number, cells in rows(text):
        if isinstance(cells, Problem):
            problems.append(cells)
        elif header is None:
            header = [one_line(cell).lower() for cell in cells]
            while header and not header[-1]:
                header.pop()
            problems += reader.wrong_columns(header)
            if problems:
                break
        elif any(cell.strip() for cell in cells[len(header) :]):
            message = f"has {len(cells)} cells, the header {len(header)}: put cells with the separator in quotes"
            problems.append(Problem(f"row {number}", "not_readable", message))
        elif any(cell.strip() for cell in cells):
            named = dict.fromkeys(header, "") | dict(zip(header, map(one_line, cells), strict=False))
            try:
                read.append(reader.row(number, named))
            except InvalidInput as error:
                problems += error.problems
        if len(problems) > MOST_TOLD:
            problems[MOST_TOLD:] = [Problem("file", "too_many_errors", "has more errors: these are the first")]
            break
    if not problems and not read:
        problems.append(Problem("file", "empty", "holds no enquiry: the header, then one enquiry a row"))
    if problems:
        raise InvalidInput(problems)
    return tuple(read)


class _Reader:
    """What may stand in the file: a reader for each column, which raises ValueError saying what would be right."""

    def __init__(self, programmes: Sequence[Programme]):
        self.programme = programmes[0]
        self.questions: dict[str, list[Question]] = {}
        for question in (q for each in programmes for form in each.forms for q in form.questions):
            self.questions.setdefault(question.id, []).append(question)
        languages = [name for each in programmes for name in each.languages]
        products = [product.id for each in programmes for product in each.products]
        urgencies = [urgency.id for each in programmes for urgency in each.urgencies]
        self.readers: dict[str, Callable[[str], Any]] = {
            **{name: partial(_answer, questions) for name, questions in self.questions.items()},
            **{name: partial(_one_of, words) for name, words in POINT_VALUES.items()},
            "received_at": partial(_instant, self.programme.zone),
            "country": partial(_country, self.programme.country),
            "product": partial(_one_of, products),
            "urgency": partial(_one_of, urgencies),
            "language": lambda cell: _one_of(languages, re.split("[-_]", cell)[0].lower() or languages[0]),
        }

    def wrong_columns(self, header: Sequence[str]) -> Iterator[Problem]:
        columns = dict.fromkeys((*NEEDED, "country", "language", *self.readers))
        for place, name in enumerate(header):
            if name not in columns:
                message = f"{name[:40]!r} is no column: there are {', '.join(columns)}"
                yield Problem(f"row 1, column {place + 1}", "unknown_column", message)
            elif name in header[:place]:
                yield Problem(f"row 1, {name}", "duplicate", "is there twice")
        for name in NEEDED:
            if name not in header:
                yield Problem(f"row 1, {name}", "missing_column", "the column is missing")

    def row(self, number: int, cells: Mapping[str, str]) -> Row:
        """Raises InvalidInput with everything that is wrong with it."""
        problems: list[Problem] = []

        def read(name: str, how: Callable[[str], Any]) -> Any:
            try:
                return how(cells.get(name, ""))
            except ValueError as error:
                problems.append(Problem(f"row {number}, {name}", "invalid", str(error)))

        said = {name: read(name, how) for name, how in self.readers.items() if name in NEVER_EMPTY or cells.get(name)}
        if said["country"]:
            said["postcode"] = read("postcode", partial(postcodes.understood, said["country"]))
        if problems:
            raise InvalidInput(problems)
        answers = {name: said[name] for name in self.questions if said.get(name)}
        lead = Lead(
            id=f"row-{number}",
            form=self.programme.forms[0].id,
            status=LeadStatus.OFFERED,
            version=1,
            payload_hash="",
            answers=answers,
            **{name: said[name] for name in (*NEEDED, "country", "language")},
        )
        unanswered = {name: "" for name in self.questions if name in cells}
        return lead, {**unanswered, **facts_of(lead), **{name: said[name] for name in POINT_VALUES if name in said}}


def _instant(zone: tzinfo, cell: str) -> datetime:
    try:
        at = datetime.fromisoformat(cell)
    except ValueError as error:
        raise ValueError("is no instant: write it like 2026-01-07 09:14") from error
    if at.year not in YEARS:
        raise ValueError(f"lies not between {YEARS[0]} and {YEARS[-1]}")
    return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)


def _country(usual: str, cell: str) -> str:
    code = cell.upper() or usual
    if not postcodes.is_country(code):
        raise ValueError(f"{cell[:40]!r} is no country: write one like DE, AT or US")
    return code


def _one_of(known: Sequence[str], cell: str) -> str:
    if cell not in known:
        wrong = f"{cell[:40]!r} is none of" if cell else "is needed: one of"
        raise ValueError(f"{wrong} {', '.join(dict.fromkeys(known))}")
    return cell


def _answer(questions: Sequence[Question], cell: str) -> str:
    """As the first of these questions reads it that can: each programme has its own."""
    refused = ""
    for question in questions:
        try:
            return read_answer(question, cell)
        except InvalidInput as error:
            refused = refused or error.problems[0].message
    raise ValueError(refused)
