"""A channel manager runs the network from a phone: signs in, finds, places, enters, changes, reads.

Everything is done in a browser on the embedded AWS, with what arrives by mail.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.visitor import Visitor, file_of
from tests.journeys.cast import HQ, installer
from tests.journeys.life import Life, link
from tests.support.embedded import eventually

pytestmark = pytest.mark.browser
CAST = [
    installer("month-takes", "32141"),
    installer("month-also", "32141 rank 2"),
    installer("month-fair", "32150"),
    installer("month-rests", "32151"),
    installer("month-south", "87538"),
]
FAIR = """Name;Phone;Postcode;Product;Urgency;Consent;ownership
Erika Messe;+49 89 99998 5010;32150;heat-pump;planning;yes;owner
Max Messe;+49 89 99998 5011;3215;heat-pump;planning;yes;owner
Eva Messe;nobody;32150;heat-pump;planning;yes;owner
Udo Messe;+49 89 99998 5013;32150;steam engine;planning;yes;owner
"""
"""What people filled in at a fair: in three rows something is wrong."""
MENDED = {"Row 3, Postcode": "32150", "Row 4, Phone": "+49 89 99998 5012"}
SOUTH = "sued@firnwerk.example"
"""A manager of Bavaria and Baden-Württemberg."""
SWISS = "schweiz@firnwerk.example"
"""A manager of parts of Switzerland, who signs out in these stories."""
BOARD = "leitung@firnwerk.example"
"""Somebody who looks and acts on nothing; reads German."""
SignIn = Callable[..., Visitor]


@pytest.fixture(scope="session")
def cookies() -> dict[str, list[Any]]:
    """What the browser of each person keeps: nobody is sent more than a few links an hour."""
    return {}


@pytest.fixture
def sign_in(visit: Callable[..., Visitor], life: Life, cookies: dict[str, list[Any]]) -> SignIn:
    """``sign_in(email)`` is somebody at HQ who has opened the desk by a link that was mailed."""

    def come_in(email: str = HQ, subject: str = "Your link to sign in", **how: Any) -> Visitor:
        visitor = visit(**how)
        if email not in cookies:
            open_the_desk(visitor, life, email, subject)
            cookies[email] = visitor.context.cookies()
        visitor.context.add_cookies(cookies[email])
        visitor.open("/hq")
        expect(visitor.page.locator("nav.places")).to_be_visible()
        return visitor

    return come_in


def open_the_desk(visitor: Visitor, life: Life, email: str, subject: str) -> None:
    """Type the address, open the link that was mailed, press its button."""
    page = visitor.open("/hq")
    page.locator("input[type=email]").fill(email)
    page.get_by_role("button").tap()
    expect(page.locator(".seal")).to_be_visible()
    visitor.open(link(life.mail(email, subject), "/hq/in/"))
    page.get_by_role("button").tap()
    expect(page.locator("nav.places")).to_be_visible()


def place(page: Page) -> str:
    """Where in the navigation the page says that it is."""
    return page.locator("nav.places [aria-current=page]").inner_text()


def test_signing_in_on_a_phone_stays_until_signed_out_everywhere(
    visitor: Visitor, life: Life
) -> None:
    page = visitor.page
    open_the_desk(visitor, life, SWISS, "Your link to sign in")
    assert place(page) == "Today"
    visitor.looks_at("hq today")
    visitor.open("/hq/devices")
    expect(page.get_by_text("this device")).to_be_visible()
    visitor.looks_at("hq devices")
    visitor.unfold("Sign out everywhere")
    visitor.press("Sign out everywhere")
    expect(page.get_by_text("You are signed out on this device.")).to_be_visible()
    visitor.open("/hq/leads")
    expect(page.get_by_role("button", name="Email me a link")).to_be_visible()


def test_nobody_is_told_whether_an_address_is_known(visitor: Visitor) -> None:
    page = visitor.open("/hq")
    visitor.looks_at("hq sign in")
    page.get_by_role("textbox", name="Email").fill("nobody@example.com")
    visitor.press("Email me a link")
    expect(page.get_by_text("If this address belongs to somebody at HQ")).to_be_visible()


def listed(manager: Visitor, query: str, text: str) -> Page:
    """The list of leads, once it shows that: it follows the leads within moments."""
    page = manager.page

    def shows() -> bool:
        manager.open(f"/hq/leads?{query}")
        return text in page.locator("main").inner_text()

    eventually(shows, what=f"{text} in the list of leads")
    return page


def test_a_lead_that_waits_is_found_in_the_list_and_placed(sign_in: SignIn, life: Life) -> None:
    enquiry = life.enquire("32141", ownership="tenant", phone="", urgency="planning", message="")
    manager = sign_in()
    page = listed(manager, "state=hq_queue&postcode=3214", enquiry.name)
    manager.looks_at("hq leads")
    page.get_by_role("link", name="32141").first.tap()
    expect(page.get_by_role("heading", name="Available partners")).to_be_visible()
    manager.looks_at("hq lead to place")
    manager.press("Assign to Month Takes")
    expect(page.get_by_role("status")).to_contain_text("Offered to the partner you chose.")
    assert life.offers(enquiry.lead) == [("month-takes", "pending")]
    expect(page.get_by_role("region", name="Timeline")).to_contain_text("Vera Vertrieb")


def test_a_lead_is_found_by_its_phone_number_however_it_is_written(
    sign_in: SignIn, life: Life
) -> None:
    enquiry = life.enquire("32141", phone="+49 89 99998 4711")
    manager = sign_in()
    page = listed(manager, "q=089+9999+847-11", enquiry.name)
    expect(page.get_by_role("row").filter(has_text=enquiry.told["reference"])).to_be_visible()
    manager.looks_at("hq lead found by phone")


def test_an_enquiry_by_phone_is_entered_and_goes_to_a_partner(sign_in: SignIn, life: Life) -> None:
    manager = sign_in()
    page = manager.open("/hq/leads/new")
    manager.looks_at("hq new enquiry")
    manager.press("Enter enquiry")
    expect(page.get_by_role("alert")).to_be_visible()
    manager.looks_at("hq new enquiry with problems")
    page.get_by_label("Postcode").fill("32141")
    page.get_by_label("Heat pump").check()
    page.get_by_label("Within three months").check()
    page.get_by_label("Yes, I own it").check()
    page.get_by_role("textbox", name="Name").fill("Petra Anruf")
    page.get_by_role("textbox", name="Phone").fill("0521 998877")
    page.get_by_label("The customer has agreed").check()
    page.get_by_role("textbox", name="Source").fill("hotline")
    manager.press("Enter enquiry")
    expect(page.get_by_role("heading", name="32141")).to_be_visible()
    page.get_by_text("Customer", exact=True).tap()
    expect(page.get_by_text("Petra Anruf").first).to_be_visible()
    manager.looks_at("hq lead entered by phone")


def see_the_hotline_as(manager: Visitor, number: str) -> Page:
    """The page that shows what would change, before it is put in force."""
    page = manager.open("/hq/rules/change/hotline")
    page.get_by_label("Number").fill(number)
    manager.press("See what would change")
    expect(page.get_by_role("region", name="This would change")).to_contain_text(number)
    return page


def test_the_hotline_is_changed_in_a_sentence(sign_in: SignIn) -> None:
    manager = sign_in()
    page = manager.open("/hq/rules")
    manager.looks_at("hq rules")
    page.get_by_role("link", name="Change the hotline").tap()
    usual = page.get_by_label("Number").input_value()
    see_the_hotline_as(manager, "+49 89 555 0 999")
    manager.looks_at("hq rules a change before it is saved")
    manager.press("Put in force")
    expect(page.get_by_role("status")).to_be_visible()
    assert "+49 89 555 0 999" in manager.text
    # Other stories live by the same rules.
    see_the_hotline_as(manager, usual)
    manager.press("Put in force")
    expect(page.get_by_role("status")).to_be_visible()


def test_who_may_only_look_finds_no_button_and_acts_on_nothing(sign_in: SignIn, life: Life) -> None:
    enquiry = life.enquire("32141", ownership="tenant", phone="", urgency="planning", message="")
    board = sign_in(BOARD, "Ihr Link zum Anmelden")
    page = board.page
    assert place(page) == "Heute"
    board.open(f"/hq/leads/{enquiry.lead}")
    expect(page.get_by_role("heading", name="32141")).to_be_visible()
    expect(page.locator("form[method=post]")).to_have_count(0)
    board.looks_at("hq lead for a viewer")


def test_a_manager_of_the_south_sees_no_lead_of_the_north(sign_in: SignIn, life: Life) -> None:
    north = life.enquire("32141")
    south = sign_in(SOUTH)
    page = south.page
    answer = page.goto(f"/hq/leads/{north.lead}")
    assert answer is not None
    assert answer.status == 404
    south.open("/hq/leads")
    assert north.told["reference"] not in south.text


def put_back(manager: Visitor, number: int) -> None:
    """Put an earlier version of the rules in force again, as the list of versions offers it."""
    page = manager.open("/hq/rules/versions")
    page.locator(f"input[name=from][value='{number}']").check()
    manager.press("Compare the two")
    expect(page.get_by_role("heading", name="From version")).to_be_visible()
    manager.looks_at("hq rules two versions")
    manager.press(f"Put version {number} in force again")
    expect(page.get_by_role("status")).to_contain_text("The earlier rules are in force again")


def version_in_force(manager: Visitor) -> int:
    """Which version of the rules the page of the rules shows."""
    manager.open("/hq/rules")
    told = re.search(r"Version (\d+), saved", manager.text)
    assert told, manager.text[:500]
    return int(told[1])


def upload(manager: Visitor, address: str, name: str, text: str) -> Page:
    """Choose a file of that text on a page that takes one."""
    page = manager.open(address)
    file = {"name": name, "mimeType": "text/csv", "buffer": text.encode()}
    page.locator("input[type=file]").set_input_files(file)  # type: ignore[arg-type]
    return page


def test_a_fairs_list_with_three_wrong_rows_is_mended_on_the_page(sign_in: SignIn) -> None:
    manager = sign_in()
    page = upload(manager, "/hq/leads/import", "fair.csv", FAIR)
    manager.looks_at("hq import")
    page.get_by_label("Name of the list").fill("Fair of the stories")
    page.get_by_label("Ask partners").check()
    manager.press("Upload and check")
    expect(page.get_by_role("region", name="Cells to correct")).to_be_visible()
    expect(page.get_by_text("Import 4 leads")).to_have_count(0)
    manager.looks_at("hq import with three wrong rows")
    for cell, right in MENDED.items():
        page.get_by_label(cell).fill(right)
    page.get_by_label("Row 5, Product").select_option("heat-pump")
    page.get_by_role("region", name="Cells to correct").get_by_role("button").tap()
    expect(page.get_by_role("button", name="Import 4 leads")).to_be_visible()
    manager.looks_at("hq import mended")
    manager.press("Import 4 leads")
    expect(page.get_by_role("status")).to_contain_text("The list is accepted.")
    manager.looks_at("hq import under way")
    listed(manager, "postcode=32150", "Messe")
    page.go_back()
    manager.unfold("Cancel what is waiting")
    manager.press("Cancel the rest")
    expect(page.get_by_role("status")).to_contain_text("What was waiting is cancelled.")


def test_an_accept_window_is_changed_by_a_small_form_and_rolled_back(sign_in: SignIn) -> None:
    manager = sign_in()
    before = version_in_force(manager)
    page = manager.page
    page.get_by_role("link", name="Change the time to answer").tap()
    expect(page.get_by_role("heading", name="Change the time to answer")).to_be_visible()
    manager.looks_at("hq rules time to answer")
    page.get_by_label("Time allowed", exact=True).first.fill("eleven")
    manager.press("See what would change")
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("Time allowed", exact=True).first.fill("11")
    manager.press("See what would change")
    change = page.get_by_role("region", name="This would change")
    expect(change.locator("del")).to_contain_text("10 minutes to answer")
    expect(change.locator("ins")).to_contain_text("A partner has 11 minutes to answer.")
    manager.looks_at("hq rules a window before it is saved")
    page.get_by_label("What is this change for?").fill("A calmer week")
    manager.press("Put in force")
    expect(page.get_by_role("status")).to_contain_text("Saved.")
    expect(page.get_by_text("A partner has 11 minutes to answer.").first).to_be_visible()
    put_back(manager, before)
    expect(page.get_by_text("A partner has 11 minutes to answer.")).to_have_count(0)


def test_a_draft_is_played_over_the_past_put_in_force_and_rolled_back(
    sign_in: SignIn, life: Life
) -> None:
    life.enquire("32141")
    manager = sign_in()
    before = version_in_force(manager)
    page = manager.open("/hq/rules/edit")
    text = page.get_by_label("The rules as YAML").input_value()
    page.get_by_label("The rules as YAML").fill(text + "\nno_such_rule: 1\n")
    manager.press("Check")
    expect(page.get_by_role("alert")).to_contain_text("no_such_rule")
    manager.looks_at("hq rules editor with an error")
    page.get_by_label("The rules as YAML").fill(text.replace("minutes: 10", "minutes: 12", 1))
    manager.press("Check")
    expect(page.get_by_role("region", name="What the draft would change")).to_contain_text("12")
    manager.looks_at("hq rules editor")
    manager.press("Play it over past enquiries")
    expect(page.get_by_role("heading", name="The draft, played over")).to_be_visible()
    over = re.compile("played:|was played|There are no past enquiries yet")
    expect(page.get_by_role("status")).to_contain_text(over, timeout=60_000)
    manager.looks_at("hq back-test")
    page.get_by_role("link", name="Back to the draft").tap()
    manager.press("Put in force")
    expect(page.get_by_role("status")).to_contain_text("Saved.")
    assert version_in_force(manager) == before + 1
    put_back(manager, before)
    assert version_in_force(manager) == before + 2


def test_a_partner_rests_and_is_woken(sign_in: SignIn) -> None:
    manager = sign_in()
    page = manager.open("/hq/partners?q=month-rests")
    manager.looks_at("hq partners")
    page.get_by_role("link", name="Month Rests").tap()
    expect(page.get_by_role("heading", name="Month Rests")).to_be_visible()
    manager.looks_at("hq partner")
    page.get_by_role("button", name="Pause", exact=True).tap()
    expect(page.get_by_role("status").first).to_contain_text("Paused: no new offers.")
    expect(page.get_by_text("Gets no offers: paused by Vera Vertrieb.")).to_be_visible()
    manager.looks_at("hq partner paused")
    manager.press("Resume offers")
    expect(page.get_by_role("status").first).to_contain_text("Resumed: new offers can come.")


def test_partners_are_saved_as_csv_and_imported_again_unchanged(sign_in: SignIn) -> None:
    manager = sign_in()
    page = manager.open("/hq/partners")
    name, text = file_of(page, page.get_by_role("button", name="Download as CSV"))
    assert name.endswith(".csv")
    assert "month-rests" in text
    upload(manager, "/hq/partners/import", name, text)
    manager.press("Show what would change")
    expect(page.get_by_text("The list changes nothing.")).to_be_visible()
    manager.looks_at("hq partners import unchanged")
    changed = text.replace("Month Rests", "Month Rests Well")
    upload(manager, "/hq/partners/import", name, changed)
    manager.press("Show what would change")
    expect(page.get_by_role("cell", name="Month Rests Well")).to_be_visible()
    manager.looks_at("hq partners import one change")


def test_two_managers_at_once_lose_nothing_of_each_other(sign_in: SignIn) -> None:
    admin, south = sign_in(), sign_in(SOUTH)
    for each, town in ((admin, "Oben"), (south, "Unten")):
        each.open("/hq/partners/month-south")
        each.unfold("Company")
        each.page.get_by_label("Town").fill(town)
    save(admin)
    expect(admin.page.get_by_role("status").first).to_contain_text("Saved.")
    save(south)
    refusal = south.page.get_by_role("alert")
    expect(refusal).to_contain_text("Somebody else has saved this partner in the meantime")
    expect(refusal).to_contain_text("Vera Vertrieb changed Town")
    expect(south.page.get_by_label("Town")).to_have_value("Unten")
    south.looks_at("hq partner changed by two")
    save(south)
    expect(south.page.get_by_role("status").first).to_contain_text("Saved.")


def save(visitor: Visitor) -> None:
    """Send the form of a partner's profile."""
    visitor.page.locator("#profile").get_by_role("button", name="Save", exact=True).tap()


def test_a_month_is_reported_to_hq_and_to_a_partner(sign_in: SignIn) -> None:
    manager = sign_in()
    last_month = datetime.now(UTC).replace(day=1) - timedelta(days=12)
    page = upload(manager, "/hq/leads/import", "past.csv", past_leads(last_month))
    page.get_by_label("Name of the list").fill("Month before")
    page.get_by_label("Keep as history").check()
    manager.press("Upload and check")
    expect(page.get_by_role("button", name="Import 6 leads")).to_be_visible()
    manager.looks_at("hq import of the past")
    manager.press("Import 6 leads")
    expect(page.get_by_role("status")).to_contain_text("The list is accepted.")

    def is_kept() -> bool:
        page.reload()
        return "Kept as history 6" in manager.text

    eventually(is_kept, what="the past leads")
    manager.open("/hq/reports")
    manager.looks_at("hq reports")
    page.get_by_label("Month or week").select_option(f"{last_month:%Y-%m}")
    page.get_by_label("Emails").select_option("yes")  # of the past alone it is mailed to nobody
    manager.press("Make the report")
    expect(page.get_by_role("status")).to_contain_text("The report is being made.")
    address = page.url

    def is_sent() -> bool:
        manager.open("/hq/reports")
        return "sent" in page.locator("tbody tr").first.inner_text()

    eventually(is_sent, 60, "the report")
    manager.open(address)
    expect(page.get_by_role("heading", name="From open to open")).to_be_visible()
    manager.looks_at("hq report")
    page.get_by_role("link", name="Month Takes").first.tap()
    expect(page.get_by_role("heading", name="Month Takes")).to_be_visible()
    manager.looks_at("hq report of a partner")


def past_leads(month: datetime) -> str:
    """Six enquiries of that month, as another system kept them: one partner won four."""
    lines = [
        "Name;Phone;Postcode;Product;Urgency;Consent;ownership;Date of the enquiry;Partner;"
        "Won or lost;Accepted on;Closed on;Value"
    ]
    for number in range(6):
        day = f"{month:%Y-%m-%d}"
        won = "won" if number < 4 else "lost"
        lines.append(
            f"Past {number};+49 89 99998 60{number:02};32141;heat-pump;planning;yes;owner;"
            f"{day} 09:00;month-takes;{won};{day} 10:00;{day} 16:00;{12000 if won == 'won' else ''}"
        )
    return "\n".join(lines)
