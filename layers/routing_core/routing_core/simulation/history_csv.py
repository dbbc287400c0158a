"""Enquiries of the past as a spreadsheet gives them: one row each, to be played again.

    received_at;country;postcode;product;urgency;language;house;phone;partner;outcome;value
    2026-01-07 09:14;DE;80331;heat-pump;soon;de;detached;valid;isar-haustechnik;won;21500

Dates without an offset are on the programme's clock, and may be written as in the US or in Germany.
``country`` and
``language`` may be left out where they are the programme's own. Other columns are answers to the
forms' questions, by
the question's id, read as the form reads them; and ``phone``, ``email`` and ``message`` in the
words of points (valid,
business, present), never as they were given. What only one of several programmes knows may stand in
it too.

What became of it may stand there as well: ``partner`` (who had it, by id or name), ``outcome``
(won, lost), ``value``,
``accepted_at`` and ``closed_at``. Columns that are none of these are ignored, and named; a row that
cannot be read is
skipped, and named.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from routing_core.domain.checks.programme_checks import POINT_VALUES
from routing_core.domain.enquiry.answers import read_answer
from routing_core.domain.enquiry.qualify import facts_of
from routing_core.domain.errors import InvalidInput, Problem
from routing_core.domain.lead import Lead, LeadStatus
from routing_core.domain.outcome import Outcome, read_won
from routing_core.domain.programme.forms import Question
from routing_core.domain.programme.programme import Programme
from routing_core.domain.territory import postcodes
from routing_core.domain.values.amounts import read_amount
from routing_core.domain.values.clean import one_line
from routing_core.domain.values.instants import month_comes_first, read_instant
from routing_core.domain.values.spelled import meant, spellings
from routing_core.formats.sheet import rows, unreadable

LARGEST = 50_000_000
"""Characters."""
MOST_TOLD = 100
"""Errors; a file with more is told that there are more."""
NEEDED = ("received_at", "postcode", "product", "urgency")
CALLED: Mapping[str, str] = {
    **dict.fromkeys(("zip", "zip_code", "postal_code", "plz"), "postcode"),
    **dict.fromkeys(("received", "created_at", "created", "date"), "received_at"),
}
"""What other systems call the columns that are needed; counts where the file has none of our
name.
"""
NEVER_EMPTY = ("received_at", "product", "urgency", "country", "language")
OUTCOME = ("partner", "outcome", "value", "accepted_at", "closed_at")


@dataclass(frozen=True, slots=True)
class HistoryRow:
    lead: Lead
    facts: Mapping[str, str]
    """What points look at; empty where the file has a column for it and nothing stands there."""
    outcome: Outcome | None = None


@dataclass(frozen=True, slots=True)
class History:
    rows: tuple[HistoryRow, ...]
    skipped: int = 0
    """So many rows could not be read."""
    problems: tuple[Problem, ...] = ()
    """Why: of very many the first ``MOST_TOLD``."""
    ignored: tuple[str, ...] = ()
    """Columns that say nothing here."""


def read_history_csv(
    text: str, *programmes: Programme, partners: Mapping[str, str] | None = None
) -> History:
    """The first programme is the one in force. ``partners``: id → name. Raises InvalidInput with
    the row and column of what is wrong where nothing at all can be played.
    """
    if problem := unreadable(text, LARGEST):
        raise InvalidInput([problem])
    reader = _Reader(programmes, partners or {})
    header, table = _table(text, reader.columns)
    wrong = list(reader.wrong_columns(header)) if header else []
    if wrong:
        raise InvalidInput(wrong)
    reader.see_dates(
        cells.get(name, "") for _, cells in table if isinstance(cells, dict) for name in _DATES
    )
    read: list[HistoryRow] = []
    problems: list[Problem] = []
    skipped = 0
    for number, cells in table:
        try:
            if isinstance(cells, Problem):
                raise InvalidInput([cells])
            read.append(reader.row(number, cells))
        except InvalidInput as error:
            skipped += 1
            problems += error.problems
    if not problems and not read:
        problems.append(
            Problem(
                "file",
                "empty",
                "contains no enquiries: start with the header, then one enquiry per row",
            )
        )
    if len(problems) > MOST_TOLD:
        problems[MOST_TOLD:] = [
            Problem("file", "too_many_errors", "has more errors; these are the first")
        ]
    if not read:
        raise InvalidInput(problems)
    ignored = tuple(name for name in header if name not in reader.columns)
    return History(tuple(read), skipped, tuple(problems), ignored)


_DATES = ("received_at", "accepted_at", "closed_at")


def _table(
    text: str, ours: Collection[str]
) -> tuple[list[str], list[tuple[int, dict[str, str] | Problem]]]:
    """The names of the columns, and each row's cells by column, or what is wrong with it. Raises
    InvalidInput for a file that breaks off.
    """
    header: list[str] | None = None
    found: list[tuple[int, dict[str, str] | Problem]] = []
    for number, cells in rows(text):
        if isinstance(cells, Problem):
            raise InvalidInput([cells])
        if header is None:
            header = [one_line(cell).lower().replace(" ", "_") for cell in cells]
            while header and not header[-1]:
                header.pop()
            header = [_ours(name, header, ours) for name in header]
        elif any(cell.strip() for cell in cells[len(header) :]):
            message = f"has {len(cells)} cells, the header {len(header)}: put cells with the separator in quotes"
            found.append((number, Problem(f"row {number}", "not_readable", message)))
        elif any(cell.strip() for cell in cells):
            found.append(
                (
                    number,
                    dict.fromkeys(header, "")
                    | dict(zip(header, map(one_line, cells), strict=False)),
                )
            )
    return header or [], found


def _ours(name: str, header: Sequence[str], ours: Collection[str]) -> str:
    """Our name of a column that others call so."""
    meant_by_it = CALLED.get(name, name)
    return name if name in ours or meant_by_it in header else meant_by_it


class _Reader:
    """What may stand in the file: a reader for each column, which raises ValueError saying what
    would be right.
    """

    def __init__(self, programmes: Sequence[Programme], partners: Mapping[str, str]):
        self.programme = programmes[0]
        self.partners = {name.casefold(): partner for partner, name in partners.items()}
        self.partners |= {partner.casefold(): partner for partner in partners}
        self.month_first = False
        self.questions: dict[str, list[Question]] = {}
        for question in (q for each in programmes for form in each.forms for q in form.questions):
            self.questions.setdefault(question.id, []).append(question)
        languages = [name for each in programmes for name in each.languages]
        products = [product.id for each in programmes for product in each.products]
        urgencies = [urgency.id for each in programmes for urgency in each.urgencies]
        self.readers: dict[str, Callable[[str], Any]] = {
            **{name: partial(_answer, questions) for name, questions in self.questions.items()},
            **{name: partial(_one_of, words) for name, words in POINT_VALUES.items()},
            "received_at": self._instant,
            "country": partial(_country, self.programme.country),
            "product": partial(
                _meant, products, spellings(_named(p for each in programmes for p in each.products))
            ),
            "urgency": partial(
                _meant,
                urgencies,
                spellings(_named(u for each in programmes for u in each.urgencies)),
            ),
            "language": lambda cell: _one_of(
                languages, re.split("[-_]", cell)[0].lower() or languages[0]
            ),
        }
        self.columns = frozenset((*NEEDED, "country", "language", *OUTCOME, *self.readers))

    def see_dates(self, cells: Iterable[str]) -> None:
        self.month_first = month_comes_first(cells, self.programme.country)

    def wrong_columns(self, header: Sequence[str]) -> Iterator[Problem]:
        for place, name in enumerate(header):
            if name in self.columns and name in header[:place]:
                yield Problem(f"row 1, {name}", "duplicate", "appears twice")
        for name in NEEDED:
            if name not in header:
                yield Problem(f"row 1, {name}", "missing_column", "the column is missing")

    def row(self, number: int, cells: Mapping[str, str]) -> HistoryRow:
        """Raises InvalidInput with everything that is wrong with it."""
        problems: list[Problem] = []

        def read(name: str, how: Callable[[str], Any]) -> Any:
            try:
                return how(cells.get(name, ""))
            except ValueError as error:
                problems.append(Problem(f"row {number}, {name}", "invalid", str(error)))

        said = {
            name: read(name, how)
            for name, how in self.readers.items()
            if name in NEVER_EMPTY or cells.get(name)
        }
        if said["country"]:
            said["postcode"] = read("postcode", partial(_postcode, said["country"]))
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
        facts = {
            **unanswered,
            **facts_of(lead),
            **{name: said[name] for name in POINT_VALUES if name in said},
        }
        return HistoryRow(lead, facts, self._outcome(cells))

    def _instant(self, cell: str) -> datetime:
        return read_instant(cell, self.programme.zone, self.month_first)

    def _outcome(self, cells: Mapping[str, str]) -> Outcome | None:
        """What cannot be read of it is left out: the enquiry is played all the same. A question of
        that name is no outcome.
        """
        said = {
            name: cells[name] for name in OUTCOME if cells.get(name) and name not in self.questions
        }
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

    def _instant_or_none(self, cell: str) -> datetime | None:
        try:
            return self._instant(cell)
        except ValueError:
            return None


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


def _named(items: Iterable[Any]) -> dict[str, list[str]]:
    """Id → what people read for it, of products and urgencies."""
    named: dict[str, list[str]] = {}
    for item in items:
        named.setdefault(item.id, []).extend(item.name.values())
    return named


def _meant(known: Sequence[str], spelled: Mapping[str, str], cell: str) -> str:
    return _one_of(known, meant(cell, spelled))


def _one_of(known: Sequence[str], cell: str) -> str:
    if cell not in known:
        wrong = f"{cell[:40]!r} is not one of" if cell else "is required: one of"
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
