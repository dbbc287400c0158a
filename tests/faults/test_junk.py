"""Junk that got through costs nobody anything, once it is known for what it is."""

from datetime import date, timedelta
from zlib import crc32

import pytest

from routing_core.domain.partner import Caps, Lapse, Load, lapses_pause, with_lapse
from routing_core.domain.programme.offer_rules import Lapses
from routing_core.service.hq.handle_lead import reject_lead
from tests.support.builders import programme_document
from tests.support.world import World, a_programme, munich

SHORT = [{"window": {"minutes": 30}, "partners": 3, "total": {"working_days": 5}}]
JUNK_REASON = {
    "id": "not-genuine",
    "label": {"en": "Not genuine", "de": "Nicht echt"},
    "neutral": True,
    "junk": True,
}


def rules(**changes: object) -> object:
    lost = [*programme_document()["lost_reasons"], JUNK_REASON]
    return a_programme(
        **{"offers": SHORT, "repeat": {"by": ["email"]}, "lost_reasons": lost} | changes
    )


def client_of(name: str) -> str:
    """An address of their own, so that nothing is held for coming from one place."""
    number = crc32(name.encode())
    return f"198.{18 + number % 2}.{number >> 8 & 255}.{number >> 16 & 255}"


def post(world: World, name: str, **fields: object) -> str:
    """An enquiry of a person of their own."""
    told = {"email": f"{name}@posteo.de", "phone": "", "name": name}
    lead_id: str = world.post_lead(name, client=client_of(name), **told | fields).json()["lead"]
    return lead_id


def reject(world: World, lead_id: str) -> None:
    reject_lead(world.wiring.services, lead_id, "link", world.now)
    world.deliver()


def let_lapse(world: World, *names: str, days: float = 0) -> list[str]:
    """As many people ask and nobody answers them; ``days`` pass between one and the next."""
    ids = []
    for name in names:
        ids.append(post(world, name))
        world.run_for(minutes=61)
        world.run_for(days=days)
    return ids


def test_sixty_junk_posts_in_a_quarter_of_an_hour_switch_no_region_off(world: World) -> None:
    """Seen: the three lapses of each paused all partners and the national backup."""
    names = ["munich-1", "munich-2", "munich-3"]
    backup = munich(3, territories=())
    world.use(
        rules(fallback={"backup_partner": "munich-3", "hq_hold": {"minutes": 60}}),
        munich(1),
        munich(2),
        backup,
    )
    for n in range(60):
        post(world, f"junk{n}")
        world.advance(seconds=15)
    world.run_for(hours=6)
    assert all(world.load(name).lapses >= 3 for name in names)
    assert [world.load(name).active for name in names] == [True, True, True]


def test_lapses_of_one_person_never_pause_a_partner(world: World) -> None:
    world.use(rules(repeat={"by": ["phone"]}), munich(1))
    for n in range(4):
        post(world, f"n{n}", email="same@posteo.de")
        world.run_for(days=1)
    assert world.load("munich-1").active


def test_lapses_of_different_people_on_different_days_pause_a_partner(world: World) -> None:
    world.use(rules(), munich(1))
    let_lapse(world, "a", "b", days=0)
    world.run_for(days=1)
    let_lapse(world, "c")
    assert not world.load("munich-1").active


def test_how_many_people_and_days_it_takes_is_the_programmes_choice() -> None:
    day = date(2026, 11, 30)
    load = Load("p1", active=True)
    for n in range(3):
        load = with_lapse(load, Lapse(f"L{n}", f"person{n}", day), Lapses())
    assert not lapses_pause(load, Lapses(pause=3, days=2))
    assert lapses_pause(load, Lapses(pause=3, days=1))
    load = with_lapse(load, Lapse("L9", "person0", day + timedelta(days=1)), Lapses())
    assert lapses_pause(load, Lapses(pause=3, days=2))
    assert not lapses_pause(load, Lapses(pause=4, days=2))


def test_lapses_that_were_counted_before_still_count() -> None:
    load = with_lapse(Load("p1", lapses=2), Lapse("L1", "person", date(2026, 11, 30)), Lapses())
    assert lapses_pause(load, Lapses(pause=3, days=2))


def test_one_lapse_that_is_enough_needs_no_second_day() -> None:
    load = with_lapse(Load("p1"), Lapse("L1", "person", date(2026, 11, 30)), Lapses())
    assert lapses_pause(load, Lapses(pause=1, days=2))


@pytest.fixture
def paused(world: World) -> tuple[World, list[str]]:
    world.use(rules(), munich(1, language="en"))
    ids = let_lapse(world, "a", "b", days=1)
    ids += let_lapse(world, "c")
    assert not world.load("munich-1").active
    return world, ids


def test_a_pause_that_junk_caused_ends_when_hq_rejects_it(paused: tuple[World, list[str]]) -> None:
    world, ids = paused
    before = len(world.mails("munich"))
    reject(world, ids[0])
    load = world.load("munich-1")
    assert (load.active, load.lapses, load.unseen, load.figures.lapsed) == (True, 2, 2, 2)
    assert "partner.resumed" in world.facts(ids[0])
    assert str(world.mails("munich")[before]["Subject"]) == "You can receive new enquiries again"


def test_whoever_waits_is_routed_when_a_pause_is_taken_back(
    paused: tuple[World, list[str]],
) -> None:
    world, ids = paused
    waits = post(world, "genuine")
    world.deliver()
    assert not world.lead(waits).live_offers
    reject(world, ids[0])
    assert [offer.partner for offer in world.lead(waits).live_offers] == ["munich-1"]


def test_a_pause_that_the_partner_ended_is_not_ended_again(paused: tuple[World, list[str]]) -> None:
    world, ids = paused
    world.wiring.partners.set_paused("munich-1", False, world.now)
    assert world.load("munich-1").lapses == 0
    reject(world, ids[0])
    assert world.load("munich-1").lapses == 0
    assert "partner.resumed" not in world.facts(ids[0])


def test_an_answer_after_the_lapse_is_not_made_worse_by_giving_back(world: World) -> None:
    world.use(rules(), munich(1))
    (junk,) = let_lapse(world, "a")
    answered = post(world, "b")
    world.deliver()
    world.press(world.offer_link(answered), action="accept")
    assert world.load("munich-1").lapses == 0
    let_lapse(world, "c")
    assert (world.load("munich-1").lapses, world.load("munich-1").unseen) == (1, 1)
    reject(world, junk)
    told = world.load("munich-1").lapses, world.load("munich-1").unseen
    assert told == (1, 1), (
        "the answer had cleared that lapse; the one since is of somebody else's enquiry"
    )


def test_caps_and_figures_are_given_back_for_what_hq_rejects(world: World) -> None:
    world.use(rules(), munich(1, caps=Caps(day=2)))
    first, second = post(world, "a"), post(world, "b")
    third = post(world, "c")
    world.deliver()
    assert not world.lead(third).live_offers
    before = world.load("munich-1")
    assert (before.figures.offers, before.open_count) == (2, 2)
    reject(world, first)
    after = world.load("munich-1")
    assert (after.figures.offers, after.open_count) == (
        2,
        2,
    )  # the place and the day's offer went to the third
    assert [offer.partner for offer in world.lead(third).live_offers] == ["munich-1"]
    assert world.lead(second).live_offers


def test_whoever_is_being_asked_is_told_when_hq_rejects_the_enquiry(world: World) -> None:
    world.use(rules(), munich(1, language="en"))
    lead_id = post(world, "a")
    world.deliver()
    reject(world, lead_id)
    assert world.lead(lead_id).status == "rejected"
    assert world.load("munich-1").open_count == 0
    assert "offer.withdrawn" in world.facts(lead_id)


def test_an_owner_who_says_that_it_was_no_enquiry_gets_all_back_for_everybody(world: World) -> None:
    world.use(rules(), munich(1), munich(2, tier=3))
    (lead_id,) = [post(world, "a")]
    world.run_for(minutes=31)
    assert world.load("munich-1").lapses == 1
    link = world.offer_link(lead_id)
    world.press(link, action="accept")
    world.press(link, action="lost", reason="not-genuine")
    for name in ("munich-1", "munich-2"):
        load = world.load(name)
        assert (load.lapses, load.figures.offers, load.figures.lapsed, load.figures.answers) == (
            0,
            0,
            0,
            0,
        )
        assert not any(load.made.values())
    world.press(link, action="undo")
    assert (world.load("munich-1").figures.lapsed, world.load("munich-2").figures.offers) == (1, 1)


def test_hq_hears_at_once_where_nobody_is_left_when_the_last_partner_is_paused(
    world: World,
) -> None:
    world.use(rules(), munich(1))
    let_lapse(world, "a", "b", days=1)
    before = len(world.mails("hq@"))
    let_lapse(world, "c")
    told = [mail for mail in world.mails("hq@")[before:] if "paused" in str(mail["Subject"])]
    assert [str(mail["Subject"]) for mail in told] == [
        "No partners left in some places: Isar Wärme 1 is paused"
    ]
    assert "Heat pump: DE 80*" in str(told[0].get_body(("plain",)).get_content())  # type: ignore[union-attr]


def test_hq_hears_that_a_paused_partner_is_a_backup(world: World) -> None:
    world.use(rules(), munich(1), munich(2, backup="munich-1", tier=3))
    for name in ("a", "b", "c"):
        let_lapse(world, name, days=1)
    told = [mail for mail in world.mails("hq@") if "Isar Wärme 1 is paused" in str(mail["Subject"])]
    assert "is also a backup" in str(told[0].get_body(("plain",)).get_content())  # type: ignore[union-attr]
