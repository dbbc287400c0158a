"""Say where in the rules something stands: ``offers[1].window`` as "Time to answer, rule 2"."""

import re

from routing_core.present.catalog import Catalog
from routing_core.present.safe import line

LISTS_OF_RULES = frozenset({"offers", "contact", "promise", "backup", "rules"})
"""An entry of these lists is called a rule."""
LONGEST_STEP = 60
"""Letters of a name that somebody gave, such as a region's."""
_STEP = re.compile(r"\[(\d+)\]|([^.\[\]]+)")


def place_told(path: str, catalog: Catalog) -> str:
    """Name a place of the rules as people know it; what the vendor named is called so."""
    if path.startswith("("):
        return catalog.translate("hq_rules.place_of.whole")
    names: list[str] = []
    last = ""
    for number, name in _STEP.findall(path):
        if number:
            names[-1:] = [f"{names[-1]}, {_entry(last, int(number) + 1, catalog)}"] if names else []
            continue
        last = name
        names.append(_named(name, catalog))
    head, *rest = names or [line(path, LONGEST_STEP)]
    told = f"{head}: {', '.join(rest)}" if rest else head
    return told[:1].upper() + told[1:]


def _entry(of_list: str, number: int, catalog: Catalog) -> str:
    kind = "rule" if of_list in LISTS_OF_RULES else "entry"
    return catalog.translate(f"hq_rules.place_of.{kind}", n=number)


def _named(name: str, catalog: Catalog) -> str:
    return catalog.find(f"hq_rules.place.{name}") or line(name, LONGEST_STEP)
