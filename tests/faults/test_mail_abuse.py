"""Strangers who would have our mails sent, or their words put into them."""

from email.message import EmailMessage
from typing import Any

import pytest

from routing_core.service.hq.handle_lead import reject_lead
from tests.support.world import World, a_programme, munich

VICTIM = "victim@posteo.de"
TYPED = {
    "name": "CLAIM Fivehundred Euros",
    "town": "CLAIM 500 EUR at https://evil.example",
    "street": "CLAIM street 1",
    "company": "CLAIM Ltd",
    "message": "CLAIM your prize",
    "area": "666",
    "owner": "owner",
}


def text(mail: EmailMessage) -> str:
    bodies = [mail.get_body((kind,)) for kind in ("plain", "html")]
    return "\n".join([str(mail["Subject"]), *(body.get_content() for body in bodies if body)])


def posts(world: World, number: int, **fields: Any) -> list[str]:
    """The same form again and again, from as many submissions; what came of each is told to
    everybody.
    """
    ids = []
    for n in range(number):
        told = {"phone": f"+498999998{n:04}", "key": f"post-{n}", "client": f"192.0.2.{n}"} | fields
        ids.append(world.post_lead(**told).json()["lead"])
    world.deliver()
    return ids


@pytest.fixture
def network(world: World) -> World:
    world.use(a_programme(repeat={"by": ["phone"]}), munich(1, language="en"))
    return world


def test_thirty_posts_do_not_send_thirty_receipts_to_somebody_elses_address(network: World) -> None:
    posts(network, 30, email=VICTIM)
    assert len(network.mails(VICTIM)) == 1
    network.advance(hours=1)
    network.sweep()
    network.sweep()
    assert len(network.mails(VICTIM)) == 2


def test_no_spelling_of_a_mailbox_has_a_receipt_of_its_own(network: World) -> None:
    for spelling in (
        "victim@gmail.com",
        "v.ictim@gmail.com",
        "Victim+a@gmail.com",
        "victim+b@googlemail.com",
    ):
        posts(network, 1, email=spelling, key=spelling)
    assert len(network.mails("mail.com")) == 1


def test_no_receipt_is_lost_the_next_mail_names_every_enquiry_and_its_page(network: World) -> None:
    ids = posts(network, 3, email=VICTIM)
    network.advance(hours=1)
    network.sweep()
    first, mail = map(text, network.mails(VICTIM))
    waited = [each for each in ids if network.lead(each).reference not in first]
    assert len(waited) == 2
    for lead_id in waited:
        assert network.lead(lead_id).reference in mail
        assert network.wiring.links.status(lead_id) in mail
    assert "1 more enquiry was made with this address" in mail


def test_a_flood_of_enquiries_makes_no_mail_of_any_length(network: World) -> None:
    posts(network, 15, email=VICTIM)
    network.advance(hours=1)
    network.sweep()
    mail = text(network.mails(VICTIM)[-1])
    assert "13 more enquiries were made with this address" in mail
    assert "3 more are not listed here" in mail


def test_a_receipt_of_the_next_hour_takes_along_what_waited_and_is_the_only_one(
    network: World,
) -> None:
    posts(network, 2, email=VICTIM)
    network.advance(hours=1)
    posts(network, 1, email=VICTIM, key="later")
    network.sweep()
    assert len(network.mails(VICTIM)) == 2
    assert "1 more enquiry was made with this address" in text(network.mails(VICTIM)[-1])


def test_a_fact_that_is_delivered_again_is_counted_once(network: World) -> None:
    posts(network, 2, email=VICTIM)
    for entry in list(network.published):
        network.tell(entry)
    network.advance(hours=1)
    network.sweep()
    assert len(network.mails(VICTIM)) == 2
    assert "more enquir" not in text(network.mails(VICTIM)[-1])


def test_an_erased_enquiry_is_not_acknowledged_any_more(network: World) -> None:
    from routing_core.service.upkeep.erase_lead import erase_on_request

    ids = posts(network, 2, email=VICTIM)
    (first,) = map(text, network.mails(VICTIM))
    (waits,) = [each for each in ids if network.lead(each).reference not in first]
    erase_on_request(network.wiring.services, waits, "test", network.now)
    network.advance(hours=1)
    network.sweep()
    assert len(network.mails(VICTIM)) == 1


def closed(world: World, ids: list[str]) -> list[EmailMessage]:
    """Has HQ reject them, and returns the mails that this sends to whoever asked."""
    before = len(world.mails(VICTIM))
    for lead_id in ids:
        reject_lead(world.wiring.services, lead_id, "hq", world.now)
    world.deliver()
    return world.mails(VICTIM)[before:]


def test_thirty_enquiries_that_are_rejected_at_once_are_not_thirty_mails(network: World) -> None:
    ids = posts(network, 30, email=VICTIM)
    network.advance(hours=2)
    network.sweep()
    (first,) = closed(network, ids)
    assert sum(network.lead(each).reference in text(first) for each in ids) == 1
    before = len(network.mails(VICTIM))
    network.advance(hours=1)
    network.sweep()
    network.sweep()
    (rest,) = network.mails(VICTIM)[before:]
    assert "28 more enquiries that were made with this address are closed" in text(rest)
    assert "18 more are not listed here" in text(rest)


def test_whoever_had_two_enquiries_hears_of_each_that_it_is_closed(network: World) -> None:
    ids = posts(network, 3, email=VICTIM)
    network.advance(hours=2)
    network.sweep()
    (first,) = map(text, closed(network, ids))
    network.advance(hours=1)
    network.sweep()
    rest = text(network.mails(VICTIM)[-1])
    waited = [each for each in ids if network.lead(each).reference not in first]
    assert len(waited) == 2
    assert all(network.lead(each).reference in rest for each in waited)


def test_thirty_enquiries_that_nobody_takes_do_not_send_thirty_mails_again_and_again(
    network: World,
) -> None:
    ids = posts(network, 30, email=VICTIM)
    network.advance(hours=2)
    network.sweep()
    before = len(network.mails(VICTIM))
    network.run_for(hours=2)  # what was promised to all of them is due
    told = [text(mail) for mail in network.mails(VICTIM)[before:]]
    assert len(told) == 3
    network.sweep()
    network.advance(hours=1)
    network.sweep()
    network.sweep()
    (rest,) = [text(mail) for mail in network.mails(VICTIM)[before + 3 :]]
    named = [each for each in ids if network.lead(each).reference in rest]
    assert len(named) == 1 + 10
    assert "more enquiries that were made with this address are taking longer too" in rest
    assert "more are not listed here" in rest


def test_whoever_has_three_enquiries_hears_in_time_of_each_that_it_takes_longer(
    network: World,
) -> None:
    ids = posts(network, 3, email=VICTIM)
    network.advance(hours=2)
    network.sweep()
    before = len(network.mails(VICTIM))
    network.run_for(hours=2)
    told = "".join(text(mail) for mail in network.mails(VICTIM)[before:])
    assert all(network.lead(each).reference in told for each in ids)
    assert "taking longer too" not in told


def test_no_word_of_a_stranger_reaches_an_address_that_is_not_proven(world: World) -> None:
    world.use(a_programme(repeat={"by": ["phone"]}), munich(1))
    for lead_id in posts(world, 2, email=VICTIM, notes="CLAIM here", **TYPED):
        world.press(world.offer_link(lead_id), action="accept")
    world.advance(hours=1)
    world.sweep()
    world.run_for(days=3)
    sent = [text(mail) for mail in world.mails(VICTIM)]
    assert len(sent) > 3
    for mail in sent:
        assert "CLAIM" not in mail
        assert "evil" not in mail
        assert "666" not in mail
    assert "Do you own the house? Owner" in sent[0]


def test_a_postcode_that_is_a_word_reaches_nobody() -> None:
    from routing_core.service.notifications.mail_views import without_free_text
    from tests.support.builders import a_lead

    for typed, shown in {"WIN 500 EUR": "", "SW1A 1AA": "SW1A 1AA", "LV-1010": "LV-1010"}.items():
        assert without_free_text(a_lead(postcode=typed), a_programme()).postcode == shown


def test_thirty_notes_do_not_send_thirty_mails_to_the_partner(network: World) -> None:
    (lead_id,) = posts(network, 1)
    network.press(network.offer_link(lead_id), action="accept")
    network.deliver()
    before = len(network.mails("munich"))
    status = network.wiring.links.status(lead_id).removeprefix("https://relay.example.com")
    for n in range(30):
        network.press(status, action="note", text=f"note {n}")
    network.deliver()
    assert len(network.mails("munich")) == before + 3
    network.advance(hours=1)
    network.sweep()
    network.sweep()
    assert len(network.mails("munich")) == before + 4
    assert "There were 26 more updates" in text(network.mails("munich")[-1])


def test_before_acceptance_a_partner_reads_no_town_that_a_stranger_typed(network: World) -> None:
    (lead_id,) = posts(network, 1, town="CALL 0900 1234")
    assert "CALL" not in text(network.mails("munich")[-1])
    assert "CALL" not in network.http("GET", network.offer_link(lead_id)).body
    network.press(network.offer_link(lead_id), action="accept")
    network.deliver()
    assert "CALL 0900 1234" in text(network.mails("munich")[-1])
