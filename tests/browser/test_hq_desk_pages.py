"""Every page of HQ's desk in a phone's browser, by day and night, in both languages: the pages are
made by the real handlers over moto, and drawn here with their real headers.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from functions.hq_desk.app import app
from tests.browser.visitor import FINGER, LOW, NIGHT, TARGETS, violations
from tests.samples.cast import LANGUAGES
from tests.support.world import HqBrowser, World, a_world
from tests.unit.test_samples import SAMPLES, sample

pytestmark = pytest.mark.browser
PHONE = {"width": 360, "height": 740}
MOST_TARGETS_NAMED = 5


def static_pages() -> list[str]:
    """The addresses of the desk in which nothing varies."""
    rules = [route.rule.pattern for route in app._static_routes if route.method == "GET"]
    return sorted(rule.strip("^$") for rule in rules)


@pytest.fixture(scope="module", params=LANGUAGES)
def desk(request: pytest.FixtureRequest) -> Iterator[HqBrowser]:
    """An admin's browser at the desk of the German sample, where a few enquiries came in."""
    with pytest.MonkeyPatch.context() as environment, a_world(environment) as world:
        programme, partners = sample("dach-heating")
        hq = programme.hq.model_copy(update={"language": request.param})
        world.use(programme.model_copy(update={"hq": hq}), *partners.values())
        _know_places(world)
        _enquire(world)
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


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_of_the_desk_fits_a_phone_and_axe_finds_nothing(
    browser: Browser, desk: HqBrowser, scheme: str
) -> None:
    context = browser.new_context(viewport=PHONE, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    problems: dict[str, list[str]] = {}
    for path in static_pages():
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
