"""What checks say is wrong or doubtful is said in each language, with places people know."""

import re
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml

import routing_core
from routing_core.domain.checks.programme_checks import read_programme
from routing_core.domain.checks.programme_warnings import programme_warnings
from routing_core.domain.errors import InvalidInput, Problem
from routing_core.domain.programme.document import Doc
from routing_core.domain.programme.programme import Programme
from routing_core.domain.values.sentence import Sentence, said_by, worded
from routing_core.formats.yaml_text import read_yaml
from routing_core.present.catalog import LANGUAGES, LOCALES, catalog_for
from routing_core.present.rule_places import place_told
from routing_core.present.told import sentence_told
from tests.support.builders import a_programme, programme_document

SOURCES = Path(routing_core.__file__).parent
GERMAN = catalog_for("de")
ENGLISH_WORDS = re.compile(
    r"\b(the|is|are|must|not|use|write|only|there|and|or|with|of|to|at most|every|known)\b"
)
"""Words that a German sentence has not: what stands in quotes is looked at no more than names."""


def words_in_code() -> set[str]:
    """The names of all sentences that the code can say: of calls, and of tables of them."""
    names: set[str] = set()
    for path in SOURCES.rglob("*.py"):
        text = path.read_text("utf-8")
        if "worded(" in text:
            names |= set(re.findall(r'worded\(\s*"([a-z_0-9.]+)"', text))
            names |= set(re.findall(r'[:=] \(\s*"([a-z_0-9.]+)",\s*"(?:must|is|has) ', text))
    return names - {"is_taken"}


def words_in(language: str) -> set[str]:
    def keys(part: Any, path: str) -> set[str]:
        if not isinstance(part, dict) or set(part) == {"one", "other"}:
            return {path}
        found: set[str] = set()
        for name, inner in part.items():
            found |= keys(inner, f"{path}.{name}".lstrip("."))
        return found

    return keys(yaml.safe_load((LOCALES / language / "said.yaml").read_text("utf-8")), "")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_of_a_check_has_words_and_no_words_are_left_over(language: str) -> None:
    assert words_in_code() == words_in(language)


def test_a_sentence_is_english_for_whoever_knows_no_words() -> None:
    inner = worded("required", "is required")
    said = worded("doubt.idle", "{at} changes nothing: {why}", at="offers[1]", why=inner)
    assert said == "offers[1] changes nothing: is required"
    assert said_by(ValueError(said)) is said
    assert said_by(ValueError("plain")) == "plain"
    assert sentence_told(said, GERMAN) == "Diese Regel ändert nichts. Diese Angabe fehlt."
    assert sentence_told("plain", GERMAN) == "plain"


# ── places ────────────────────────────────────────────────────────────────────────────────────────


def parts_of(model: type[Doc]) -> set[type[Doc]]:
    found = {model}
    waiting: list[Any] = [field.annotation for field in model.model_fields.values()]
    while waiting:
        annotation = waiting.pop()
        waiting += get_args(annotation)
        if isinstance(annotation, type) and issubclass(annotation, Doc) and annotation not in found:
            found |= parts_of(annotation)
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_field_of_the_rules_has_a_name_people_know(language: str) -> None:
    names: set[str] = set()
    for part in parts_of(Programme):
        names |= {field.alias or name for name, field in part.model_fields.items()}
    catalog = catalog_for(language)
    assert [each for each in sorted(names) if not catalog.find(f"hq_rules.place.{each}")] == []


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("offers[1].window", "Antwortfristen, Regel 2: Antwortfrist"),
        (
            "forms[0].questions[2].label.de",
            "Formulare, Eintrag 1: Fragen, Eintrag 3, Beschriftung, de",
        ),
        ("routing.rules[0]", "Wer angefragt werden darf: Regeln, Regel 1"),
        ("regions.oberbayern.postcodes[3]", "Regionen: oberbayern, Postleitzahlen, Eintrag 4"),
        ("(document)", "Das ganze Dokument"),
        ("<b>", "<b>"),
        ("", ""),
    ],
)
def test_a_path_is_told_as_a_place(path: str, told: str) -> None:
    assert place_told(path, GERMAN) == told


# ── wrong documents ───────────────────────────────────────────────────────────────────────────────


def problems_with(document: dict[str, Any]) -> tuple[Problem, ...]:
    with pytest.raises(InvalidInput) as caught:
        read_programme(document)
    return caught.value.problems


def offer(**changes: Any) -> list[dict[str, Any]]:
    return [{"window": {"minutes": 60}, "total": {"working_days": 1}, **changes}]


WRONG: dict[str, dict[str, Any]] = {
    "left out": {"name": None},
    "unknown": {"offerz": 1},
    "unknown far off": {"qqqqqqqq": 1},
    "text": {"name": 12},
    "list": {"offers": {}},
    "object": {"brand": 1},
    "too small": {"offers": offer(window={"minutes": -3})},
    "too large": {"offers": offer(window={"minutes": 1e9})},
    "no number": {"offers": offer(window={"minutes": "x"})},
    "no whole number": {"offers": offer(window={"working_days": 1.5})},
    "two units": {"offers": offer(window={"minutes": 1, "working_days": 1})},
    "none of the words": {"offers": offer(on_lapse="never")},
    "no truth": {"match_language": "perhaps"},
    "infinite": {"offers": offer(window={"minutes": float("inf")})},
    "too long": {"name": "x" * 201},
    "empty": {"offers": []},
    "wave": {"offers": offer(waves=[0])},
    "waves and partners": {"offers": offer(waves=[1], partners=2)},
    "all first": {"offers": offer(waves=["all", 1])},
    "no general rule": {"offers": offer(when={"urgency": "soon"})},
    "same conditions": {"offers": offer() + offer()},
    "unknown product": {"offers": offer() + offer(when={"product": "moon"})},
    "colour": {"brand": {"name": "x", "colour": "red"}},
    "country": {"country": "Germany"},
    "no country": {"country": "XX"},
    "zone": {"time_zone": "Berlin"},
    "zone of nothing": {"time_zone": "Qqqqq"},
    "address": {"hq": {"emails": ["nobody"]}},
    "same address": {"hq": {"people": [{"email": "a@example.com", "role": "admin"}] * 2}},
    "no admin": {"hq": {"people": [{"email": "a@example.com", "role": "viewer"}]}},
    "hours": {"calendar": {"response_hours": {"mon": ["8 to 5"]}}},
    "overlapping hours": {"calendar": {"response_hours": {"mon": ["08:00-12:00", "11:00-13:00"]}}},
    "backward hours": {"calendar": {"response_hours": {"mon": ["17:00-08:00"]}}},
    "after midnight": {"calendar": {"response_hours": {"mon": ["17:00-24:30"]}}},
    "date": {"calendar": {"closing_days": ["someday"]}},
    "routing rule": {"routing": {"rules": ["be nice"]}},
    "half a rule": {"routing": {"rules": ["require tag a when product is"]}},
    "no question": {"routing": {"rules": ["require tag a when moon is full"]}},
    "never": {"routing": {"rules": ["require tag a when product is moon"]}},
    "opposite": {"routing": {"rules": ["require tag a", "forbid tag a"]}},
    "twice": {"routing": {"rules": ["require tag a", "require tag a"]}},
    "numbers": {"routing": {"rules": ["require tag a when area at least many"]}},
    "backwards": {"routing": {"rules": ["require tag a when area between 9 and 1"]}},
    "reminders": {"reminders": {"at": [0.8, 0.5]}},
    "region": {"regions": {"r": {"country": "DE", "postcodes": ["80* rank 2"]}}},
    "area": {"areas": {"a": {"name": {"en": "A"}, "geojson": {"type": "Point"}}}},
    "words": {"products": [{"id": "heat-pump", "name": {"de": "Wärmepumpe"}}]},
    "deceptive": {"name": "a\u202eb"},
    "points": {"qualification": {"points": [{"field": "moon", "is": "full", "points": 1}]}},
    "thresholds": {"qualification": {"nurture_from": 5, "offer_from": 1}},
    "id": {"partner_types": ["in staller"], "products": [{"id": "Heat Pump", "name": {"en": "x"}}]},
    "id twice": {"partner_types": ["installer", "installer"]},
}


@pytest.mark.parametrize("changes", WRONG.values(), ids=WRONG)
def test_what_is_wrong_with_rules_is_said_in_german(changes: dict[str, Any]) -> None:
    for problem in problems_with(programme_document(**changes)):
        assert isinstance(problem.message, Sentence), problem
        told = sentence_told(problem.message, GERMAN)
        plain = re.sub(r"„.*?“", "", told)
        assert not ENGLISH_WORDS.search(plain), told
        assert told[-1] in ".?…", told


@pytest.mark.parametrize(
    "text",
    ["a: [", "a: 1\na: 2", "a: &x 1\nb: *x", "a: !tag 1", "- 1", "? [a]\n: 1", "a: 1\n---\nb: 2",
     "a: \u0000", "a: " + "[" * 60 + "]" * 60, '{"a": NaN}', '{"a": 1, "a": 2}', "{", "x" * 500_001],
)  # fmt: skip
def test_a_text_nobody_can_read_is_refused_in_german(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_yaml(text)
    (problem,) = caught.value.problems
    assert isinstance(problem.message, Sentence)
    told = sentence_told(problem.message, GERMAN)
    assert not ENGLISH_WORDS.search(re.sub(r"„.*?“", "", told)), told


DOUBTFUL: list[dict[str, Any]] = [
    {},
    {"offers": offer(window={"minutes": 5})},
    {"offers": offer(total={"minutes": 30})},
    {"offers": offer() + offer(when={"partner_type": "installer", "product": "boiler"})},
    {"languages": ["en", "fr"]},
    {"calendar": {"round_up_minutes": 90, "response_hours": {}}},
    {"routing": {"rules": ["require tag a when product is boiler", "require tag a"]}},
    {"routing": {"rules": ["require tag a", "forbid tag a when product is boiler"]}},
    {"routing": {"rules": ["prefer tag a"], "order": ["load"]}},
    {"promise": [{"within": {"minutes": 60}},
                 {"when": {"partner_type": "installer"}, "within": {"minutes": 30}}]},
]  # fmt: skip


@pytest.mark.parametrize("changes", DOUBTFUL)
def test_what_is_doubtful_about_rules_is_said_in_german(changes: dict[str, Any]) -> None:
    found = programme_warnings(a_programme(**changes))
    assert found
    for doubt in found:
        assert isinstance(doubt, Sentence), doubt
        told = sentence_told(doubt, GERMAN)
        plain = re.sub(r"„.*?“|, wenn .*?:", "", told)
        assert not ENGLISH_WORDS.search(plain), told
