"""The form of a partner's profile in a browser: what it would do is said while it is typed."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Route, expect

from tests.support.stack import BASE_URL
from tests.support.world import HqBrowser, a_programme, a_world, munich

pytestmark = pytest.mark.browser
PAGE = "/hq/partners/munich-1"


def answered(desk: HqBrowser, route: Route) -> None:
    """What the real handler answers, with its headers: our policy holds for the script, too."""
    asked = route.request
    path = asked.url.removeprefix(BASE_URL)
    if asked.method == "GET":
        answer = desk.get(path)
    else:
        kind = {"content-type": asked.headers["content-type"]}
        answer = desk.send(path, body=asked.post_data or "", headers=kind)
    route.fulfill(status=answer.status, headers=dict(answer.headers), body=answer.body)


def test_a_moment_after_typing_the_page_says_what_the_territory_covers(browser: Browser) -> None:
    with pytest.MonkeyPatch.context() as environment, a_world(environment) as world:
        world.use(a_programme(), munich(1), munich(2))
        desk = world.desk()
        page = browser.new_page()
        page.route("**/*", lambda route: answered(desk, route))
        page.goto(f"{BASE_URL}{PAGE}")
        told = page.locator("#checked")
        expect(told).to_be_empty()
        page.locator("#f-profile-territories").fill("DE 80*\nDE 81*")
        expect(told).to_contain_text("Covers up to 2,000 postcodes: Germany")
        expect(told).to_contain_text("Overlaps with Isar Wärme 2 (1,000)")
        page.locator("#f-profile-territories").fill("DE 8")
        expect(told).to_contain_text("Please correct")
        known = world.wiring.partners.get("munich-1")
        assert known
        assert known.version == 1, "nothing is saved by typing"
        page.close()
