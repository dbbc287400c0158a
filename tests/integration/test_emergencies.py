"""An emergency is asked on one screen, with a phone number, and the hotline stays in sight."""

import re
from typing import Any

import pytest

from routing_core.domain.checks.programme_checks import read_programme
from tests.integration.test_submission import LEADS, hidden
from tests.support.builders import programme_document
from tests.support.world import ENQUIRY, World, a_programme, munich

NEED = {name: str(ENQUIRY[name]) for name in ("country", "postcode", "product")} | {
    "urgency": "emergency",
    "step": "1",
}
WHO = {
    "name": "Erika Beispiel",
    "email": "erika@posteo.de",
    "phone": "+4989999981230",
    "consent": "yes",
}
HOTLINE = {"phone": "+49 89 99998000", "hours": {"en": "day and night"}}


@pytest.fixture
def open_world(world: World) -> World:
    document = programme_document() | {"hotline": HOTLINE}
    document["forms"][0]["questions"][0]["required"] = True
    world.use(read_programme(document), munich(1))
    return world


def shown(world: World, address: str = "/f/enquiry?urgency=emergency") -> str:
    return world.http("GET", address).body


def names(page: str) -> list[str]:
    """Of the fields that a person sees, as they stand on the page, each once."""
    fields = re.findall(r'<(?:input|select|textarea)(?![^>]*type="hidden")[^>]* name="(\w+)"', page)
    return list(dict.fromkeys(name for name in fields if name != "second_topic"))


def test_one_screen_asks_everything_and_one_post_sends_it(open_world: World) -> None:
    page = shown(open_world)
    assert 'class="ask emergency"' in page
    assert "postcode" in names(page)
    assert names(page)[-5:] == ["message", "name", "phone", "email", "consent"]
    assert "What is broken?" in page
    later = re.findall(r'<(?:div|fieldset) class="field no-emergency"(?: id="f-(\w+)")?', page)
    assert "owner" in later, "the rest is asked later"
    open_world.advance(minutes=1)
    sent = open_world.http(
        "POST", "/f/enquiry/details", form=hidden(page) | NEED | WHO | {"message": "No heat"}
    )
    assert sent.status == 303
    (lead_id,) = open_world.lead_ids()
    lead = open_world.lead(lead_id)
    assert (lead.urgency, lead.contact and lead.contact.phone) == ("emergency", WHO["phone"])
    assert "owner" not in lead.answers, "a required question that is no emergency's waits"


def test_the_screen_changes_when_an_emergency_is_chosen_though_no_script_runs(
    open_world: World,
) -> None:
    page = shown(open_world, "/f/enquiry")
    assert 'class="ask"' in page
    assert re.search(r'value="emergency"[^>]* data-emergency', page)
    assert re.search(r'value="soon"[^>]* data-calm', page)
    assert ".ask:has([data-emergency]:checked) .in-emergency" in page


def test_a_browser_that_cannot_change_the_screen_gets_it_as_the_answer_to_step_1(
    open_world: World,
) -> None:
    asked = open_world.http(
        "POST", "/f/enquiry/details", form=hidden(shown(open_world, "/f/enquiry")) | NEED
    )
    assert (asked.status, 'class="ask emergency"' in asked.body) == (200, True)
    assert 'value="80331"' in asked.body


@pytest.mark.parametrize("button", [{"send": "1"}, {}])
def test_a_form_wants_a_phone_number_in_an_emergency(
    open_world: World, button: dict[str, str]
) -> None:
    page = shown(open_world)
    open_world.advance(minutes=1)
    sent = open_world.http(
        "POST", "/f/enquiry/details", form=hidden(page) | NEED | WHO | {"phone": ""} | button
    )
    assert sent.status == 422
    assert 'class="ask emergency"' in sent.body
    assert "Please enter a phone number where we can reach you." in sent.body
    assert open_world.lead_ids() == []


def test_a_program_may_send_an_emergency_with_a_mail_address_only(open_world: World) -> None:
    headers = {"x-api-key": open_world.api_key("leads:write")}
    post: dict[str, Any] = ENQUIRY | {"urgency": "emergency", "phone": ""}
    assert open_world.http("POST", LEADS, json_body=post, headers=headers).status == 201
    embedded = open_world.post_lead("two", urgency="emergency", phone="", email="b@posteo.de")
    assert [error["field"] for error in embedded.json()["errors"]] == ["phone"], (
        "the embedded form is a form"
    )


def test_the_hotline_is_in_sight_from_the_first_look(open_world: World) -> None:
    page = shown(open_world)
    hotline = page[page.index('<aside class="hotline in-emergency"') : page.index("</aside>")]
    assert 'href="tel:+498999998000"' in hotline
    assert "day and night" in hotline
    assert page.index('<aside class="hotline') < page.index("<form")


def test_a_question_that_says_so_is_asked_in_an_emergency_too(world: World) -> None:
    document = programme_document()
    (owner,) = [
        question for question in document["forms"][0]["questions"] if question["id"] == "owner"
    ]
    owner |= {"emergency": True, "required": True, "step": 2}
    world.use(read_programme(document), munich(1))
    page = shown(world)
    assert "owner" in names(page)
    world.advance(minutes=1)
    sent = world.http("POST", "/f/enquiry/details", form=hidden(page) | NEED | WHO)
    assert (sent.status, 'href="#f-owner"' in sent.body) == (422, True)


def test_a_form_without_an_emergency_has_no_such_screen(world: World) -> None:
    document = programme_document()
    document["forms"][0]["urgencies"] = ["soon"]
    world.use(read_programme(document), munich(1))
    assert 'class="in-emergency"' not in shown(world, "/f/enquiry")
    assert world.http("GET", "/v1/forms/enquiry").json()["emergency"] is None


# ── step 2 of everything else ─────────────────────────────────────────────────────────────────────


def step_two(world: World) -> str:
    page = shown(world, "/f/enquiry")
    answer = world.http(
        "POST",
        "/f/enquiry/details",
        form=hidden(page) | NEED | {"urgency": "soon", "owner": "owner"},
    )
    assert answer.status == 200
    return answer.body


def test_who_asks_stands_before_what_is_optional(open_world: World) -> None:
    assert names(step_two(open_world))[:3] == ["name", "email", "phone"]


def test_step_2_has_a_title_a_heading_and_an_address_of_its_own(open_world: World) -> None:
    page = step_two(open_world)
    assert "<title>Step 2 of 2: Your details · " in page
    assert '<h1 tabindex="-1" data-focus>Your details</h1>' in page
    assert 'action="/f/enquiry/details?lang=en"' in page
    back = re.search(r'<button class="quiet" name="back"[^>]*>', page)
    assert back
    assert 'formaction="/f/enquiry?lang=en"' in back[0]


def test_the_address_of_step_2_alone_leads_to_step_1(open_world: World) -> None:
    answer = open_world.http("GET", "/f/enquiry/details")
    assert (answer.status, answer.headers["Location"]) == (303, "/f/enquiry")


def test_a_form_that_was_opened_before_still_posts_to_its_own_address(open_world: World) -> None:
    page = step_two(open_world)
    open_world.advance(minutes=1)
    assert open_world.http("POST", "/f/enquiry", form=hidden(page) | WHO).status == 303


# ── what is wrong ─────────────────────────────────────────────────────────────────────────────────


def test_the_summary_names_each_field_in_the_pages_order(open_world: World) -> None:
    page = step_two(open_world)
    open_world.advance(minutes=1)
    wrong = {"email": "erika@", "name": "", "consent": "", "phone": "0180 5 123456"}
    told = open_world.http(
        "POST", "/f/enquiry/details", form=hidden(page) | WHO | wrong | {"step": "2"}
    )
    links = re.findall(r'<li><a href="#f-(\w+)"><strong>([^<]*)</strong>', told.body)
    assert links == [
        ("name", "Your name:"),
        ("email", "Email:"),
        ("phone", "Phone:"),
        ("consent", "Consent:"),
    ]
    for field, _ in links:
        assert f'id="f-{field}-error"' in told.body
        assert re.search(rf'id="f-{field}"[^>]*aria-describedby="[^"]*f-{field}-error', told.body)


def test_the_privacy_link_stands_at_the_consent(world: World) -> None:
    brand = programme_document()["brand"] | {"privacy_url": "https://vendor.example/privacy"}
    world.use(a_programme(brand=brand), munich(1))
    page = step_two(world)
    agreed = page[page.index('id="f-consent"') : page.index('<div class="actions">')]
    assert 'href="https://vendor.example/privacy"' in agreed
