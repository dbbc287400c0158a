"""A dealer map as vendors keep it: a row for each area, with who is asked first, second and third
there.

    country;state;zip;first;second;third
    US;CO;;peak-solar;Mile Marker Energy;
    US;;800-816;front-range;peak-solar|columbine;

The narrowest of the area's columns that is filled counts. Partners go by id or name; several in one
cell are separated as territories are. ``backup`` and ``not`` name who is only asked when nobody
else is left, and from whom the area is taken away. The map is all of where a partner works whom it
names; others keep their territories.
"""

import csv
import io
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from routing_core.domain.errors import Problem, first_problems
from routing_core.domain.partner import Partner
from routing_core.domain.territory.countries import country_code
from routing_core.domain.territory.territory import Territory
from routing_core.domain.values.clean import one_line
from routing_core.domain.values.spelled import Guesses, folded
from routing_core.formats.partners_csv import (
    LARGEST,
    MOST_ROWS,
    Reading,
    misspelt,
    nearly,
    zero_problems,
)
from routing_core.formats.row_problems import RowProblems
from routing_core.formats.sheet import harmless, rows, unreadable, without_quote
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
_ALL = (*_COUNTRY, *_STATE, *_AREA, *_ORDINALS, *_DEALER, "backup")
_NAMES = ("first", "second", "third")
_MOST_UNKNOWN = 50


@dataclass(frozen=True, slots=True)
class PartnersMap:
    """``territories``: partner → its entries, as territories are written; partners in the order of
    the file.
    """

    territories: Mapping[str, Sequence[str]]
    problems: tuple[Problem, ...]
    ignored: tuple[str, ...] = ()
    """Columns that were left out, as the file names them."""


def is_map(text: str) -> bool:
    """Whether its header is that of a map: an area, and who comes first there."""
    for _, cells in rows(text[:10_000]):
        if isinstance(cells, Problem):
            return False
        kinds = [_kind(name) for name in cells]
        return any(kind == "1" for kind in kinds) and any(
            kind in ("country", "state", "area") for kind in kinds
        )
    return False


def read_partners_map(text: str, reading: Reading, names: Mapping[str, str]) -> PartnersMap:
    """``names``: partner → name, of everybody there is. Never raises for what the file says."""
    if problem := unreadable(text, LARGEST):
        return PartnersMap({}, (problem,))
    read = _Reader(reading, names)
    header: list[str] | None = None
    of_file: list[Problem] = []
    ignored: tuple[str, ...] = ()
    for number, cells in rows(text):
        if isinstance(cells, Problem):
            of_file.append(cells)
            break
        if header is None:
            header = list(map(_kind, cells))
            ignored = tuple(
                one_line(cell)[:40]
                for cell, kind in zip(cells, header, strict=True)
                if cell and not kind
            )
            of_file += _header_problems(cells, header)
            if of_file:
                break
        elif number > MOST_ROWS:
            of_file.append(
                Problem(
                    f"row {number}", "too_many_rows", f"is too many: at most {MOST_ROWS} at once"
                )
            )
            break
        elif any(cell.strip() for cell in cells):
            read.row(number, list(zip(header, map(without_quote, cells), strict=False)))
    problems = [*read.problems.told(), *read.unknown_partners(), *of_file]
    if not problems and not read.found:
        problems.append(
            Problem(
                "file", "empty", "names no partners: start with the header, then one area per row"
            )
        )
    if not problems and not reading.zeros_are_right:
        problems += zero_problems(text for texts in read.found.values() for text in texts)
    territories = {name: tuple(texts) for name, texts in read.found.items()}
    return PartnersMap(territories, tuple(first_problems(problems)), ignored)


def _kind(column: str) -> str:
    """``country``, ``state``, ``area``, a rank, ``backup 2``, ``not``; empty for any other
    column.
    """
    name = re.sub(r"[\s/_.\-]+", "_", one_line(column).lower()).strip("_")
    for kind, called in (("country", _COUNTRY), ("state", _STATE), ("area", _AREA)):
        if name in called:
            return kind
    words = name.split("_")
    if words[0] in ("backup", "not") and all(word.isdigit() for word in words[1:]):
        return " ".join(words[:2])
    numbers = [
        str(_ORDINALS.get(word, word)) for word in words if word in _ORDINALS or word.isdigit()
    ]
    others = [word for word in words if word not in _ORDINALS and not word.isdigit()]
    if len(numbers) == 1 and 1 <= int(numbers[0][:3]) <= 99 and _DEALER.issuperset(others):
        return str(int(numbers[0]))
    return "1" if name in ("dealer", "partner", "installer", "reseller", "händler") else ""


def _header_problems(cells: Sequence[str], kinds: Sequence[str]) -> Iterator[Problem]:
    for place, kind in enumerate(kinds):
        if kind and kind in kinds[:place]:
            yield Problem(f"row 1, {one_line(cells[place])[:40]}", "duplicate", "appears twice")
        name = one_line(cells[place]).lower()
        if not kind and (near := nearly(name, [each for each in _ALL if _kind(each) not in kinds])):
            yield Problem(f"row 1, column {place + 1}", "unknown_column", misspelt(name, near))


@dataclass
class _Reader:
    reading: Reading
    names: Mapping[str, str]
    problems: RowProblems = field(default_factory=RowProblems)
    found: dict[str, dict[str, None]] = field(default_factory=lambda: defaultdict(dict))
    unknown: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        self.known = {folded(name): partner for partner, name in self.names.items()}
        self.known |= {folded(partner): partner for partner in self.names}

    def row(self, number: int, cells: Sequence[tuple[str, str]]) -> None:
        named = {kind: cell.strip() for kind, cell in cells if kind}
        try:
            areas = self._areas(named)
        except NoCountry as error:
            usual = self.reading.programme.country
            question = f"{error}; shall we read such rows as {usual}? Then send the map with ?country={usual}"
            self.problems.add(number, "area", "no_country", question)
            return
        except ValueError as error:
            self.problems.add(number, "area", "invalid", str(error))
            return
        for kind, cell in named.items():
            if kind not in ("country", "state", "area") and cell:
                for partner in self._partners(number, cell):
                    self.found[partner].update(
                        dict.fromkeys(_written(area, kind) for area in areas)
                    )

    def _areas(self, named: Mapping[str, str]) -> list[str]:
        """Raises ValueError saying what would be right, or NoCountry."""
        country, state, area = (named.get(kind, "") for kind in ("country", "state", "area"))
        code = country_code(country) if country else self.reading.country
        if country and not code:
            raise ValueError(f"{country[:40]!r} is not a country: use one like DE, AT or US")
        if not area and state:
            if not code:
                raise NoCountry(state)
            texts = [f"{code} {each}" for each in split_list(state)]
        elif area:
            texts = territory_texts(area, code, self.reading.asked)
        elif code and country:
            texts = [code]
        else:
            raise ValueError("names no area: write what postcodes begin with, a state or a country")
        return [self._checked(text) for text in texts]

    def _checked(self, text: str) -> str:
        entry = Territory.parse(text)
        entry.check()
        return str(entry)

    def _partners(self, number: int, cell: str) -> Iterator[str]:
        """A name may have a comma in it."""
        whole = self.known.get(folded(cell))
        for written in [cell] if whole else _separated(cell):
            partner = self.known.get(folded(written))
            if partner:
                yield partner
            else:
                self.unknown[written[:80]].append(number)

    def unknown_partners(self) -> list[Problem]:
        """Tells of each name once, however many rows have it."""
        guesses = Guesses([*self.names.values(), *self.names])
        told = []
        for written, numbers in list(self.unknown.items())[:_MOST_UNKNOWN]:
            near = guesses.nearest(written)
            hint = f"did you mean {near}?" if near else "import this partner first"
            rows_ = (
                f"row {numbers[0]}"
                if len(numbers) == 1
                else f"{len(numbers):,} rows from row {numbers[0]} on"
            )
            told.append(Problem(rows_, "unknown_partner", f"{written!r} is not a partner: {hint}"))
        if len(self.unknown) > _MOST_UNKNOWN:
            more = f"{len(self.unknown) - _MOST_UNKNOWN:,} more names do not match a partner"
            told.append(Problem("file", "unknown_partner", more))
        return told


def _separated(cell: str) -> list[str]:
    return [part for part in map(one_line, re.split(r"[|\n\r;,]+", cell)) if part]


def _written(area: str, kind: str) -> str:
    """The area with what the column says of it."""
    if kind == "not":
        return f"not {area}"
    number = kind.removeprefix("backup").strip() or "1"
    rank = "" if number == "1" else f" rank {number}"
    return f"{area}{rank} backup" if kind.startswith("backup") else f"{area}{rank}"


def partners_map(partners: Iterable[Partner]) -> str:
    """The network as a map: a CSV text that ``read_partners_map`` reads back to the same
    territories.
    """
    cells: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for partner in sorted(partners, key=lambda each: each.id):
        for entry in partner.territories:
            cells[str(_bare(entry))][_column(entry)].append(partner.id)
    used = {column for by_column in cells.values() for column in by_column} - set(_NAMES)
    columns = [*_NAMES, *sorted(used, key=_place)]
    out = io.StringIO()
    table = csv.writer(out, delimiter=";", lineterminator="\r\n")
    table.writerow(["area", *columns])
    for area in sorted(cells):
        table.writerow([harmless(area), *("|".join(cells[area][column]) for column in columns)])
    return "\ufeff" + out.getvalue()


def _place(column: str) -> tuple[bool, bool, int, str]:
    """Ranks first, then backups, and at the end who is taken away."""
    return column == "not", column.startswith("backup"), len(column), column


def _bare(entry: Territory) -> Territory:
    return Territory(entry.country, entry.reach, entry.value)


def _column(entry: Territory) -> str:
    if entry.excluded:
        return "not"
    if entry.backup:
        return "backup" if entry.rank == 1 else f"backup {entry.rank}"
    return _NAMES[entry.rank - 1] if entry.rank <= len(_NAMES) else f"rank {entry.rank}"
