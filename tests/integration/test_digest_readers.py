"""Whoever reads a digest stops it with one click, and has it again; nothing else can be stopped so."""

import re
from datetime import timedelta
from email.message import EmailMessage
from urllib.parse import urlsplit

import pytest

from tests.support.world import Answer, World, a_programme, munich

FIRST, SECOND = "ada@hq.example.com", "ben@hq.example.com"
ONE_CLICK = {"List-Unsubscribe": "One-Click"}
DAY = timedelta(days=1)


@pytest.fixture
def told(world: World) -> World:
    """Two people at HQ, who hear at one o'clock of what was assigned."""
    hq = {"emails": [FIRST, SECOND], "digests": ["13:00"]}
    world.use(a_programme(hq=hq), munich(1, language="en"))
    return world


def digest(world: World, key: str) -> None:
    """A partner takes a lead, and the digest that tells of it leaves."""
    lead = world.post_lead(key, email=f"{key}@posteo.de", phone="").json()["lead"]
    world.deliver()
    world.press(world.offer_link(lead), action="accept")
    world.deliver()
    world.now += DAY
    world.sweep()


def way_out(mail: EmailMessage) -> str:
    """The address in its header."""
    (url,) = re.findall(r"<(https://[^>]+)>", str(mail["List-Unsubscribe"]))
    return url


def post(world: World, url: str, **form: str) -> Answer:
    return world.http("POST", urlsplit(url).path, form=form)


def digests(world: World, reader: str) -> int:
    return len([each for each in world.mails(reader) if each["List-Unsubscribe"]])


def each_has(world: World) -> list[int]:
    """How many digests each of the two has."""
    return [digests(world, reader) for reader in (FIRST, SECOND)]


def test_one_click_in_the_mail_program_stops_the_digest_for_that_reader_alone(
    told: World,
) -> None:
    digest(told, "one")
    (mail,) = told.mails(FIRST)
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    answer = post(told, way_out(mail), **ONE_CLICK)
    assert answer.status == 200, "a redirect would not be followed"
    assert "To get it again, press the button below" in answer.body
    digest(told, "two")
    assert each_has(told) == [1, 2]


def test_it_comes_again_by_the_button_of_the_page_that_any_earlier_mail_opens(
    told: World,
) -> None:
    digest(told, "one")
    url = way_out(told.mails(FIRST)[0])
    post(told, url, action="stop")
    post(told, url, action="stop")
    assert 'value="again"' in told.http("GET", urlsplit(url).path).body
    post(told, url, action="again")
    digest(told, "two")
    assert each_has(told) == [2, 2]


def test_looking_changes_nothing(told: World) -> None:
    digest(told, "one")
    url = way_out(told.mails(FIRST)[0])
    before = told.items()
    for _ in range(3):
        assert 'value="stop"' in told.http("GET", urlsplit(url).path).body
        told.http("HEAD", urlsplit(url).path)
    assert told.items() == before


def test_the_mail_itself_has_the_link_too(told: World) -> None:
    digest(told, "one")
    (mail,) = told.mails(FIRST)
    for kind in ("plain", "html"):
        body = mail.get_body((kind,))
        assert body is not None
        assert way_out(mail) in body.get_content()


def test_offers_alerts_and_answers_have_no_such_link(told: World) -> None:
    told.post_lead("one")
    told.post_lead("two", postcode="25980", email="b@posteo.de", phone="")
    told.deliver()
    others = told.mails()
    assert {FIRST, SECOND, munich(1).contact.email} <= {str(each["To"]) for each in others}
    assert [each["Subject"] for each in others if each["List-Unsubscribe"]] == []


def test_an_alert_still_reaches_whoever_stopped_the_digest(told: World) -> None:
    digest(told, "one")
    post(told, way_out(told.mails(FIRST)[0]), **ONE_CLICK)
    told.post_lead("two", postcode="25980", email="b@posteo.de", phone="")
    told.deliver()
    assert {*told.mails(FIRST)[-1].items()} >= {("Subject", told.mails(SECOND)[-1]["Subject"])}
    assert not told.mails(FIRST)[-1]["List-Unsubscribe"]


def test_a_partner_stops_the_report_and_still_gets_offers(told: World) -> None:
    digest(told, "one")
    told.now += 40 * DAY
    told.nudge_reports()
    told.make_reports()
    reports = [each for each in told.mails(munich(1).contact.email) if each["List-Unsubscribe"]]
    assert len(reports) == 1
    at_hq = [each for each in told.mails(FIRST) if "/u/" in str(each["List-Unsubscribe"])]
    assert len(at_hq) == 2, "the digest and HQ's report"
    post(told, way_out(reports[0]), **ONE_CLICK)
    told.now += 31 * DAY
    told.nudge_reports()
    told.make_reports()
    again = [each for each in told.mails(munich(1).contact.email) if each["List-Unsubscribe"]]
    assert len(again) == 1
    assert told.load("munich-1").active


@pytest.mark.parametrize("spoilt", ["", "k1.x", "k1.WyJhIl0.x"])
def test_a_link_that_nobody_signed_stops_nothing(told: World, spoilt: str) -> None:
    before = told.items()
    assert told.http("POST", f"/u/{spoilt}", form=ONE_CLICK).status in (403, 404)
    assert told.items() == before
