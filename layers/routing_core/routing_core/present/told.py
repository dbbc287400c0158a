"""Say what a check found wrong or doubtful in the language of whoever reads it."""

from collections.abc import Iterable
from typing import Any

from routing_core.domain.values.sentence import Sentence, Sentences
from routing_core.present.catalog import Catalog, catalog_for
from routing_core.present.rule_places import place_told

PATHS_FILLED_IN = ("at", "places")
"""What fills in these names are paths of the rules: one, or several with `` and `` between."""


def sentence_told(said: str, catalog: Catalog) -> str:
    """Say a sentence in the words of the catalogue; one without words there as it is."""
    if not isinstance(said, Sentence):
        return said
    fill = {name: _filled(name, value, catalog) for name, value in said.fill.items()}
    return catalog.find(f"said.{said.words}", **fill) or str(said)


def doubt_told(doubt: str, catalog: Catalog) -> str:
    """Say what is doubtful, beginning with the part of the rules that it is about."""
    said = sentence_told(doubt, catalog)
    at = doubt.fill.get("at") if isinstance(doubt, Sentence) else None
    return f"{place_told(at, catalog)}. {said}" if at else said


def doubts_for_programs(doubts: Iterable[str], language: str) -> list[str]:
    """Say what is doubtful to whoever reads a program's answer: in English with paths."""
    if language == "en":
        return list(map(str, doubts))
    return [doubt_told(each, catalog_for(language)) for each in doubts]


def _filled(name: str, value: Any, catalog: Catalog) -> Any:
    if isinstance(value, Sentence):
        return sentence_told(value, catalog)
    if isinstance(value, Sentences):
        return ", ".join(sentence_told(each, catalog) for each in value)
    if name in PATHS_FILLED_IN:
        paths = str(value).replace(" and ", ", ").split(", ")
        return "; ".join(place_told(path, catalog) for path in paths)
    return value
