"""A word of HQ's as other people's files spell it: ``Service`` for ``service``, or the name that people see."""

from collections.abc import Iterable, Mapping


def folded(text: str) -> str:
    """Without what spellings differ in: capitals, spaces, hyphens, underscores."""
    return "".join(sign for sign in text.casefold() if sign.isalnum())


def spellings(named: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """Folded spelling → id, for each id and its names; what two ids share means neither."""
    found: dict[str, str] = {}
    shared: set[str] = set()
    for known, names in named.items():
        for name in {folded(each) for each in names}:
            if found.setdefault(name, known) != known:
                shared.add(name)
    for name in shared:
        del found[name]
    return found | {folded(known): known for known in named}


def meant(text: str, known: Mapping[str, str]) -> str:
    """The id that ``spellings`` has for it; the text as it is where there is none."""
    return known.get(folded(text), text)
