"""A partner acts from the mail in their pocket, on a phone of 390 × 844."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.visitor import Visitor, file_of
from tests.journeys.cast import BRIEF, installer
from tests.journeys.life import Enquiry, Life
from tests.support.embedded import eventually

pytestmark = pytest.mark.browser
CAST = [
    installer("offer-accepts", "26121"),
    installer("offer-declines", "26122"),
    installer("offer-next", "26122 rank 2"),
    installer("offer-works", "26123"),
    installer("offer-loses", "26124"),
    installer("offer-late", "26125"),
    installer("offer-looks", "26126"),
    installer("offer-twice", "26127"),
    installer("offer-slow", "26128"),
    installer("offer-quick", "26128 rank 2"),
    installer("offer-withdrawn", "26129"),
    installer("offer-errs", "26131"),
    installer("offer-full", "26132"),
    installer("offer-busy", "26133"),
]


def accepted(visitor: Visitor, life: Life, partner: str, place: str) -> Enquiry:
    enquiry = life.enquire(place)
    visitor.open(life.offer_link(partner, place))
    visitor.press("Accept")
    expect(visitor.page.get_by_text(enquiry.name)).to_be_visible()
    return enquiry


def test_from_the_mails_link_to_a_call(visitor: Visitor, life: Life) -> None:
    enquiry = life.enquire("26121")
    page = visitor.open(life.offer_link("offer-accepts", "26121"))
    expect(page.get_by_role("heading", name="Heat pump")).to_be_visible()
    expect(page.get_by_text("reserved for you")).to_be_visible()
    assert enquiry.name not in page.content()
    assert enquiry.phone[-3:] not in visitor.text
    visitor.looks_at("offer open")

    button = page.get_by_role("button", name="Accept")
    box = button.bounding_box()
    assert box
    assert box["y"] + box["height"] <= 844, "accept is on the first screen"
    button.tap()
    expect(page.get_by_text("It is yours. Please get in touch soon.")).to_be_visible()
    expect(page.get_by_text(enquiry.name)).to_be_visible()
    expect(page.get_by_role("link", name="Call")).to_have_attribute(
        "href", f"tel:{enquiry.phone.replace(' ', '')}"
    )
    visitor.looks_at("offer accepted")

    name, card = file_of(page, page.get_by_role("link", name="Save contact"))
    assert (name, card.splitlines()[0]) == ("contact.vcf", "BEGIN:VCARD")
    assert enquiry.name in card
    name, entry = file_of(page, page.get_by_role("link", name="Add to calendar"))
    assert (name, entry.splitlines()[0]) == ("contact.ics", "BEGIN:VCALENDAR")
    assert "BEGIN:VEVENT" in entry

    page.reload()
    expect(page.get_by_text(enquiry.name)).to_be_visible()
    assert len([p for p in visitor.posts() if not p.endswith("/seen")]) == 1, (
        "reloading presses nothing again"
    )
    assert life.facts(enquiry.lead).count("offer.accepted") == 1


def test_a_button_that_the_api_turns_away_says_so_and_works_when_pressed_again(
    visitor: Visitor, life: Life
) -> None:
    enquiry = life.enquire("26133")
    page = visitor.open(life.offer_link("offer-busy", "26133"))
    visitor.turned_away("**/o/*", 503)
    visitor.press("Accept")
    expect(page.get_by_role("alert")).to_contain_text("send it again in a minute")
    visitor.looks_at("offer busy")
    visitor.press("Accept")
    expect(page.get_by_text("It is yours. Please get in touch soon.")).to_be_visible()
    expect(page.get_by_text(enquiry.name)).to_be_visible()
    assert life.facts(enquiry.lead).count("offer.accepted") == 1


def test_seen_is_written_after_a_touch_and_not_by_loading(visitor: Visitor, life: Life) -> None:
    enquiry = life.enquire("26126")
    link = life.offer_link("offer-looks", "26126")

    def stored() -> list[str]:
        return [row for row in life.tables()["LeadsTable"] if f"'LEAD#{enquiry.lead}'" in row]

    before = stored()
    for _ in range(10):
        life.http.get(link)
        life.http.head(link)
    page = visitor.open(link)
    page.reload()
    page.wait_for_timeout(500)
    assert visitor.posts() == []
    assert stored() == before

    page.locator("h1").tap()
    eventually(
        lambda: "offer.seen" in life.facts(enquiry.lead), what="the fact that somebody looked"
    )
    page.mouse.wheel(0, 300)
    page.locator("h1").tap()
    assert len(visitor.posts("/seen")) == 1


def test_declining_needs_a_reason_and_moves_on_at_once(visitor: Visitor, life: Life) -> None:
    enquiry = life.enquire("26122")
    page = visitor.open(life.offer_link("offer-declines", "26122"))
    visitor.unfold("Decline")
    page.locator("form", has_text="Why are you declining?").evaluate(
        "form => { form.noValidate = true }"
    )
    page.get_by_label("Anything to add?").fill("Sixty kilometres")
    visitor.press("Decline this enquiry")
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_label("Anything to add?")).to_have_value("Sixty kilometres")
    visitor.looks_at("offer decline without reason")

    page.get_by_label("Too far away").check()
    visitor.press("Decline this enquiry")
    expect(page.get_by_text("It has moved on.")).to_be_visible()
    visitor.looks_at("offer declined")
    assert life.offers(enquiry.lead) == [("offer-declines", "declined"), ("offer-next", "pending")]

    visitor.press("Join the waiting list")
    expect(page.get_by_role("status")).to_contain_text("You are on the waiting list.")
    visitor.looks_at("offer waiting")


def test_attempt_contact_won_and_undo(visitor: Visitor, life: Life) -> None:
    enquiry = accepted(visitor, life, "offer-works", "26123")
    page = visitor.page
    visitor.press("Called, no answer")
    expect(page.get_by_text("Attempt logged.")).to_be_visible()
    page.reload()
    expect(page.get_by_text("1 attempt so far")).to_be_visible()
    visitor.looks_at("offer attempted")

    visitor.press("Customer contacted")
    expect(page.get_by_text("You have contacted the customer.")).to_be_visible()
    visitor.looks_at("offer contacted")
    visitor.press("Undo")
    expect(page.get_by_text("Undone.")).to_be_visible()
    expect(page.get_by_role("button", name="Customer contacted")).to_be_visible()
    visitor.press("Customer contacted")
    expect(page.get_by_text("You have contacted the customer.")).to_be_visible()

    visitor.unfold("Won")
    page.get_by_label("Order value").fill("a lot")
    visitor.press("Mark as won")
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_label("Order value")).to_have_value("a lot")
    visitor.looks_at("offer won without number")
    page.get_by_label("Order value").fill("12.500")
    visitor.press("Mark as won")
    expect(page.get_by_text("Congratulations! Marked as won.")).to_be_visible()
    expect(page.get_by_text("€12,500")).to_be_visible()
    visitor.looks_at("offer won")
    visitor.press("Undo")
    expect(page.get_by_text("Undone.")).to_be_visible()

    visitor.unfold("Add a note")
    page.get_by_label("Note", exact=True).last.fill("They like blue.")
    visitor.press("Save note")
    expect(page.get_by_text("They like blue.")).to_be_visible()
    page.reload()
    expect(page.get_by_text("They like blue.")).to_have_count(1)
    assert life.lead(enquiry.lead)["status"] == "contacted"


def test_lost_asks_why(visitor: Visitor, life: Life) -> None:
    enquiry = accepted(visitor, life, "offer-loses", "26124")
    visitor.unfold("Lost")
    visitor.page.get_by_label("Too expensive").check()
    visitor.press("Mark as lost")
    expect(visitor.page.get_by_text("Lost. Thank you for letting us know.")).to_be_visible()
    visitor.looks_at("offer lost")
    assert life.lead(enquiry.lead)["status"] == "lost"


def test_given_back_soon_it_does_not_count(visitor: Visitor, life: Life) -> None:
    enquiry = accepted(visitor, life, "offer-errs", "26131")
    visitor.unfold("Give it back")
    visitor.page.get_by_label("Accepted by mistake").check()
    visitor.looks_at("offer to give back")
    visitor.press("Give it back for good")
    expect(
        visitor.page.get_by_text("Given back. This won't affect your statistics.")
    ).to_be_visible()
    assert enquiry.name not in visitor.page.content()
    visitor.looks_at("offer given back")


def test_who_comes_late_is_told_so_and_sees_no_contact(visitor: Visitor, life: Life) -> None:
    enquiry = life.enquire("26125", BRIEF)
    page = visitor.open(life.offer_link("offer-late", "26125"))
    life.until_fact(enquiry.lead, "offer.expired", within=30)
    visitor.press("Accept")
    expect(page.get_by_text("That is no longer possible.")).to_be_visible()
    expect(page.get_by_text("The time to answer ended")).to_be_visible()
    assert enquiry.name not in page.content()
    visitor.looks_at("offer missed")


def test_who_is_slower_than_another_is_told_so(visitor: Visitor, life: Life) -> None:
    enquiry = life.enquire("26128")
    slow = life.offer_link("offer-slow", "26128")
    life.decline("offer-slow", "26128")
    life.accept("offer-quick", "26128")
    page = visitor.open(slow)
    assert "Declined" in visitor.text
    assert enquiry.name not in page.content()
    visitor.looks_at("offer taken by another")


def test_an_enquiry_that_was_withdrawn_needs_nothing(visitor: Visitor, life: Life) -> None:
    enquiry = life.enquire("26129")
    link = life.offer_link("offer-withdrawn", "26129")
    life.browser.press(life.browser.open(enquiry.status_url).form("withdraw"))
    page = visitor.open(link)
    expect(page.get_by_text("There is nothing you need to do.")).to_be_visible()
    expect(page.get_by_role("button")).to_have_count(0)
    visitor.looks_at("offer closed")


def test_a_double_tap_and_the_back_button_do_no_harm(visitor: Visitor, life: Life) -> None:
    enquiry = life.enquire("26127")
    page = visitor.open(life.offer_link("offer-twice", "26127"))
    page.get_by_role("button", name="Accept").dblclick()
    expect(page.get_by_text(enquiry.name)).to_be_visible()
    visitor.press("Called, no answer")
    expect(page.get_by_text("1 attempt so far")).to_be_visible()
    for _ in range(3):
        page.go_back()
        if page.url == "about:blank":
            break
        expect(page.get_by_text(enquiry.name)).to_be_visible()
        expect(page.get_by_role("button", name="Accept")).to_have_count(0)
    page.go_forward()
    expect(page.get_by_text(enquiry.name)).to_be_visible()
    facts = life.facts(enquiry.lead)
    assert (facts.count("offer.accepted"), facts.count("contact.attempted")) == (1, 1)


def test_without_javascript_a_partner_can_do_the_same(
    visit: Callable[..., Visitor], life: Life
) -> None:
    visitor = visit(java_script_enabled=False)
    enquiry = accepted(visitor, life, "offer-full", "26132")
    visitor.press("Customer contacted")
    expect(visitor.page.get_by_text("You have contacted the customer.")).to_be_visible()
    visitor.unfold("Lost")
    visitor.page.get_by_label("Too expensive").check()
    visitor.press("Mark as lost")
    expect(visitor.page.get_by_text("Lost. Thank you for letting us know.")).to_be_visible()
    assert life.lead(enquiry.lead)["status"] == "lost"


def test_a_link_that_is_not_ours_is_refused_in_plain_words(visitor: Visitor) -> None:
    page = visitor.open("/o/k1.W10.forged")
    expect(page.get_by_role("heading", name="This link no longer works")).to_be_visible()
    visitor.looks_at("error link refused")
