"""Partners from a spreadsheet: every row checked, every error named by its row and column.

Rows are counted as the spreadsheet shows them: the header is row 1. Lists stand in one cell, separated by
``|``. Columns may come in any order, separated by semicolons, commas or tabs.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from .clean import one_line
from .errors import MOST_TOLD, InvalidInput, Problem, first_problems
from .own_settings import OWN
from .partner_document import read_partner
from .programme import Programme
from .sheet import rows, unreadable, without_quote

LARGEST = 6_000_000
"""Characters."""
MOST_ROWS = 20_000
_YES = {"yes", "true", "1", "x", "ja", "wahr", "oui", "vrai", "sì", "si", "vero"}
_NO = {"no", "false", "0", "", "nein", "falsch", "non", "faux", "falso"}


def _words(cell: str) -> str:
    return cell


def _list(cell: str) -> list[str]:
    return [part for part in (one_line(p) for p in cell.split("|")) if part]


def _count(cell: str) -> int | None:
    if not cell:
        return None
    if not re.fullmatch(r"[0-9]{1,6}(?:[.,]0{1,2})?", cell):
        raise ValueError(f"{cell[:40]!r} is no whole number")
    return int(re.split("[.,]", cell)[0])


def _counts(cell: str) -> dict[str, int]:
    """``heat-pump 3|boiler 10``."""
    counts: dict[str, int] = {}
    for part in _list(cell):
        found = re.fullmatch(r"(?P<name>\S.*) (?P<most>[0-9]{1,6})", part)
        if not found:
            raise ValueError(f"{part[:40]!r} is not readable: write heat-pump 3|boiler 10")
        if found["name"] in counts:
            raise ValueError(f"{found['name'][:40]!r} is there twice: write each once")
        counts[found["name"]] = int(found["most"])
    return counts


def _offer_counts(cell: str) -> dict[str, dict[str, int]]:
    """``heat-pump 2/day|heat-pump 20/month|boiler 5/week``."""
    counts: dict[str, dict[str, int]] = {}
    for part in _list(cell):
        found = re.fullmatch(r"(?P<name>\S.*) (?P<most>[0-9]{1,6}) ?/ ?(?P<period>day|week|month)", part)
        if not found:
            raise ValueError(f"{part[:40]!r} is not readable: write heat-pump 2/day|boiler 10/month")
        of_product = counts.setdefault(found["name"], {})
        if found["period"] in of_product:
            raise ValueError(f"{found['name'][:40]!r} is there twice for a {found['period']}: write each once")
        of_product[found["period"]] = int(found["most"])
    return counts


def _flag(cell: str) -> bool:
    if cell.lower() not in _YES | _NO:
        raise ValueError(f"{cell[:40]!r} is neither yes nor no")
    return cell.lower() in _YES


def _pause(cell: str) -> str:
    """In a word: an empty cell is none."""
    return "yes" if _flag(cell) else "no"


def _flag_or_nothing(cell: str) -> bool | None:
    return _flag(cell) if cell else None


# Column → where its value stands in the document, and how the cell is read.
_COLUMNS: Mapping[str, tuple[tuple[str, ...], Callable[[str], Any]]] = {
    **{name: ((name,), _words) for name in ("id", "name", "type", "country", "time_zone", "language")},
    **{name: ((name,), _words) for name in ("street", "postcode", "town", "website", "holiday_region", "backup")},
    **{name: ((name,), _list) for name in ("languages", "territories", "products", "tags", "certificates", "absences")},
    **{name: ((name,), _list) for name in ("specialisations", "takes")},
    "weight": (("weight",), _count),
    "cap_paced": (("caps", "paced"), _flag),
    "cap_products": (("caps", "products"), _counts),
    "cap_product_offers": (("caps", "product_offers"), _offer_counts),
    "tier": (("tier",), _count),
    "email": (("contact", "email"), _words),
    "contact_name": (("contact", "name"), _words),
    "phone": (("contact", "phone"), _words),
    "second_email": (("second_contact", "email"), _words),
    "second_name": (("second_contact", "name"), _words),
    "second_phone": (("second_contact", "phone"), _words),
    "response_hours": (("response_hours",), _words),
    **{f"cap_{name}": (("caps", name), _count) for name in ("open", "day", "week", "month")},
    "paused": (("paused",), _pause),
    "confirmed": (("confirmed",), _flag_or_nothing),
}
COLUMNS = tuple(_COLUMNS)


def path_of(column: str) -> tuple[str, ...]:
    """Where its value stands in a partner's document."""
    return _COLUMNS[column][0]


NEEDED = ("id", "name", "email", "territories", "products")
_DEFAULTED = frozenset({"type", "tier", "weight", "country", "time_zone", "language"})
"""Empty cells here mean the default, as if the column were not there."""
_PARTNERS_OWN = frozenset(OWN)
"""Empty cells here leave what the partner has set: see ``own_settings``."""


@dataclass(frozen=True, slots=True)
class PartnersFile:
    """``documents`` are the rows without a problem, as ``read_partner`` reads them, with their numbers."""

    documents: tuple[tuple[int, dict[str, Any]], ...]
    problems: tuple[Problem, ...]


def read_partners_csv(text: str, programme: Programme, today: date, *, most_rows: int = MOST_ROWS) -> PartnersFile:
    """Never raises for what the file says: all of it is in ``problems``."""
    problem = unreadable(text, LARGEST)
    if problem:
        return PartnersFile((), (problem,))
    header: list[str] | None = None
    documents: list[tuple[int, dict[str, Any]]] = []
    problems: list[Problem] = []
    first_rows: dict[str, int] = {}
    for number, cells in rows(text):
        if isinstance(cells, Problem):
            problems.append(cells)
            break
        if header is None:
            header = [one_line(cell).lower().replace(" ", "_") for cell in cells]
            while header and not header[-1]:
                header.pop()
            problems += first_problems(list(_header_problems(header)))
            if problems:
                break
            continue
        if not any(cell.strip() for cell in cells):
            continue
        if len(documents) >= most_rows:
            problems.append(Problem(f"row {number}", "too_many_rows", f"is too many: at most {most_rows} at once"))
            break
        document, wrong = _read_row(number, header, cells, programme, today)
        name = str(document.get("id", "")).casefold()
        if name and name in first_rows:
            message = f"{document['id']!r} is already in row {first_rows[name]}: each partner once"
            wrong.append(Problem(f"row {number}, id", "duplicate", message))
        first_rows.setdefault(name, number)
        problems += wrong
        if not wrong:
            documents.append((number, document))
        if len(problems) > MOST_TOLD:
            problems = first_problems(problems)
            break
    if not problems and not documents:
        problems.append(Problem("file", "empty", "holds no partner: the header, then one partner a row"))
    return PartnersFile(tuple(documents), tuple(problems))


def _header_problems(header: list[str]) -> Iterator[Problem]:
    seen: set[str] = set()
    for place, name in enumerate(header):
        if name not in _COLUMNS:
            message = f"{name[:40]!r} is no column: there are {', '.join(COLUMNS)}"
            yield Problem(f"row 1, column {place + 1}", "unknown_column", message)
        elif name in seen:
            yield Problem(f"row 1, {name}", "duplicate", "is there twice")
        seen.add(name)
    for name in NEEDED:
        if name not in header:
            yield Problem(f"row 1, {name}", "missing_column", "the column is missing")


def _read_row(
    number: int, header: list[str], cells: list[str], programme: Programme, today: date
) -> tuple[dict[str, Any], list[Problem]]:
    document: dict[str, Any] = {}
    problems: list[Problem] = []
    if any(cell.strip() for cell in cells[len(header) :]):
        message = f"has {len(cells)} cells, the header {len(header)}: put cells with the separator in quotes"
        return document, [Problem(f"row {number}", "not_readable", message)]
    for name, raw in zip(header, cells, strict=False):
        path, read = _COLUMNS[name]
        cell = one_line(without_quote(raw))
        if not cell and name in _DEFAULTED | _PARTNERS_OWN:
            continue
        try:
            _put(document, path, read(cell))
        except ValueError as error:
            problems.append(Problem(f"row {number}, {name}", "invalid", str(error)))
    if not any(document.get("second_contact", {"": ""}).values()):
        document["second_contact"] = None
    unread = {problem.field for problem in problems}
    try:
        read_partner(document, programme, today)
    except InvalidInput as error:
        found = [Problem(f"row {number}, {_column(p.field)}", p.code, p.message) for p in error.problems]
        problems += [problem for problem in found if problem.field not in unread]
    return document, problems


def _put(document: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    for name in path[:-1]:
        document = document.setdefault(name, {})
    document[path[-1]] = value


def _column(field: str) -> str:
    """The column in which a document's field stands: ``contact.email`` → ``email``."""
    path = tuple(re.sub(r"\[.*", "", field).split("."))
    return next((name for name, (place, _) in _COLUMNS.items() if place[: len(path)] == path[: len(place)]), field)
