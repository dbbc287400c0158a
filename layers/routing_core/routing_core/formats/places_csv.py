"""Where a country's postcodes are, from a spreadsheet: every row checked, every error named by its
row and column.

    postcode;lat;lon
    80331;48.137;11.575
    86*;48.36;10.89

A fourth column, ``town``, may name the town, or with ``|`` between them the villages that share the
postcode; or each has a row of its own. Rows are counted as the spreadsheet shows them: the header
is row 1. Columns may come in any order, separated by semicolons, commas or tabs; others may stand
beside them. Degrees are decimal, with a point or a comma. Instead of a postcode its beginning may
stand: with a star where postcodes are numbers (``86*``: one that is merely too short has lost a
zero), as it is where they have letters (``WS9``, ``K1A``, ``1012``).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from routing_core.domain.errors import MOST_TOLD, Problem, first_problems
from routing_core.domain.territory import postcodes
from routing_core.domain.territory.gazetteer import Point
from routing_core.domain.territory.swapped import swapped
from routing_core.domain.territory.town_names import BETWEEN, split_towns
from routing_core.domain.values.clean import one_line
from routing_core.formats.sheet import rows, unreadable

LARGEST = 4_000_000
"""Characters. A request could bring little more, and what it brings lies in the memory of every
function.
"""
MOST = 100_000
"""Postcodes of one country."""
COLUMNS = ("postcode", "lat", "lon")
TOWN = "town"
LONGEST_TOWN = 80
MOST_TOWNS = 40
"""Names of one postcode."""
INSTEAD = f" and {MOST:,} postcodes. Write what postcodes begin with instead: 1000* in PT, WS9 in GB, 1012 in NL"
_DEGREES = re.compile(r"[-−+]?[0-9]{1,3}(?:[.,][0-9]{0,17})?")
_ENDS = {"lat": 90, "lon": 180}
_SIGNS = re.compile(r"[\s\-\u2010-\u2015.]")


@dataclass(frozen=True, slots=True)
class PlacesFile:
    """``points`` by what a postcode is or begins with, in the form in which territories compare
    it.
    """

    points: Mapping[str, Point]
    towns: Mapping[str, Sequence[str]]
    """The names of the towns there, of the postcodes where the list has any."""
    problems: tuple[Problem, ...]


def read_places_csv(country: str, text: str) -> PlacesFile:
    """Never raises for what the file says: all of it is in ``problems``."""
    if problem := unreadable(text, LARGEST, INSTEAD):
        return PlacesFile({}, {}, (problem,))
    points: dict[str, Point] = {}
    towns: dict[str, dict[str, None]] = {}
    first_rows: dict[str, int] = {}
    problems: list[Problem] = []
    header: list[str] = []
    for number, cells in rows(text):
        if isinstance(cells, Problem):
            problems.append(cells)
        elif number == 1:
            header = [one_line(cell).lower() for cell in cells]
            problems += _header_problems(header)
        elif any(cell.strip() for cell in cells):
            read = list(_read_row(country, number, header, cells))
            problems += [each for each in read if isinstance(each, Problem)]
            for code, point, names in (each for each in read if not isinstance(each, Problem)):
                if names:
                    towns.setdefault(code, {}).update(dict.fromkeys(names))
                if points.setdefault(code, point) != point:
                    message = (
                        f"{code} stands in row {first_rows[code]} with another place: write it once"
                    )
                    problems.append(Problem(f"row {number}, postcode", "duplicate", message))
                first_rows.setdefault(code, number)
        if number == 1 and problems:
            break
        if len(problems) > MOST_TOLD:
            problems = first_problems(problems)
            break
        if len(points) > MOST:
            problems.append(
                Problem(
                    "file",
                    "file_too_large",
                    f"is too large: at most {LARGEST:,} characters{INSTEAD}",
                )
            )
            break
    if not problems and not points:
        problems.append(
            Problem(
                "file",
                "empty",
                "contains no postcodes: start with the header, then one postcode per row",
            )
        )
    if problems:
        return PlacesFile({}, {}, tuple(problems))
    return PlacesFile(
        points, {code: tuple(names)[:MOST_TOWNS] for code, names in towns.items()}, ()
    )


def code_of(country: str, written: str) -> str:
    """A postcode or what some begin with, as it is compared; raises ValueError saying what would be
    right.
    """
    if written.endswith("*"):
        beginning = _beginning(country, written[:-1])
        if not postcodes.may_begin(country, beginning):
            raise ValueError(f"{written[:20]!r} is not the beginning of a postcode in {country}")
        return beginning
    try:
        return postcodes.compared(country, written)
    except postcodes.NoPostcode as error:
        beginning = _beginning(country, written)
        digits = postcodes.digits(country)
        if not digits and postcodes.may_begin(country, beginning):
            return beginning
        hint = ""
        if digits and postcodes.may_begin(country, beginning):
            zero = (
                f"0{beginning} if a spreadsheet took the zero away, "
                if len(beginning) == digits - 1
                else ""
            )
            hint = f"; write {zero}{beginning}* for all that begin so"
        raise ValueError(f"{written[:20]!r} {error}{hint}") from error


def _beginning(country: str, written: str) -> str:
    return _SIGNS.sub("", postcodes.without_sign(country, postcodes.plain(written)))


def written(points: Mapping[str, Point], towns: Mapping[str, Sequence[str]] | None = None) -> str:
    """Writes the list as it is kept; without names of towns as it always was."""
    lines = []
    for code, point in sorted(points.items()):
        names = BETWEEN.join((towns or {}).get(code, ()))
        lines.append(
            f"{code};{point.lat};{point.lon};{names}\n"
            if names
            else f"{code};{point.lat};{point.lon}\n"
        )
    return "".join(lines)


def read_written(country: str, text: str) -> Iterator[tuple[str, Point, tuple[str, ...]]]:
    """Reads what is kept, as a Gazetteer looks it up: the postcode with its country, where it is,
    and its towns.
    """
    for line in text.split("\n"):
        if line:
            code, lat, lon, *names = line.split(";", 3)
            yield (
                f"{country} {code}",
                Point(float(lat), float(lon)),
                split_towns(names[0]) if names else (),
            )


def _header_problems(header: Sequence[str]) -> Iterator[Problem]:
    there = ", ".join(name[:40] for name in header[:10] if name) or "none"
    for name in COLUMNS:
        if header.count(name) != 1:
            wrong = "appears twice" if name in header else "is missing"
            yield Problem(f"row 1, {name}", "columns", f"the column {wrong}: there are {there}")
    if header.count(TOWN) > 1:
        yield Problem(f"row 1, {TOWN}", "columns", f"the column is there twice: there are {there}")


def _read_row(
    country: str, number: int, header: Sequence[str], cells: Sequence[str]
) -> Iterator[tuple[str, Point, tuple[str, ...]] | Problem]:
    """The postcode with its place and its towns, or everything wrong with the row."""
    if any(cell.strip() for cell in cells[len(header) :]):
        message = f"has {len(cells)} cells, the header {len(header)}: with decimal commas, separate by semicolons"
        yield Problem(f"row {number}", "not_readable", message)
        return
    named = {name: one_line(cell) for name, cell in zip(header, cells, strict=False)}
    found: list[float] = []
    code = ""
    towns = split_towns(named.get(TOWN, ""))
    try:
        code = code_of(country, named.get("postcode", ""))
    except ValueError as error:
        yield Problem(f"row {number}, postcode", "no_postcode", str(error))
    for name, end in _ENDS.items():
        cell = named.get(name, "")
        degrees = (
            float(cell.replace(",", ".").replace("−", "-")) if _DEGREES.fullmatch(cell) else None
        )
        if degrees is None:
            yield Problem(
                f"row {number}, {name}",
                "no_number",
                f"{cell[:20]!r} is not a number of degrees, such as 48.137",
            )
        elif abs(degrees) > end:
            yield Problem(
                f"row {number}, {name}", "off_the_earth", f"{cell} lies beyond {end} degrees"
            )
        else:
            found.append(degrees)
    if len(found) == 2 and not any(found):
        message = "0, 0 lies in the sea: leave out a postcode whose place is not known"
        yield Problem(f"row {number}, lat", "nowhere", message)
    elif len(found) == 2 and swapped(country, Point(*found)):
        message = f"{found[0]:g}, {found[1]:g} lies far from {country}, but not swapped: lat is the first of the two"
        yield Problem(f"row {number}, lat", "swapped", message)
    elif names := [name for name in towns if len(name) > LONGEST_TOWN or ";" in name]:
        message = f"{names[0][:20]!r} is not a town's name: use at most {LONGEST_TOWN} characters and no semicolon"
        yield Problem(f"row {number}, {TOWN}", "no_town", message)
    elif code and len(found) == 2:
        yield code, Point(*found), towns
