"""HQ places what routing could not; a partner keeps order on the desk; an address is confirmed by a
button.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.visitor import DESK, Visitor
from tests.journeys.cast import HQ, inbox, installer
from tests.journeys.life import Enquiry, Life, link
from tests.support.embedded import eventually

pytestmark = pytest.mark.browser
CAST = [
    installer("hq-declines", "32105"),
    installer("hq-takes", "32107"),
    installer("hq-also", "32107 rank 2"),
    installer("hq-spam", "32108"),
    installer("desk-busy", "32120", "32121", "32122", caps={"open": 10}),
    installer("desk-renews", "32130"),
]


def for_review(life: Life, place: str) -> Enquiry:
    """Too few points for routing: HQ decides, with partners at hand."""
    return life.enquire(place, ownership="tenant", phone="", urgency="planning", message="")


@pytest.mark.parametrize("size", [{}, {"viewport": DESK, "has_touch": True}], ids=["phone", "desk"])
def test_one_button_assigns_what_waits_in_the_queue(
    visit: Callable[..., Visitor], life: Life, size: dict[str, object]
) -> None:
    enquiry = for_review(life, "32107")
    hq = visit(**size)
    page = hq.open(
        link(life.mail(HQ, "Please review", link=enquiry.lead), f"/leads/{enquiry.lead}")
    )
    page.get_by_role("link", name="Back to the queue").tap()
    expect(page.get_by_role("heading", name="Queue", exact=True)).to_be_visible()
    hq.looks_at("queue")
    page.locator("a.card").filter(has_text=enquiry.told["reference"]).tap()

    expect(page.get_by_role("heading", name="Available partners")).to_be_visible()
    assert page.locator("ol.candidates .rowtitle").all_inner_texts()[0].startswith("Hq Takes")
    assert "first choice there" in hq.text
    hq.looks_at("queue lead for review")
    hq.press("Assign to Hq Takes")
    expect(page.get_by_role("status")).to_contain_text("Offered to the partner you chose.")
    hq.looks_at("queue lead assigned")
    page.reload()
    assert life.offers(enquiry.lead) == [("hq-takes", "pending")]
    assert "Firnwerk has chosen you for this enquiry." in life.offer("hq-takes", "32107")


def test_the_queue_shows_what_was_tried_and_why_nobody_is_left(
    visitor: Visitor, life: Life
) -> None:
    enquiry = life.enquire("32105")
    life.decline("hq-declines", "32105", "too-far")
    address = link(life.mail(HQ, link=enquiry.lead), f"/leads/{enquiry.lead}")
    page = visitor.open(address.split("/leads/")[0])
    visitor.looks_at("queue to retry")
    visitor.press("Retry all")
    expect(page.get_by_role("status")).to_contain_text("Still no partner to ask")
    visitor.open(address)
    assert "Too far away" in page.get_by_role("region", name="Asked so far").inner_text()
    expect(page.get_by_text("No partner is available right now.")).to_be_visible()
    visitor.looks_at("queue lead exhausted")

    visitor.unfold("Add a note")
    page.get_by_role("textbox", name="Note").fill("Asked again by phone: now they can.")
    visitor.press("Save note")
    expect(page.get_by_text("Asked again by phone")).to_be_visible()
    visitor.unfold("that routing would not ask")
    visitor.press("Assign to Hq Declines")
    expect(page.get_by_role("status")).to_contain_text("Offered to the partner you chose.")
    assert life.offers(enquiry.lead)[-1] == ("hq-declines", "pending")


def test_what_looks_like_spam_is_released_or_rejected(visitor: Visitor, life: Life) -> None:
    wrong, right = (life.enquire("32108", second_topic="https://buy.example") for _ in range(2))
    address = for_review(life, "32108")
    queue = link(life.mail(HQ, "Please review", link=address.lead), "/q/").split("/leads/")[0]
    page = visitor.open(queue)
    expect(
        page.get_by_role(
            "heading", name="Unconfirmed: waiting for the customer to confirm the address"
        )
    ).to_be_visible()
    visitor.open(f"{queue}/leads/{right.lead}")
    visitor.looks_at("queue lead quarantined")
    visitor.press("Release")
    expect(page.get_by_role("status")).to_contain_text("Released")
    visitor.open(f"{queue}/leads/{wrong.lead}")
    visitor.unfold("Reject")
    visitor.press("Reject")
    expect(page.get_by_role("status")).to_contain_text("Rejected.")
    visitor.looks_at("queue lead rejected")
    assert [life.lead(each.lead)["status"] for each in (right, wrong)] == ["offered", "rejected"]


def test_a_desk_shows_what_to_answer_whom_to_call_and_what_to_update(
    visitor: Visitor, life: Life
) -> None:
    answer, call, update = (life.enquire(place) for place in ("32120", "32121", "32122"))
    life.accept("desk-busy", "32121")
    life.browser.press(life.accept("desk-busy", "32122").form("contacted"))

    page = visitor.open(life.offer_link("desk-busy", "32120"))
    page.get_by_role("link", name="All your enquiries").tap()
    for section, told in (
        ("To answer", "Heat pump"),
        ("To contact", call.name),
        ("To update", update.name),
    ):
        expect(page.get_by_role("region", name=section)).to_contain_text(told)
    assert answer.name not in visitor.text, "not before accepting"
    expect(page.get_by_text("3 of 10 enquiries in hand")).to_be_visible()
    visitor.looks_at("desk")

    visitor.press("Pause new enquiries")
    expect(page.get_by_text("Paused: you are not receiving new enquiries.")).to_be_visible()
    visitor.looks_at("desk paused")
    visitor.press("Resume new enquiries")
    expect(page.get_by_role("status")).to_contain_text("Welcome back.")
    page.get_by_role("region", name="To contact").get_by_role("link").tap()
    expect(page.get_by_text(call.name)).to_be_visible()


def test_a_renewed_desk_link_ends_the_old_one(visitor: Visitor, life: Life) -> None:
    life.enquire("32130")
    page = visitor.open(life.offer_link("desk-renews", "32130"))
    page.get_by_role("link", name="All your enquiries").tap()
    expect(page.get_by_role("heading", name="Your enquiries")).to_be_visible()
    old = page.url
    visitor.unfold("Replace the link to this page")
    visitor.press("Email me a new link")
    expect(page.get_by_role("heading", name="Your new link is on its way")).to_be_visible()
    visitor.looks_at("desk link sent")
    new = link(life.mail(inbox("desk-renews"), link="/d/"), "/d/")
    assert new != old
    visitor.open(old)
    expect(page.get_by_role("heading", name="This link no longer works")).to_be_visible()
    visitor.looks_at("desk link ended")
    visitor.open(new)
    expect(page.get_by_role("heading", name="Your enquiries")).to_be_visible()


def test_an_address_is_confirmed_by_a_button_and_not_by_opening_the_link(
    visitor: Visitor, life: Life
) -> None:
    def save(email: str) -> None:
        partner = installer("confirm-me", "32140", confirmed=False) | {
            "contact": {"email": email, "name": "Ada"}
        }
        life.stack.hq("PUT", "/v1/partners/confirm-me", json=partner).raise_for_status()

    def confirmed() -> bool:
        return bool(life.stack.hq("GET", "/v1/partners/confirm-me").json()["status"]["confirmed"])

    save("first@confirm.example")
    old = link(life.mail("first@confirm.example", link="/c/"), "/c/")
    save("second@confirm.example")
    new = link(life.mail("second@confirm.example", link="/c/"), "/c/")
    page = visitor.open(old)
    expect(page.get_by_role("heading", name="This link is out of date")).to_be_visible()
    visitor.looks_at("confirm outdated")
    visitor.open(new)
    page.reload()
    visitor.looks_at("confirm ask")
    assert not confirmed()
    visitor.press("Confirm address")
    expect(page.get_by_role("heading", name="Your address is confirmed")).to_be_visible()
    visitor.looks_at("confirm done")
    eventually(confirmed, what="the confirmed address")
    visitor.open(new)
    expect(page.get_by_role("heading", name="Your address is confirmed")).to_be_visible()
