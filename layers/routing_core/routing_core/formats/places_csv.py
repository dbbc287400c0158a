"""Where a country's postcodes are, from a spreadsheet: rows checked, errors named by their place.

    postcode;lat;lon
    80331;48.137;11.575
    86*;48.36;10.89

A fourth column, ``town``, may name the town, or with ``|`` between them the villages that share the
postcode; or each has a row of its own. Columns may come in any order, separated by semicolons,
commas or tabs; others may stand beside them. Degrees are decimal, with a point or a comma. Instead
of a postcode its beginning may stand: with a star where postcodes are numbers (``86*``: one that is
merely too short has lost a zero), as it is where they have letters (``WS9``, ``K1A``, ``1012``).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from routing_core.domain.errors import MOST_TOLD, Problem, first_problems
from routing_core.domain.territory import postcodes
from routing_core.domain.territory.gazetteer import Point
from routing_core.domain.territory.swapped import swapped
from routing_core.domain.territory.town_names import BETWEEN, split_towns
from routing_core.domain.values.clean import one_line
from routing_core.domain.values.sentence import Sentence, said_by, worded
from routing_core.formats.sheet import Columns, SheetRow, Table

LARGEST_PLACES = 4_000_000
"""A list has at most so many characters.

A request could bring little more, and what it brings lies in the memory of every function.
"""
MOST_POSTCODES = 100_000
"""A country has at most so many postcodes."""
TOWN = "town"
LONGEST_TOWN = 80
MOST_TOWNS = 40
"""A postcode has at most so many names."""
INSTEAD = (
    f" and {MOST_POSTCODES:,} postcodes. "
    "Write what postcodes begin with instead: 1000* in PT, WS9 in GB, 1012 in NL"
)
_NEEDED = ("postcode", "lat", "lon")
_DEGREES = re.compile(r"[-−+]?[0-9]{1,3}(?:[.,][0-9]{0,17})?")
_FURTHEST = {"lat": 90, "lon": 180}
_SIGNS = re.compile(r"[\s\-\u2010-\u2015.]")


@dataclass(frozen=True, slots=True)
class PlacesFile:
    """What a list of places says, and what is wrong with it."""

    points: Mapping[str, Point]
    """Where things are, by what a postcode is or begins with.

    It is spelled in the form in which territories compare it.
    """
    towns: Mapping[str, Sequence[str]]
    """The names of the towns there, of the postcodes where the list has any."""
    problems: tuple[Problem, ...]


class _PlaceColumns(Columns):
    """The columns of a list of places: all others are left alone."""

    def names(self, cells: Sequence[str]) -> list[str]:
        """Give the columns in small letters; also empty ones, below which nothing is lost."""
        return [one_line(cell).lower() for cell in cells]

    def problems(self, names: Sequence[str], written: Sequence[str]) -> Iterator[Problem]:
        """Tell which columns are missing or there twice, and which there are."""
        there = ", ".join(name[:40] for name in names[:10] if name) or "none"
        for name in self.needed:
            count = names.count(name)
            if count != 1:
                yield Problem(f"row 1, {name}", "columns", _wrong_column(count, there))
        if names.count(TOWN) > 1:
            yield Problem(f"row 1, {TOWN}", "columns", _wrong_column(2, there))


def _wrong_column(count: int, there: str) -> Sentence:
    """Say that a column is missing, or there more than once."""
    if count:
        english = "the column appears twice: there are {there}"
        return worded("places.column_twice", english, there=there)
    english = "the column is missing: there are {there}"
    return worded("places.no_column", english, there=there)


_COLUMNS = _PlaceColumns(
    known=(*_NEEDED, TOWN),
    needed=_NEEDED,
    how_to_separate="with decimal commas, separate by semicolons",
)


def read_places_csv(country: str, text: str) -> PlacesFile:
    """Read a list of places; never raises for what the file says, all of it is in ``problems``."""
    table = Table(text, _COLUMNS, LARGEST_PLACES, INSTEAD)
    places = _Places(country)
    for row in table:
        places.read(row)
        if len(places.problems) > MOST_TOLD:
            break
        if len(places.points) > MOST_POSTCODES:
            english = f"is too large: at most {{most:,}} characters{INSTEAD}"
            message = worded("places.large", english, most=LARGEST_PLACES)
            table.problems.append(Problem("file", "file_too_large", message))
            break
    problems = [*first_problems(places.problems), *table.problems]
    if not problems and not places.points:
        english = "contains no postcodes: start with the header, then one postcode per row"
        message = worded("places.none", english)
        problems.append(Problem("file", "empty", message))
    if problems:
        return PlacesFile({}, {}, tuple(problems))
    return PlacesFile(places.points, places.named_towns(), ())


@dataclass(slots=True)
class _Places:
    """Takes one row after another: where each postcode is, its towns, and what is wrong."""

    country: str
    points: dict[str, Point] = field(default_factory=dict)
    towns: dict[str, dict[str, None]] = field(default_factory=dict)
    """Postcode → its towns, each once, in the order of the rows."""
    first_rows: dict[str, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def read(self, row: SheetRow) -> None:
        """Take a row, or note everything that is wrong with it."""
        if row.overfull:
            self.problems.append(row.problem("", "not_readable", row.overfull))
            return
        cells = {name: one_line(cell) for name, cell in row.cells.items()}
        code = self._code(row, cells)
        point = self._point(row, cells)
        towns = split_towns(cells.get(TOWN, ""))
        wrong = _misplaced(self.country, point) if point is not None else None
        if wrong:
            self.problems.append(row.problem("lat", *wrong))
        elif self._has_names(row, towns) and code and point is not None:
            self._add(row, code, point, towns)

    def named_towns(self) -> dict[str, tuple[str, ...]]:
        """Give the names of the towns of each postcode that has any, no more than are looked up."""
        return {code: tuple(names)[:MOST_TOWNS] for code, names in self.towns.items()}

    def _add(self, row: SheetRow, code: str, point: Point, towns: Sequence[str]) -> None:
        if towns:
            self.towns.setdefault(code, {}).update(dict.fromkeys(towns))
        if self.points.setdefault(code, point) != point:
            first = self.first_rows[code]
            english = "{code} stands in row {first} with another place: write it once"
            message = worded("places.twice", english, code=code, first=first)
            self.problems.append(row.problem("postcode", "duplicate", message))
        self.first_rows.setdefault(code, row.number)

    def _code(self, row: SheetRow, cells: Mapping[str, str]) -> str:
        """Give the postcode as it is compared; empty with the problem noted."""
        try:
            return code_of(self.country, cells.get("postcode", ""))
        except ValueError as error:
            self.problems.append(row.problem("postcode", "no_postcode", said_by(error)))
            return ""

    def _point(self, row: SheetRow, cells: Mapping[str, str]) -> Point | None:
        """Give where it is; None with the problems noted."""
        lat = self._degrees(row, "lat", cells)
        lon = self._degrees(row, "lon", cells)
        return None if lat is None or lon is None else Point(lat, lon)

    def _degrees(self, row: SheetRow, name: str, cells: Mapping[str, str]) -> float | None:
        cell = cells.get(name, "")
        if not _DEGREES.fullmatch(cell):
            english = "{value!r} is not a number of degrees, such as 48.137"
            message = worded("places.no_degrees", english, value=cell[:20])
            self.problems.append(row.problem(name, "no_number", message))
            return None
        # Some spreadsheets write the minus as a sign of its own.
        degrees = float(cell.replace(",", ".").replace("−", "-"))
        furthest = _FURTHEST[name]
        if abs(degrees) > furthest:
            english = "{value} lies beyond {furthest} degrees"
            message = worded("places.off_the_earth", english, value=cell, furthest=furthest)
            self.problems.append(row.problem(name, "off_the_earth", message))
            return None
        return degrees

    def _has_names(self, row: SheetRow, towns: Sequence[str]) -> bool:
        """Tell whether all towns have names that can be kept; False with the problem noted."""
        for name in towns:
            if len(name) > LONGEST_TOWN or ";" in name:
                english = (
                    "{value!r} is not a town's name: use at most {most} characters and no semicolon"
                )
                message = worded("places.no_town", english, value=name[:20], most=LONGEST_TOWN)
                self.problems.append(row.problem(TOWN, "no_town", message))
                return False
        return True


def _misplaced(country: str, point: Point) -> tuple[str, Sentence] | None:
    """Give the code and the message of what is wrong with a point, if no list can mean it."""
    if not point.lat and not point.lon:
        # Whoever looked up coordinates in vain has zeros there.
        english = "0, 0 lies in the sea: leave out a postcode whose place is not known"
        return "nowhere", worded("places.nowhere", english)
    if swapped(country, point):
        where = f"{point.lat:g}, {point.lon:g}"
        english = "{where} lies far from {country}, but not swapped: lat is the first of the two"
        return "swapped", worded("places.swapped", english, where=where, country=country)
    return None


# ── postcodes and their beginnings ────────────────────────────────────────────────────────────────


def code_of(country: str, written: str) -> str:
    """Give a postcode or what some begin with, as it is compared.

    Raises ValueError saying what would be right.
    """
    if written.endswith("*"):
        beginning = _beginning(country, written[:-1])
        if not postcodes.may_begin(country, beginning):
            english = "{value!r} is not the beginning of a postcode in {country}"
            said = worded("places.no_beginning", english, value=written[:20], country=country)
            raise ValueError(said)
        return beginning
    try:
        return postcodes.compared(country, written)
    except postcodes.NoPostcode as error:
        beginning = _beginning(country, written)
        begins = postcodes.may_begin(country, beginning)
        # Where postcodes are numbers, a short one may have lost its zero: there the star has to be
        # written.
        digits = postcodes.digits(country)
        if begins and not digits:
            return beginning
        hint = _star_hint(beginning, digits) if begins else ""
        why = said_by(error)
        said = worded(
            "places.no_code", "{value!r} {why}{hint}", value=written[:20], why=why, hint=hint
        )
        raise ValueError(said) from error


def _star_hint(beginning: str, digits: int) -> Sentence:
    if len(beginning) < digits - 1:
        english = "; write {beginning}* for all that begin so"
        return worded("places.star", english, beginning=beginning)
    english = (
        "; write 0{beginning} if a spreadsheet took the zero away,"
        " {beginning}* for all that begin so"
    )
    return worded("places.star_or_zero", english, beginning=beginning)


def _beginning(country: str, written: str) -> str:
    return _SIGNS.sub("", postcodes.without_sign(country, postcodes.plain(written)))


# ── as it is kept ─────────────────────────────────────────────────────────────────────────────────


def written(points: Mapping[str, Point], towns: Mapping[str, Sequence[str]] | None = None) -> str:
    """Write the list as it is kept; without names of towns as it always was."""
    named = towns or {}
    lines = []
    for code, point in sorted(points.items()):
        names = BETWEEN.join(named.get(code, ()))
        end = f";{names}" if names else ""
        lines.append(f"{code};{point.lat};{point.lon}{end}\n")
    return "".join(lines)


def read_written(country: str, text: str) -> Iterator[tuple[str, Point, tuple[str, ...]]]:
    """Read what is kept, as a Gazetteer looks it up.

    Of each line the postcode with its country, where it is, and its towns.
    """
    for line in text.split("\n"):
        if line:
            code, lat, lon, *names = line.split(";", 3)
            towns = split_towns(names[0]) if names else ()
            yield f"{country} {code}", Point(float(lat), float(lon)), towns
