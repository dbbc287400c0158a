"""A partner's mail address: confirmed before leads go there, and given up when mail comes back."""

from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import ClientError

from routing_core.aws.queues.mail import take_off_suppression_list
from routing_core.domain.partner import Person
from routing_core.domain.values.mailboxes import email_mark
from routing_core.service.hq.save_partner import save_partner, show_partner
from tests.faults.calls import Fault, trouble
from tests.support.stack import BASE_URL, TRIED_ANEW
from tests.support.triggers import Context, queue_message
from tests.support.world import World, a_programme, munich

PERMANENT = {
    "bounceType": "Permanent",
    "bouncedRecipients": [{"emailAddress": "munich-1@example.com"}],
}


def notify(world: World, kind: str, **detail: Any) -> None:
    """What SES tells of a mail, as the bus brings it."""
    from functions.notify.app import handler

    mail = {"tags": {"partner": ["munich-1"]}, "destination": ["munich-1@example.com"]}
    event = {
        "id": kind,
        "source": "aws.ses",
        "detail-type": f"Email {kind}",
        "detail": {"mail": mail} | detail,
    }
    with world.clock():
        handler({"Records": [queue_message(event)]}, Context())


def confirm_link(world: World, email: str = "munich-1@example.com") -> str:
    return world.wiring.links.confirm("munich-1", email_mark(email)).removeprefix(BASE_URL)


def last_said(world: World, to: str) -> str:
    body = world.mails(to)[-1].get_body(("plain",))
    return " ".join(body.get_content().split())  # type: ignore[union-attr]


@pytest.mark.slow
def test_an_unconfirmed_partner_gets_a_link_and_no_leads_and_hq_hears_of_it(world: World) -> None:
    world.use(a_programme())
    world.wiring.partners.save([(munich(1, confirmed_email=""), None)], world.now)
    world.deliver()
    assert world.http("GET", world.mailed_link("munich-1", "c")).status == 200
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
def test_a_confirmation_that_broke_off_is_pressed_again_and_the_link_to_the_desk_comes(
    world: World, call: str
) -> None:
    """The address was confirmed and the mail not asked for; pressed again, nobody asked for it any
    more.
    """
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
    assert "Thank you for confirming your address." in last_said(world, "munich-1")
    assert "no longer work" not in last_said(world, "munich-1")
    desk = urlsplit(world.wiring.links.desk("munich-1", 1)).path
    world.press(desk, action="renew")
    world.deliver()
    assert "Earlier links no longer work." in last_said(world, "munich-1")
    world.press(urlsplit(world.wiring.links.desk("munich-1", 2)).path, action="renew")
    world.press(desk, action="renew")  # a link of long ago asks for the one in force, which stays
    world.deliver()
    assert "asked for the current one" in last_said(world, "munich-1")
    assert "no longer work" not in last_said(world, "munich-1")
    assert world.load("munich-1").links == 3


def test_a_second_address_gets_its_link_to_the_desk_too(world: World) -> None:
    world.use(a_programme(), munich(1, confirmed_email=""))
    world.press(confirm_link(world))
    world.deliver()
    known = world.wiring.partners.get("munich-1")
    assert known
    world.wiring.partners.save(
        [(replace(known, contact=Person("new@example.com")), known.version)], world.now
    )
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
    world.wiring.partners.save(
        [(replace(known, contact=Person("new@example.com")), known.version)], world.now
    )
    assert not world.load("munich-1").active


@pytest.mark.parametrize(
    ("kind", "detail"),
    [
        (
            "Bounce",
            {
                "bounce": PERMANENT
                | {"bouncedRecipients": [{"emailAddress": "Munich-1@Example.com"}]}
            },
        ),
        (
            "Complaint",
            {"complaint": {"complainedRecipients": [{"emailAddress": "munich-1@example.com"}]}},
        ),
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
def test_a_bounce_of_another_address_leaves_the_partner_in_routing(
    world: World, address: str
) -> None:
    """A reminder also goes to the second contact: its dead address took the whole partner out."""
    world.use(a_programme(), munich(1, second_contact=Person("boss@example.com")))
    bounced = [{"emailAddress": address}]
    notify(world, "Bounce", bounce=PERMANENT | {"bouncedRecipients": bounced})
    assert world.load("munich-1").active


@pytest.mark.parametrize("kind", ["not-spam", "auth-failure", "virus"])
@pytest.mark.slow
def test_feedback_that_is_no_complaint_of_a_reader_stops_nobody(world: World, kind: str) -> None:
    world.use(a_programme(), munich(1))
    recipients = [{"emailAddress": "munich-1@example.com"}]
    notify(
        world,
        "Complaint",
        complaint={"complainedRecipients": recipients, "complaintFeedbackType": kind},
    )
    assert not world.wiring.services.partners.get("munich-1").bounced  # type: ignore[union-attr]


@pytest.mark.parametrize("kind", ["abuse", "fraud", "other", None])
def test_a_readers_complaint_stops_the_mails(world: World, kind: str | None) -> None:
    world.use(a_programme(), munich(1))
    recipients = [{"emailAddress": "munich-1@example.com"}]
    notify(
        world,
        "Complaint",
        complaint={"complainedRecipients": recipients, "complaintFeedbackType": kind},
    )
    assert world.wiring.services.partners.get("munich-1").bounced  # type: ignore[union-attr]


def test_a_complaint_that_names_both_readers_stops_neither_for_nobody_can_tell_whose_it_is(
    world: World,
) -> None:
    world.use(a_programme(), munich(1, second_contact=Person("boss@example.com")))
    recipients = [{"emailAddress": "munich-1@example.com"}, {"emailAddress": "boss@example.com"}]
    notify(
        world,
        "Complaint",
        complaint={"complainedRecipients": recipients, "complaintFeedbackType": "abuse"},
    )
    partner = world.wiring.services.partners.get("munich-1")
    assert partner
    assert not partner.bounced
    assert partner.second


def test_a_complaint_of_the_second_contact_leaves_the_partner_in_routing(world: World) -> None:
    world.use(a_programme(), munich(1, second_contact=Person("boss@example.com")))
    notify(
        world,
        "Complaint",
        complaint={"complainedRecipients": [{"emailAddress": "boss@example.com"}]},
    )
    assert world.load("munich-1").active


def test_an_address_replaced_since_then_may_bounce(world: World) -> None:
    world.use(
        a_programme(),
        munich(1, contact=Person("new@example.com"), confirmed_email="new@example.com"),
    )
    notify(world, "Bounce", bounce=PERMANENT)
    assert world.load("munich-1").active


def test_a_virus_in_our_own_mail_is_warned_of_and_not_the_partners_fault(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.use(a_programme(), munich(1))
    notify(world, "Reject", reject={"reason": "Bad content"})
    assert world.load("munich-1").active
    assert [r.message for r in caplog.records if r.levelname == "WARNING"] == ["mail was rejected"]
    assert [r.message for r in caplog.records if r.levelname == "ERROR"] == []


def test_confirming_again_brings_a_bounced_partner_back(world: World) -> None:
    world.use(a_programme(), munich(1))
    notify(world, "Bounce", bounce=PERMANENT)
    world.press(confirm_link(world))
    partner = world.wiring.partners.get("munich-1")
    assert partner
    assert (partner.bounced, world.load("munich-1").active) == (False, True)


def save(world: World, **document: Any) -> None:
    """As HQ does with PUT."""
    save_partner(world.wiring.services, "munich-1", document, world.now)
    world.deliver()


def told(world: World, to: str) -> list[str]:
    return [str(mail["Subject"]) for mail in world.mails(to)]


def comes_back(world: World, address: str, **tags: str) -> None:
    """Mail to that address, about this partner, for good."""
    mail = {"tags": {"partner": ["munich-1"]} | {name: [value] for name, value in tags.items()}}
    notify(
        world,
        "Bounce",
        mail=mail,
        bounce=PERMANENT | {"bouncedRecipients": [{"emailAddress": address}]},
    )
    world.deliver()


# ── told once, and told of all ────────────────────────────────────────────────────────────────────


@pytest.mark.slow
def test_hq_hears_of_everybody_who_has_not_confirmed_however_many_in_an_hour(world: World) -> None:
    """Whoever came second within the hour was neither in the mail nor in a later one."""
    world.use(a_programme())
    for number in (1, 2, 3):
        world.wiring.partners.save([(munich(number, confirmed_email=""), None)], world.now)
        world.deliver()
        world.advance(minutes=10)
    assert told(world, "hq@") == ["1 partner has not confirmed their address"]
    assert "Isar Wärme 1" in last_said(world, "hq@")
    for _ in range(30):
        world.advance(minutes=5)
        world.sweep()
        world.deliver()
    assert told(world, "hq@")[1:] == ["2 partners have not confirmed their address"]
    assert "Isar Wärme 2" in last_said(world, "hq@")
    assert "Isar Wärme 3" in last_said(world, "hq@")


def test_a_profile_saved_again_asks_nobody_again(world: World) -> None:
    """Each save of an unconfirmed partner asked for the confirmation anew, and told HQ of a bounce
    anew.
    """
    world.use(a_programme(), munich(1, language="en"))
    save(world, contact={"email": "new@example.com"})
    assert told(world, "new@example.com") == [
        "Please confirm your address for enquiries from Example Heating"
    ]
    for paused in (True, False):
        world.wiring.partners.set_paused("munich-1", paused, world.now)
        world.deliver()
    save(world, town="Dachau")
    assert (len(told(world, "new@example.com")), len(told(world, "hq@"))) == (1, 1)


def test_hq_hears_of_each_bounce_once(world: World) -> None:
    world.use(a_programme(), munich(1))
    comes_back(world, "munich-1@example.com")
    world.wiring.partners.set_paused("munich-1", True, world.now)
    world.deliver()
    assert told(world, "hq@") == ["Email to Isar Wärme 1 bounces"]
    save(world, confirmed=True)
    comes_back(world, "munich-1@example.com")
    assert told(world, "hq@") == ["Email to Isar Wärme 1 bounces"] * 2, (
        "mended, and it bounces again"
    )


@pytest.mark.slow
def test_an_address_that_comes_back_into_use_must_be_confirmed_anew_and_is_asked(
    world: World,
) -> None:
    world.use(a_programme(), munich(1, language="en"))
    for address in ("new@example.com", "munich-1@example.com", "new@example.com"):
        before = len(world.mails(address))
        save(world, contact={"email": address})
        assert "Please confirm" in told(world, address)[before]
        world.press(confirm_link(world, address))
        world.deliver()


def test_hq_may_have_the_address_asked_again(world: World) -> None:
    world.use(a_programme(), munich(1, language="en"))
    for asked in (1, 2):
        save(world, confirmed=False)
        assert len(world.mails("munich-1@")) == asked


# ── the firm's other addresses ────────────────────────────────────────────────────────────────────


def test_hq_hears_once_that_the_second_contact_cannot_be_reached_and_the_partner_stays(
    world: World,
) -> None:
    """It was logged, and the escalation went nowhere."""
    world.use(a_programme(), munich(1, second_contact=Person("boss@example.com")))
    for address in ("Boss@Example.com", "boss@example.com"):
        comes_back(world, address)
    assert told(world, "hq@") == ["Isar Wärme 1: an email address does not work"]
    assert "boss@example.com, the second contact of Isar Wärme 1," in last_said(
        world, "hq@"
    ).casefold().replace("isar wärme", "Isar Wärme")
    assert world.load("munich-1").active
    shown = show_partner(world.wiring.services, "munich-1")["status"]
    assert (shown["bounced"], shown["second_bounced"]) == (False, True)


@pytest.mark.slow
def test_who_cannot_be_reached_is_written_to_no_more_until_the_address_is_another_or_hq_says_it_works(
    world: World,
) -> None:
    reminders = {"at": [0.9], "min_gap_minutes": 1, "second_contact_from": 0.85}
    world.use(
        a_programme(reminders=reminders), munich(1, second_contact=Person("boss@example.com"))
    )

    def reminded(lead: str) -> set[str]:
        world.post_lead(lead, email=f"{lead}@posteo.de", phone="")
        world.run_for(minutes=100)
        before = len(world.mails())
        world.run_for(minutes=10)
        to = {str(mail["To"]) for mail in world.mails()[before:]}
        world.run_for(minutes=10)
        return to

    comes_back(world, "boss@example.com")
    assert reminded("a") == {"munich-1@example.com"}
    save(world, second_contact={"email": "chief@example.com"})
    assert reminded("b") == {"munich-1@example.com", "chief@example.com"}
    save(world, second_contact={"email": "boss@example.com"}, paused=False)
    save(world, confirmed=True)
    assert reminded("c") == {"munich-1@example.com", "boss@example.com"}


@pytest.mark.slow
def test_mail_about_a_lead_goes_to_the_firm_again_when_its_colleague_cannot_be_reached(
    world: World,
) -> None:
    world.use(
        a_programme(),
        munich(1, contact=Person("chris@isar.example"), confirmed_email="chris@isar.example"),
    )
    told_at_the_door = world.post_lead().json()
    lead_id = told_at_the_door["lead"]
    link = world.offer_link(lead_id)
    world.press(link, action="accept")
    world.press(link, action="colleague", name="Kim", email="kim@isar.example")
    world.deliver()
    assert world.mails("kim@")
    comes_back(world, "kim@isar.example", lead=lead_id)
    assert "kim@isar.example, who is looking after an enquiry for Isar Wärme 1," in last_said(
        world, "hq@"
    )
    world.press(
        urlsplit(told_at_the_door["status_url"]).path,
        action="note",
        text="The key is with the neighbour.",
    )
    world.deliver()
    assert str(world.mails("@isar.example")[-1]["To"]) == "chris@isar.example"
    assert world.load("munich-1").active


def test_who_is_to_confirm_an_address_is_taken_off_the_mail_services_list_first(
    world: World,
) -> None:
    world.use(a_programme(), munich(1))
    notify(world, "Bounce", bounce=PERMANENT)
    world.deliver()
    assert TRIED_ANEW == [], "it stays on the list while nobody says that it works"
    save(world, confirmed=False)
    world.deliver()
    assert TRIED_ANEW == ["munich-1@example.com"]
    assert world.mailed_link("munich-1@example.com", "c")


@pytest.mark.parametrize(("code", "was_on_it"), [("", True), ("NotFoundException", False)])
def test_the_command_says_whether_an_address_was_on_the_list(code: str, was_on_it: bool) -> None:
    class Ses:
        def delete_suppressed_destination(self, **asked: str) -> None:
            self.asked = asked
            if code:
                raise ClientError({"Error": {"Code": code}}, "DeleteSuppressedDestination")

    ses = Ses()
    assert take_off_suppression_list(ses, "info@example.com") is was_on_it
    assert ses.asked == {"EmailAddress": "info@example.com"}
