"""A dealer map as vendors keep it: a row for each area, with who is asked first there.

    country;state;zip;first;second;third
    US;CO;;peak-solar;Mile Marker Energy;
    US;;800-816;front-range;peak-solar|columbine;

The narrowest of the area's columns that is filled counts. Partners go by id or name; several in one
cell are separated as territories are. ``backup`` and ``not`` name who is only asked when nobody
else is left, and from whom the area is taken away. For a partner whom it names, the map
is all there is of territories; others keep theirs.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from routing_core.domain.errors import Problem, first_problems
from routing_core.domain.partner import Partner
from routing_core.domain.territory.countries import country_code
from routing_core.domain.territory.territory import Territory
from routing_core.domain.values.clean import one_line
from routing_core.domain.values.sentence import said_by, worded
from routing_core.domain.values.spelled import Guesses, folded
from routing_core.formats.partners_csv import LARGEST_LIST, MOST_ROWS, Reading, zero_problems
from routing_core.formats.row_problems import RowProblems
from routing_core.formats.sheet import (
    LONGEST_SHOWN,
    Columns,
    SheetRow,
    Table,
    harmless,
    nearest_column,
    rows,
    without_quote,
    written_table,
)
from routing_core.formats.territory_cells import NoCountry, split_list, territory_texts

_COUNTRY = frozenset({"country", "staat", "nation"})
_STATE = frozenset(
    {"state", "province", "state_province", "bundesland", "land", "canton", "kanton"}
)
_AREA = frozenset({
    "area", "areas", "zip", "zips", "zip3", "zip_code", "zip_codes", "zip_range", "postcode", "postcodes",
    "postal_code", "plz", "fsa", "territory", "territories", "gebiet", "gebiete",
})  # fmt: skip
_ORDINALS = {
    "first": 1, "1st": 1, "primary": 1, "erster": 1, "erste": 1, "second": 2, "2nd": 2, "secondary": 2, "zweiter": 2,
    "zweite": 2, "third": 3, "3rd": 3, "tertiary": 3, "dritter": 3, "dritte": 3, "fourth": 4, "4th": 4, "fifth": 5,
    "5th": 5,
}  # fmt: skip
_DEALER = frozenset({
    "dealer", "partner", "installer", "reseller", "rank", "rang", "choice", "prio", "priority", "händler", "haendler",
})  # fmt: skip
_MAP_WORDS = (*_COUNTRY, *_STATE, *_AREA, *_ORDINALS, *_DEALER, "backup")
_RANK_NAMES = ("first", "second", "third")
_OF_THE_AREA = ("country", "state", "area")
_DEALER_ALONE = frozenset({"dealer", "partner", "installer", "reseller", "händler"})
_MOST_UNKNOWN = 50


@dataclass(frozen=True, slots=True)
class PartnersMap:
    """What a dealer map says, and what is wrong with it."""

    territories: Mapping[str, Sequence[str]]
    """Partner → its entries, as territories are written; partners in the order of the file."""
    problems: tuple[Problem, ...]
    ignored: tuple[str, ...] = ()
    """Columns that were left out, as the file names them."""


# ── columns ───────────────────────────────────────────────────────────────────────────────────────


class _MapColumns(Columns):
    """The columns of a map, by what they mean: vendors give them many names."""

    def names(self, cells: Sequence[str]) -> list[str]:
        """Give what each column means; one that means nothing to us keeps its name."""
        return [_meaning(cell) or one_line(cell).lower() for cell in cells]

    def is_known(self, name: str) -> bool:
        """Tell whether a column means something."""
        return bool(_meaning(name))

    def nearest(self, name: str, names: Sequence[str]) -> str:
        """Give the name of a column that the map lacks and that is spelled nearly so."""
        return nearest_column(name, [each for each in _MAP_WORDS if _meaning(each) not in names])

    def told_as(self, name: str, written: str) -> str:
        """Give the name in the file, for ours is only what it means."""
        return one_line(written)[:LONGEST_SHOWN]


def is_map(text: str) -> bool:
    """Tell whether a list's header is that of a map: an area, and who comes first there."""
    for _, cells in rows(text[:10_000]):
        if isinstance(cells, Problem):
            return False
        meanings = {_meaning(name) for name in cells}
        return "1" in meanings and not meanings.isdisjoint(_OF_THE_AREA)
    return False


def _meaning(column: str) -> str:
    """Give ``country``, ``state``, ``area``, a rank, ``backup 2`` or ``not``.

    It is empty for any other column.
    """
    name = re.sub(r"[\s/_.\-]+", "_", one_line(column).lower()).strip("_")
    for meaning, called in (("country", _COUNTRY), ("state", _STATE), ("area", _AREA)):
        if name in called:
            return meaning
    words = name.split("_")
    if words[0] in ("backup", "not") and all(word.isdigit() for word in words[1:]):
        return " ".join(words[:2])
    return _rank(words) or ("1" if name in _DEALER_ALONE else "")


def _rank(words: Sequence[str]) -> str:
    """Give the one number there is among words for a dealer.

    It is ``2`` for ``dealer_2`` and ``second_choice``.
    """
    numbers = []
    for word in words:
        if word in _ORDINALS:
            numbers.append(_ORDINALS[word])
        elif word.isdigit():
            numbers.append(int(word[:3]) if word.isdecimal() else 0)
        elif word not in _DEALER:
            return ""
    return str(numbers[0]) if len(numbers) == 1 and 1 <= numbers[0] <= 99 else ""


# ── reading ───────────────────────────────────────────────────────────────────────────────────────


def read_partners_map(text: str, reading: Reading, names: Mapping[str, str]) -> PartnersMap:
    """Read a map.

    ``names``: partner → name, of everybody there is. Never raises for what the file says.
    """
    columns = _MapColumns(known=_MAP_WORDS, needed=())
    table = Table(text, columns, LARGEST_LIST)
    read = _MapReader(reading, names, frozenset(filter(columns.is_known, table.names)))
    for row in table:
        if row.number > MOST_ROWS:
            message = worded("map.many", "is too many: at most {most} at once", most=MOST_ROWS)
            table.problems.append(row.problem("", "too_many_rows", message))
            break
        read.row(row)
    problems = [*read.problems.told(), *read.unknown_partners(), *table.problems]
    if not problems and not read.found:
        english = "names no partners: start with the header, then one area per row"
        message = worded("map.none", english)
        problems.append(Problem("file", "empty", message))
    if not problems and not reading.assumed.zeros_are_right:
        problems += zero_problems(read.all_territories())
    territories = {name: tuple(texts) for name, texts in read.found.items()}
    return PartnersMap(territories, tuple(first_problems(problems)), table.ignored)


@dataclass
class _MapReader:
    reading: Reading
    names: Mapping[str, str]
    meanings: frozenset[str]
    """The columns of the map that mean something."""
    problems: RowProblems = field(default_factory=RowProblems)
    found: dict[str, dict[str, None]] = field(default_factory=lambda: defaultdict(dict))
    """Partner → its entries, each once, in the order of the rows."""
    unknown: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    """A name that nobody has → the rows in which it stands."""

    def __post_init__(self) -> None:
        # Who has another's name as their id is meant by it: ids win.
        self.known = {folded(name): partner for partner, name in self.names.items()}
        self.known |= {folded(partner): partner for partner in self.names}

    def row(self, row: SheetRow) -> None:
        """Give the row's areas to the partners it names, or note what is wrong with it."""
        cells = {}
        for name, cell in row.cells.items():
            if name in self.meanings:
                cells[name] = without_quote(cell).strip()
        try:
            areas = self._areas(cells)
        except NoCountry as error:
            usual = self.reading.programme.country
            question = f"{error}; shall we read such rows as {usual}? Then send the map with ?country={usual}"
            self.problems.add(row.number, "area", "no_country", question)
            return
        except ValueError as error:
            self.problems.add(row.number, "area", "invalid", said_by(error))
            return
        for meaning, cell in cells.items():
            if meaning in _OF_THE_AREA or not cell:
                continue
            entries = [_entry(area, meaning) for area in areas]
            for partner in self._partners(row.number, cell):
                self.found[partner].update(dict.fromkeys(entries))

    def _areas(self, cells: Mapping[str, str]) -> list[str]:
        """Give the territories that the row names.

        Raises ValueError saying what would be right, or NoCountry.
        """
        country = cells.get("country", "")
        code = country_code(country) if country else self.reading.assumed.country
        if country and not code:
            english = "{value!r} is not a country: use one like DE, AT or US"
            raise ValueError(worded("map.no_country", english, value=country[:40]))
        texts = self._written_areas(cells, code, names_country=bool(country))
        return [_checked(text) for text in texts]

    def _written_areas(
        self, cells: Mapping[str, str], code: str, *, names_country: bool
    ) -> list[str]:
        """Give what the narrowest of the columns that are filled says."""
        area = cells.get("area", "")
        state = cells.get("state", "")
        if area:
            return territory_texts(area, code, self.reading.form_countries)
        if state:
            if not code:
                raise NoCountry(state)
            return [f"{code} {each}" for each in split_list(state)]
        if names_country:
            return [code]
        english = "names no area: write what postcodes begin with, a state or a country"
        raise ValueError(worded("map.no_area", english))

    def _partners(self, number: int, cell: str) -> Iterator[str]:
        """Give the partners whom a cell names, and note the names that nobody has."""
        # A name may have a comma in it, so the whole cell is looked up before it is taken apart.
        written_names = [cell] if folded(cell) in self.known else _separated(cell)
        for written in written_names:
            partner = self.known.get(folded(written))
            if partner:
                yield partner
            else:
                self.unknown[written[:80]].append(number)

    def all_territories(self) -> Iterator[str]:
        """Give every entry of every partner."""
        for texts in self.found.values():
            yield from texts

    def unknown_partners(self) -> list[Problem]:
        """Tell of each name that nobody has once, however many rows have it."""
        guesses = Guesses([*self.names.values(), *self.names])
        told = []
        for written, numbers in list(self.unknown.items())[:_MOST_UNKNOWN]:
            near = guesses.nearest(written)
            where = f"row {numbers[0]}"
            if len(numbers) > 1:
                where = f"{len(numbers):,} rows from row {numbers[0]} on"
            english = "{value!r} is not a partner: import this partner first"
            message = worded("map.unknown", english, value=written)
            if near:
                english = "{value!r} is not a partner: did you mean {meant}?"
                message = worded("map.unknown_meant", english, value=written, meant=near)
            told.append(Problem(where, "unknown_partner", message))
        if len(self.unknown) > _MOST_UNKNOWN:
            english = "{count:,} more names do not match a partner"
            more = worded("map.more", english, count=len(self.unknown) - _MOST_UNKNOWN)
            told.append(Problem("file", "unknown_partner", more))
        return told


def _checked(text: str) -> str:
    entry = Territory.parse(text)
    entry.check()
    return str(entry)


def _separated(cell: str) -> list[str]:
    parts = [one_line(part) for part in re.split(r"[|\n\r;,]+", cell)]
    return [part for part in parts if part]


def _entry(area: str, meaning: str) -> str:
    """Give the territory with what the column says of it."""
    if meaning == "not":
        return f"not {area}"
    number = meaning.removeprefix("backup").strip() or "1"
    rank = "" if number == "1" else f" rank {number}"
    backup = " backup" if meaning.startswith("backup") else ""
    return f"{area}{rank}{backup}"


# ── writing ───────────────────────────────────────────────────────────────────────────────────────


def partners_map(partners: Iterable[Partner]) -> str:
    """Give the network as a map.

    ``read_partners_map`` reads this CSV text back to the same territories.
    """
    cells: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    used: set[str] = set()
    for partner in sorted(partners, key=lambda each: each.id):
        for entry in partner.territories:
            column = _column(entry)
            used.add(column)
            cells[str(_bare(entry))][column].append(partner.id)
    columns = [*_RANK_NAMES, *sorted(used.difference(_RANK_NAMES), key=_column_order)]
    lines = [["area", *columns]]
    for area, by_column in sorted(cells.items()):
        lines.append([harmless(area), *("|".join(by_column[column]) for column in columns)])
    return written_table(lines)


def _column_order(column: str) -> tuple[bool, bool, int, str]:
    """Put ranks first, then backups, and at the end who is taken away.

    So ``rank 10`` stands behind ``rank 9``.
    """
    return column == "not", column.startswith("backup"), len(column), column


def _bare(entry: Territory) -> Territory:
    return Territory(entry.country, entry.reach, entry.value)


def _column(entry: Territory) -> str:
    if entry.excluded:
        return "not"
    if entry.backup:
        return "backup" if entry.rank == 1 else f"backup {entry.rank}"
    return _RANK_NAMES[entry.rank - 1] if entry.rank <= len(_RANK_NAMES) else f"rank {entry.rank}"
