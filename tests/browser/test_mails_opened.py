"""Mails as they arrived, opened in a browser: readable, with one clear button that leads where it
says.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.browser.visitor import NIGHT, PHONE, Visitor, violations
from tests.journeys.cast import HQ, inbox, installer
from tests.journeys.life import Life

pytestmark = pytest.mark.browser
CAST = [installer("mail-reads", "37073"), installer("mail-german", "37075", language="de")]
NO_PAGE = ("region", "landmark-one-main", "page-has-heading-one")
"""What axe asks of a page of a site; a mail is a letter inside somebody else's."""


@pytest.fixture(scope="module")
def letters(life: Life) -> dict[str, str]:
    """What the mail is for → where it can be opened."""
    enquiry = life.enquire("37073")
    life.accept("mail-reads", "37073")
    life.browser.press(
        life.browser.open(enquiry.status_url).form("note"), text="The dog is friendly."
    )
    alone = life.enquire("37077")
    life.enquire("37075")
    found = {
        "receipt": life.mail(enquiry.email, "We have received your enquiry"),
        "offer": life.mail(inbox("mail-reads"), "answer by"),
        "offer in German": life.mail(inbox("mail-german"), link="/o/"),
        "accepted": life.mail(inbox("mail-reads"), "It is yours"),
        "your partner": life.mail(enquiry.email, "Mail Reads"),
        "note": life.mail(inbox("mail-reads"), "New note"),
        "confirmation to HQ": life.mail(HQ, "Mail Reads"),
        "alert to HQ": life.mail(HQ, link=alone.lead),
    }
    return {name: f"{life.stack.base_url}/mailbox/{mail.id}/html" for name, mail in found.items()}


def test_every_mail_is_readable_by_day_and_night_and_has_one_clear_button(
    visitor: Visitor, letters: dict[str, str]
) -> None:
    faults, page = {}, visitor.page
    for name, address in letters.items():
        page.goto(address)
        found = []
        page.emulate_media(color_scheme="dark")
        found += violations(page, *NIGHT)
        page.emulate_media(color_scheme="light")
        found += [each for each in violations(page) if not each.startswith(NO_PAGE)]
        wide = page.evaluate("document.documentElement.scrollWidth")
        buttons = page.locator("a.button")
        if wide > PHONE["width"]:
            found.append(f"{wide} px wide")
        if buttons.count() != 1:
            found.append(f"{buttons.count()} buttons")
        found += [
            f"button {h} px high"
            for h in buttons.evaluate_all("b => b.map(e => e.offsetHeight)")
            if h < 44
        ]
        faults[name] = found
        visitor.draw(f"mail {name}")
    assert {name: found for name, found in faults.items() if found} == {}


@pytest.mark.parametrize(
    ("name", "place", "words"),
    [
        ("receipt", "/s/", "Your enquiry"),
        ("offer", "/o/", "Heat pump"),
        ("accepted", "/o/", "Petra Prospect"),
        ("your partner", "/s/", "Mail Reads"),
        ("alert to HQ", "/q/", "Heat pump"),
    ],
)
def test_its_button_leads_where_it_says(
    visit: Callable[..., Visitor], letters: dict[str, str], name: str, place: str, words: str
) -> None:
    visitor = visit()
    page = visitor.open(letters[name])
    target = page.locator("a.button").get_attribute("href") or ""
    assert urlsplit(target).path.startswith(place)
    visitor.open(target)
    expect(page.locator("main")).to_contain_text(words)


@pytest.mark.parametrize("path", ["/", "/mailbox"])
def test_the_pages_of_make_run_are_as_readable(
    visitor: Visitor, letters: dict[str, str], path: str
) -> None:
    visitor.open(path)
    visitor.looks_at(f"local {path.strip('/') or 'home'}")
