"""Check ids and spellings of a programme: unknown ones, ones used twice, ambiguous ones."""

from collections.abc import Iterable, Iterator, Sequence

from routing_core.domain.errors import Problem
from routing_core.domain.programme.forms import Option, Product, Urgency
from routing_core.domain.values.sentence import worded
from routing_core.domain.values.spelled import folded, spellings


def unknown_id(path: str, value: str, known: Iterable[str]) -> Problem:
    """Word the problem that nothing is called so, with what is."""
    defined = ", ".join(known)
    message = worded("nothing_defined", "{value!r} is not defined, nor is any other", value=value)
    if defined:
        english = "{value!r} is not defined: use one of {options}"
        message = worded("not_defined", english, value=value, options=defined)
    return Problem(path, "unknown_id", message)


def unknown_ids(path: str, values: Iterable[str], known: Sequence[str]) -> Iterator[Problem]:
    """Find each entry of a list that nothing is called."""
    for index, value in enumerate(values):
        if value not in known:
            yield unknown_id(f"{path}[{index}]", value, known)


def duplicates(path: str, ids: Iterable[str], suffix: str = "") -> Iterator[Problem]:
    """Find each id that stands twice in a list; ``suffix`` is the field that holds it."""
    seen: set[str] = set()
    for index, name in enumerate(ids):
        if name in seen:
            english = "{value!r} is there already: ids are unique"
            message = worded("id_there", english, value=name)
            yield Problem(f"{path}[{index}]{suffix}", "duplicate", message)
        seen.add(name)


def ambiguous_spellings(
    path: str, parts: Sequence[Product | Urgency | Option]
) -> Iterator[Problem]:
    """Find each other spelling (``also``) that two go by, which would be read as neither."""
    # Ids that stand twice are told elsewhere; here the last of them counts.
    by_id = {part.id: part for part in parts}
    meaning = spellings({name: part.spellings for name, part in by_id.items()})
    for index, part in enumerate(by_id.values()):
        for number, spelling in enumerate(part.also):
            if meaning.get(folded(spelling)) == part.id:
                continue
            english = (
                "{value!r} is another one's name too: write a spelling that only this one goes by"
            )
            message = worded("ambiguous", english, value=spelling)
            yield Problem(f"{path}[{index}].also[{number}]", "ambiguous", message)
