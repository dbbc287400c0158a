"""The prospect follows the enquiry with the link of the receipt, and says what has changed."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.visitor import Visitor
from tests.journeys.cast import inbox, installer
from tests.journeys.life import Life, link

pytestmark = pytest.mark.browser
CAST = [
    installer("status-one", "33102", website="https://status-one.example"),
    installer("status-two", "33104"),
]


def test_from_received_to_a_partner_who_did_not_call(visitor: Visitor, life: Life) -> None:
    enquiry = life.enquire("33102")
    page = visitor.open(link(life.mail(enquiry.email, "We have received your enquiry"), "/s/"))
    assert "We have asked a partner." in visitor.text
    expect(page.locator("[aria-current=step]")).to_contain_text("Finding a partner")
    visitor.looks_at("status offered")

    visitor.unfold("Change my phone number")
    page.get_by_label("Phone number").fill("call me")
    visitor.press("Save number")
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_label("Phone number")).to_have_value("call me")
    visitor.looks_at("status wrong phone")
    page.get_by_label("Phone number").fill("030 23125 998")
    visitor.press("Save number")
    expect(page.get_by_role("status")).to_contain_text("Your new phone number has been saved.")

    visitor.unfold("Add something")
    page.get_by_label("What should your partner know?").fill("The dog is friendly.")
    visitor.press("Send")
    expect(page.get_by_text("The dog is friendly.")).to_be_visible()
    page.reload()
    expect(page.get_by_text("The dog is friendly.")).to_have_count(1)

    life.accept("status-one", "33102")
    page.reload()
    expect(page.get_by_role("region", name="Your partner")).to_contain_text("Status One")
    visitor.looks_at("status accepted")
    visitor.press("Nobody has called me")
    expect(page.get_by_role("status")).to_contain_text(
        "We have asked your partner to get in touch with you."
    )
    assert "The dog is friendly." in life.browser.open(
        link(life.mail(inbox("status-one"), link="/o/"), "/o/")
    )


def test_withdrawing_asks_once_more_and_ends_it(visitor: Visitor, life: Life) -> None:
    enquiry = life.enquire("33104")
    page = visitor.open(enquiry.status_url)
    visitor.unfold("Withdraw my enquiry")
    visitor.press("Withdraw")
    expect(page.get_by_role("status")).to_contain_text("Your enquiry has been withdrawn.")
    expect(page.get_by_role("button")).to_have_count(0)
    visitor.looks_at("status withdrawn")
    page.go_back()
    expect(page.get_by_role("button")).to_have_count(0)
    assert life.lead(enquiry.lead)["status"] == "withdrawn"


def test_who_was_not_ready_says_so_with_one_button(visitor: Visitor, life: Life) -> None:
    enquiry = life.enquire("33104", ownership="tenant", message="Hello")
    page = visitor.open(enquiry.status_url)
    visitor.looks_at("status nurture")
    visitor.press("Yes, I am ready")
    expect(page.get_by_role("status")).to_contain_text("We are looking for a partner now.")
    assert life.lead(enquiry.lead)["status"] == "offered"
