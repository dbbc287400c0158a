"""The form for programs: complete for drawing, honest in its answers, problems as sentences."""

import gzip
import json
from dataclasses import replace
from datetime import timedelta

import pytest

from routing_core.domain.errors import Problem
from routing_core.present.engine import static
from routing_core.present.pages.form_json import (
    FormSession,
    coverage_json,
    form_definition,
    lead_json,
)
from routing_core.present.problems import LARGEST_PROBLEM_LIST, problem_json
from routing_core.service.intake.submit_lead import Received
from tests.samples.cast import LANGUAGES, PROGRAMME
from tests.samples.pages import coverage
from tests.support.builders import NOON

FORM = PROGRAMME.forms[0]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_definition_has_everything_to_draw(language: str) -> None:
    definition = form_definition(
        PROGRAMME, FORM, language, FormSession("signed", "s-1", "https://relay.example")
    )
    json.dumps(definition)
    names = [[field["name"] for field in step["fields"]] for step in definition["steps"]]
    assert names == [
        ["product", "country", "postcode", "urgency", "town", "owner"],
        ["name", "email", "phone", "area", "notes", "message", "company", "street", "town"],
    ]
    at_once = definition["emergency"]
    assert [field["name"] for field in at_once["fields"]] == ["message", "name", "phone", "email"]
    assert [field["name"] for field in at_once["fields"] if field.get("required")] == [
        "name",
        "phone",
        "email",
    ]
    assert at_once["urgencies"] == ["emergency"]
    assert definition["language"] == language
    assert definition["hosted_url"] == f"https://relay.example/f/enquiry?lang={language}"
    assert all(definition["words"].values())


def test_needed_fields_say_what_is_missing() -> None:
    definition = form_definition(PROGRAMME, FORM, "de", FormSession("signed", "s-1"))
    needed = [
        field for step in definition["steps"] for field in step["fields"] if field.get("required")
    ]
    assert needed
    assert all(field["missing"].endswith(".") for field in needed)


def test_coverage_as_numbers_instants_and_a_sentence() -> None:
    told = coverage_json(coverage(), PROGRAMME, "en", NOON)
    assert (told["partners"], told["open_now"], told["hear_by"]) == (3, 1, "2026-11-25T15:00:00Z")
    assert (
        told["sentence"]
        == "3 specialists cover 80331. 1 of them is open now. You will hear from us by 16:00 today."
    )
    assert told["hotline"] is None


def test_offices_that_open_later_say_when() -> None:
    closed = coverage_json(coverage(3, 0), PROGRAMME, "en", NOON)
    assert closed["text"].startswith("They open at 08:00 tomorrow.")
    far = replace(coverage(3, 0), opens_at=NOON + timedelta(days=30))
    assert "open" not in coverage_json(far, PROGRAMME, "en", NOON)["text"]


def test_a_hotline_can_be_tapped() -> None:
    told = coverage_json(coverage(1, 0, "+49 89 99998000"), PROGRAMME, "de", NOON)
    assert told["hotline_url"] == "tel:+498999998000"
    assert told["hotline_text"]


def test_the_answer_to_a_post() -> None:
    body = lead_json(
        Received(
            lead="L1",
            reference="ABCD2345",
            answer="offered",
            hear_by=NOON + timedelta(hours=4),
            status_url="https://relay.example/s/x",
            region="",
            ignored=("colour",),
        ),
        PROGRAMME,
        "en",
        NOON,
    )
    told = "We are finding out which partner can take your enquiry. You will hear from us by 16:00 today."
    assert body["next"] == told
    assert body["ignored"] == ["colour"]
    assert body["hear_by"] == "2026-11-25T15:00:00Z"


def test_problems_name_every_field_in_the_senders_language() -> None:
    problems = (
        Problem("contact.email", "invalid_email", "is not an address"),
        Problem("name", "too_long", "is too long"),
    )
    body = problem_json(422, "de", problems)
    assert body["status"] == 422
    assert [error["field"] for error in body["errors"]] == ["contact.email", "name"]
    assert body["errors"][0]["message"].startswith(
        "Bitte geben Sie eine gültige E-Mail-Adresse ein"
    )
    assert "100" in body["errors"][1]["message"]


def test_a_code_without_words_shows_the_message() -> None:
    body = problem_json(422, "en", [Problem("rows[3].territory", "strange", "write DE 80*")])
    assert body["errors"][0]["message"] == "territory: write DE 80*"


def test_of_very_many_problems_the_first_are_told_and_how_many_more_there_are() -> None:
    problems = [
        Problem(f"row {n}, email", "invalid_email", "") for n in range(LARGEST_PROBLEM_LIST + 5)
    ]
    errors = problem_json(422, "en", problems)["errors"]
    assert len(errors) == LARGEST_PROBLEM_LIST + 1
    assert errors[-1] == {"field": "", "code": "more", "message": "5 more: these are the first"}


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 413, 422, 429, 500])
def test_every_refusal_has_a_title(status: int) -> None:
    for language in LANGUAGES:
        assert problem_json(status, language)["title"]


def test_the_embed_script_is_small_and_loads_nothing_else() -> None:
    script = static("embed.js")
    assert (
        len(script.encode()) < 14_500
    )  # the summary, the one screen of an emergency, the checks and the towns need it
    assert len(gzip.compress(script.encode(), mtime=0)) < 6_000, (
        "which is what a visitor's browser fetches"
    )
    assert script.isascii(), "pages of other encodings carry it too"
    assert script.count("https://") == 1, "only the example in its first line"
