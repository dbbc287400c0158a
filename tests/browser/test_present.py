"""Pages and mails as a person meets them: in a phone's browser, by day and night, with and without
scripts.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Browser, Page, Route

from routing_core.domain.errors import Problem
from routing_core.present.engine import static
from routing_core.present.locale_context import LocaleContext
from routing_core.present.mails.render import render_mail
from routing_core.present.pages.form import form_page
from routing_core.present.pages.form_json import (
    FormSession,
    coverage_json,
    form_definition,
    lead_json,
)
from routing_core.present.pages.frame import security_headers
from routing_core.present.pages.offer import offer_page
from routing_core.present.pages.simple import error_page, thanks_page
from routing_core.present.problems import problem_json
from routing_core.present.reports.hq_document import hq_report_document
from routing_core.present.reports.partner_document import partner_report_document
from routing_core.present.reports.report_page import report_file
from routing_core.present.reports.report_words import ReportWords
from routing_core.service.intake.proof_of_work import new_challenge, read_solution
from routing_core.service.intake.submit_lead import Received
from routing_core.simulation.back_test_report import back_test_page
from tests.browser.visitor import NIGHT, violations
from tests.samples.cast import HOST, LANGUAGES, PROGRAMME
from tests.samples.mails import mail_views
from tests.samples.pages import (
    back_test_views,
    coverage,
    drawn_pages,
    form_views,
    offer_views,
    simple_views,
)
from tests.support.a_report import MADE, a_partner_report, an_hq_report, headline
from tests.support.builders import NOON

pytestmark = pytest.mark.browser
PHONE = {"width": 360, "height": 740}


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport=PHONE)
    yield context.new_page()
    context.close()


def every_page(language: str) -> Iterator[tuple[str, str]]:
    yield from drawn_pages(language)
    yield from ((name, back_test_page(view)) for name, view in back_test_views(language))
    yield from reports(language)
    yield "error", error_page(404, "not_found", language, PROGRAMME)
    yield "error-erased", error_page(410, "erased", language, PROGRAMME)


def reports(language: str) -> Iterator[tuple[str, str]]:
    """HQ's report with an amount that fills its tile, one of a quiet month, and a partner's."""
    words = ReportWords(PROGRAMME, LocaleContext.for_programme(PROGRAMME, language, MADE), {})
    large = replace(headline(), value={"CHF": Decimal(1_204_500), "EUR": Decimal(12_345_678)})
    quiet = an_hq_report(notable=(), gaps=(), campaigns=(), ages=(), restated=())
    for name, document in (
        ("report-hq", hq_report_document(an_hq_report(headline=large), words, 1)),
        ("report-quiet", hq_report_document(quiet, words, 2)),
        ("report-partner", partner_report_document(a_partner_report(), words, 1)),
    ):
        yield name, report_file(document, PROGRAMME)


def serve(page: Page, html: str, path: str = "/o/k1.abc") -> list[tuple[str, str, str]]:
    """Answers the address with the page and its real headers; returns the list of requests,
    growing.

    What a script posts stays under way: ours are led on by a redirect, which a route cannot give.
    """
    seen: list[tuple[str, str, str]] = []

    def answer(route: Route) -> None:
        request = route.request
        seen.append((request.method, request.url.removeprefix(HOST), request.post_data or ""))
        if request.method == "POST" and request.resource_type == "fetch":
            return
        route.fulfill(status=200, headers=security_headers(html), body=html)

    page.route(f"{HOST}/**", answer)
    page.goto(f"{HOST}{path}")
    return seen


@pytest.mark.parametrize(("width", "height"), [(844, 390), (667, 375), (1280, 720)])
@pytest.mark.parametrize("language", LANGUAGES)
def test_accept_is_in_view_without_scrolling_on_a_phone_held_sideways(
    phone: Page, language: str, width: int, height: int
) -> None:
    phone.set_viewport_size({"width": width, "height": height})
    for state in ("offer-open", "offer-wave", "offer-shared"):
        if state not in dict(drawn_pages(language)):
            continue
        serve(phone, dict(drawn_pages(language))[state])
        assert phone.evaluate("window.scrollY") == 0
        button = phone.locator("form:has([value=accept]) button")
        box = button.bounding_box()
        assert box is not None
        assert 0 <= box["y"] <= height - box["height"], f"{state}: {box}"
        bar = phone.locator(".sticky").bounding_box()
        assert bar is not None
        assert bar["height"] <= height / 3, "the rest of the page is still to be read"


@pytest.mark.parametrize(("width", "height"), [(390, 844), (844, 390)])
def test_the_hotline_stays_in_sight_however_far_an_emergency_is_scrolled(
    phone: Page, width: int, height: int
) -> None:
    phone.set_viewport_size({"width": width, "height": height})
    serve(phone, dict(drawn_pages("en"))["form-emergency"], "/f/enquiry")
    call = phone.locator(".hotline a.call")
    send = phone.locator("button[name=send]")
    send.scroll_into_view_if_needed()
    assert phone.evaluate("window.scrollY") > 200
    for each in (call, send):
        box = each.bounding_box()
        assert box is not None
        assert 0 <= box["y"] <= height - box["height"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_nothing_and_no_page_is_wider_than_a_phone(
    browser: Browser, language: str, scheme: str
) -> None:
    context = browser.new_context(viewport=PHONE, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    problems = {}
    for name, html in every_page(language):
        page.set_content(html)
        page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")
        wide = page.evaluate("document.documentElement.scrollWidth")
        problems[name] = violations(page, *(NIGHT if scheme == "dark" else ())) + (
            [f"{wide} px wide"] if wide > PHONE["width"] else []
        )
    context.close()
    assert {name: found for name, found in problems.items() if found} == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_mails_are_readable_by_day_and_night(browser: Browser, scheme: str) -> None:
    context = browser.new_context(viewport=PHONE, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    problems = {}
    for name, view in mail_views("de"):
        page.set_content(render_mail(view).html)
        wide = page.evaluate("document.documentElement.scrollWidth")
        found = [
            each
            for each in violations(page, *(NIGHT if scheme == "dark" else ()))
            if not each.startswith(("region", "landmark", "page-has"))
        ]
        problems[name] = found + ([f"{wide} px wide"] if wide > PHONE["width"] else [])
    context.close()
    assert {name: found for name, found in problems.items() if found} == {}


def test_axe_would_find_something(phone: Page) -> None:
    phone.set_content("<img src='x'><input><p style='color:#aaa;background:#bbb'>hard to read</p>")
    assert len(violations(phone)) > 3


def test_our_scripts_pass_our_own_policy(phone: Page) -> None:
    complaints: list[str] = []
    phone.on(
        "console",
        lambda message: complaints.append(message.text) if message.type == "error" else None,
    )
    phone.on("pageerror", lambda error: complaints.append(str(error)))
    serve(phone, offer_page(dict(offer_views("en"))["offer-open"]))
    phone.wait_for_timeout(1200)
    assert complaints == []
    assert phone.evaluate("document.querySelector('progress').value") < 4800


def test_looking_is_told_once_and_only_after_a_touch(phone: Page) -> None:
    requests = serve(phone, offer_page(dict(offer_views("en"))["offer-open"]))
    phone.wait_for_timeout(300)
    assert [method for method, *_ in requests] == ["GET"]
    phone.mouse.wheel(0, 200)
    phone.mouse.click(100, 300)
    phone.wait_for_timeout(300)
    assert [r[:2] for r in requests if r[0] == "POST"] == [("POST", "/o/k1.abc/seen")]


def test_a_double_click_accepts_once(phone: Page) -> None:
    requests = serve(phone, offer_page(dict(offer_views("en"))["offer-open"]))
    phone.get_by_role("button", name="Accept").dblclick()
    phone.wait_for_timeout(300)
    assert [body for method, _, body in requests if method == "POST" and body] == ["action=accept"]


def test_declining_is_its_reason_form(phone: Page) -> None:
    serve(phone, offer_page(dict(offer_views("en"))["offer-open"]))
    phone.get_by_text("Decline", exact=True).click()
    phone.get_by_label("Too far away").check()
    phone.get_by_label("Anything to add?").fill("60 km")
    with phone.expect_request(lambda request: request.post_data is not None) as posted:
        phone.get_by_role("button", name="Decline this enquiry").click()
    assert posted.value.post_data == "action=decline&reason=far&text=60+km"


def test_the_undo_counts_down_and_goes_away(phone: Page) -> None:
    html = offer_page(dict(offer_views("en"))["offer-won"]).replace(
        'data-until="60"', 'data-until="2"'
    )
    serve(phone, html)
    assert phone.get_by_role("button", name="Undo").is_visible()
    phone.get_by_role("button", name="Undo").wait_for(state="detached", timeout=4000)


def test_the_form_says_what_is_missing_at_the_field(phone: Page) -> None:
    requests = serve(phone, form_page(dict(form_views("en"))["form-2"]), "/f/enquiry")
    phone.get_by_label("Email").fill("ada@")
    phone.get_by_label("Phone").focus()
    assert (
        phone.locator("#f-email-error")
        .inner_text()
        .startswith("Enter a valid email address, such as name@example.com.")
    )
    phone.get_by_role("button", name="Send enquiry").click()
    assert phone.evaluate("document.activeElement.id") == "problems"
    links = phone.get_by_role("alert").get_by_role("link")
    assert [link.split(":")[0] for link in links.all_inner_texts()] == [
        "Your name",
        "Email",
        "Consent",
    ]
    links.first.click()
    assert phone.evaluate("document.activeElement.id") == "f-name"
    assert phone.locator("#f-consent-error").is_visible()
    assert len(requests) == 1, "nothing was sent"
    assert violations(phone) == []
    phone.get_by_label("Email").fill("ada@example.com")
    assert phone.locator("#f-email-error").count() == 0


def test_what_was_typed_survives_a_reload_until_it_arrived(phone: Page) -> None:
    html = form_page(dict(form_views("en"))["form-2"])
    serve(phone, html, "/f/enquiry")
    phone.get_by_label("Your name").fill("Ada")
    phone.reload()
    assert phone.get_by_label("Your name").input_value() == "Ada"
    phone.unroute(f"{HOST}/**")
    serve(phone, thanks_page(dict(simple_views("en"))["thanks-offered"]), "/thanks/x")  # type: ignore[arg-type]
    assert phone.evaluate("sessionStorage.length") == 0


@pytest.mark.parametrize(("name", "field"), [("form-1", "Postcode"), ("form-2", "Your name")])
def test_enter_sends_the_form_and_nothing_else(browser: Browser, name: str, field: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    requests = serve(page, form_page(dict(form_views("en"))[name]), "/f/enquiry")
    page.get_by_label(field).press("Enter")
    page.wait_for_load_state()
    assert requests[-1][:2] == ("POST", "/f/enquiry/details?lang=en")
    assert "back=" not in requests[-1][2]
    context.close()


def test_problems_take_the_focus(phone: Page) -> None:
    serve(phone, form_page(dict(form_views("en"))["form-2-problems"]), "/f/enquiry")
    assert phone.evaluate("document.activeElement.getAttribute('role')") == "alert"
    phone.get_by_role("link", name="Enter a valid phone number").click()
    assert phone.evaluate("document.activeElement.id") == "f-phone"


def test_everything_works_without_javascript(browser: Browser) -> None:
    context = browser.new_context(viewport=PHONE, java_script_enabled=False)
    page = context.new_page()
    requests = serve(page, form_page(dict(form_views("de"))["form-1"]), "/f/enquiry?lang=de")
    page.get_by_label("Wärmepumpe").check()
    page.get_by_label("Postleitzahl").fill("80331")
    page.get_by_label("Bald").check()
    page.get_by_role("button", name="Weiter", exact=True).click()
    method, path, body = requests[-1]
    assert (method, path) == ("POST", "/f/enquiry/details?lang=de")
    assert {
        "product=heat-pump",
        "postcode=80331",
        "urgency=soon",
        "step=1",
        "submission_id=s-1",
    } <= set(body.split("&"))
    context.close()


class Shop:
    """Somebody's own page with the embedded form on it, and our API as it would answer."""

    def __init__(self, page: Page, language: str = "en"):
        self.page, self.posts, self.asked = page, [], []
        self.answers: list[Any] = []
        self.shown = 0
        self.challenge: dict[str, Any] | None = None
        page.route("https://shop.example/**", self._page)
        page.route(f"{HOST}/**", self._api)
        self.html = (
            f'<!doctype html><html lang="{language}"><head><title>Shop</title></head><body><main><h1>Shop</h1>'
            f'<script src="{HOST}/embed.js" data-form="enquiry" data-lang="{language}"></script></main></body></html>'
        )
        self.language = language

    def _page(self, route: Route) -> None:
        route.fulfill(status=200, content_type="text/html", body=self.html)

    def _api(self, route: Route) -> None:
        request, path = route.request, route.request.url.removeprefix(HOST).split("?")[0]
        cors = {
            "Access-Control-Allow-Origin": "*",
            "Access-Control-Allow-Headers": "content-type, idempotency-key",
        }
        if path == "/embed.js":
            return route.fulfill(
                status=200, content_type="text/javascript", body=static("embed.js")
            )
        if request.method == "OPTIONS":
            return route.fulfill(status=204, headers=cors)
        status, body = 200, {}
        if path == "/v1/forms/enquiry":
            self.shown += 1
            session = FormSession(f"signed-{self.shown}", f"s-{self.shown}", HOST, self.challenge)
            body = form_definition(PROGRAMME, PROGRAMME.forms[0], self.language, session)
        elif path.endswith("/coverage"):
            self.asked.append(request.url)
            body = coverage_json(coverage(), PROGRAMME, self.language, NOON)
        else:
            self.posts.append(
                (request.headers.get("idempotency-key"), json.loads(request.post_data or "{}"))
            )
            answer = self.answers.pop(0) if self.answers else None
            if answer == "lost":
                return route.abort()
            status, body = answer or (201, self.thanks())
        return route.fulfill(
            status=status, headers=cors, content_type="application/json", body=json.dumps(body)
        )

    def thanks(self) -> dict[str, Any]:
        received = Received("L1", "ABCD2345", "offered", NOON, f"{HOST}/s/x", region="")
        return lead_json(received, PROGRAMME, self.language, NOON)

    def fill(self) -> None:
        page = self.page
        page.get_by_label("Heat pump").check()
        page.get_by_label("Postcode").fill("80331")
        page.get_by_label("Soon").check()
        page.get_by_role("button", name="See who can help").click()
        page.get_by_label("Your name").fill("Ada")
        page.get_by_label("Email").fill("ada@example.com")
        page.get_by_label("I agree").check()


def test_the_embedded_form_from_first_answer_to_thanks(phone: Page) -> None:
    shop = Shop(phone)
    phone.goto("https://shop.example/pumps?utm_source=news&secret=1")
    phone.goto("https://shop.example/contact?x=1")
    assert violations(phone) == []
    shop.fill()
    assert phone.get_by_text("3 specialists cover 80331").is_visible()
    assert "postcode=80331" in shop.asked[0]
    assert violations(phone) == []
    phone.get_by_role("button", name="Send enquiry").click()
    phone.get_by_text("ABCD2345").wait_for()
    key, body = shop.posts[0]
    assert key == "s-2"  # the second page's
    assert body["name"] == "Ada"
    assert body["context"] == {
        "source": "shop.example",
        "referrer": "",
        "utm": {"source": "news"},
        "pages": ["/pumps", "/contact"],
    }
    assert "secret" not in json.dumps(body)


SECRET = b"a secret of the tests"


def a_challenge() -> dict[str, Any]:
    return new_challenge(SECRET, "salt", 4_711, NOON + timedelta(hours=2))


def test_in_a_flood_the_embedded_form_solves_its_task_with_nothing_to_click(phone: Page) -> None:
    shop = Shop(phone)
    shop.challenge = a_challenge()
    phone.goto("https://shop.example/")
    assert violations(phone) == []
    shop.fill()
    phone.get_by_role("button", name="Send enquiry").click()
    phone.get_by_text("ABCD2345").wait_for()
    ((_, body),) = shop.posts
    solution = read_solution(SECRET, body["altcha"], NOON)
    assert solution
    assert solution.challenge == shop.challenge["challenge"]


def test_without_a_flood_the_embedded_form_posts_no_proof(phone: Page) -> None:
    shop = Shop(phone)
    phone.goto("https://shop.example/")
    shop.fill()
    phone.get_by_role("button", name="Send enquiry").click()
    phone.get_by_text("ABCD2345").wait_for()
    assert "altcha" not in shop.posts[0][1]


def test_a_changed_enquiry_whose_first_had_arrived_is_sent_as_a_second_one(phone: Page) -> None:
    shop = Shop(phone)
    problem = Problem("submission_id", "different_body", "")
    shop.answers = ["lost", (422, problem_json(422, "en", [problem]))]
    phone.goto("https://shop.example/")
    shop.fill()
    send = phone.get_by_role("button", name="Send enquiry")
    send.click()
    phone.get_by_text("Something went wrong.").wait_for()
    with phone.expect_response("**/v1/forms/enquiry?*"):
        send.click()
    phone.get_by_text("Send it again to add this version.").wait_for()
    send.click()
    phone.get_by_text("ABCD2345").wait_for()
    assert [(key, body["started"]) for key, body in shop.posts] == [
        ("s-1", "signed-1"),
        ("s-1", "signed-1"),
        ("s-2", "signed-2"),
    ]


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_in_a_flood_the_hosted_form_is_sent_with_its_task_solved_or_without_scripts_unsolved(
    browser: Browser, scripts: bool
) -> None:
    context = browser.new_context(viewport=PHONE, java_script_enabled=scripts)
    page = context.new_page()
    view = replace(dict(form_views("en"))["form-2"], challenge=a_challenge())
    posts = serve(page, form_page(view), "/f/enquiry")
    page.get_by_label("Your name").fill("Ada")
    page.get_by_label("Email").fill("ada@example.com")
    page.get_by_label("Phone").fill("+49 89 99998 777")
    page.get_by_label("I agree").check()
    with page.expect_request(lambda request: request.method == "POST"):
        page.get_by_role("button", name="Send enquiry").click()
    page.wait_for_load_state()
    (sent,) = [
        parse_qs(body, keep_blank_values=True) for method, _, body in posts if method == "POST"
    ]
    solution = read_solution(SECRET, sent["altcha"][0], NOON)
    assert (solution is not None) is scripts
    context.close()


def test_the_embedded_form_checks_before_it_asks(phone: Page) -> None:
    shop = Shop(phone)
    phone.goto("https://shop.example/")
    phone.get_by_role("button", name="See who can help").click()
    assert phone.locator(".error", has_text="Please choose what you need.").is_visible()
    assert phone.get_by_role("link", name="Postcode: Please enter your postcode").is_visible()
    assert (
        phone.evaluate("document.querySelector('main > div').shadowRoot.activeElement.id")
        == "f-problems"
    )
    phone.get_by_label("Postcode").fill("ABC")
    phone.get_by_role("button", name="See who can help").click()
    assert phone.get_by_role("link", name="Enter a valid German postcode (5 digits)").is_visible()
    assert shop.asked == []
    assert violations(phone) == []


def test_problems_from_the_server_stand_at_the_field_and_nothing_is_lost(phone: Page) -> None:
    shop = Shop(phone)
    shop.answers = [(422, problem_json(422, "en", [Problem("email", "invalid_email", "")]))]
    phone.goto("https://shop.example/")
    shop.fill()
    phone.get_by_role("button", name="Send enquiry").click()
    phone.locator(
        ".error", has_text="Enter a valid email address, such as name@example.com."
    ).wait_for()
    assert phone.get_by_label("Your name").input_value() == "Ada"


def test_a_lost_reply_is_sent_again_under_the_same_key(phone: Page) -> None:
    shop = Shop(phone)
    shop.answers = ["lost"]
    phone.goto("https://shop.example/")
    shop.fill()
    phone.get_by_role("button", name="Send enquiry").click()
    phone.get_by_text("Something went wrong.").wait_for()
    assert (
        phone.get_by_role("link", name="Open the form on a separate page")
        .get_attribute("href")
        .startswith(HOST)
    )
    phone.get_by_role("button", name="Send enquiry").click()
    phone.get_by_text("ABCD2345").wait_for()
    assert [key for key, _ in shop.posts] == ["s-1", "s-1"]


def test_a_page_whose_form_cannot_be_loaded_links_to_the_hosted_one(phone: Page) -> None:
    shop = Shop(phone, "de")
    phone.route(f"{HOST}/v1/**", lambda route: route.abort())
    phone.goto("https://shop.example/")
    assert (
        phone.get_by_role("link", name="Zum Formular").get_attribute("href")
        == f"{HOST}/f/enquiry?lang=de"
    )
    assert shop.posts == []
