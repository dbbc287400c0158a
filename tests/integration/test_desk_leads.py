"""Leads on HQ's desk: the page of one lead does there what it does by the queue's link."""

import re

import pytest

from routing_core.present.catalog import LANGUAGES, catalog_for
from routing_core.service.notifications.mail_table import MAILS
from tests.support.builders import programme_document
from tests.support.world import World, a_programme, munich

PEOPLE = {
    "people": [
        {"email": "hq@example.com", "name": "Helga Zentral", "role": "admin"},
        {"email": "bavaria@example.com", "role": "manager", "regions": ["munich"]},
        {"email": "berlin@example.com", "role": "manager", "regions": ["berlin"]},
        {"email": "looks@example.com", "role": "viewer"},
    ],
    "digests": [],
}
REGIONS = {
    "munich": {"country": "DE", "postcodes": ["80*", "81000-81999"]},
    "berlin": {"country": "DE", "postcodes": ["10*"]},
}


@pytest.fixture
def open_world(world: World) -> World:
    hq = {k: v for k, v in programme_document()["hq"].items() if k != "emails"} | PEOPLE
    world.use(a_programme(hq=hq, regions=REGIONS), munich(1), munich(2))
    return world


BUTTONS = (
    *("assign", "grant", "release", "retry", "reject"),
    *("withdraw", "move", "note", "erase"),
)


def version_on(page: str) -> str:
    found = re.search(r'name="version" value="(\d+)"', page)
    assert found
    return found[1]


def test_a_lead_is_shown_and_assigned_on_the_desk(open_world: World) -> None:
    lead_id: str = open_world.post_lead().json()["lead"]
    desk = open_world.desk("hq@example.com")
    page = desk.get(f"/hq/leads/{lead_id}")
    assert page.status == 200
    assert '<a href="/hq/leads">All leads</a>' in page.body
    other = ({"munich-1", "munich-2"} - {open_world.lead(lead_id).live_offers[0].partner}).pop()
    version = version_on(page.body)
    done = desk.press(f"/hq/leads/{lead_id}", action="assign", partner=other, version=version)
    assert done.status == 200
    assert "Offered to the partner you chose." in done.body
    assert [each.partner for each in open_world.lead(lead_id).live_offers] == [other]


def test_the_mails_about_a_lead_are_listed_with_whom_they_went_to(open_world: World) -> None:
    lead_id: str = open_world.post_lead().json()["lead"]
    desk = open_world.desk("looks@example.com")
    assert "No email about this lead" in desk.get(f"/hq/leads/{lead_id}").body
    open_world.deliver()
    page = desk.get(f"/hq/leads/{lead_id}").body
    asked = open_world.lead(lead_id).live_offers[0].partner
    assert f"<strong>Offer</strong> · to {open_world.wiring.services.partner(asked).name}" in page
    assert "<strong>Receipt</strong> · to the customer" in page


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_mail_that_may_be_listed_has_a_name(language: str) -> None:
    catalog = catalog_for(language)
    for mails in MAILS.values():
        for role, template, _ in mails:
            assert catalog.translate(f"hq_leads.mail.{template}")
            assert catalog.translate(f"hq_leads.mail_to.{role}", partner="")


def test_what_happened_meanwhile_is_said_before_anything_is_done(open_world: World) -> None:
    lead_id: str = open_world.post_lead().json()["lead"]
    one, two = open_world.desk("hq@example.com"), open_world.desk("bavaria@example.com")
    version = version_on(one.get(f"/hq/leads/{lead_id}").body)
    two.press(f"/hq/leads/{lead_id}", action="reject", version=version)
    late = one.post(f"/hq/leads/{lead_id}", action="assign", partner="munich-2", version=version)
    assert late.status == 409
    assert "Nothing was changed, because this happened in the meantime" in late.body
    assert open_world.lead(lead_id).status == "rejected"


def test_a_viewer_sees_no_button_and_can_press_none(open_world: World) -> None:
    lead_id: str = open_world.post_lead().json()["lead"]
    desk = open_world.desk("looks@example.com")
    page = desk.get(f"/hq/leads/{lead_id}")
    assert page.status == 200
    assert "<form" not in page.body
    before = open_world.lead(lead_id)
    for action in BUTTONS:
        assert desk.post(f"/hq/leads/{lead_id}", action=action, partner="munich-2").status == 403
    assert open_world.lead(lead_id) == before


def test_a_lead_of_another_region_is_not_there(open_world: World) -> None:
    lead_id: str = open_world.post_lead().json()["lead"]
    assert open_world.desk("bavaria@example.com").get(f"/hq/leads/{lead_id}").status == 200
    berlin = open_world.desk("berlin@example.com")
    assert berlin.get(f"/hq/leads/{lead_id}").status == 404
    assert berlin.post(f"/hq/leads/{lead_id}", action="reject", version="1").status == 404
    assert open_world.lead(lead_id).status == "offered"


def test_whoever_moves_a_lead_out_of_their_regions_reads_so_on_the_list(open_world: World) -> None:
    lead_id: str = open_world.post_lead().json()["lead"]
    desk = open_world.desk("bavaria@example.com")
    moved = desk.post(f"/hq/leads/{lead_id}", action="move", postcode="10115", version="1")
    assert moved.status == 303
    assert moved.headers["Location"].startswith("/hq/leads?did=moved_away.")


def test_a_note_names_its_author_for_hq_and_for_nobody_else(open_world: World) -> None:
    lead_id: str = open_world.post_lead().json()["lead"]
    desk = open_world.desk("hq@example.com")
    page = desk.press(f"/hq/leads/{lead_id}", action="note", text="They moved house.")
    assert "(Helga Zentral)" in page.body
    open_world.press(open_world.offer_link(lead_id), action="accept")
    partners = open_world.http("GET", open_world.offer_link(lead_id)).body
    assert "They moved house." in partners
    assert "Helga" not in partners


def test_a_lead_that_waits_is_tried_again_with_one_button(open_world: World) -> None:
    for each in ("munich-1", "munich-2"):
        open_world.wiring.partners.set_paused(each, True, open_world.now)
    open_world.compile()
    lead_id: str = open_world.post_lead().json()["lead"]
    desk = open_world.desk("hq@example.com")
    page = desk.get(f"/hq/leads/{lead_id}").body
    assert ">Try again</button>" in page
    still = desk.press(f"/hq/leads/{lead_id}", action="retry", version=version_on(page))
    assert "Still no partner to ask." in still.body
    open_world.wiring.partners.set_paused("munich-1", False, open_world.now)
    open_world.compile()
    done = desk.press(f"/hq/leads/{lead_id}", action="retry", version=version_on(still.body))
    assert "A partner was asked." in done.body
    assert ">Try again</button>" not in done.body


def test_hq_ends_a_lead_for_a_customer_who_said_so(open_world: World) -> None:
    lead_id: str = open_world.post_lead().json()["lead"]
    desk = open_world.desk("hq@example.com")
    version = version_on(desk.get(f"/hq/leads/{lead_id}").body)
    done = desk.press(f"/hq/leads/{lead_id}", action="withdraw", version=version)
    assert "Closed because the customer no longer wants it." in done.body
    assert open_world.lead(lead_id).status == "withdrawn"
    assert 'value="withdraw"' not in done.body


def test_other_leads_of_the_same_contact_are_listed_as_far_as_they_are_theirs_to_see(
    open_world: World,
) -> None:
    first: str = open_world.post_lead().json()["lead"]
    same_phone = {"email": "other@posteo.de", "product": "boiler"}
    second: str = open_world.post_lead("two", **same_phone).json()["lead"]
    elsewhere = {"postcode": "10115", "product": "boiler"}
    third: str = open_world.post_lead("three", **elsewhere).json()["lead"]
    page = open_world.desk("hq@example.com").get(f"/hq/leads/{first}").body
    listed = page[page.index('id="same"') :].partition("</section>")[0]
    assert f"/hq/leads/{second}" in listed
    assert f"/hq/leads/{third}" in listed
    assert f"/hq/leads/{first}" not in listed
    bavaria = open_world.desk("bavaria@example.com").get(f"/hq/leads/{first}").body
    assert f"/hq/leads/{second}" in bavaria
    assert f"/hq/leads/{third}" not in bavaria


def test_whoever_has_a_lead_is_not_offered_it_again_and_has_a_link(open_world: World) -> None:
    lead_id: str = open_world.post_lead().json()["lead"]
    open_world.press(open_world.offer_link(lead_id), action="accept")
    owner = open_world.lead(lead_id).owner
    page = open_world.desk("hq@example.com").get(f"/hq/leads/{lead_id}").body
    assert f'name="partner" value="{owner}"' not in page
    assert page.count('name="action" value="assign"') == 1, "the other one"
    assert f'<dd><a href="/hq/partners/{owner}"' in page


def test_the_timeline_names_who_ended_a_lead_also_by_erasing_it(open_world: World) -> None:
    desk = open_world.desk("hq@example.com")
    for number, action in enumerate(("withdraw", "erase")):
        lead_id: str = open_world.post_lead(f"{number}").json()["lead"]
        page = desk.press(f"/hq/leads/{lead_id}", action=action).body
        assert "Withdrawn by HQ for the customer (Helga Zentral)" in page


def test_a_viewer_is_not_told_what_only_others_may_do(open_world: World) -> None:
    lead_id: str = open_world.post_lead().json()["lead"]
    hint = "You can still assign the enquiry to one of them."
    assert hint in open_world.desk("hq@example.com").get(f"/hq/leads/{lead_id}").body
    assert hint not in open_world.desk("looks@example.com").get(f"/hq/leads/{lead_id}").body
