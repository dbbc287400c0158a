"""A channel manager runs the network from a phone: signs in, finds, places, enters, changes, reads.

Everything is done in a browser on the embedded AWS, with what arrives by mail.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.visitor import Visitor
from tests.journeys.cast import HQ, installer
from tests.journeys.life import Life, link

pytestmark = pytest.mark.browser
CAST = [
    installer("month-takes", "32141"),
    installer("month-also", "32141 rank 2"),
]
SignIn = Callable[..., Visitor]


@pytest.fixture
def sign_in(visit: Callable[..., Visitor], life: Life) -> SignIn:
    """``sign_in(email)`` is somebody at HQ who has opened the desk by a link that was mailed."""

    def come_in(email: str = HQ, **how: object) -> Visitor:
        visitor = visit(**how)
        page = visitor.open("/hq")
        page.get_by_role("textbox", name="Email").fill(email)
        visitor.press("Email me a link")
        expect(page.get_by_role("heading", name="Look at your email")).to_be_visible()
        visitor.open(link(life.mail(email, "sign in"), "/hq/in/"))
        visitor.press("Sign in")
        expect(page.get_by_role("navigation", name="HQ desk")).to_be_visible()
        return visitor

    return come_in


def place(page: Page) -> str:
    """Where in the navigation the page says that it is."""
    return page.locator("nav.places [aria-current=page]").inner_text()


def test_signing_in_on_a_phone_stays_until_signed_out_everywhere(
    sign_in: SignIn, visit: Callable[..., Visitor]
) -> None:
    manager = sign_in()
    page = manager.page
    assert place(page) == "Today"
    manager.looks_at("hq today")
    manager.open("/hq/devices")
    expect(page.get_by_text("this device")).to_be_visible()
    manager.looks_at("hq devices")
    manager.unfold("Sign out everywhere")
    manager.press("Sign out everywhere")
    manager.open("/hq")
    expect(page.get_by_role("button", name="Email me a link")).to_be_visible()


def test_nobody_is_told_whether_an_address_is_known(visitor: Visitor) -> None:
    page = visitor.open("/hq")
    visitor.looks_at("hq sign in")
    page.get_by_role("textbox", name="Email").fill("nobody@example.com")
    visitor.press("Email me a link")
    expect(page.get_by_text("If this address belongs to somebody at HQ")).to_be_visible()
