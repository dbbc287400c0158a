"""Mail to a partner comes back while an offer is open: it goes to the second contact, or on to the
next partner.
"""

import json
from typing import Any

import pytest

from routing_core.domain.partner import Person
from tests.support.invariants import NOTHING, check, look
from tests.support.world import World, a_programme, munich

BOSS = Person("boss@example.com", "Boss")


def comes_back(world: World, address: str = "munich-1@example.com") -> None:
    bounce = {"bounceType": "Permanent", "bouncedRecipients": [{"emailAddress": address}]}
    detail = {"mail": {"tags": {"partner": ["munich-1"]}}, "bounce": bounce}
    world.tell({"Source": "aws.ses", "DetailType": "Email Bounced", "Detail": json.dumps(detail)})
    world.deliver()


def offered(world: World, **changes: Any) -> str:
    """To munich-1, who has two hours; munich-2 would be next."""
    world.use(a_programme(), munich(1, language="en", **changes), munich(2, tier=3, language="en"))
    lead_id: str = world.post_lead().json()["lead"]
    world.deliver()
    assert [offer.partner for offer in world.lead(lead_id).offers] == ["munich-1"]
    return lead_id


def offers(world: World, lead_id: str) -> list[tuple[str, str, str]]:
    return [
        (offer.partner, offer.status.value, offer.reason) for offer in world.lead(lead_id).offers
    ]


def said(world: World, to: str) -> list[str]:
    bodies = (mail.get_body(("plain",)).get_content() for mail in world.mails(to))  # type: ignore[union-attr]
    return [" ".join(body.split()) for body in bodies]


@pytest.mark.slow
def test_the_second_contact_gets_the_offer_at_once_and_may_accept_it(world: World) -> None:
    """It lay in a dead mailbox until the last reminder."""
    lead_id = offered(world, second_contact=BOSS)
    comes_back(world)
    (told,) = world.mails("boss@")
    assert str(told["Subject"]) == "Heat pump · 80331 · answer by 14:00 on Wed, 25 Nov"
    assert "You are the second contact, so we are sending it to you." in said(world, "boss@")[0]
    assert "Open enquiries now go to the second contact, boss@example.com." in said(world, "hq@")[0]
    assert offers(world, lead_id) == [("munich-1", "pending", "")]
    page = world.mailed_link("boss@", "o")
    world.press(page, action="accept")
    world.deliver()
    assert "Erika Beispiel" in said(world, "boss@")[-1], "and what belongs to it"
    assert len(world.mails("munich-1@")) == 1, "nothing more goes where nothing arrives"
    check(NOTHING, look(world))


@pytest.mark.slow
def test_without_a_second_contact_the_next_partner_is_asked_at_once_and_it_counts_against_nobody(
    world: World,
) -> None:
    lead_id = offered(world)
    world.advance(minutes=5)
    comes_back(world)
    assert offers(world, lead_id) == [
        ("munich-1", "withdrawn", "unreachable"),
        ("munich-2", "pending", ""),
    ]
    assert world.facts(lead_id)[2:4] == ["offer.withdrawn", "offer.made"]
    assert [
        (load.open_count, load.lapses) for load in (world.load("munich-1"), world.load("munich-2"))
    ] == [
        (0, 0),
        (1, 0),
    ]
    assert (
        "We are looking for other partners for offers that nobody has opened yet."
        in said(world, "hq@")[0]
    )
    assert len(world.mails("munich-1@")) == 1
    assert len(world.mails("munich-2@")) == 1
    check(NOTHING, look(world))


@pytest.mark.slow
def test_with_both_addresses_dead_the_next_partner_is_asked_whichever_died_last(
    world: World,
) -> None:
    lead_id = offered(world, second_contact=BOSS)
    comes_back(world)
    comes_back(world, "boss@example.com")
    assert offers(world, lead_id) == [
        ("munich-1", "withdrawn", "unreachable"),
        ("munich-2", "pending", ""),
    ]
    check(NOTHING, look(world))


@pytest.mark.slow
def test_a_dead_second_contact_is_not_written_to_when_the_first_dies_too(world: World) -> None:
    lead_id = offered(world, second_contact=BOSS)
    comes_back(world, "boss@example.com")
    assert offers(world, lead_id) == [("munich-1", "pending", "")]
    comes_back(world)
    assert offers(world, lead_id)[1:] == [("munich-2", "pending", "")]
    assert not world.mails("boss@")


@pytest.mark.slow
def test_a_bounce_told_twice_is_acted_on_once(world: World) -> None:
    lead_id = offered(world, second_contact=BOSS)
    comes_back(world)
    facts = world.facts(lead_id)
    for entry in [e for e in world.published if e["DetailType"] == "partner.bounced"]:
        world.tell(entry)
    world.wiring.partners.set_paused("munich-1", True, world.now)
    world.deliver()
    assert (world.facts(lead_id), len(world.mails("boss@"))) == (facts, 1)
    assert facts.count("offer.redirected") == 1


@pytest.mark.slow
def test_a_reminder_goes_to_who_can_be_reached(world: World) -> None:
    offered(world, second_contact=BOSS)
    comes_back(world)
    world.run_for(minutes=61)
    assert [str(mail["To"]) for mail in world.mails() if "Reminder" in str(mail["Subject"])] == [
        "boss@example.com"
    ]


@pytest.mark.slow
def test_what_somebody_there_has_looked_at_stays_theirs(world: World) -> None:
    lead_id = offered(world)
    world.http("POST", world.offer_link(lead_id) + "/seen")
    comes_back(world)
    assert offers(world, lead_id) == [("munich-1", "pending", "")]


@pytest.mark.slow
def test_what_they_own_stays_theirs(world: World) -> None:
    lead_id = offered(world)
    world.press(world.offer_link(lead_id), action="accept")
    comes_back(world)
    assert world.lead(lead_id).owner == "munich-1"


@pytest.mark.slow
def test_the_others_of_a_wave_may_still_answer(world: World) -> None:
    rule = {"window": {"minutes": 120}, "waves": [3], "total": {"working_days": 2}}
    world.use(a_programme(offers=[rule]), *(munich(number) for number in (1, 2, 3)))
    lead_id = world.post_lead().json()["lead"]
    world.deliver()
    asked = [offer.partner for offer in world.lead(lead_id).live_offers]
    comes_back(world)
    assert [offer.partner for offer in world.lead(lead_id).live_offers] == [
        p for p in asked if p != "munich-1"
    ]
    check(NOTHING, look(world))


@pytest.mark.slow
def test_nobody_else_left_hq_has_it_at_once(world: World) -> None:
    world.use(a_programme(), munich(1))
    lead_id = world.post_lead().json()["lead"]
    world.deliver()
    comes_back(world)
    assert world.lead(lead_id).status == "hq_queue"
    check(NOTHING, look(world))
