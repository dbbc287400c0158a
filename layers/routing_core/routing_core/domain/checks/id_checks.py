"""Check ids and spellings of a programme: unknown ones, ones used twice, ambiguous ones."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from routing_core.domain.errors import Problem
from routing_core.domain.values.spelled import folded, spellings


def unknown_id(path: str, value: str, known: Iterable[str]) -> Problem:
    """Word the problem that nothing is called so, with what is."""
    defined = ", ".join(known)
    message = f"{value!r} is not defined, nor is any other"
    if defined:
        message = f"{value!r} is not defined: use one of {defined}"
    return Problem(path, "unknown_id", message)


def unknown_ids(path: str, values: Iterable[str], known: Sequence[str]) -> Iterator[Problem]:
    """Find each entry of a list that nothing is called."""
    for place, value in enumerate(values):
        if value not in known:
            yield unknown_id(f"{path}[{place}]", value, known)


def duplicates(path: str, ids: Iterable[str], suffix: str = "") -> Iterator[Problem]:
    """Find each id that stands twice in a list; ``suffix`` is the field that holds it."""
    seen: set[str] = set()
    for place, name in enumerate(ids):
        if name in seen:
            message = f"{name!r} is there already: ids are unique"
            yield Problem(f"{path}[{place}]{suffix}", "duplicate", message)
        seen.add(name)


def ambiguous_spellings(
    path: str, known: Mapping[str, tuple[Mapping[str, str], Sequence[str]]]
) -> Iterator[Problem]:
    """Find each spelling that two go by, which would be read as neither.

    ``known`` has, by id, the label in each language and the other spellings (``also``).
    """
    names = {name: (*label.values(), *also) for name, (label, also) in known.items()}
    meaning = spellings(names)
    for place, (name, (_, also)) in enumerate(known.items()):
        for number, spelling in enumerate(also):
            if meaning.get(folded(spelling)) == name:
                continue
            hint = "write a spelling that only this one goes by"
            message = f"{spelling!r} is another one's name too: {hint}"
            yield Problem(f"{path}[{place}].also[{number}]", "ambiguous", message)
