"""A partner's standing desk: what to answer, whom to call, what to update; and coming and going."""

import pytest

from tests.support.stack import BASE_URL
from tests.support.world import World, a_programme, munich


@pytest.fixture
def desk(world: World) -> str:
    world.use(a_programme(), munich(1))
    return world.wiring.links.desk("munich-1", 1).removeprefix(BASE_URL)


def enquire(world: World, name: str, **fields: str) -> str:
    lead_id: str = world.post_lead(name, email=f"{name}@posteo.de", phone="", **fields).json()[
        "lead"
    ]
    return lead_id


def test_the_desk_lists_what_to_answer_whom_to_call_and_what_to_update(
    world: World, desk: str
) -> None:
    offered, accepted, contacted, won = (enquire(world, name) for name in ("a", "b", "c", "d"))
    for lead_id in (accepted, contacted, won):
        world.press(world.offer_link(lead_id), action="accept")
    world.press(world.offer_link(contacted), action="contacted")
    world.press(world.offer_link(won), action="won", value="1")
    body = world.http("GET", desk).body
    shown = [
        lead_id
        for lead_id in (offered, accepted, contacted, won)
        if world.offer_link(lead_id) in body
    ]
    assert shown == [offered, accepted, contacted]


@pytest.mark.slow
def test_a_desk_with_more_than_a_hundred_enquiries_shows_the_newest_too(
    world: World, desk: str
) -> None:
    for number in range(102):
        last = enquire(world, f"n{number}")
        world.advance(seconds=1)
    assert world.offer_link(last) in world.http("GET", desk).body


def test_the_desk_shows_no_contact_of_what_is_only_offered(world: World, desk: str) -> None:
    enquire(world, "a")
    assert "Erika" not in world.http("GET", desk).body


def test_a_partner_sees_nothing_of_another_ones_leads(world: World, desk: str) -> None:
    lead_id = enquire(world, "a")
    world.add(munich(2))
    other = world.wiring.links.desk("munich-2", 1).removeprefix(BASE_URL)
    assert world.offer_link(lead_id) not in world.http("GET", other).body


@pytest.mark.slow
def test_a_pause_stops_new_offers_and_leaves_what_is_open(world: World, desk: str) -> None:
    first = enquire(world, "a")
    world.press(desk, action="pause")
    world.deliver()
    assert world.lead(enquire(world, "b")).status == "hq_queue"
    world.press(world.offer_link(first), action="accept")
    assert world.lead(first).owner == "munich-1"
    world.press(desk, action="resume")
    world.deliver()
    assert world.lead(enquire(world, "c")).status == "offered"


@pytest.mark.slow
def test_a_pause_that_came_of_lapses_ends_with_one_tap(world: World, desk: str) -> None:
    for name in ("a", "b", "c"):
        enquire(world, name)
        world.run_for(days=1)
    assert not world.load("munich-1").active
    world.press(desk, action="resume")
    load = world.load("munich-1")
    assert (load.active, load.lapses, load.unseen) == (True, 0, 0)


def test_a_renewed_link_ends_the_old_one_and_is_mailed_not_shown(world: World, desk: str) -> None:
    lead_id = enquire(world, "a")
    old_offer = world.offer_link(lead_id)
    world.press(desk, action="renew")
    world.deliver()
    new = world.mailed_link("munich-1", "d")
    assert world.offer_link(lead_id) not in world.http("GET", desk).body
    assert world.http("GET", old_offer).status == 403
    assert world.http("GET", new).status == 200


def test_whoever_holds_an_ended_link_can_do_nothing_with_it_but_ask_for_the_new_one(
    world: World, desk: str
) -> None:
    world.press(desk, action="renew")
    for action in ("pause", "resume", "nonsense"):
        world.press(desk, action=action)
    assert world.load("munich-1").active
    assert world.load("munich-1").links == 2
    for _ in range(3):
        world.press(desk, action="renew")
    assert world.load("munich-1").links == 2
    world.deliver()
    assert len(world.mails("munich-1")) == 1, "the same link, this hour"
    world.advance(hours=1)
    world.press(desk, action="renew")
    world.deliver()
    assert len(world.mails("munich-1")) == 2


def test_whoever_asks_with_a_link_of_long_ago_makes_the_partner_read_that_somebody_did(
    world: World, desk: str
) -> None:
    for generation in (1, 2):
        world.press(
            world.wiring.links.desk("munich-1", generation).removeprefix(BASE_URL), action="renew"
        )
    world.press(desk, action="renew")
    world.deliver()
    bodies = [str(mail.get_body(("plain",)).get_content()) for mail in world.mails("munich-1")]  # type: ignore[union-attr]
    assert ["einen Ihrer früheren Links geöffnet" in " ".join(body.split()) for body in bodies] == [
        False,
        False,
        True,
    ]
