"""The embed script on somebody else's page, on another origin: what it does there, and what it
leaves alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.conftest import ForeignSite
from tests.browser.test_hosted_form import NEXT, SEND, what_and_where, who
from tests.browser.visitor import Visitor
from tests.journeys.cast import installer, person
from tests.journeys.life import Life
from tests.support.embedded import Stack

pytestmark = pytest.mark.browser
CAST = [
    installer("embed-lingen", "29221"),
    installer("embed-celle", "29223"),
    installer("embed-uelzen", "29525"),
]

SHOP = """<!doctype html><html lang="en"><head><title>Heat pumps</title><style>
  body {{ font: italic 13px/1 Georgia, serif; text-align: right; text-transform: uppercase; letter-spacing: 4px }}
  * {{ color: #060 }} div {{ border: 9px solid #060; opacity: .9; }} h2, p, label, input, button {{ display: none }}
  .box, .field, .error {{ background: #000 }}
</style></head><body><header><nav><a id="more" href="/contact">Contact</a></nav></header><main><h1>Heat pumps</h1>
<script src="{base}/embed.js" data-form="enquiry" data-lang="en"></script></main></body></html>"""
PLAIN = """<!doctype html><html lang="{lang}"><head><title>Contact</title>
<meta name="viewport" content="width=device-width"></head><body>
<header><h1>Contact</h1><button class="quiet" id="f-name" style="min-height: 44px">Call us</button></header>
<main><script src="{base}/embed.js" data-form="enquiry"></script></main></body></html>"""


@pytest.fixture(autouse=True)
def pages(foreign_site: ForeignSite, stack: Stack) -> None:
    foreign_site.pages = {
        "/pumps": SHOP.format(base=stack.base_url),
        "/contact": PLAIN.format(base=stack.base_url, lang="en"),
        "/kontakt": PLAIN.format(base=stack.base_url, lang="de"),
    }


@pytest.fixture
def reader(visit: Callable[..., Visitor], foreign_site: ForeignSite) -> Visitor:
    return visit(hosts=(foreign_site.listed, foreign_site.stranger))


def at_step_two(reader: Visitor, site: ForeignSite, place: str) -> Page:
    page = reader.open(f"{site.listed}/contact")
    what_and_where(page, place)
    reader.press(NEXT)
    expect(page.get_by_text(f"1 specialist covers {place}")).to_be_visible()
    return page


def style(of: Locator, *names: str) -> list[str]:
    return of.evaluate("(e, names) => names.map(name => getComputedStyle(e)[name])", list(names))


def test_both_steps_work_across_origins_and_the_lead_knows_where_it_came_from(
    reader: Visitor, foreign_site: ForeignSite, life: Life
) -> None:
    asks = person("29221")
    page = reader.page
    page.goto(
        f"{foreign_site.listed}/pumps?utm_source=news&utm_campaign=may&secret=1",
        referer="https://seek.example/?q=me",
    )
    page.locator("#more").tap()
    page.wait_for_url("**/contact")
    expect(page.get_by_role("heading", name="Find your installer")).to_be_visible()
    reader.looks_at("embed step 1")
    what_and_where(page, "29221")
    reader.press(NEXT)
    expect(page.get_by_text("1 specialist covers 29221")).to_be_visible()
    reader.looks_at("embed step 2")
    who(page, asks)
    reader.press(SEND)

    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    reader.looks_at("embed thanks")
    lead = life.lead(life.lead_of(asks["email"]))
    expect(page.get_by_text(lead["reference"])).to_be_visible()
    status = page.get_by_role("link", name="Check status").get_attribute("href") or ""
    assert "Your enquiry" in life.browser.open(status)
    told = life.document(lead["id"])["context"]
    assert told["utm"] == {"source": "news", "campaign": "may"}
    assert told["referrer"].rstrip("/") == "https://seek.example"
    assert told["pages"] == ["/pumps", "/contact"]
    assert told["source"] == "localhost"
    assert told["consent_version"] == "2026-12"
    assert "secret" not in str(told)


def test_styles_leak_neither_in_nor_out(reader: Visitor, foreign_site: ForeignSite) -> None:
    names = ("color", "fontSize", "fontStyle", "textAlign", "textTransform", "letterSpacing", "lineHeight", "display",
             "backgroundColor", "borderTopColor")  # fmt: skip
    page = reader.open(f"{foreign_site.listed}/contact")
    parts = [
        page.locator(".box"),
        page.locator("h2"),
        page.get_by_label("Postcode"),
        page.get_by_role("button", name=NEXT),
    ]
    expect(parts[-1]).to_be_visible()
    assert style(page.locator("header button"), "width", "position") != style(
        parts[-1], "width", "position"
    )
    alone = [style(each, *names) for each in parts]
    outside = style(page.locator("h1"), *names)

    reader.open(f"{foreign_site.listed}/pumps")
    expect(parts[-1]).to_be_visible()
    assert [style(each, *names) for each in parts] == alone
    assert style(page.locator("main > div"), "display") == ["block"]

    page.goto(f"{foreign_site.listed}/contact")
    expect(parts[-1]).to_be_visible()
    assert style(page.locator("h1"), *names) == outside
    assert page.evaluate("Object.keys(window).filter(name => /relay|embed/i.test(name))") == [], (
        "no global of ours"
    )


def test_problems_stand_at_the_fields_and_nothing_typed_is_lost(
    reader: Visitor, foreign_site: ForeignSite, life: Life
) -> None:
    asks = person("29223")
    page = reader.open(f"{foreign_site.listed}/contact")
    reader.press(NEXT)
    expect(page.locator(".error", has_text="Please choose what you need.")).to_be_visible()
    summary = page.get_by_role("alert")
    expect(summary.get_by_role("link", name="What do you need?")).to_be_visible()
    assert (
        page.evaluate("document.querySelector('main > div').shadowRoot.activeElement.id")
        == "f-problems"
    )
    summary.get_by_role("link", name="What do you need?").tap()
    assert (
        page.evaluate("document.querySelector('main > div').shadowRoot.activeElement.name")
        == "product"
    )
    assert "#" not in page.url
    reader.looks_at("embed step 1 problems")
    what_and_where(page, "1067")
    reader.press(NEXT)
    expect(
        page.get_by_role(
            "link", name="Postcode: This is not a valid German postcode. Did you mean 01067?"
        )
    ).to_be_visible()
    expect(page.get_by_label("Postcode")).to_have_value("1067")
    page.get_by_label("Postcode").fill("29223")
    reader.press(NEXT)

    who(page, asks | {"phone": "0180 5 123456", "email": "petra@"})
    reader.press(SEND)
    expect(
        page.locator(".error", has_text="Enter a valid email address, such as name@example.com.")
    ).to_be_visible()
    assert reader.posts() == []
    page.get_by_label("Email").fill(asks["email"])
    reader.press(SEND)
    expect(page.locator(".error", has_text="Enter a landline or mobile number.")).to_be_visible()
    expect(page.get_by_label("Phone")).to_have_attribute("aria-invalid", "true")
    reader.looks_at("embed step 2 problems")
    for label, field in (("Your name", "name"), ("Anything else we should know?", "message")):
        expect(page.get_by_label(label)).to_have_value(asks[field])
    page.get_by_label("Phone").fill(asks["phone"])
    reader.press("Change")
    expect(page.get_by_label("Postcode")).to_have_value("29223")
    reader.press(NEXT)
    expect(page.get_by_label("Your name")).to_have_value(asks["name"])
    expect(page.get_by_label("I agree")).to_be_checked()
    reader.press(SEND)
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()


def test_a_reply_that_is_lost_is_fetched_again_under_the_same_key(
    reader: Visitor, foreign_site: ForeignSite, life: Life
) -> None:
    asks = person("29525")
    reader.expected += ["ERR_FAILED"]
    page = at_step_two(reader, foreign_site, "29525")
    who(page, asks)
    keys = []

    def lose(route: Route) -> None:
        keys.append(route.request.headers["idempotency-key"])
        route.fetch()  # it arrives; only the answer does not
        route.abort()

    page.route("**/leads", lose)
    reader.press(SEND)
    expect(page.get_by_text("What you entered is still here. Please try again.")).to_be_visible()
    fallback = (
        page.get_by_role("link", name="Open the form on a separate page").get_attribute("href")
        or ""
    )
    assert urlsplit(fallback).path == "/f/enquiry"
    expect(page.get_by_label("Your name")).to_have_value(asks["name"])
    reader.looks_at("embed network failure")
    page.unroute("**/leads")
    page.on(
        "request",
        lambda r: keys.append(r.headers["idempotency-key"]) if r.method == "POST" else None,
    )
    reader.press(SEND)
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    assert len(keys) == 2
    assert keys[0] == keys[1]
    lead = life.lead(life.lead_of(asks["email"]))
    expect(page.get_by_text(lead["reference"])).to_be_visible()
    assert life.facts(lead["id"]).count("lead.received") == 1


def test_a_double_tap_sends_one_enquiry(reader: Visitor, foreign_site: ForeignSite) -> None:
    page = at_step_two(reader, foreign_site, "29525")
    who(page, person("29525"))
    page.get_by_role("button", name=SEND).dblclick()
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    assert len(reader.posts("/leads")) == 1


def test_an_origin_that_is_not_listed_gets_no_answer_but_a_way_to_the_form(
    reader: Visitor, foreign_site: ForeignSite, life: Life
) -> None:
    reader.expected += ["blocked by CORS policy", "ERR_FAILED", "For the owner of this page"]
    page = reader.open(f"{foreign_site.stranger}/contact")
    expect(page.get_by_text(f"the form needs origins: [{foreign_site.stranger}]")).to_be_visible()
    link = page.get_by_role("link", name="Open the form")
    expect(link).to_have_attribute("href", f"{life.stack.base_url}/f/enquiry?lang=en")
    expect(page.get_by_label("Postcode")).to_have_count(0)
    refused = page.evaluate(
        """url => fetch(url, {method: 'POST', headers: {'Content-Type': 'application/json'}, body: '{}'})
            .then(() => 'answered', () => 'refused')""",
        f"{life.stack.base_url}/v1/forms/enquiry/leads",
    )
    assert refused == "refused"
    link.tap()
    expect(page.get_by_role("heading", name="Find your installer")).to_be_visible()


def test_it_speaks_the_language_of_its_page(reader: Visitor, foreign_site: ForeignSite) -> None:
    page = reader.open(f"{foreign_site.listed}/kontakt")
    expect(page.get_by_role("heading", name="Finden Sie Ihren Fachbetrieb")).to_be_visible()
    expect(page.locator("main > div")).to_have_attribute("lang", "de")


def test_the_language_can_be_changed_and_what_was_typed_stays(
    reader: Visitor, foreign_site: ForeignSite
) -> None:
    page = reader.open(f"{foreign_site.listed}/contact")
    page.get_by_label("Postcode").fill("29221")
    reader.press("Deutsch")
    expect(page.get_by_label("Postleitzahl", exact=True)).to_have_value("29221")
    expect(page.get_by_role("button", name="English")).to_be_visible()


def test_what_cannot_be_right_is_told_before_it_is_sent_and_privacy_stands_at_the_consent(
    reader: Visitor, foreign_site: ForeignSite
) -> None:
    page = reader.open(f"{foreign_site.listed}/contact")
    what_and_where(page, "ABC")
    reader.press(NEXT)
    expect(
        page.get_by_role("link", name="Enter a valid German postcode (5 digits)")
    ).to_be_visible()
    assert not [request for request in reader.requests if "/coverage" in request.url]
    page.get_by_label("Postcode").fill("29221")
    reader.press(NEXT)
    expect(page.get_by_role("heading", name="Your details")).to_be_visible()
    privacy = page.locator(".field", has=page.get_by_label("I agree")).get_by_role(
        "link", name="Privacy"
    )
    expect(privacy).to_have_attribute("href", re.compile("^https://"))


def test_an_emergency_is_asked_on_one_screen_and_can_be_called_from_the_foreign_page(
    reader: Visitor, foreign_site: ForeignSite
) -> None:
    page, asks = reader.open(f"{foreign_site.listed}/contact"), person("16225")
    what_and_where(page, "16225", urgency="Now: no heating or hot water")
    expect(page.get_by_role("link", name="+49 89 99998100")).to_have_attribute(
        "href", "tel:+498999998100"
    )
    assert (
        page.evaluate("document.querySelector('main > div').shadowRoot.activeElement.value")
        == "emergency"
    )
    page.get_by_label("What is broken?").fill("No hot water")
    page.get_by_label("I agree").check()
    reader.press(SEND)
    expect(page.get_by_role("link", name="Phone: Please enter a phone number")).to_be_visible()
    assert reader.posts() == []
    reader.looks_at("embed emergency")
    for label, field in (("Your name", "name"), ("Email", "email"), ("Phone", "phone")):
        page.get_by_label(label).fill(asks[field])
    reader.press(SEND)
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    assert reader.posts("/leads")


def test_the_keyboard_is_enough_on_the_foreign_page_too(
    reader: Visitor, foreign_site: ForeignSite
) -> None:
    page = reader.open(f"{foreign_site.listed}/contact")
    keys = page.keyboard
    inside = "document.querySelector('main > div').shadowRoot.activeElement?."
    expect(page.get_by_label("Postcode")).to_be_visible()

    def tab_to(name: str) -> None:
        for _ in range(30):
            keys.press("Tab")
            if page.evaluate(f"{inside}name || {inside}textContent") == name:
                return
        raise AssertionError(f"Tab never reaches {name}")

    tab_to("product")
    keys.press("Space")
    tab_to("postcode")
    keys.type("29221")
    tab_to("urgency")
    keys.press("ArrowDown")
    tab_to(NEXT)
    keys.press("Enter")
    expect(page.get_by_text("1 specialist covers 29221")).to_be_visible()
    assert page.evaluate(f"{inside}tagName") == "H2", "the new step is announced"
    tab_to("name")
    tab_to("ownership")
