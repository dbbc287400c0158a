"""Nobody takes it: the backup partner, HQ's queue, the follow-up; no enquiry is ever left to
lie.
"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.journeys.cast import BACKUP, HQ, installer
from tests.journeys.life import Enquiry, Life, link
from tests.support.embedded import eventually

SERVICE = "leads@firnwerk-service.example"
CAST = [
    installer("wesel", "46483"),
    installer("bocholt", "46483", tier=1),
    installer("rees", "46483", tier=3),
    installer("xanten", "46483", tier=4),
    installer("kleve", "47533", caps={"open": 1}),
    installer("geldern", "47608", paused=True),
    installer("solingen", "42651"),
]


def backup_declines(life: Life, place: str) -> None:
    """The last one who can be asked by itself says no."""
    mail = life.mail(SERVICE, place, link="/o/")
    page = life.browser.open(link(mail, "/o/"))
    life.browser.press(page.form("decline"), reason="too-far")


def nobody(life: Life, place: str) -> Enquiry:
    enquiry = life.enquire(place)
    backup_declines(life, place)
    return enquiry


@pytest.fixture(scope="module")
def stranded(life: Life) -> Enquiry:
    """Starts first, for it takes longest: nobody does anything for this one."""
    return nobody(life, "16225")


def test_three_decline_then_the_backup_then_hq_assigns_with_one_button(
    life: Life, stranded: Enquiry
) -> None:
    enquiry = life.enquire("46483")
    life.decline("bocholt", "46483")
    life.decline("wesel", "46483", reason="too-far")
    life.decline("rees", "46483")
    page = life.browser.open(link(life.mail(SERVICE, "46483"), "/o/"))
    assert "fragen Sie als Ersatzpartner an" in page
    life.browser.press(page.form("decline"), reason="no-capacity")

    alert = life.mail(HQ, "Action needed", link=enquiry.lead)
    for told in ("46483", "Bocholt", "Wesel", "Too far away", "Rees"):
        assert told in alert.text
    lead = life.browser.open(link(alert, enquiry.lead))
    assert "Available partners" in lead
    assert lead.text.index("Asked so far") < lead.text.index("Bocholt: ")
    buttons = [
        form.fields["partner"] for form in lead.forms if form.fields.get("action") == "assign"
    ]
    assert buttons[0] == "xanten", "whom routing would ask next stands first"
    assert "wesel" in buttons, "HQ may choose anybody by hand"

    assigned = life.browser.press(lead.form("assign", partner="xanten"))
    assert "Offered to the partner you chose" in assigned
    offer = life.offer("xanten", "46483")
    assert "has chosen you for this enquiry" in offer
    assert enquiry.name in life.browser.press(offer.form("accept"))
    life.mail(enquiry.email, "Your partner is Xanten")
    life.mail(HQ, "Xanten", link=enquiry.lead)
    stale = life.browser.press(lead.form("reject"))
    assert stale.status == 409
    assert "Xanten accepted" in stale
    assert life.lead(enquiry.lead)["status"] == "accepted"


def test_an_emergency_reaches_hq_at_once_and_can_be_assigned_by_api(
    life: Life, stranded: Enquiry
) -> None:
    enquiry = life.enquire("42651", urgency="emergency")  # solingen is not on call
    backup_declines(life, "42651")
    life.mail(HQ, "Action needed", link=enquiry.lead)

    def assign(partner: object) -> int:
        return life.stack.hq(
            "POST", f"/v1/leads/{enquiry.lead}/assign", json={"partner": partner}
        ).status_code

    assert assign("nobody-of-that-name") == 422
    assert assign(7) == 422
    assert assign("solingen") == 200
    assert assign("solingen") == 200, "twice is not a harm"
    assert life.offers(enquiry.lead) == [(BACKUP, "declined"), ("solingen", "pending")]
    assert "Emergency" in life.offer("solingen", "42651")
    assert (
        life.stack.hq("POST", "/v1/leads/LNOTHING/assign", json={"partner": "solingen"}).status_code
        == 404
    )


def test_many_alerts_of_one_region_in_one_hour_are_one_mail(life: Life, stranded: Enquiry) -> None:
    hour = datetime.now(UTC).hour
    first = nobody(life, "33602")
    life.mail(HQ, "Action needed", link=first.lead)
    others = [nobody(life, place) for place in ("33604", "33605")]
    for each in others:
        life.until_fact(each.lead, "lead.exhausted")
    queue = life.browser.open(life.queue_page(first.lead).link("/q/"))
    assert all(each.told["reference"] in queue for each in (first, *others)), (
        "all stand on the page at once"
    )
    more = [mail for each in others for mail in life.mails(HQ, link=each.lead)]
    assert not more or datetime.now(UTC).hour != hour


def test_a_free_place_wakes_who_waits(life: Life, stranded: Enquiry) -> None:
    first = life.enquire("47533")
    mine = life.accept("kleve", "47533")
    waits = life.enquire("47533")
    assert waits.told["answer"] == "offered"
    backup_declines(life, "47533")
    lead = life.until(waits.lead, "hq_queue")
    assert life.document(waits.lead)["decisions"][-1]["excluded"]["full"]["count"] == 1
    life.browser.press(mine.form("lost"), reason="price")
    eventually(
        lambda: life.offers(waits.lead)[-1] == ("kleve", "pending"),
        what="the offer to who has a place again",
    )
    assert lead["id"] != first.lead
    assert life.places("kleve") == 1


def test_a_partner_who_returns_wakes_who_waits(life: Life, stranded: Enquiry) -> None:
    waits = nobody(life, "47608")
    life.until(waits.lead, "hq_queue")
    life.stack.hq("PUT", "/v1/partners/geldern", json={"paused": False}).raise_for_status()
    eventually(
        lambda: life.offers(waits.lead)[-1] == ("geldern", "pending"),
        what="the offer to who is back",
    )


def test_a_new_partner_wakes_who_waits(life: Life, stranded: Enquiry) -> None:
    waits = nobody(life, "47051")
    life.until(waits.lead, "hq_queue")
    life.stack.hq(
        "PUT", "/v1/partners/duisburg", json=installer("duisburg", "47051")
    ).raise_for_status()
    life.offer("duisburg", "47051")


def test_when_nobody_is_ever_found_the_person_is_told_honestly(
    life: Life, stranded: Enquiry
) -> None:
    life.mail(stranded.email, "Still looking", within=30)
    status = life.browser.open(stranded.status_url)
    assert "We are still looking" in status
    life.mail(stranded.email, "No partner found", within=60)
    lead = life.lead(stranded.lead)
    assert (lead["status"], lead["reason"], lead["due"]) == ("lost", "unplaced", None)
    facts = life.facts(stranded.lead)
    assert facts.count("lead.exhausted") == 1, "HQ was told once"
    assert "lead.retried" in facts
    closed = life.browser.open(stranded.status_url)
    assert "This enquiry is closed" in closed
    assert closed.actions == set()
