"""The first page of HQ's desk: what needs a person stands there, with a way to do something."""

import re
from datetime import timedelta
from urllib.parse import urlencode

import boto3
import pytest

from routing_core.domain.partner import Caps
from tests.integration.test_desk_leads import PEOPLE, REGIONS
from tests.integration.test_desk_lists import post
from tests.support.builders import programme_document
from tests.support.world import HqBrowser, World, a_programme, munich

A_LONG_WINDOW = {"window": {"minutes": 600}, "partners": 1, "total": {"working_days": 5}}
SECTION = re.compile(r'<section class="needs" aria-labelledby="n-(\w+)">')


def open_with(world: World, *partners: object, **changes: object) -> HqBrowser:
    hq = {k: v for k, v in programme_document()["hq"].items() if k != "emails"} | PEOPLE
    world.use(a_programme(hq=hq, regions=REGIONS, **changes), *partners)  # type: ignore[arg-type]
    return world.desk("hq@example.com")


def needs(desk: HqBrowser) -> dict[str, str]:
    """What stands on the page, by the reason."""
    page = desk.get("/hq")
    assert page.status == 200
    found = {}
    for match in SECTION.finditer(page.body):
        found[match[1]] = page.body[match.end() :].partition("</section>")[0]
    return found


def test_a_quiet_day_says_so(world: World) -> None:
    desk = open_with(world, munich(1))
    assert "Nothing needs you right now." in desk.get("/hq").body
    assert needs(desk) == {}


def test_what_waits_for_hq_stands_there_by_age_with_its_button(world: World) -> None:
    desk = open_with(world, munich(1, paused=True))
    first, second = post(world, "a"), post(world, "b", postcode="80333")
    waiting = needs(desk)["waiting"]
    assert waiting.index(f"/hq/leads/{first}") < waiting.index(f"/hq/leads/{second}")
    assert ">Decide</a>" in waiting
    assert "no partners left to ask" in waiting


def test_whoever_only_looks_is_promised_no_decision(world: World) -> None:
    open_with(world, munich(1, paused=True))
    post(world, "a")
    waiting = needs(world.desk("looks@example.com"))["waiting"]
    assert ">Open</a>" in waiting
    assert "Decide" not in waiting


def test_a_promise_is_at_risk_two_hours_before_it_ends_and_not_earlier(world: World) -> None:
    desk = open_with(world, munich(1), offers=[A_LONG_WINDOW])
    lead = post(world, "a")
    by = world.lead(lead).promised_by
    assert by is not None
    world.now = by - timedelta(hours=2, seconds=1)
    assert "promises" not in needs(desk)
    world.now = by - timedelta(hours=2)
    assert f"/hq/leads/{lead}" in needs(desk)["promises"]
    world.press(world.offer_link(lead), action="accept")
    assert "promises" not in needs(desk), "somebody has it"


def test_offers_that_nobody_looks_at_stand_there_with_the_number_to_call(world: World) -> None:
    desk = open_with(world, munich(1))
    lead = post(world, "a")
    offer = world.lead(lead).live_offers[0]
    world.now = offer.made_at + (offer.expires_at - offer.made_at) / 2 - timedelta(seconds=1)
    assert "unseen" not in needs(desk)
    world.advance(seconds=1)
    unseen = needs(desk)["unseen"]
    assert f"/hq/leads/{lead}" in unseen
    assert 'href="tel:+498999998123"' in unseen
    world.http("POST", f"{world.offer_link(lead)}/seen")
    assert "unseen" not in needs(desk)


def test_an_owner_who_is_late_stands_there(world: World) -> None:
    desk = open_with(world, munich(1))
    lead = post(world, "a")
    world.press(world.offer_link(lead), action="accept")
    assert "overdue" not in needs(desk)
    world.advance(days=3)
    assert f"/hq/leads/{lead}" in needs(desk)["overdue"]
    world.sweep()
    world.feed()
    assert f"/hq/leads/{lead}" in needs(desk)["overdue"], "also once HQ was told of it"


def test_partners_whom_mail_does_not_reach_are_named(world: World) -> None:
    desk = open_with(world, munich(1, bounced=True), munich(2, confirmed_email=""), munich(3))
    unreached = needs(desk)["unreached"]
    assert "email bounces" in unreached
    assert "email address not confirmed" in unreached
    assert "/hq/partners/munich-3" not in unreached


def full_world(world: World) -> tuple[HqBrowser, str]:
    """One partner at the limit, and a lead that could be theirs."""
    desk = open_with(world, munich(1, caps=Caps(open=1)))
    post(world, "first")
    waiting = post(world, "second", postcode="80333")
    world.deliver()
    return desk, waiting


def ask(desk: HqBrowser, *partners: str) -> str:
    body = urlencode([("partner", each) for each in partners])
    kind = {"content-type": "application/x-www-form-urlencoded"}
    answer = desk.send("/hq/ask-more", body=body, headers=kind)
    return desk.get(answer.headers["Location"]).body if answer.status == 303 else ""


def test_full_partners_are_asked_for_two_more_and_say_yes_with_one_button(world: World) -> None:
    desk, waiting = full_world(world)
    full = needs(desk)["full"]
    assert "Isar Wärme 1" in full
    assert "Ask this partner to take 2 more" in full
    assert "gets one email with one button" in ask(desk, "munich-1")
    before = len(world.mails("munich-1"))
    world.deliver()
    mails = world.mails("munich-1")[before:]
    assert any("2 Anfragen mehr" in str(mail["Subject"]) for mail in mails)
    path = world.mailed_link("munich-1", "d")
    page = world.http("GET", path).body
    assert "Diese Woche 2 mehr annehmen" in page
    done = world.press(path, action="take_more")
    assert "Eine Woche lang nehmen Sie 2 mehr an." in done.body
    world.deliver()
    assert world.lead(waiting).status == "offered", "the lead that waited is theirs to answer"
    assert "Diese Woche 2 mehr annehmen" not in world.http("GET", path).body
    assert "full" not in needs(desk)


def test_a_partner_is_asked_once_a_day_however_often_the_button_is_pressed(world: World) -> None:
    desk, _ = full_world(world)
    before = len(world.mails("munich-1"))
    for _ in range(3):
        ask(desk, "munich-1", "munich-1")
    world.deliver()
    assert len(world.mails("munich-1")) == before + 1


def test_only_who_may_act_asks_and_only_partners_of_their_regions(world: World) -> None:
    full_world(world)
    form = {"partner": "munich-1"}
    assert world.desk("looks@example.com").post("/hq/ask-more", **form).status == 403
    berlin = world.desk("berlin@example.com")
    assert "nobody left to ask" in ask(berlin, "munich-1", "nobody", "../x")
    before = len(world.mails("munich-1"))
    world.deliver()
    assert len(world.mails("munich-1")) == before


def test_a_manager_sees_what_needs_somebody_in_their_regions_alone(world: World) -> None:
    desk = open_with(world, munich(1, paused=True))
    here, there = post(world, "here"), post(world, "there", postcode="10115")
    assert there in needs(desk)["waiting"]
    bavaria = needs(world.desk("bavaria@example.com"))["waiting"]
    assert here in bavaria
    assert there not in bavaria


def test_what_got_stuck_is_told_to_whoever_runs_everything(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = open_with(world, munich(1))
    sqs = boto3.client("sqs")
    names = {"mail": "MailFailures", "timer": "TimerFailures"}
    urls = {hop: sqs.create_queue(QueueName=name)["QueueUrl"] for hop, name in names.items()}
    monkeypatch.setenv("FAILURE_QUEUES", " ".join(f"{n}={url}" for n, url in urls.items()))
    assert "Something got stuck" not in desk.get("/hq").body
    sqs.send_message(QueueUrl=urls["mail"], MessageBody="{}")
    page = desk.get("/hq").body
    assert "Something got stuck" in page
    assert "Emails: <strong>1</strong>" in page
    assert "Timers" not in page
    assert "Something got stuck" not in world.desk("bavaria@example.com").get("/hq").body


def test_the_figures_of_today_stand_there(world: World) -> None:
    desk = open_with(world, munich(1))
    post(world, "a")
    page = desk.get("/hq").body
    received = page[page.index("<h3>Received</h3>") :]
    assert received.partition("</div>")[0].count("<strong>1</strong>") == 1
    assert 'role="img"' in received


def shown(page: str, name: str) -> str:
    """The card of a figure."""
    return page[page.index(f"<h3>{name}</h3>") :].partition("</div>")[0]


def test_figures_are_those_of_the_regions_that_somebody_sees(world: World) -> None:
    desk = open_with(world, munich(1))
    for number in range(3):
        post(world, f"m{number}")
    post(world, "b", postcode="10115")
    whole = desk.get("/hq").body
    assert "<strong>4</strong>" in shown(whole, "Received")
    table = whole[whole.index('aria-labelledby="regions"') :]
    assert table.index("munich") < table.index("berlin"), "the one with most enquiries first"
    assert "The figures are those of the whole network." in whole
    theirs = world.desk("bavaria@example.com").get("/hq").body
    assert "<strong>3</strong>" in shown(theirs, "Received")
    assert "The figures are those of your regions: munich." in theirs
    assert "berlin" not in theirs


def test_speed_to_lead_stands_there_as_shares(world: World) -> None:
    desk = open_with(world, munich(1, caps=Caps(open=20)))
    assert "Time from enquiry to first contact" not in desk.get("/hq").body
    for number in range(5):
        lead = post(world, f"m{number}")
        world.press(world.offer_link(lead), action="accept")
        world.advance(minutes=90 if number == 4 else 5)
        world.press(world.offer_link(lead), action="contacted")
        if number == 3:
            assert "4 of 4" in desk.get("/hq").body, "no share of fewer than five"
    page = desk.get("/hq").body
    speed = page[page.index('aria-labelledby="speed"') :].partition("</section>")[0]
    cells = re.findall(r'data-label="today so far">([^<]+)', speed)
    assert cells == ["80% (4 of 5)", "100% (5 of 5)", "100% (5 of 5)"]
    assert "<desc" in speed
    assert speed.count("no first contact, ") == 13
    world.advance(days=1)
    page = desk.get("/hq").body
    speed = page[page.index('aria-labelledby="speed"') :].partition("</section>")[0]
    cells = re.findall(r'data-label="today so far">([^<]+)', speed)
    assert cells == ["none so far"] * 3, "a day without any is no dash"


@pytest.mark.parametrize("need", ["promises", "waiting", "unseen", "overdue"])
def test_what_has_no_line_here_stands_in_a_list_of_just_these(world: World, need: str) -> None:
    partner = munich(1, caps=Caps(open=20), paused=need == "waiting")
    desk = open_with(world, partner, offers=[A_LONG_WINDOW])
    in_need = {post(world, f"n{number}") for number in range(7)}
    if need == "overdue":
        for lead in in_need:
            world.press(world.offer_link(lead), action="accept")
        world.advance(days=2)
    if need in ("promises", "unseen"):
        of_one = world.lead(min(in_need))
        offer = of_one.live_offers[0]
        half = offer.made_at + (offer.expires_at - offer.made_at) / 2
        by = of_one.promised_by
        assert by is not None
        world.now = max(half, by - timedelta(hours=2)) + timedelta(minutes=30)
    fresh = post(world, "fresh", postcode="80333") if need in ("unseen", "overdue") else ""
    section = needs(desk)[need]
    assert section.count("/hq/leads/L") == 5
    (url,) = re.findall(rf'href="(/hq/leads\?need={need}&amp;sort=oldest)"', section)
    listed = desk.get(url.replace("&amp;", "&")).body
    shown = set(re.findall(r'href="/hq/leads/(L[0-9A-Z]{24})', listed))
    assert shown == in_need
    assert fresh not in shown


def test_a_need_that_there_is_not_is_told_so(world: World) -> None:
    desk = open_with(world, munich(1))
    post(world, "a")
    page = desk.get("/hq/leads?need=money").body
    assert "/hq/leads/L" not in page
    assert re.search(r'field wrong">\s*<label for="f-need">', page)


def test_more_partners_whom_mail_does_not_reach_are_a_tap_away(world: World) -> None:
    partners = [
        munich(number, **({} if number > 7 else {"confirmed_email": ""})) for number in range(1, 9)
    ]
    desk = open_with(world, *partners)
    section = needs(desk)["unreached"]
    assert section.count(">Open</a>") == 5
    assert 'href="/hq/partners?state=unconfirmed"' in section
    listed = desk.get("/hq/partners?state=unconfirmed").body
    assert len(set(re.findall(r"/hq/partners/(munich-\d)", listed))) == 7


def test_a_contact_that_was_undone_is_not_in_the_figures_of_its_region(world: World) -> None:
    open_with(world, munich(1))
    lead = post(world, "a")
    world.press(world.offer_link(lead), action="accept")
    world.press(world.offer_link(lead), action="contacted")
    today = world.now.date()
    (day,) = world.read_model.days(today, today)
    assert (day.regions["munich"].accepted, sum(day.regions["munich"].contacted.values())) == (1, 1)
    world.press(world.offer_link(lead), action="undo")
    (day,) = world.read_model.days(today, today)
    assert (day.regions["munich"].accepted, sum(day.regions["munich"].contacted.values())) == (1, 0)
    world.advance(days=3)
    world.sweep()
    (later, *_) = world.read_model.days(today, world.now.date())
    assert later == day, "the totals of a day that is over know regions too"
