"""Somebody asks on the hosted form: with scripts, without scripts, with nothing but a keyboard."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.visitor import Visitor
from tests.journeys.cast import installer, person
from tests.journeys.life import Life, link

pytestmark = pytest.mark.browser
CAST = [
    installer("form-itzehoe", "25524"),
    installer("form-husum", "25813"),
    installer("form-night", "25899", tags=["on-call"], response_hours="mon 03:00-03:01"),
]
NEXT, SEND = "See who can help", "Send enquiry"


def what_and_where(page: Page, place: str, urgency: str = "Within three months") -> None:
    page.get_by_label("Heat pump").check()
    page.get_by_label("Postcode").fill(place)
    page.get_by_label(urgency).check()


def who(page: Page, asks: dict[str, Any]) -> None:
    page.get_by_label("Yes, I own it").check()
    for label, field in (("Your name", "name"), ("Email", "email"), ("Phone", "phone")):
        page.get_by_label(label).fill(asks[field])
    page.get_by_label("Anything else we should know?").fill(asks["message"])
    page.get_by_label("I agree").check()


def test_two_steps_lead_to_a_reference_and_a_status_link(visitor: Visitor, life: Life) -> None:
    asks = person("25524")
    page = visitor.open("/f/enquiry?utm_source=flyer")
    visitor.looks_at("form step 1")
    what_and_where(page, "25524")
    visitor.press(NEXT)
    expect(page.get_by_role("heading", name="1 specialist covers 25524")).to_be_visible()
    assert "You will hear from us by" in visitor.text
    visitor.looks_at("form step 2")
    who(page, asks)
    visitor.press(SEND)

    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    visitor.looks_at("thanks")
    lead = life.lead(life.lead_of(asks["email"]))
    assert lead["reference"] in visitor.text
    status = page.get_by_role("link", name="Check status").get_attribute("href")
    assert status == link(life.mail(asks["email"]), "/s/")
    assert life.document(lead["id"])["context"]["utm"] == {"source": "flyer"}

    page.reload()
    assert lead["reference"] in visitor.text, "the page can be reloaded and asks nothing"
    assert len(visitor.posts()) == 2


def test_what_is_missing_is_said_at_the_field_before_anything_is_sent(visitor: Visitor) -> None:
    page = visitor.open("/f/enquiry")
    visitor.press(NEXT)
    for told in ("Please choose what you need.", "Please enter your postcode"):
        expect(page.locator(".error", has_text=told)).to_be_visible()
    assert page.evaluate("document.activeElement.id") == "problems", "the summary has the focus"
    assert page.title().startswith("Error: ")
    page.get_by_role("alert").get_by_role("link", name="What do you need?").tap()
    assert page.evaluate("document.activeElement.name") == "product"
    assert visitor.posts() == []
    visitor.looks_at("form step 1 inline problems")

    what_and_where(page, "25524")
    expect(page.locator(".error")).to_have_count(0)
    visitor.press(NEXT)
    page.get_by_label("Email").fill("petra@")
    page.get_by_label("Phone").focus()
    expect(
        page.get_by_text("Enter a valid email address, such as name@example.com.")
    ).to_be_visible()
    visitor.press(SEND)
    expect(page.locator(".error", has_text="Please agree")).to_be_visible()
    assert len(visitor.posts()) == 1
    visitor.looks_at("form step 2 inline problems")


def test_what_the_server_refuses_stands_at_its_field_and_nothing_typed_is_lost(
    visitor: Visitor, life: Life
) -> None:
    asks = person("25524")
    page = visitor.open("/f/enquiry")
    what_and_where(page, "1067")
    visitor.press(NEXT)
    expect(
        page.get_by_role(
            "link", name="Postcode: This is not a valid German postcode. Did you mean 01067?"
        )
    ).to_be_visible()
    expect(page.get_by_label("Postcode")).to_have_value("1067")
    expect(page.get_by_label("Heat pump")).to_be_checked()
    expect(page.get_by_label("Postcode")).to_have_attribute("aria-invalid", "true")
    visitor.looks_at("form step 1 refused")
    page.get_by_label("Postcode").fill("25524")
    visitor.press(NEXT)

    who(page, asks | {"phone": "0180 5 123456"})
    visitor.press(SEND)
    expect(page.get_by_role("alert")).to_contain_text("number")
    visitor.looks_at("form step 2 refused")
    page.get_by_role("alert").get_by_role("link").tap()
    assert page.evaluate("document.activeElement.name") == "phone"
    for label, field in (
        ("Your name", "name"),
        ("Email", "email"),
        ("Anything else we should know?", "message"),
    ):
        expect(page.get_by_label(label)).to_have_value(asks[field])
    expect(page.get_by_label("Yes, I own it")).to_be_checked()
    expect(page.get_by_label("I agree")).to_be_checked()
    page.get_by_label("Phone").fill(asks["phone"])
    visitor.press(SEND)
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()


BUSY = "What you entered is still here"


def test_what_was_typed_outlives_a_network_that_fails(visitor: Visitor, life: Life) -> None:
    asks = person("25524")
    page = visitor.open("/f/enquiry")
    what_and_where(page, "25524")
    visitor.press(NEXT)
    who(page, asks)
    visitor.context.set_offline(True)
    visitor.press(SEND)
    expect(page.get_by_role("alert")).to_contain_text(BUSY)
    visitor.looks_at("form step 2 busy")
    visitor.context.set_offline(False)
    visitor.expected += ["ERR_INTERNET_DISCONNECTED"]

    page.go_back()
    expect(page.get_by_label("Heat pump")).to_be_checked()
    expect(page.get_by_label("Postcode")).to_have_value("25524")
    visitor.press(NEXT)
    expect(page.get_by_label("Your name")).to_have_value(asks["name"])
    page.get_by_label("I agree").check()
    visitor.press(SEND)
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    assert page.evaluate("sessionStorage.length") == 0, "what has arrived is no longer kept"


@pytest.mark.parametrize("status", [429, 503])
def test_a_form_that_the_api_turns_away_stays_and_is_sent_again_as_it_was(
    visitor: Visitor, life: Life, status: int
) -> None:
    asks = person("25524")
    page = visitor.open("/f/enquiry")
    what_and_where(page, "25524")
    visitor.press(NEXT)
    who(page, asks)
    visitor.turned_away("**/f/enquiry/details*", status)
    visitor.press(SEND)
    expect(page.get_by_role("alert")).to_contain_text(BUSY)
    assert page.evaluate("document.activeElement.id") == "busy"
    expect(page.get_by_label("Your name")).to_have_value(asks["name"])
    expect(page.get_by_label("I agree")).to_be_checked()
    visitor.press(SEND)
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    assert life.facts(life.lead_of(asks["email"])).count("lead.received") == 1


def test_whoever_was_turned_away_after_step_1_comes_back_to_what_was_typed_and_is_told(
    visitor: Visitor,
) -> None:
    page = visitor.open("/f/enquiry")
    what_and_where(page, "25524")
    visitor.turned_away("**/f/enquiry/details*", 503)
    visitor.press(NEXT)
    expect(page.locator("body")).to_contain_text("Too Many Requests")
    page.go_back()
    expect(page.get_by_role("alert")).to_contain_text(BUSY)
    expect(page.get_by_label("Postcode")).to_have_value("25524")
    visitor.press(NEXT)
    expect(page.get_by_role("heading", name="1 specialist covers 25524")).to_be_visible()
    page.go_back()
    expect(page.get_by_label("Postcode")).to_have_value("25524")
    expect(page.get_by_role("alert")).to_have_count(0)


def test_sending_twice_and_the_back_button_make_one_enquiry(visitor: Visitor, life: Life) -> None:
    asks = person("25524")
    page = visitor.open("/f/enquiry")
    what_and_where(page, "25524")
    visitor.press(NEXT)
    who(page, asks)
    page.get_by_role("button", name=SEND).dblclick()
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    reference = page.locator(".reference strong").inner_text()
    page.go_back()
    who(page, asks)
    visitor.press(SEND)
    expect(page.locator(".reference strong")).to_have_text(reference)
    assert len(life.mails(asks["email"], "We have received your enquiry")) <= 1
    life.mail(asks["email"], "We have received your enquiry")
    assert life.facts(life.lead_of(asks["email"])).count("lead.received") == 1


def test_everything_works_with_javascript_switched_off(
    visit: Callable[..., Visitor], life: Life
) -> None:
    visitor, asks = visit(java_script_enabled=False), person("25813")
    page = visitor.open("/f/enquiry")
    visitor.press(NEXT)
    expect(page.get_by_role("alert")).to_contain_text("Please enter your postcode")
    what_and_where(page, "25813")
    visitor.press(NEXT)
    expect(page.get_by_role("heading", name="1 specialist covers 25813")).to_be_visible()
    visitor.press("Change")
    expect(page.get_by_label("Postcode")).to_have_value("25813")
    visitor.press(NEXT)
    who(page, asks | {"email": "petra@"})
    visitor.press(SEND)
    expect(page.get_by_role("alert")).to_contain_text("Enter a valid email address")
    expect(page.get_by_label("Your name")).to_have_value(asks["name"])
    expect(page.get_by_label("I agree")).to_be_checked()
    page.get_by_label("Email").fill(asks["email"])
    visitor.press(SEND)
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    assert life.lead(life.lead_of(asks["email"]))["reference"] in visitor.text
    page.get_by_role("link", name="Check status").tap()
    expect(page.get_by_role("heading", name="Your enquiry")).to_be_visible()


def test_a_keyboard_is_enough(visitor: Visitor, life: Life) -> None:
    asks = person("25524")
    page, keys = visitor.open("/f/enquiry"), visitor.page.keyboard

    def tab_to(name: str, kind: str = "") -> None:
        for _ in range(40):
            keys.press("Tab")
            at = page.evaluate(
                "[document.activeElement.name || document.activeElement.textContent.trim(),"
                " document.activeElement.type || '']"
            )
            if at[0] == name:
                return
        raise AssertionError(f"Tab never reaches {name}")

    tab_to("product")
    keys.press("Space")
    tab_to("postcode")
    keys.type("25524")
    tab_to("urgency")
    keys.press("ArrowDown")
    tab_to(NEXT)
    keys.press("Space")
    expect(page.get_by_role("heading", name="1 specialist covers 25524")).to_be_visible()
    for name in ("name", "email", "phone"):
        tab_to(name)
        keys.type(asks[name])
    tab_to("ownership")
    keys.press("Space")
    tab_to("consent")
    keys.press("Space")
    tab_to(SEND)
    keys.press("Enter")
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()


def test_step_2_has_a_title_a_heading_and_an_address_of_its_own(visitor: Visitor) -> None:
    page = visitor.open("/f/enquiry")
    what_and_where(page, "25524")
    visitor.press(NEXT)
    expect(page).to_have_title(re.compile("^Step 2 of 2: Your details · "))
    assert page.evaluate("document.activeElement.textContent") == "Your details"
    assert urlsplit(page.url).path == "/f/enquiry/details"
    page.go_back()
    expect(page.get_by_label("Postcode")).to_have_value("25524")
    assert urlsplit(page.url).path == "/f/enquiry"


@pytest.mark.parametrize("java_script_enabled", [True, False])
def test_an_emergency_is_asked_on_one_screen_with_the_hotline_in_sight(
    visit: Callable[..., Visitor], life: Life, java_script_enabled: bool
) -> None:
    visitor, asks = visit(java_script_enabled=java_script_enabled), person("25899")
    page = visitor.open("/f/enquiry")
    call = page.get_by_role("link", name="+49 89 99998100")
    expect(call).to_be_hidden()
    what_and_where(page, "25899", urgency="Now: no heating or hot water")
    expect(call).to_have_attribute("href", "tel:+498999998100")
    assert "day and night" in visitor.text
    page.get_by_label("What is broken?").fill("No hot water")
    page.get_by_label("Your name").fill(asks["name"])
    visitor.press(SEND)
    expect(
        page.get_by_role("alert").get_by_role("link", name="Phone: Please enter a phone number")
    ).to_be_visible()
    assert len(visitor.posts()) == (0 if java_script_enabled else 1)
    expect(call).to_be_in_viewport()
    if java_script_enabled:
        visitor.looks_at("form emergency")
    for label, field in (("Email", "email"), ("Phone", "phone")):
        page.get_by_label(label).fill(asks[field])
    page.get_by_label("I agree").check()
    expect(call).to_be_in_viewport()
    visitor.press(SEND)
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    assert life.lead(life.lead_of(asks["email"]))["urgency"] == "emergency"


def test_nobody_here_yet_is_said_and_the_enquiry_is_welcome(visitor: Visitor) -> None:
    page = visitor.open("/f/enquiry")
    what_and_where(page, "25980")
    visitor.press(NEXT)
    expect(page.get_by_role("heading", name="No local partner yet")).to_be_visible()
    assert "We will look for someone and update you by" in visitor.text
    visitor.looks_at("form step 2 nobody")
    who(page, person("25980"))
    visitor.press(SEND)
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    assert "looking for the right partner" in visitor.text


def test_the_form_changes_its_language(visitor: Visitor) -> None:
    page = visitor.open("/f/enquiry?lang=en&utm_source=flyer")
    visitor.press("Deutsch")
    expect(page.get_by_role("heading", name="Finden Sie Ihren Fachbetrieb")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "de")
    page.get_by_role("button", name="Weiter", exact=True).tap()
    expect(
        page.get_by_role("link", name="Postleitzahl: Bitte geben Sie die Postleitzahl ein")
    ).to_be_visible()


def test_a_form_that_does_not_exist_is_an_honest_page(visitor: Visitor) -> None:
    page = visitor.open("/f/nothing")
    expect(page.get_by_role("heading", name="Page not found")).to_be_visible()
    visitor.looks_at("error not found")
