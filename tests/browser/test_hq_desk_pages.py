"""Every page of HQ's desk in a phone's browser, by day and night, in both languages: the pages are
made by the real handlers over moto, and drawn here with their real headers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import product
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser

from functions.hq_desk.app import app
from routing_core.domain.people import person_id
from routing_core.formats.yaml_following import programme_yaml
from routing_core.service.hq_desk.rule_forms import RULE_FORMS
from tests.browser.visitor import FINGER, LOW, NIGHT, TARGETS, violations
from tests.integration.test_import_pages import started
from tests.samples.cast import LANGUAGES
from tests.support.world import Answer, HqBrowser, World, a_world
from tests.unit.test_samples import SAMPLES, sample

pytestmark = pytest.mark.browser
PHONE = {"width": 360, "height": 740}
MOST_TARGETS_NAMED = 5


ASKED = {"/hq/rules/difference": "?from=1&to=2"}
"""What has to be asked of a page behind the question mark."""
SIGNING_IN = ("/hq/in/<token>", "/hq/open/<token>")
"""Pages for whoever has not signed in: test_channel_manager looks at them."""
FILES = ("/hq/leads/<lead>/files/<file>",)
"""What is saved, and no page."""


def pages_of(world: World) -> list[str]:
    """The addresses of all pages of the desk, with an enquiry, a partner, … in each that has one."""
    there: dict[str, Sequence[str]] = {
        "lead": world.lead_ids()[:1],
        "partner": ["altstadt-waerme"],
        "part": list(RULE_FORMS),
        "name": [_back_test(world)],
        "list": [imported.id for imported in world.wiring.lead_lists.recent(10)],
        "export": [_export(world)],
        "person": [person_id("leitung@firnwerk.example")],
        "run": [_report(world)],
    }
    found = []
    for route in (*app._static_routes, *app._dynamic_routes):
        if route.method != "GET" or route.path in (*SIGNING_IN, *FILES):
            continue
        names = re.findall(r"<(\w+)>", route.path)
        for values in product(*(there[name] for name in names)):
            found.append(_filled(route.path, values) + ASKED.get(route.path, ""))
    return sorted(found)


def _filled(path: str, values: Sequence[str]) -> str:
    for value in values:
        path = re.sub(r"<\w+>", value, path, count=1)
    return path


def _export(world: World) -> str:
    """The id of an export of every lead."""
    answer = world.desk("vertrieb@firnwerk.example").post("/hq/leads/export?kind=csv")
    return _last_of(answer)


def _report(world: World) -> str:
    """The id of the report on the month in which the enquiries came."""
    period = f"{world.now - timedelta(days=world.now.day):%Y-%m}"
    answer = world.desk("vertrieb@firnwerk.example").post("/hq/reports", period=period)
    world.make_reports()
    return _last_of(answer)


def _last_of(answer: Answer) -> str:
    """What is last in the path to which an answer leads."""
    return urlsplit(answer.headers["Location"]).path.rpartition("/")[2]


def _back_test(world: World) -> str:
    """The name of a back-test that is over, of a draft that an admin has kept."""
    browser = world.desk("vertrieb@firnwerk.example")
    text = programme_yaml(world.wiring.services.programme).replace("minutes: 30", "minutes: 25")
    draft = {"text": text, "base": str(world.wiring.rules.programme()[0]), "revision": "0"}
    answer = browser.post("/hq/rules/edit", action="back_test", **draft)
    if answer.status != 303:
        # The draft is there already: another look at the same pages.
        answer = browser.post("/hq/rules/edit", action="back_test", **draft | {"revision": "1"})
    world.deliver()
    return _last_of(answer)


@pytest.fixture(scope="module", params=LANGUAGES)
def desk(request: pytest.FixtureRequest) -> Iterator[HqBrowser]:
    """An admin's browser at the desk of the German sample, where a few enquiries came in."""
    with pytest.MonkeyPatch.context() as environment, a_world(environment) as world:
        programme, partners = sample("dach-heating")
        hq = programme.hq.model_copy(update={"language": request.param})
        ours = programme.model_copy(update={"hq": hq})
        world.use(ours, *partners.values())
        world.wiring.rules.save_programme(ours.model_copy(update={"name": "Firnwerk 2"}), world.now)
        _know_places(world)
        _enquire(world)
        _import_lists(world)
        world.advance(days=32 - world.now.day)
        yield world.desk("vertrieb@firnwerk.example")


def _know_places(world: World) -> None:
    text = (SAMPLES / "dach-heating" / "places" / "DE.csv").read_text("utf-8")
    key = world.api_key("partners:write")
    headers = {"x-api-key": key, "content-type": "text/csv"}
    assert world.http("PUT", "/v1/places/DE", body=text, headers=headers).status == 200
    world.deliver()


def _enquire(world: World) -> None:
    enquiry: dict[str, Any] = {"ownership": "owner", "house": "detached", "heating": "gas"}
    for number, postcode in enumerate(("80331", "97070", "25980", "10115")):
        world.post_lead(
            f"enquiry-{number}", postcode=postcode, email=f"customer-{number}@posteo.de", **enquiry
        )
        world.advance(minutes=7)
    world.deliver()


def _import_lists(world: World) -> None:
    """One list with errors, that waits to be mended, and one that is being imported."""
    desk = world.desk("vertrieb@firnwerk.example")
    header = "Name;Telefon;PLZ;Produkt;Dringlichkeit;Opt-in;ownership;Schuhgröße"
    right = "Erika;089 9999812{};80331;heat-pump;planning;ja;owner;41"
    wrong = ";nobody;8033;Dampfmaschine;;nein;Katze;41"
    rows = [right.format(number) for number in range(10, 16)]
    for name, lines in (("Fair", [header, wrong, *rows]), ("Messe", [header, *rows])):
        path = started(desk, "\n".join(lines).encode(), name=name)
    desk.post(path, action="decide")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_of_the_desk_fits_a_phone_and_axe_finds_nothing(
    browser: Browser, desk: HqBrowser, scheme: str
) -> None:
    context = browser.new_context(viewport=PHONE, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    problems: dict[str, list[str]] = {}
    for path in pages_of(desk.world):
        answer = desk.get(path)
        assert answer.status == 200, f"{path}: {answer.status} {answer.body[:300]}"
        page.set_content(answer.body)
        page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")
        found = violations(page, *(NIGHT if scheme == "dark" else ()))
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > PHONE["width"]:
            found.append(f"{wide} px wide")
        low = page.locator(TARGETS).evaluate_all(LOW % FINGER)
        found += low[:MOST_TARGETS_NAMED]
        if found:
            problems[path] = found
    context.close()
    assert problems == {}


def test_an_area_of_the_map_is_opened_with_the_keyboard(browser: Browser, desk: HqBrowser) -> None:
    page = browser.new_page(viewport=PHONE)  # type: ignore[arg-type]
    page.set_content(desk.get("/hq/coverage/map").body)
    area = page.locator(".coverage-map svg a").first
    area.focus()
    assert area.evaluate("area => area === document.activeElement")
    address = area.get_attribute("href")
    assert address is not None
    inner = desk.get(address)
    assert inner.status == 200
    assert "zoom=" in address
    page.close()
