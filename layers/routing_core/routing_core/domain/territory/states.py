"""The states, provinces, Länder and cantons of countries: names, and how their postcodes begin.

They stand in ``data/states.txt`` and ``data/laender.txt``, which ``infra.tools.states`` makes from
kept sources. What belongs to a country by its postcodes, and is a country by its code, is one of
its states: ``PR`` is Puerto Rico in the US.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import chain
from pathlib import Path

from routing_core.domain.values.spelled import folded

_DATA = Path(__file__).parents[1].joinpath("data")
_FILES = ("states.txt", "laender.txt")
# Countries by their code whose postcodes are those of another: ZIP codes of the US.
_WITHIN = dict.fromkeys(("AS", "FM", "GU", "MH", "MP", "PR", "PW", "VI"), "US")


@dataclass(frozen=True, slots=True)
class State:
    """A state, by whatever name its country calls it."""

    key: str
    """What it is stored by: ``CO``, ``BY``."""
    names: tuple[str, ...]
    """How people call it, the usual name first."""
    beginnings: tuple[str, ...]
    """With what its postcodes begin, in capitals and digits; a whole postcode is one too."""

    @property
    def name(self) -> str:
        """Give how people call it; its key where no source tells."""
        return self.names[0] if self.names else self.key


def postal_country(country: str) -> str:
    """Give the country whose postcodes are used there: Puerto Rico has ZIP codes of the US."""
    return _WITHIN.get(country, country)


def state_of(country: str, written: str) -> State | None:
    """Find the state that goes by that key or name: ``CO``, ``US-CO``, ``Colorado``."""
    known = _by_spelling(country)
    without_country = written.upper().removeprefix(f"{country}-")
    return known.get(folded(written)) or known.get(folded(without_country))


def states(country: str) -> Mapping[str, State]:
    """Give a country's states by key; none where no source tells which postcodes are theirs."""
    return _states().get(country, {})


def state_at(country: str, postcode: str) -> State | None:
    """Find the state in which that postcode is: the one with the longest beginning that fits."""
    compact = "".join(filter(str.isalnum, postcode)).upper()
    known = _by_beginning(country)
    for length in range(len(compact), 0, -1):
        state = known.get(compact[:length])
        if state:
            return state
    return None


def countries_of(written: str) -> tuple[str, ...]:
    """Give every country that has a state of that name."""
    return tuple(country for country in _states() if state_of(country, written))


@cache
def _by_spelling(country: str) -> Mapping[str, State]:
    """Map folded names and keys to states."""
    found: dict[str, State] = {}
    for state in states(country).values():
        for name in state.names:
            found.setdefault(folded(name), state)
    # A key means its own state, whatever else is called like it.
    return found | {folded(key): state for key, state in states(country).items()}


@cache
def _by_beginning(country: str) -> Mapping[str, State]:
    found: dict[str, State] = {}
    for state in states(country).values():
        found |= dict.fromkeys(state.beginnings, state)
    return found


@cache
def _states() -> Mapping[str, Mapping[str, State]]:
    """Read the kept lists: country, then key, to state."""
    found: dict[str, dict[str, State]] = {}
    for file in _FILES:
        for line in (_DATA / file).read_text("utf-8").splitlines():
            if line.startswith("#"):
                continue
            country, key, names, runs = line.split("\t")
            beginnings = chain.from_iterable(map(_run, runs.split()))
            known_as = filter(None, names.split("|"))
            found.setdefault(country, {})[key] = State(key, tuple(known_as), tuple(beginnings))
    return found


def _run(run: str) -> Iterator[str]:
    """Yield the numbers of a run like ``01-03``, each with its zeros; a beginning alone is one."""
    first, _, last = run.partition("-")
    if not last:
        yield first
        return
    for number in range(int(first), int(last) + 1):
        yield f"{number:0{len(first)}}"
