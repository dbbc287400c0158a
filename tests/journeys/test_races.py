"""Many at the same moment: one owner, one lead, never above a cap, one winner at the last
second.
"""

from __future__ import annotations

import json
import re
import time
from collections import Counter
from datetime import UTC, datetime
from threading import Barrier
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.journeys.browser import Browser, Page
from tests.journeys.cast import IN_WAVES, REMINDED, SHARED, inbox, installer, person
from tests.journeys.life import Life, at_once, subject_of
from tests.support.embedded import eventually

CAST = [
    installer("trier", "56073"),
    installer("mayen", "56727", tier=1),
    installer("koblenz", "56727"),
    installer("neuwied", "56564", tier=1, caps={"open": 1}),
    installer("andernach", "56564"),
    installer("lahnstein", "56112", tier=1, caps={"open": 3}),
    installer("boppard", "56112"),
    installer("bendorf", "56170", tier=1),
    installer("vallendar", "56170"),
    installer("linz", "56355", tier=1, caps={"open": 10}),
    installer("unkel", "56355"),
    installer("sinzig", "56626", tier=1),
    installer("remagen", "56626", caps={"open": 1}),
    *[installer(f"wave-{number}", "56410") for number in range(10)],
    *[installer(f"flood-{number}", "56470") for number in range(22)],
]


def press_at_once(life: Life, *pages: Page, times: int) -> list[Page]:
    """Everybody opened the page before; everybody presses accept now."""
    browser = Browser(life.http)
    answers = at_once(
        *[
            lambda page=page: browser.press(page.form("accept"))
            for page in pages
            for _ in range(times)
        ]
    )
    assert {answer.status for answer in answers} == {200}, "nobody is turned away"
    return answers


def test_twenty_accepts_of_one_offer_make_one_owner(life: Life) -> None:
    enquiry = life.enquire("56073")
    answers = press_at_once(life, life.offer("trier", "56073"), times=20)
    assert all(enquiry.name in answer for answer in answers), "it is the same partner each time"
    assert Counter(_said(answer) for answer in answers) == {"accepted": 1, "already_accepted": 19}
    facts = Counter(life.facts(enquiry.lead))
    assert facts["offer.accepted"] == 1
    assert (life.lead(enquiry.lead)["owner"], life.places("trier")) == ("trier", 1)


def _said(answer: Page) -> str:
    return parse_qs(urlsplit(answer.url).query)["did"][0].partition(".")[0]


def test_two_partners_who_share_a_lapse_press_ten_times_each(life: Life) -> None:
    enquiry = life.enquire("56727", SHARED)
    second = life.offer("koblenz", "56727", within=25)
    first = life.browser.open(life.offer_link("mayen", "56727"))
    answers = press_at_once(life, first, second, times=10)
    lead = life.lead(enquiry.lead)
    assert Counter(life.facts(enquiry.lead))["offer.accepted"] == 1
    of_owner, of_other = (
        (answers[:10], answers[10:]) if lead["owner"] == "mayen" else (answers[10:], answers[:10])
    )
    assert all(enquiry.name in answer for answer in of_owner)
    assert all("Another partner accepted this enquiry before you" in answer for answer in of_other)
    assert not any(enquiry.name in answer or enquiry.email in answer.html for answer in of_other)
    assert life.places("mayen") + life.places("koblenz") == 1
    assert life.places(lead["owner"]) == 1


def test_sixteen_posts_with_one_key_are_one_lead_and_one_answer(life: Life) -> None:
    asks = person("56073")
    before = _leads(life)
    answers = at_once(*[lambda: life.post(asks, key="sixteen")] * 16)
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    assert len(_leads(life) - before) == 1
    life.mail(asks["email"], "We have received your enquiry")
    lead = answers[0].json()["lead"]
    assert Counter(life.facts(lead))["offer.made"] == 1


def _leads(life: Life) -> set[str]:
    return {
        found for row in life.tables()["LeadsTable"] for found in re.findall(r"\bLEAD#\w+", row)
    }


@pytest.fixture(scope="module")
def eight_at_the_door(life: Life) -> None:
    """So many functions have started; without them the first post would be done before the second
    is looked at.
    """
    at_once(*[lambda: life.covered("56564")] * 8)


def test_two_leads_for_the_last_place_and_only_one_gets_it(
    life: Life, eight_at_the_door: None
) -> None:
    leads = [each.lead for each in at_once(*[lambda: life.enquire("56564")] * 2)]
    first = [life.offers(lead)[0] for lead in leads]
    assert sorted(first) == [("andernach", "pending"), ("neuwied", "pending")]
    assert life.places("neuwied") == 1


def test_eight_leads_at_once_never_exceed_a_cap_of_three(
    life: Life, eight_at_the_door: None
) -> None:
    leads = [each.lead for each in at_once(*[lambda: life.enquire("56112")] * 8)]
    first = Counter(life.offers(lead)[0][0] for lead in leads)
    assert first == {"lahnstein": 3, "boppard": 5}
    assert (life.places("lahnstein"), life.places("boppard")) == (3, 5)


def test_thirty_leads_for_ten_places_place_ten_there_and_never_eleven(
    life: Life, eight_at_the_door: None
) -> None:
    leads = [each.lead for each in at_once(*[lambda: life.enquire("56355")] * 30)]
    first = Counter(life.offers(lead)[0] for lead in leads)
    assert first == {("linz", "pending"): 10, ("unkel", "pending"): 20}
    assert (life.places("linz"), life.places("unkel")) == (10, 20)


def test_four_owners_hand_over_to_the_last_place_of_one_partner_and_one_of_them_does(
    life: Life, eight_at_the_door: None
) -> None:
    enquiries = [life.enquire("56626") for _ in range(4)]
    links = _links(life, "sinzig", [each.lead for each in enquiries])
    browser = Browser(life.http)
    for link in links.values():
        browser.press(browser.open(link).form("accept"))
    forms = [
        browser.open(f"{links[each.lead]}?show=hand-over").form("partner") for each in enquiries
    ]
    pages = at_once(*[lambda form=form: browser.press(form, partner="remagen") for form in forms])
    handed = [life.lead(each.lead)["owner"] is None for each in enquiries]
    assert sum(handed) == 1
    for enquiry, over, page in zip(enquiries, handed, pages, strict=True):
        assert page.status == (200 if over else 422), (
            "whoever came too late is told, on the page to choose again"
        )
        offers = (
            [("sinzig", "withdrawn"), ("remagen", "pending")] if over else [("sinzig", "accepted")]
        )
        assert life.offers(enquiry.lead) == offers
        assert Counter(life.facts(enquiry.lead))["lead.handed_over"] == over
    assert (life.places("sinzig"), life.places("remagen")) == (3, 1)


@pytest.mark.parametrize(
    ("place", "asked"), [("56410", 10), ("56470", 12)], ids=["holding places", "holding none"]
)
def test_everybody_of_a_wave_presses_accept_and_one_has_it(
    life: Life, place: str, asked: int
) -> None:
    """Ten keep a place free for it; once they have declined, twelve are asked and none of them
    does.
    """
    enquiry = life.enquire(place, IN_WAVES)
    if asked > 10:
        for partner, _ in life.offers(enquiry.lead):
            life.decline(partner, place)
    names = [partner for partner, status in life.offers(enquiry.lead) if status == "pending"]
    assert len(names) == asked
    pages = [life.offer(partner, place) for partner in names]
    answers = press_at_once(life, *pages, times=1)
    facts = Counter(life.facts(enquiry.lead))
    owner = life.lead(enquiry.lead)["owner"]
    assert facts["offer.accepted"] == 1
    assert [enquiry.name in answer for answer in answers] == [name == owner for name in names]
    others = [answer for answer, name in zip(answers, names, strict=True) if name != owner]
    assert all("Another partner accepted this enquiry before you" in answer for answer in others)
    assert all("waiting list" in answer for answer in others)
    assert sum(life.places(name) for name in names) == life.places(owner) == 1


def test_accept_at_the_last_moment_against_the_timer_has_one_winner(life: Life) -> None:
    """The timer is called by hand just as the window ends. The first accept has come before, the
    last comes after it, and those between are on their way.
    """
    leads = [each.lead for each in at_once(*[lambda: life.enquire("56170", REMINDED)] * 4)]
    offers = [life.lead(lead)["offers"][0] for lead in leads]
    links = _links(life, "bendorf", leads)
    wake = life.stack.client("lambda")
    start = Barrier(8)

    def accept(number: int) -> Page:
        page = life.browser.open(links[leads[number]])
        start.wait(10)
        _until(offers[number]["expires_at"], seconds=(-0.6, -0.04, 0, 0.04)[number])
        return life.browser.press(page.form("accept"))

    def timer(number: int) -> None:
        start.wait(10)
        _until(offers[number]["expires_at"], seconds=0.01)
        wake.invoke(
            FunctionName="partner-relay-wake",
            Payload=json.dumps({"lead": leads[number], "version": 1}).encode(),
        )

    work = [lambda n=n: accept(n) for n in range(4)] + [lambda n=n: timer(n) for n in range(4)]
    pages = at_once(*work)[:4]
    won = 0
    for lead, page in zip(leads, pages, strict=True):
        offers_now = life.offers(lead)
        facts = Counter(life.facts(lead))
        assert facts["offer.accepted"] + facts["offer.expired"] == 1, offers_now
        if facts["offer.accepted"]:
            won += 1
            assert offers_now == [("bendorf", "accepted")]
            assert "It is yours" in page
        else:
            assert offers_now[:2] == [("bendorf", "expired"), ("vallendar", offers_now[1][1])]
            assert "Customer" not in page
            assert "no longer possible" in page
    assert life.places("bendorf") == won
    assert [life.lead(lead)["owner"] for lead in (leads[0], leads[-1])] == ["bendorf", None], (
        "both orders were seen"
    )


def _links(life: Life, partner: str, leads: list[str]) -> dict[str, str]:
    """Lead → offer link, once every mail is there."""

    def look() -> dict[str, str] | None:
        links = [
            each for mail in life.mails(inbox(partner)) for each in mail.links if "/o/" in each
        ]
        found = {subject_of(each): each for each in links}
        return found if found.keys() >= set(leads) else None

    return eventually(look, what=f"offers of {len(leads)} leads to {partner}")


def _until(instant: str, seconds: float) -> None:
    """Waits for that moment exactly; it is what the test is about."""
    left = (datetime.fromisoformat(instant) - datetime.now(UTC)).total_seconds() + seconds
    assert left > -1, "time ran out before the race could start"
    time.sleep(max(left, 0))
