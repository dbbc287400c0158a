"""Say what a check found wrong or doubtful in the language of whoever reads it."""

from typing import Any

from routing_core.domain.values.sentence import Sentence
from routing_core.present.catalog import Catalog
from routing_core.present.rule_places import place_told

PATHS_FILLED_IN = ("at", "places")
"""What fills in these names are paths of the rules: one, or several with `` and `` between."""


def sentence_told(said: str, catalog: Catalog) -> str:
    """Say a sentence in the words of the catalogue; one without words there as it is."""
    if not isinstance(said, Sentence):
        return said
    fill = {name: _filled(name, value, catalog) for name, value in said.fill.items()}
    return catalog.find(f"said.{said.words}", **fill) or str(said)


def _filled(name: str, value: Any, catalog: Catalog) -> Any:
    if isinstance(value, Sentence):
        return sentence_told(value, catalog)
    if name in PATHS_FILLED_IN:
        paths = str(value).replace(" and ", ", ").split(", ")
        return "; ".join(place_told(path, catalog) for path in paths)
    return value
