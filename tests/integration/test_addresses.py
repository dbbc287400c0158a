"""A partner's mail address: confirmed before leads go there, and given up when mail comes back."""

import json
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pytest

from routing_core.domain.partner import Person
from routing_core.service.confirm_address import email_mark
from tests.faults.calls import Fault, trouble
from tests.world import BASE_URL, World, a_programme, munich

PERMANENT = {"bounceType": "Permanent", "bouncedRecipients": [{"emailAddress": "munich-1@example.com"}]}


def notify(world: World, kind: str, **detail: Any) -> None:
    """What SES tells of a mail, as the bus brings it."""
    from functions.notify.app import handler

    mail = {"tags": {"partner": ["munich-1"]}, "destination": ["munich-1@example.com"]}
    event = {"id": kind, "source": "aws.ses", "detail-type": f"Email {kind}", "detail": {"mail": mail} | detail}
    with world.clock():
        handler({"Records": [{"messageId": kind, "body": json.dumps(event), "eventSource": "aws:sqs"}]}, None)


def confirm_link(world: World, email: str = "munich-1@example.com") -> str:
    return world.wiring.links.confirm("munich-1", email_mark(email)).removeprefix(BASE_URL)


def last_said(world: World, to: str) -> str:
    body = world.mails(to)[-1].get_body(("plain",))
    return " ".join(body.get_content().split())  # type: ignore[union-attr]


def test_an_unconfirmed_partner_gets_a_link_and_no_leads_and_hq_hears_of_it(world: World) -> None:
    world.use(a_programme())
    world.wiring.partners.save([(munich(1, confirmed_email=""), None)], world.now)
    world.deliver()
    assert confirm_link(world) in str(world.mails("munich-1")[0].get_body(("plain",)).get_content())  # type: ignore[union-attr]
    assert world.mails("hq@example.com")
    assert world.lead(world.post_lead().json()["lead"]).status == "hq_queue"


def test_opening_the_confirmation_confirms_nothing_pressing_its_button_does(world: World) -> None:
    world.use(a_programme(), munich(1, confirmed_email=""))
    lead_id = world.post_lead().json()["lead"]
    world.deliver()
    for _ in range(3):
        assert world.http("GET", confirm_link(world)).status == 200
    assert not world.load("munich-1").active
    world.press(confirm_link(world))
    assert world.load("munich-1").active
    world.deliver()
    assert world.lead(lead_id).status == "offered", "the enquiry that waited goes there at once"


@pytest.mark.parametrize("call", ["events.PutEvents", "dynamodb.TransactWriteItems"])
def test_a_confirmation_that_broke_off_is_pressed_again_and_the_link_to_the_desk_comes(world: World, call: str) -> None:
    """The address was confirmed and the mail not asked for; pressed again, nobody asked for it any more."""
    world.use(a_programme(), munich(1, confirmed_email=""))
    with trouble(Fault.FAILS, at=call):
        assert world.press(confirm_link(world)).status == 500
    assert world.press(confirm_link(world)).status == 200
    world.deliver()
    assert any("/d/" in str(mail.get_body(("plain",))) for mail in world.mails("munich-1"))


def test_the_first_link_to_the_desk_is_not_called_new_and_ends_no_other(world: World) -> None:
    """Each link came with "Earlier links no longer work", the first one too."""
    world.use(a_programme(), munich(1, confirmed_email="", language="en"))
    world.press(confirm_link(world))
    world.deliver()
    assert "your address is confirmed" in last_said(world, "munich-1")
    assert "no longer work" not in last_said(world, "munich-1")
    desk = urlsplit(world.wiring.links.desk("munich-1", 1)).path
    world.press(desk, action="renew")
    world.deliver()
    assert "Earlier links no longer work." in last_said(world, "munich-1")
    world.press(desk, action="renew")  # an old link asks for the one in force, which stays
    world.deliver()
    assert "asked for the one that works now" in last_said(world, "munich-1")
    assert "no longer work" not in last_said(world, "munich-1")
    assert world.load("munich-1").links == 2


def test_a_second_address_gets_its_link_to_the_desk_too(world: World) -> None:
    world.use(a_programme(), munich(1, confirmed_email=""))
    world.press(confirm_link(world))
    world.deliver()
    known = world.wiring.partners.get("munich-1")
    assert known
    world.wiring.partners.save([(replace(known, contact=Person("new@example.com")), known.version)], world.now)
    world.press(confirm_link(world, "new@example.com"))
    world.deliver()
    assert any("/d/" in str(mail.get_body(("plain",))) for mail in world.mails("new@example.com"))


def test_a_link_for_an_earlier_address_confirms_nothing(world: World) -> None:
    world.use(a_programme(), munich(1, confirmed_email="", contact=Person("new@example.com")))
    world.press(confirm_link(world, "munich-1@example.com"))
    assert not world.load("munich-1").active


def test_a_changed_address_must_be_confirmed_again(world: World) -> None:
    world.use(a_programme(), munich(1))
    known = world.wiring.partners.get("munich-1")
    assert known
    world.wiring.partners.save([(replace(known, contact=Person("new@example.com")), known.version)], world.now)
    assert not world.load("munich-1").active


@pytest.mark.parametrize(
    ("kind", "detail"),
    [
        (
            "Bounce",
            {"bounce": PERMANENT | {"bouncedRecipients": [{"emailAddress": "Munich-1@Example.com"}]}},
        ),
        ("Complaint", {"complaint": {"complainedRecipients": [{"emailAddress": "munich-1@example.com"}]}}),
    ],
)
def test_an_address_that_is_dead_gets_no_more_leads_and_hq_is_told_once(
    world: World, kind: str, detail: dict[str, Any]
) -> None:
    world.use(a_programme(), munich(1))
    for _ in range(2):
        notify(world, kind, **detail)
        world.deliver()
    partner = world.wiring.partners.get("munich-1")
    assert partner
    assert (partner.bounced, world.load("munich-1").active) == (True, False)
    assert len(world.mails("hq@example.com")) == 1
    assert world.lead(world.post_lead().json()["lead"]).status == "hq_queue"


@pytest.mark.parametrize("bounce_type", ["Transient", "Undetermined"])
def test_a_full_mailbox_is_no_reason(world: World, bounce_type: str) -> None:
    world.use(a_programme(), munich(1))
    notify(world, "Bounce", bounce=PERMANENT | {"bounceType": bounce_type})
    assert world.load("munich-1").active


@pytest.mark.parametrize("address", ["boss@example.com", "former@example.com"])
def test_a_bounce_of_another_address_leaves_the_partner_in_routing(world: World, address: str) -> None:
    """A reminder also goes to the second contact: its dead address took the whole partner out."""
    world.use(a_programme(), munich(1, second_contact=Person("boss@example.com")))
    bounced = [{"emailAddress": address}]
    notify(world, "Bounce", bounce=PERMANENT | {"bouncedRecipients": bounced})
    assert world.load("munich-1").active


def test_a_complaint_of_the_second_contact_leaves_the_partner_in_routing(world: World) -> None:
    world.use(a_programme(), munich(1, second_contact=Person("boss@example.com")))
    notify(world, "Complaint", complaint={"complainedRecipients": [{"emailAddress": "boss@example.com"}]})
    assert world.load("munich-1").active


def test_an_address_replaced_since_then_may_bounce(world: World) -> None:
    world.use(a_programme(), munich(1, contact=Person("new@example.com"), confirmed_email="new@example.com"))
    notify(world, "Bounce", bounce=PERMANENT)
    assert world.load("munich-1").active


def test_a_virus_in_our_own_mail_is_an_error_of_ours_and_not_the_partners(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.use(a_programme(), munich(1))
    notify(world, "Reject", reject={"reason": "Bad content"})
    assert world.load("munich-1").active
    assert [r.message for r in caplog.records if r.levelname == "ERROR"] == ["mail was rejected"]


def test_confirming_again_brings_a_bounced_partner_back(world: World) -> None:
    world.use(a_programme(), munich(1))
    notify(world, "Bounce", bounce=PERMANENT)
    world.press(confirm_link(world))
    partner = world.wiring.partners.get("munich-1")
    assert partner
    assert (partner.bounced, world.load("munich-1").active) == (False, True)
