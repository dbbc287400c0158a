"""A channel manager runs the network from a phone: signs in, finds, places, enters, changes, reads.

Everything is done in a browser on the embedded AWS, with what arrives by mail.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.visitor import Visitor
from tests.journeys.cast import HQ, installer
from tests.journeys.life import Life, link
from tests.support.embedded import eventually

pytestmark = pytest.mark.browser
CAST = [
    installer("month-takes", "32141"),
    installer("month-also", "32141 rank 2"),
]
SOUTH = "sued@firnwerk.example"
"""A manager of Bavaria and Baden-Württemberg."""
SWISS = "schweiz@firnwerk.example"
"""A manager of parts of Switzerland, who signs out in these stories."""
BOARD = "leitung@firnwerk.example"
"""Somebody who looks and acts on nothing; reads German."""
SignIn = Callable[..., Visitor]


@pytest.fixture(scope="session")
def cookies() -> dict[str, list[Any]]:
    """What the browser of each person keeps: nobody is sent more than a few links an hour."""
    return {}


@pytest.fixture
def sign_in(visit: Callable[..., Visitor], life: Life, cookies: dict[str, list[Any]]) -> SignIn:
    """``sign_in(email)`` is somebody at HQ who has opened the desk by a link that was mailed."""

    def come_in(email: str = HQ, subject: str = "Your link to sign in", **how: Any) -> Visitor:
        visitor = visit(**how)
        if email not in cookies:
            open_the_desk(visitor, life, email, subject)
            cookies[email] = visitor.context.cookies()
        visitor.context.add_cookies(cookies[email])
        visitor.open("/hq")
        expect(visitor.page.locator("nav.places")).to_be_visible()
        return visitor

    return come_in


def open_the_desk(visitor: Visitor, life: Life, email: str, subject: str) -> None:
    """Type the address, open the link that was mailed, press its button."""
    page = visitor.open("/hq")
    page.locator("input[type=email]").fill(email)
    page.get_by_role("button").tap()
    visitor.open(link(life.mail(email, subject), "/hq/in/"))
    page.get_by_role("button").tap()
    expect(page.locator("nav.places")).to_be_visible()


def place(page: Page) -> str:
    """Where in the navigation the page says that it is."""
    return page.locator("nav.places [aria-current=page]").inner_text()


def test_signing_in_on_a_phone_stays_until_signed_out_everywhere(
    visitor: Visitor, life: Life
) -> None:
    page = visitor.page
    open_the_desk(visitor, life, SWISS, "Your link to sign in")
    assert place(page) == "Today"
    visitor.looks_at("hq today")
    visitor.open("/hq/devices")
    expect(page.get_by_text("this device")).to_be_visible()
    visitor.looks_at("hq devices")
    visitor.unfold("Sign out everywhere")
    visitor.press("Sign out everywhere")
    expect(page.get_by_text("You are signed out on this device.")).to_be_visible()
    visitor.open("/hq/leads")
    expect(page.get_by_role("button", name="Email me a link")).to_be_visible()


def test_nobody_is_told_whether_an_address_is_known(visitor: Visitor) -> None:
    page = visitor.open("/hq")
    visitor.looks_at("hq sign in")
    page.get_by_role("textbox", name="Email").fill("nobody@example.com")
    visitor.press("Email me a link")
    expect(page.get_by_text("If this address belongs to somebody at HQ")).to_be_visible()


def listed(manager: Visitor, query: str, text: str) -> Page:
    """The list of leads, once it shows that: it follows the leads within moments."""
    page = manager.page

    def shows() -> bool:
        manager.open(f"/hq/leads?{query}")
        return text in page.locator("main").inner_text()

    eventually(shows, what=f"{text} in the list of leads")
    return page


def test_a_lead_that_waits_is_found_in_the_list_and_placed(sign_in: SignIn, life: Life) -> None:
    enquiry = life.enquire("32141", ownership="tenant", phone="", urgency="planning", message="")
    manager = sign_in()
    page = listed(manager, "state=hq_queue&postcode=3214", enquiry.name)
    manager.looks_at("hq leads")
    page.get_by_role("link", name="32141").first.tap()
    expect(page.get_by_role("heading", name="Available partners")).to_be_visible()
    manager.looks_at("hq lead to place")
    manager.press("Assign to Month Takes")
    expect(page.get_by_role("status")).to_contain_text("Offered to the partner you chose.")
    assert life.offers(enquiry.lead) == [("month-takes", "pending")]
    expect(page.get_by_role("region", name="Timeline")).to_contain_text("Vera Vertrieb")


def test_a_lead_is_found_by_its_phone_number_however_it_is_written(
    sign_in: SignIn, life: Life
) -> None:
    enquiry = life.enquire("32141", phone="+49 89 99998 4711")
    manager = sign_in()
    page = listed(manager, "q=089+9999+847-11", enquiry.name)
    expect(page.get_by_role("row").filter(has_text=enquiry.told["reference"])).to_be_visible()
    manager.looks_at("hq lead found by phone")


def test_an_enquiry_by_phone_is_entered_and_goes_to_a_partner(sign_in: SignIn, life: Life) -> None:
    manager = sign_in()
    page = manager.open("/hq/leads/new")
    manager.looks_at("hq new enquiry")
    manager.press("Enter enquiry")
    expect(page.get_by_role("alert")).to_be_visible()
    manager.looks_at("hq new enquiry with problems")
    page.get_by_label("Postcode").fill("32141")
    page.get_by_label("Heat pump").check()
    page.get_by_label("Within three months").check()
    page.get_by_role("textbox", name="Name").fill("Petra Anruf")
    page.get_by_role("textbox", name="Phone").fill("0521 998877")
    page.get_by_label("The customer has agreed").check()
    page.get_by_role("textbox", name="Source").fill("hotline")
    manager.press("Enter enquiry")
    expect(page.get_by_role("heading", name="32141")).to_be_visible()
    expect(page.get_by_text("Petra Anruf").first).to_be_visible()
    manager.looks_at("hq lead entered by phone")


def test_a_window_is_changed_in_a_sentence_and_rolled_back(sign_in: SignIn) -> None:
    manager = sign_in()
    page = manager.open("/hq/rules")
    manager.looks_at("hq rules")
    page.get_by_role("link", name="Change the hotline").tap()
    page.get_by_label("Number").fill("+49 89 555 0 999")
    manager.press("See what would change")
    expect(page.get_by_role("region", name="This would change")).to_contain_text("+49 89 555 0 999")
    manager.looks_at("hq rules a change before it is saved")
    manager.press("Put in force")
    expect(page.get_by_role("status")).to_be_visible()
    assert "+49 89 555 0 999" in manager.text


def test_who_may_only_look_finds_no_button_and_acts_on_nothing(sign_in: SignIn, life: Life) -> None:
    enquiry = life.enquire("32141", ownership="tenant", phone="", urgency="planning", message="")
    board = sign_in(BOARD, "Ihr Link zum Anmelden")
    page = board.page
    assert place(page) == "Heute"
    board.open(f"/hq/leads/{enquiry.lead}")
    expect(page.get_by_role("heading", name="32141")).to_be_visible()
    expect(page.locator("form[method=post]")).to_have_count(0)
    board.looks_at("hq lead for a viewer")


def test_a_manager_of_the_south_sees_no_lead_of_the_north(sign_in: SignIn, life: Life) -> None:
    north = life.enquire("32141")
    south = sign_in(SOUTH)
    page = south.page
    answer = page.goto(f"/hq/leads/{north.lead}")
    assert answer is not None
    assert answer.status == 404
    south.open("/hq/leads")
    assert north.told["reference"] not in south.text
