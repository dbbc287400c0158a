"""The states, provinces, Länder and cantons of countries, by name, and with what their postcodes
begin.

They stand in ``data/states.txt`` and ``data/laender.txt``, which ``infra.tools.states`` makes from
kept sources. What belongs to a country by its postcodes, and is a country by its code, is one of
its states: ``PR`` is Puerto Rico in the US.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from routing_core.domain.values.spelled import folded

_DATA = Path(__file__).parents[1].joinpath("data")
_FILES = ("states.txt", "laender.txt")
_WITHIN = {
    "AS": "US",
    "FM": "US",
    "GU": "US",
    "MH": "US",
    "MP": "US",
    "PR": "US",
    "PW": "US",
    "VI": "US",
}


@dataclass(frozen=True, slots=True)
class State:
    """``beginnings`` is with what its postcodes begin, in capitals and digits; a whole postcode is
    one too.
    """

    key: str
    names: tuple[str, ...]
    beginnings: tuple[str, ...]

    @property
    def name(self) -> str:
        """As people call it."""
        return self.names[0] if self.names else self.key


def postal_country(country: str) -> str:
    """Whose postcodes they are: those of Puerto Rico are ZIP codes of the US."""
    return _WITHIN.get(country, country)


def state_of(country: str, written: str) -> State | None:
    """The state that goes by that key or name: ``CO``, ``US-CO``, ``Colorado``."""
    known = _by_spelling(country)
    return known.get(folded(written)) or known.get(
        folded(written.upper().removeprefix(f"{country}-"))
    )


def states(country: str) -> Mapping[str, State]:
    """By key; none where no source tells which postcodes are theirs."""
    return _states().get(country, {})


def state_at(country: str, postcode: str) -> State | None:
    """Finds the state in which that postcode is: the one with the longest beginning that fits."""
    compact = "".join(filter(str.isalnum, postcode)).upper()
    known = _by_beginning(country)
    lengths = range(len(compact), 0, -1)
    return next((known[compact[:length]] for length in lengths if compact[:length] in known), None)


def countries_of(written: str) -> tuple[str, ...]:
    """Every country that has a state of that name."""
    return tuple(country for country in _states() if state_of(country, written))


@cache
def _by_spelling(country: str) -> Mapping[str, State]:
    found: dict[str, State] = {}
    for state in states(country).values():
        for name in state.names:
            found.setdefault(folded(name), state)
    return found | {folded(key): state for key, state in states(country).items()}


@cache
def _by_beginning(country: str) -> Mapping[str, State]:
    found: dict[str, State] = {}
    for state in states(country).values():
        found |= dict.fromkeys(state.beginnings, state)
    return found


@cache
def _states() -> Mapping[str, Mapping[str, State]]:
    found: dict[str, dict[str, State]] = {}
    for file in _FILES:
        for line in (_DATA / file).read_text("utf-8").splitlines():
            if line.startswith("#"):
                continue
            country, key, names, beginnings = line.split("\t")
            every = tuple(each for run in beginnings.split() for each in _run(run))
            found.setdefault(country, {})[key] = State(
                key, tuple(filter(None, names.split("|"))), every
            )
    return found


def _run(run: str) -> Iterator[str]:
    first, _, last = run.partition("-")
    if not last:
        yield first
        return
    for number in range(int(first), int(last) + 1):
        yield f"{number:0{len(first)}}"
