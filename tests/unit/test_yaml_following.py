"""The YAML of a programme follows what is changed by forms: only that part is written anew."""

from importlib.resources import files
from typing import Any

import pytest

from routing_core.domain import programmes
from routing_core.domain.checks.programme_checks import read_programme
from routing_core.domain.programme.programme import Programme
from routing_core.formats.yaml_following import programme_yaml, yaml_following
from routing_core.formats.yaml_places import line_of
from routing_core.formats.yaml_text import read_yaml

TEXT = files(programmes).joinpath("consumer-trade.yaml").read_text("utf-8")
PROGRAMME = read_programme(read_yaml(TEXT))


def document(programme: Programme = PROGRAMME) -> dict[str, Any]:
    return programme.model_dump(mode="json", by_alias=True)


def lines_changed(before: str, after: str) -> tuple[list[str], list[str]]:
    old, new = before.splitlines(), after.splitlines()
    return [each for each in old if each not in new], [each for each in new if each not in old]


def test_a_text_without_changes_stays_as_it_is() -> None:
    assert yaml_following(TEXT, PROGRAMME) == TEXT


@pytest.mark.parametrize(
    ("change", "gone", "new"),
    [
        (
            lambda d: d["offers"][0].update(window={"minutes": 90}),
            ["  - window: { working_days: 1 }"],
            ["  - window: {minutes: 90}"],
        ),
        (
            lambda d: d["offers"][2].update(window={"minutes": 45}),
            ["    window: { minutes: 30 }"],
            ["    window: {minutes: 45}"],
        ),
        (
            lambda d: d["calendar"].update(closing_days=["2026-12-24", "2026-12-31"]),
            [
                "  closing_days: []               # your own days off besides public holidays, for "
                "partners too: [2026-12-24]"
            ],
            [
                "  closing_days: ['2026-12-24', '2026-12-31']               # your own days off "
                "besides public holidays, for partners too: [2026-12-24]"
            ],
        ),
        (
            lambda d: d["offers"][1].update(closed="skip"),
            [],
            ["  - closed: skip"],
        ),
        (
            lambda d: d.update(match_language=False),
            ["match_language: true"],
            ["match_language: false"],
        ),
        (
            lambda d: d["products"][1].update(name={"en": "Böiler: new", "de": "Kessel"}),
            ["    name: { en: Boiler replacement, de: Heizungstausch }"],
            ["    name: { en: 'Böiler: new', de: Kessel }"],
        ),
        (
            lambda d: d["calendar"]["response_hours"].update(sun=["10:00-12:00"]),
            [],
            ["    sun: ['10:00-12:00']"],
        ),
        (
            lambda d: d["reminders"].update(at=[0.25]),
            ["reminders: { at: [0.5, 0.85], min_gap_minutes: 30, second_contact_from: 0.85 }"],
            ["reminders: { at: [0.25], min_gap_minutes: 30, second_contact_from: 0.85 }"],
        ),
        (
            lambda d: d.update(mail_domains={"stadtnetz.example": "freemail"}),
            [],
            ["mail_domains: {stadtnetz.example: freemail}"],
        ),
    ],
)
def test_only_the_changed_part_is_written_anew(
    change: Any, gone: list[str], new: list[str]
) -> None:
    changed = document()
    change(changed)
    programme = Programme.model_validate(changed)
    text = yaml_following(TEXT, programme)
    assert Programme.model_validate(read_yaml(text)) == programme
    old, written = lines_changed(TEXT, text)
    assert [each for each in old if each not in gone] in ([], ["  - when: { urgency: soon }"])
    assert written[: len(new)] == new


def test_a_list_with_other_entries_is_written_as_a_block() -> None:
    changed = document()
    del changed["offers"][1]
    programme = Programme.model_validate(changed)
    text = yaml_following(TEXT, programme)
    assert Programme.model_validate(read_yaml(text)) == programme
    assert "# Reminders, as fractions of the partner's response hours" in text


def test_what_is_another_programme_altogether_is_written_out_whole() -> None:
    other = read_programme(
        read_yaml(files(programmes).joinpath("b2b-resellers.yaml").read_text("utf-8"))
    )
    assert yaml_following(TEXT, other) == programme_yaml(other)
    assert Programme.model_validate(read_yaml(programme_yaml(other))) == other


@pytest.mark.parametrize("text", ["", "{", "a: [", "- 1", "name: x\nname: y", "a: &x [*x]"])
def test_a_text_that_is_none_is_written_anew(text: str) -> None:
    assert yaml_following(text, PROGRAMME) == programme_yaml(PROGRAMME)


@pytest.mark.parametrize(
    ("field", "line"),
    [
        ("schema", "schema: 1"),
        ("offers[2].waves", "    waves: [1, 3, all]"),
        ("offers[0].window.minutes", "  - window: { working_days: 1 }"),
        ("products[0].certificate", "    certificate: f-gas"),
        ("regions.bavaria.postcodes[0]", '    postcodes: [80000-87999, 90000-96999, "97*"]'),
        ("forms[0].questions[1].options[2].nonsense", "          - { id: tenant"),
    ],
)
def test_an_error_stands_at_its_line(field: str, line: str) -> None:
    number = line_of(TEXT, field)
    assert number is not None
    assert TEXT.splitlines()[number - 1].startswith(line)


def test_an_error_of_the_whole_has_no_line_and_one_of_the_parser_has_its_own() -> None:
    assert line_of(TEXT, "(document)") is None
    assert line_of("a: [", "line 7") == 7
    assert line_of("a: [", "a") is None
    assert line_of("", "a") is None
    assert line_of("mail_domains: {\n  web.example: x }", "mail_domains.web.example") == 2
