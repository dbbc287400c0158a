"""Partners from a spreadsheet: every row checked, every error named by its row and column.

Rows are counted as the spreadsheet shows them: the header is row 1. Lists stand in one cell,
separated by ``|``, by lines, or by commas or semicolons. Columns may come in any order, separated
by semicolons, commas or tabs, and go by their own names or by those that people give them. What
many rows share is told once.

Columns that we do not have are left out and named, for vendors' lists have many of their own. Only
one whose name is nearly that of ours stops the list: a misspelt column would be lost in silence, in
each of its rows.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from typing import Any

from routing_core.domain.errors import InvalidInput, Problem, first_problems
from routing_core.domain.programme.programme import Programme
from routing_core.domain.territory.countries import country_code
from routing_core.domain.territory.lost_zeros import without_zeros
from routing_core.domain.territory.territory import Territory
from routing_core.domain.values.clean import one_line
from routing_core.domain.values.spelled import folded
from routing_core.formats.own_settings import OWN
from routing_core.formats.partner_document import read_partner
from routing_core.formats.row_problems import RowProblems
from routing_core.formats.sheet import rows, unreadable, without_quote
from routing_core.formats.territory_cells import NoCountry, split_list, territory_texts

NEAR = 0.8
"""So alike (difflib's ratio) that it is rather a slip than a column of somebody's own."""
NOT_OURS = ("x-", "x_")
"""A column whose name begins so is left out, whatever it is like."""
LARGEST = 6_000_000
"""Characters."""
MOST_ROWS = 20_000
_YES = {"yes", "y", "true", "1", "x", "ja", "j", "wahr", "oui", "vrai", "sì", "si", "vero"}
_NO = {"no", "n", "false", "0", "", "nein", "falsch", "non", "faux", "falso"}


def _words(cell: str) -> str:
    return cell


def _list(cell: str) -> list[str]:
    return split_list(cell)


def _sentences(cell: str) -> list[str]:
    """Each may have commas."""
    return [part for part in map(one_line, re.split(r"[|\n\r]+", cell)) if part]


def _country(cell: str) -> str:
    return country_code(cell) or cell


def _language(cell: str) -> str:
    """``en`` for ``EN`` and ``en-US``."""
    return re.split("[-_]", cell.strip())[0].lower()


def _languages(cell: str) -> list[str]:
    return list(map(_language, split_list(cell)))


def _count(cell: str) -> int | None:
    if not cell:
        return None
    if not re.fullmatch(r"[0-9]{1,6}(?:[.,]0{1,2})?", cell):
        raise ValueError(f"{cell[:40]!r} is not a whole number")
    return int(re.split("[.,]", cell)[0])


def _counts(cell: str) -> dict[str, int]:
    """``heat-pump 3|boiler 10``."""
    counts: dict[str, int] = {}
    for part in _list(cell):
        found = re.fullmatch(r"(?P<name>\S.*) (?P<most>[0-9]{1,6})", part)
        if not found:
            raise ValueError(f"{part[:40]!r} is not readable: write heat-pump 3|boiler 10")
        if found["name"] in counts:
            raise ValueError(f"{found['name'][:40]!r} appears twice: write each once")
        counts[found["name"]] = int(found["most"])
    return counts


def _offer_counts(cell: str) -> dict[str, dict[str, int]]:
    """``heat-pump 2/day|heat-pump 20/month|boiler 5/week``."""
    counts: dict[str, dict[str, int]] = {}
    for part in _list(cell):
        found = re.fullmatch(
            r"(?P<name>\S.*) (?P<most>[0-9]{1,6}) ?/ ?(?P<period>day|week|month)", part
        )
        if not found:
            raise ValueError(
                f"{part[:40]!r} is not readable: write heat-pump 2/day|boiler 10/month"
            )
        of_product = counts.setdefault(found["name"], {})
        if found["period"] in of_product:
            raise ValueError(
                f"{found['name'][:40]!r} appears twice for a {found['period']}: write each once"
            )
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
    **{name: ((name,), _words) for name in ("id", "name", "type", "time_zone")},
    "country": (("country",), _country),
    "language": (("language",), _language),
    "languages": (("languages",), _languages),
    **{
        name: ((name,), _words)
        for name in ("street", "postcode", "town", "website", "holiday_region", "backup")
    },
    **{
        name: ((name,), _list)
        for name in ("territories", "products", "tags", "certificates", "absences")
    },
    "specialisations": (("specialisations",), _list),
    "takes": (("takes",), _sentences),
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
COLUMNS = (
    "id", "name", "type", "tier", "email", "contact_name", "phone", "second_email", "second_name", "second_phone",
    "country", "time_zone", "language", "languages", "street", "postcode", "town", "website", "territories", "products",
    "specialisations", "tags", "takes", "certificates", "response_hours", "holiday_region", "absences", "weight",
    "cap_open", "cap_day", "cap_week", "cap_month", "cap_paced", "cap_products", "cap_product_offers", "paused",
    "backup", "confirmed",
)  # fmt: skip
_CALLED = {
    "e-mail": "email", "mail": "email", "e-mail_address": "email", "email_address": "email", "company": "name",
    "company_name": "name", "firma": "name", "partner_id": "id", "dealer_id": "id", "zip": "postcode",
    "zip_code": "postcode", "postal_code": "postcode", "plz": "postcode", "city": "town", "ort": "town",
    "stadt": "town", "address": "street", "strasse": "street", "straße": "street", "telephone": "phone",
    "telefon": "phone", "phone_number": "phone", "contact": "contact_name", "ansprechpartner": "contact_name",
    "area": "territories", "areas": "territories", "territory": "territories", "gebiet": "territories",
    "gebiete": "territories", "product": "products", "produkte": "products", "web": "website", "url": "website",
    "timezone": "time_zone", "specializations": "specialisations", "tag": "tags",
}  # fmt: skip
"""What vendors call these columns."""
_SPELLED = {folded(name): name for name in (*_CALLED, *COLUMNS)}
"""Without what spellings differ in: ``Web-Site`` is ``website``."""


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
    """``documents`` are the rows without a problem, as ``read_partner`` reads them, with their
    numbers.
    """

    documents: tuple[tuple[int, dict[str, Any]], ...]
    problems: tuple[Problem, ...]
    ignored: tuple[str, ...] = ()
    """Columns that were left out, as the file names them."""
    own: tuple[str, ...] = ()
    """Columns that are there of what a partner may set too; a row where one is empty has nothing of
    it.
    """


@dataclass(frozen=True, slots=True)
class Reading:
    """How a list is to be read. ``country``: that of rows which name none."""

    programme: Programme
    today: date
    country: str = ""
    zeros_are_right: bool = False
    """Nothing in a list of a whole country begins with 0, and that is as it should be."""

    @property
    def asked(self) -> frozenset[str]:
        return frozenset(country for form in self.programme.forms for country in form.countries)


def read_partners_csv(
    text: str,
    programme: Programme,
    today: date,
    *,
    most_rows: int = MOST_ROWS,
    country: str = "",
    zeros_are_right: bool = False,
) -> PartnersFile:
    """Never raises for what the file says: all of it is in ``problems``. ``country`` is that of
    territories which name none, where the row names none either.
    """
    reading = Reading(programme, today, country, zeros_are_right)
    problem = unreadable(text, LARGEST)
    if problem:
        return PartnersFile((), (problem,))
    header: list[str] | None = None
    documents: list[tuple[int, dict[str, Any]]] = []
    of_file: list[Problem] = []
    of_rows = RowProblems()
    first_rows: dict[str, int] = {}
    ignored: tuple[str, ...] = ()
    for number, cells in rows(text):
        if isinstance(cells, Problem):
            of_file.append(cells)
            break
        if header is None:
            header = header_of(cells)
            ignored = ignored_columns(cells, header)
            of_file += first_problems(list(_header_problems(header)))
            if of_file:
                break
            continue
        if not any(cell.strip() for cell in cells):
            continue
        if len(documents) >= most_rows:
            of_file.append(
                Problem(
                    f"row {number}", "too_many_rows", f"is too many: at most {most_rows} at once"
                )
            )
            break
        document, wrong = _read_row(header, cells, reading)
        name = str(document.get("id", "")).casefold()
        if name and name in first_rows:
            message = f"{document['id']!r} is already in row {first_rows[name]}: each partner once"
            wrong.append(("id", "duplicate", message))
        first_rows.setdefault(name, number)
        for each in wrong:
            of_rows.add(number, *each)
        if not wrong:
            documents.append((number, document))
        if of_rows.too_many:
            break
    problems = [*of_rows.told(), *of_file]
    if not problems and not documents:
        problems.append(
            Problem(
                "file",
                "empty",
                "contains no partners: start with the header, then one partner per row",
            )
        )
    if not zeros_are_right:
        problems += zero_problems(
            text for _, document in documents for text in document["territories"]
        )
    own = tuple(name for name in OWN if header and name in header)
    return PartnersFile(tuple(documents), tuple(first_problems(problems)), ignored, own)


def ignored_columns(cells: Iterable[str], header: Iterable[str]) -> tuple[str, ...]:
    """Those that we do not have, by their names in the file; one without a name is nobody's."""
    beside = zip(cells, header, strict=False)
    return tuple(
        named for cell, name in beside if name not in _COLUMNS and (named := one_line(cell)[:40])
    )


def header_of(cells: list[str]) -> list[str]:
    """The names of the columns as we call them."""
    header = [one_line(cell).lower().replace(" ", "_") for cell in cells]
    while header and not header[-1]:
        header.pop()
    header = [name if name in _COLUMNS else _SPELLED.get(folded(name), name) for name in header]
    own = {name for name in header if name in _COLUMNS}
    return [name if _CALLED.get(name, name) in own else _CALLED.get(name, name) for name in header]


def zero_problems(territories: Iterable[str]) -> Iterator[Problem]:
    """A list in which a whole country's leading zeros are missing is stopped."""
    for country, lost in without_zeros(map(Territory.parse, territories)).items():
        shown = ", ".join(f"{country} {value}*" for value in lost[:3])
        meant = ", ".join(f"0{value}" for value in lost[:3])
        yield Problem(
            "territories",
            "zeros_lost",
            f"nothing in {country} begins with 0, but {len(lost):,} entries are a digit short ({shown}): a spreadsheet "
            f"has taken the zeros away. Format the column as text and write {meant}; if it is right as it is, send it "
            "with ?zeros_are_right=true",
        )


def _header_problems(header: list[str]) -> Iterator[Problem]:
    seen: set[str] = set()
    for place, name in enumerate(header):
        if name not in _COLUMNS:
            if near := nearly(
                name,
                [each for each in (*COLUMNS, *_CALLED) if _CALLED.get(each, each) not in header],
            ):
                yield Problem(f"row 1, column {place + 1}", "unknown_column", misspelt(name, near))
        elif name in seen:
            yield Problem(f"row 1, {name}", "duplicate", "appears twice")
        seen.add(name)
    for name in NEEDED:
        if name not in header:
            yield Problem(f"row 1, {name}", "missing_column", "the column is missing")


def nearly(name: str, known: Iterable[str]) -> str:
    """Which of the known names was probably meant; empty if none is near, or if it says that it is
    none of ours.

    ``known`` are those that the list lacks: ``Gebiet-Nr`` beside ``Gebiet`` is a column of
    somebody's own.
    """
    if name.startswith(NOT_OURS):
        return ""
    near = get_close_matches(name, list(known), n=1, cutoff=NEAR)
    return near[0] if near else ""


def misspelt(name: str, near: str) -> str:
    own = f"If it is one of your own, name it x-{name[:40]}"
    return f"{name[:40]!r} is not a known column: did you mean {near!r}? {own}"


_Wrong = tuple[str, str, str]
"""Column (empty: the row), code, message."""


def _read_row(
    header: list[str], cells: list[str], reading: Reading
) -> tuple[dict[str, Any], list[_Wrong]]:
    document: dict[str, Any] = {}
    problems: list[_Wrong] = []
    if any(cell.strip() for cell in cells[len(header) :]):
        message = f"has {len(cells)} cells, the header {len(header)}: put cells with the separator in quotes"
        return document, [("", "not_readable", message)]
    for name, raw in zip(header, cells, strict=False):
        if name not in _COLUMNS:
            continue
        path, read = _COLUMNS[name]
        cell = (
            without_quote(raw.strip())
            if read in (_list, _sentences)
            else one_line(without_quote(raw))
        )
        if not cell and name in _DEFAULTED | _PARTNERS_OWN:
            continue
        try:
            _put(document, path, read(cell))
        except ValueError as error:
            problems.append((name, "invalid", str(error)))
    problems += _read_territories(document, header, cells, reading)
    _read_second_contact(document, header)
    unread = {name for name, *_ in problems}
    try:
        # A backup may be named, and only whoever knows the network can tell by whose name.
        read_partner({**document, "backup": ""}, reading.programme, reading.today)
    except InvalidInput as error:
        found = [
            (_column(problem.field), problem.code, problem.message) for problem in error.problems
        ]
        problems += [problem for problem in found if problem[0] not in unread]
    return document, problems


def _read_second_contact(document: dict[str, Any], header: list[str]) -> None:
    """Empty cells say that there is none; where the list has no such column, it says nothing of the
    second contact.
    """
    if any(document.get("second_contact", {}).values()):
        return
    document.pop("second_contact", None)
    if "second_email" in header:
        document["second_contact"] = None


def _read_territories(
    document: dict[str, Any], header: list[str], cells: list[str], reading: Reading
) -> Iterator[_Wrong]:
    cell = dict(zip(header, cells, strict=False)).get("territories", "")
    country = document.get("country") or reading.country
    try:
        document["territories"] = territory_texts(cell, country, reading.asked)
    except NoCountry as error:
        usual = reading.programme.country
        yield (
            "territories",
            "no_country",
            f"{error}; shall we read such rows as {usual}? Then send the list with ?country={usual}, or with a column "
            "country",
        )


def _put(document: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    for name in path[:-1]:
        document = document.setdefault(name, {})
    document[path[-1]] = value


def _column(field: str) -> str:
    """The column in which a document's field stands: ``contact.email`` → ``email``."""
    path = tuple(re.sub(r"\[.*", "", field).split("."))
    return next(
        (name for name, (place, _) in _COLUMNS.items() if place[: len(path)] == path[: len(place)]),
        field,
    )
