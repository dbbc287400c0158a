"""The programme in sentences: every field of it is told, in both languages, and so is a change."""

import re
from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any

import pytest
from pydantic import ValidationError

from routing_core.domain import programmes
from routing_core.domain.checks.programme_checks import read_programme
from routing_core.domain.programme.document import Doc, Window
from routing_core.domain.programme.programme import Programme
from routing_core.formats.yaml_text import read_yaml
from routing_core.present.catalog import LANGUAGES
from routing_core.present.hq_desk.rules.difference import programme_difference
from routing_core.present.hq_desk.rules.programme_told import programme_sections
from tests.support.builders import a_programme

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
NOT_TOLD = {
    "schema": "the version of the format, which is 1",
    "calendar.holidays": "filled in from the region, which is told; told where there is none",
    "routing.performance": "told only where the order compares by performance",
}
"""These have no sentence of their own, for these reasons."""


def default(name: str) -> Programme:
    text = files(programmes).joinpath(f"{name}.yaml").read_text("utf-8")
    return read_programme(read_yaml(text))


def everything() -> dict[str, Any]:
    """A programme in which each field says something: there is something of each to be told."""
    document = default("consumer-trade").model_dump(mode="json", by_alias=True)
    document["brand"]["logo"] = "data:image/png;base64,AAAA"
    document["hq"]["managers"] = [
        {
            "email": "south@example.com",
            "name": "Sue South",
            "regions": ["bavaria"],
            "may": ["assign", "erase"],
        }
    ]
    document["hq"]["emails"] = ["all@example.com"]
    document["hq"]["people"] = [
        {"email": "ada@example.com", "name": "Ada", "role": "admin", "language": "de"},
        {
            "email": "max@example.com",
            "name": "Max",
            "role": "manager",
            "regions": ["bavaria"],
            "may": ["export"],
        },
        {"email": "vera@example.com", "role": "viewer", "regions": ["bavaria"]},
    ]
    document["calendar"]["closing_days"] = ["2026-12-24", "2026-12-31"]
    document["regions"]["bavaria"]["time_zone"] = "Europe/Vienna"
    square = [[[11.0, 48.0], [12.0, 48.0], [12.0, 49.0], [11.0, 48.0]]]
    document["areas"] = {
        "ring": {"name": {"en": "Ring"}, "geojson": {"type": "Polygon", "coordinates": square}}
    }
    product = document["products"][0]
    product |= {"also": ["WP", "Heatpump"], "required_tags": ["pro"]}
    form = document["forms"][0]
    form |= {"origins": ["https://www.example.com"], "confirm_address": False}
    form["questions"][0]["options"][0]["also"] = ["EFH"]
    form["questions"][0] |= {"many": True, "emergency": True}
    form["questions"].append({"id": "words", "label": {"en": "Say more"}, "kind": "text"})
    form["questions"].append({"id": "pool", "label": {"en": "Pool?"}, "kind": "yes_no"})
    document["qualification"]["top_tier_from"] = 70
    document["routing"]["rules"] = [
        "prefer tag old-houses when house in flats, business and heating-age between 5 and 20",
        "require specialisation answer house when weekday is sat",
    ]
    document["routing"]["order"].append("performance")
    document["offers"][0]["when"] = {}
    document["offers"].append(
        {
            "when": {"product": "boiler", "urgency": "soon", "partner_type": "installer"},
            "window": {"response_hours": 2.5},
            "total": {"minutes": 90},
            "closed": "hold",
        }
    )
    document["fallback"]["backup_partner"] = "big-one"
    document["mail_subjects"] = {"receipt": {"en": "We have it", "de": "Ist angekommen"}}
    document["mail_texts"] = {"receipt": {"en": "Merry Christmas", "de": "Frohe Weihnachten"}}
    document["mail_domains"] = {"stadtnetz.example": "freemail"}
    document["promise"].append({"when": {"product": "repair"}, "within": {"minutes": 120}})
    return document


def is_window(value: Any) -> bool:
    return isinstance(value, dict) and value.keys() == set(Window.model_fields)


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Every value with its path: a length of time whole, a list too, beside what it holds."""
    if isinstance(value, dict) and path[-1:] != ("geojson",) and not is_window(value):
        for name, inner in value.items():
            yield from leaves(inner, (*path, name))
        return
    yield path, value
    if isinstance(value, list):
        for number, inner in enumerate(value):
            yield from leaves(inner, (*path, number))


def others(value: Any) -> list[Any]:
    """What might stand there instead: whatever the programme accepts of it is tried."""
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int | float):
        return [value + 1, value - 1, value / 2, value + 0.1]
    if isinstance(value, list):
        return [value[:-1], [*value, *value[:1]], []] if value else [["x"], ["08:00-09:00"]]
    if value is None:
        return [
            4,
            "https://x.example",
            "Europe/Rome",
            {"attempts": 2, "days": 1},
            {"minutes": 7},
            "retract",
            "share",
            "pause",
            True,
            False,
        ]
    if is_window(value):
        return [{"minutes": 7}, {"response_hours": 1.5}, {"working_days": 7}]
    if isinstance(value, dict):
        return [{"type": "Polygon", "coordinates": [[[1, 2], [4, 4], [5, 6], [1, 2]]]}]
    return [
        *(
            "share",
            "retract",
            "skip",
            "keep",
            "review",
            "hq",
            "text",
            "claim",
            "business",
            "viewer",
            "manager",
        ),
        *("emergency", "boiler", "AT", "USD", "#123456", "06:30", "2027-01-04", "tue", "de"),
        *("Europe/London", "a@b.example", "https://other.example", "town", "email", "erase"),
        *("08:00-09:00", "+49 89 1234567", "9*", "tenant", "distance", "returns", "x", 7),
        *("prefer tag x", "territory", "data:image/png;base64,BBBB"),
    ]


def changed(document: dict[str, Any], path: tuple[Any, ...], value: Any) -> Iterator[Programme]:
    """The programmes that say something else at that path, and nothing else."""
    before = Programme.model_validate(document).model_dump()
    for other in others(value):
        copy = deepcopy(document)
        part = copy
        for step in path[:-1]:
            part = part[step]
        part[path[-1]] = other
        try:
            programme = Programme.model_validate(copy)
        except (ValidationError, ValueError):
            continue
        if programme.model_dump() != before:
            yield programme


def plain(path: tuple[Any, ...]) -> str:
    text = ".".join("[]" if isinstance(step, int) else str(step) for step in path)
    return text.replace(".[]", "[]")


DOCUMENT = everything()
PATHS = [
    (path, value)
    for path, value in leaves(DOCUMENT)
    if not any(plain(path).startswith(reason) for reason in NOT_TOLD)
]


def test_whatever_field_of_the_programme_changes_a_sentence_says_so() -> None:
    before = Programme.model_validate(DOCUMENT)
    told, tried = set(), set()
    for path, value in PATHS:
        for programme in changed(DOCUMENT, path, value):
            tried.add(plain(path))
            if plain(path) in told:
                break
            if programme_difference(before, programme, "en", NOW):
                told.add(plain(path))
    assert tried == {plain(path) for path, _ in PATHS}
    assert told == tried


def test_every_field_of_every_part_stands_in_the_document_that_is_changed_above() -> None:
    """A new part of the programme joins that document, and so is told or named above."""
    shown = {name for path, _ in leaves(DOCUMENT) for name in path if isinstance(name, str)}
    missing = set()
    for model in models(Programme):
        for name, field in model.model_fields.items():
            if (field.alias or name) not in shown:
                missing.add(f"{model.__name__}.{name}")
    assert not missing - set(Window.model_fields)


def models(model: type[Doc]) -> set[type[Doc]]:
    """The parts that a document is made of, by the types of its fields."""
    found: set[type[Doc]] = set()
    waiting = [model]
    while waiting:
        each = waiting.pop()
        if each in found:
            continue
        found.add(each)
        for field in each.model_fields.values():
            waiting += parts_in(field.annotation)
    return found


def parts_in(annotation: Any) -> list[type[Doc]]:
    if isinstance(annotation, type) and issubclass(annotation, Doc):
        return [annotation]
    inner = getattr(annotation, "__args__", ())
    return [part for each in inner for part in parts_in(each)]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["consumer-trade", "b2b-resellers", "of tests", "with all"])
def test_a_programme_reads_whole(name: str, language: str) -> None:
    told = {
        "of tests": a_programme,
        "with all": lambda: Programme.model_validate(DOCUMENT),
    }.get(name, lambda: default(name))
    sections = programme_sections(told(), language, NOW)
    sentences = [each for section in sections for each in section.sentences]
    assert all(section.sentences for section in sections)
    for each in sentences:
        assert re.fullmatch(r"[\w„“(].*[.”“]", each.text), each.text
        assert "{" not in each.text
        assert "  " not in each.text
        assert "None" not in each.text
    keys = [each.key for each in sentences]
    assert len(keys) == len(set(keys))


def test_the_same_programme_has_no_difference() -> None:
    programme = default("consumer-trade")
    assert programme_difference(programme, programme, "de", NOW) == ()


def test_a_difference_tells_what_was_what_is_what_came_and_what_is_gone() -> None:
    before = default("consumer-trade")
    document = before.model_dump(mode="json", by_alias=True)
    document["offers"][0]["window"] = {"working_days": 2}
    del document["offers"][1]
    document["products"].append({"id": "solar", "name": {"en": "Solar"}})
    after = Programme.model_validate(document)
    told = [
        (each.under, each.was, each.is_now)
        for each in programme_difference(before, after, "en", NOW)
    ]
    assert told[0] == ("", "", "“Solar” is a product (solar).")
    assert told[1] == (
        "All other enquiries",
        "A partner has 1 working day to answer.",
        "A partner has 2 working days to answer.",
    )
    gone = [(under, was) for under, was, is_now in told if not is_now]
    assert ("“Within three months”", "A partner has 4 response hours to answer.") in gone
    assert len(told) == 7


def test_a_new_name_changes_its_own_sentence_and_none_that_uses_it() -> None:
    before = default("consumer-trade")
    document = before.model_dump(mode="json", by_alias=True)
    document["urgencies"][1]["name"]["en"] = "Soon"
    after = Programme.model_validate(document)
    (only,) = programme_difference(before, after, "en", NOW)
    assert only.key == "urgencies[soon].name"
    assert only.is_now.startswith("“Soon”")
