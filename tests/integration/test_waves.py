"""Offers in waves: several partners are asked at once, the first accept wins, everybody else is
told honestly.
"""

from collections import Counter
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest

from routing_core.domain.partner import Caps
from tests.support.hooks import meanwhile
from tests.support.invariants import NOTHING, check, look
from tests.support.world import World, a_programme, munich

HOLD = {"hq_hold": {"minutes": 60}}


def in_waves(*waves: Any, **changes: Any) -> Any:
    rule = {"window": {"minutes": 120}, "waves": list(waves), "total": {"working_days": 2}}
    return a_programme(offers=[rule | changes], fallback=HOLD)


def a_crowd(count: int, **changes: Any) -> list[Any]:
    return [munich(n, **{"language": "en"} | changes) for n in range(1, count + 1)]


def asked(world: World, lead_id: str) -> list[int]:
    """How many offers were made in each wave."""
    waves = Counter(offer.wave for offer in world.lead(lead_id).offers)
    return [waves[wave] for wave in sorted(waves)]


def started(world: World, programme: Any, *partners: Any) -> str:
    world.use(programme, *partners)
    answer = world.post_lead()
    assert answer.status == 201, answer.body
    lead_id: str = answer.json()["lead"]
    return lead_id


def decline(world: World, lead_id: str, number: int) -> None:
    answer = world.press(world.offer_link(lead_id, number), action="decline", reason="busy")
    assert answer.status == 200, answer.body


# ── a wave ────────────────────────────────────────────────────────────────────────────────────────


def test_a_wave_asks_the_best_so_many_in_one_commit(world: World) -> None:
    lead_id = started(world, in_waves(3), *a_crowd(3), munich(9, tier=3))
    lead, (row,) = world.lead(lead_id), world.events(lead_id)
    assert {offer.partner for offer in lead.live_offers} == {"munich-1", "munich-2", "munich-3"}
    assert {(offer.wave, offer.reserves_slot, offer.expires_at) for offer in lead.offers} == {
        (1, True, world.now + timedelta(hours=2))
    }
    assert [fact.kind for fact in row.events] == ["offer.made"] * 3 + ["lead.received"]
    assert row.decision
    assert (sorted(row.decision["offered"]), row.decision["wave"]) == (
        ["munich-1", "munich-2", "munich-3"],
        1,
    )
    assert [world.load(f"munich-{n}").open_count for n in (1, 2, 3, 9)] == [1, 1, 1, 0]
    check(NOTHING, look(world))


def test_the_first_to_accept_wins_and_the_others_are_withdrawn_in_the_same_commit(
    world: World,
) -> None:
    lead_id = started(world, in_waves(3), *a_crowd(3))
    second = world.lead(lead_id).offers[1].partner
    assert "Erika Beispiel" in world.press(world.offer_link(lead_id, 2), action="accept").body
    lead = world.lead(lead_id)
    assert (lead.owner, lead.live_offers, lead.version) == (second, (), 2)
    assert [(o.status, o.reason) for o in lead.offers if o.partner != second] == [
        ("withdrawn", "taken")
    ] * 2
    assert (
        sum(world.load(f"munich-{n}").open_count for n in (1, 2, 3))
        == world.load(second).open_count
        == 1
    )
    check(NOTHING, look(world))


def test_whoever_comes_second_reads_that_it_is_taken_and_may_wait_for_it(world: World) -> None:
    lead_id = started(world, in_waves(2), *a_crowd(2))
    world.deliver()
    world.press(world.offer_link(lead_id, 1), action="accept")
    page = world.press(world.offer_link(lead_id, 2), action="accept")
    assert "Another partner accepted this enquiry before you" in page.body
    assert "Erika" not in page.body
    loser = world.lead(lead_id).offers[1].partner
    page = world.press(world.offer_link(lead_id, 2), action="wait")
    assert "on the waiting list" in page.body
    assert world.lead(lead_id).waiting == (loser,)


def test_a_decline_ends_that_one_offer_and_asks_nobody_else_yet(world: World) -> None:
    lead_id = started(world, in_waves(3, "all"), *a_crowd(5))
    decline(world, lead_id, 2)
    assert (asked(world, lead_id), len(world.lead(lead_id).live_offers)) == ([3], 2)
    check(NOTHING, look(world))


@pytest.mark.slow
def test_the_last_decline_of_a_wave_opens_the_next_in_that_commit(world: World) -> None:
    lead_id = started(world, in_waves(1, 2, "all"), *a_crowd(6))
    decline(world, lead_id, 1)
    assert asked(world, lead_id) == [1, 2]
    assert world.facts(lead_id)[-4:] == [
        "offer.declined",
        "offer.made",
        "offer.made",
        "capacity.freed",
    ]
    decline(world, lead_id, 3)
    decline(world, lead_id, 2)
    assert asked(world, lead_id) == [1, 2, 3]
    check(NOTHING, look(world))


@pytest.mark.slow
def test_the_end_of_the_window_ends_them_all_and_opens_the_next_wave_in_one_commit(
    world: World,
) -> None:
    lead_id = started(world, in_waves(2, "all"), *a_crowd(5))
    world.run_for(hours=2, minutes=1)
    kinds = [fact.kind for fact in world.events(lead_id)[-1].events]
    assert kinds == ["offer.expired"] * 2 + ["offer.made"] * 3 + ["capacity.freed"] * 2
    assert (asked(world, lead_id), world.load("munich-1").lapses) == ([2, 3], 1)
    check(NOTHING, look(world))


@pytest.mark.slow
def test_each_partner_of_a_wave_is_reminded_and_who_declined_is_not(world: World) -> None:
    lead_id = started(world, in_waves(3), *a_crowd(3))
    decline(world, lead_id, 2)
    world.run_for(minutes=61)
    reminded = [
        f.to_data()["offer"]
        for row in world.events(lead_id)
        for f in row.events
        if f.kind == "offer.reminded"
    ]
    assert reminded == [1, 3]


@pytest.mark.slow
def test_a_partner_of_an_earlier_wave_may_still_accept_if_it_was_shared(world: World) -> None:
    lead_id = started(world, in_waves(1, 3, on_lapse="share"), *a_crowd(4))
    world.run_for(hours=2, minutes=1)
    first = world.lead(lead_id).offers[0].partner
    assert "Erika Beispiel" in world.press(world.offer_link(lead_id, 1), action="accept").body
    lead = world.lead(lead_id)
    assert (lead.owner, [o.status for o in lead.offers[1:]]) == (first, ["withdrawn"] * 3)
    check(NOTHING, look(world))


def test_after_the_last_wave_the_fallback_takes_over(world: World) -> None:
    lead_id = started(world, in_waves(1, 2), *a_crowd(5))
    for number in (1, 2, 3):
        decline(world, lead_id, number)
    assert (asked(world, lead_id), world.lead(lead_id).status) == ([1, 2], "hq_queue")
    decision = world.events(lead_id)[-1].decision
    assert decision
    assert (decision["offered"], decision["limited"]) == (None, True)


@pytest.mark.slow
def test_the_time_for_all_offers_together_ends_the_waves_too(world: World) -> None:
    lead_id = started(world, in_waves(1, "all", total={"minutes": 90}), *a_crowd(3))
    world.run_for(minutes=91)
    assert (asked(world, lead_id), world.lead(lead_id).status) == ([1], "hq_queue")


def test_one_partner_asked_by_a_wave_is_an_offer_like_any_other(world: World) -> None:
    lead_id = started(world, in_waves(1, 3), *a_crowd(2))
    (row,) = world.events(lead_id)
    assert row.decision
    assert row.decision["offered"] == world.lead(lead_id).offers[0].partner
    assert not world.items(only=lambda pk, sk: sk.startswith("OFFER#"))


def test_the_rule_of_the_best_partners_type_says_how_many_are_asked(world: World) -> None:
    rules = [
        {"window": {"minutes": 120}, "total": {"working_days": 2}},
        {
            "when": {"partner_type": "dealer"},
            "window": {"minutes": 60},
            "waves": [2],
            "total": {"working_days": 2},
        },
    ]
    programme = a_programme(offers=rules, fallback=HOLD, partner_types=["installer", "dealer"])
    lead_id = started(
        world, programme, munich(1, type="dealer", tier=1), munich(2), munich(3, tier=3)
    )
    windows = [
        (o.partner, (o.expires_at - o.made_at).total_seconds() / 60)
        for o in world.lead(lead_id).offers
    ]
    assert windows == [("munich-1", 60), ("munich-2", 120)]


# ── so many that nobody keeps a place free ────────────────────────────────────────────────────────


@pytest.mark.slow
def test_ten_at_once_still_hold_a_place_each(world: World) -> None:
    lead_id = started(world, in_waves(10, "all"), *a_crowd(11, caps=Caps(open=1)))
    assert {offer.reserves_slot for offer in world.lead(lead_id).offers} == {True}
    assert sorted(world.load(f"munich-{n}").open_count for n in range(1, 12)) == [0] + [1] * 10
    world.post_lead("two", email="b@posteo.de", phone="")
    assert sorted(world.load(f"munich-{n}").open_count for n in range(1, 12)) == [1] * 11
    check(NOTHING, look(world))


@pytest.mark.slow
def test_eleven_at_once_hold_no_place_and_count_nowhere(world: World) -> None:
    lead_id = started(world, in_waves("all"), *a_crowd(11))
    lead = world.lead(lead_id)
    assert (len(lead.live_offers), {offer.reserves_slot for offer in lead.offers}) == (11, {False})
    assert all(
        (world.load(o.partner).open_count, dict(world.load(o.partner).made)) == (0, {})
        for o in lead.offers
    )
    world.run_for(hours=2, minutes=1)
    lead = world.lead(lead_id)
    assert ({offer.status for offer in lead.offers}, lead.status) == ({"expired"}, "hq_queue")
    assert all(world.load(offer.partner).lapses == 0 for offer in lead.offers), (
        "nobody owed an answer"
    )
    check(NOTHING, look(world))


def test_accepting_one_of_many_takes_a_place_and_counts_then(world: World) -> None:
    lead_id = started(world, in_waves("all"), *a_crowd(11, caps=Caps(open=1)))
    winner = world.lead(lead_id).offers[4].partner
    assert "Erika Beispiel" in world.press(world.offer_link(lead_id, 5), action="accept").body
    load = world.load(winner)
    assert (load.open_count, sorted(load.made.values())) == (1, [1, 1, 1])
    assert sum(world.load(f"munich-{n}").open_count for n in range(1, 12)) == 1
    check(NOTHING, look(world))


def test_who_has_become_full_meanwhile_is_told_so_and_the_others_may_still_accept(
    world: World,
) -> None:
    programme = in_waves("all")
    lead_id = started(world, programme, *a_crowd(11, caps=Caps(open=1)))
    other = world.post_lead("two", email="b@posteo.de", phone="").json()["lead"]
    partner = world.lead(lead_id).offers[0].partner
    number = next(o.number for o in world.lead(other).offers if o.partner == partner)
    assert "It is yours" in world.press(world.offer_link(other, number), action="accept").body
    page = world.press(world.offer_link(lead_id, 1), action="accept")
    assert "You have as many enquiries as you can take" in page.body
    assert "Erika" not in page.body
    assert world.lead(lead_id).owner is None
    assert "It is yours" in world.press(world.offer_link(lead_id, 2), action="accept").body
    check(NOTHING, look(world))


def test_the_place_is_judged_when_it_is_taken_not_when_the_page_was_read(world: World) -> None:
    lead_id = started(world, in_waves("all"), *a_crowd(11, caps=Caps(open=1)))
    other = world.post_lead("two", email="b@posteo.de", phone="").json()["lead"]
    partner = world.lead(lead_id).offers[0].partner
    number = next(o.number for o in world.lead(other).offers if o.partner == partner)
    with meanwhile(world, lambda: world.press(world.offer_link(other, number), action="accept")):
        page = world.press(world.offer_link(lead_id, 1), action="accept")
    assert "You have as many enquiries as you can take" in page.body
    assert world.load(partner).open_count == 1
    check(NOTHING, look(world))


@pytest.mark.slow
def test_no_wave_is_larger_than_forty_and_two_of_them_fit_into_one_commit(world: World) -> None:
    lead_id = started(world, in_waves(40, "all"), *a_crowd(85))
    assert asked(world, lead_id) == [40]
    world.run_for(hours=2, minutes=1)
    assert asked(world, lead_id) == [40, 40]
    assert len(world.items(only=lambda pk, sk: sk.startswith("OFFER#"))) == 40
    check(NOTHING, look(world))


# ── who sees it ───────────────────────────────────────────────────────────────────────────────────


def pointed(world: World) -> list[str]:
    return sorted(
        item["holder"] for item in world.items(only=lambda pk, sk: sk.startswith("OFFER#"))
    )


def test_the_offer_is_on_the_desk_of_everybody_asked_until_it_is_over(world: World) -> None:
    lead_id = started(world, in_waves(3), *a_crowd(3))
    names = [offer.partner for offer in world.lead(lead_id).offers]
    assert pointed(world) == sorted(names)
    assert all(
        [lead.id for lead in world.wiring.leads.held_by(name)] == [lead_id] for name in names
    )
    desk = urlsplit(world.wiring.links.desk(names[2], 1)).path
    assert "Heat pump · 80331" in world.http("GET", desk).body
    decline(world, lead_id, 1)
    assert pointed(world) == sorted(names[1:])
    decline(world, lead_id, 3)
    assert (pointed(world), world.lead(lead_id).sole_listing) == ([], names[1]), (
        "one alone is found through the lead itself"
    )
    assert [len(world.wiring.leads.held_by(name)) for name in names] == [0, 1, 0]
    assert "Heat pump · 80331" not in world.http("GET", desk).body


@pytest.mark.parametrize("way", ["accept", "withdraw", "expire"])
@pytest.mark.slow
def test_no_pointer_is_left_when_the_wave_is_over(world: World, way: str) -> None:
    lead_id = started(world, in_waves(3), *a_crowd(3))
    if way == "accept":
        world.press(world.offer_link(lead_id, 2), action="accept")
    elif way == "withdraw":
        world.press(urlsplit(world.wiring.links.status(lead_id)).path, action="withdraw")
    else:
        world.run_for(hours=2, minutes=1)
    assert pointed(world) == []
    check(NOTHING, look(world))


@pytest.mark.slow
def test_hq_gives_it_to_one_of_the_wave_and_to_somebody_else(world: World) -> None:
    lead_id = started(world, in_waves(3), *a_crowd(3), munich(9, tier=3))
    path = urlsplit(world.wiring.services.queue_link(lead_id)).path
    chosen = world.lead(lead_id).offers[1]
    world.press(path, action="assign", partner=chosen.partner)
    assert [offer.partner for offer in world.lead(lead_id).live_offers] == [chosen.partner]
    world.press(path, action="assign", partner="munich-9")
    lead = world.lead(lead_id)
    assert [(o.partner, o.kind) for o in lead.live_offers] == [("munich-9", "assigned")]
    assert [o.reason for o in lead.offers[:3]] == ["assigned"] * 3
    check(NOTHING, look(world))


@pytest.mark.slow
def test_a_repeat_during_a_wave_names_nobody_and_whoever_takes_it_reads_it(world: World) -> None:
    lead_id = started(world, in_waves(2), *a_crowd(2))
    world.post_lead("two", message="Please hurry.")
    world.deliver()
    (fact,) = [f for row in world.events(lead_id) for f in row.events if f.kind == "lead.repeated"]
    assert "partner" not in fact.to_data()
    assert "Please hurry." in world.press(world.offer_link(lead_id, 1), action="accept").body


# ── what is said ──────────────────────────────────────────────────────────────────────────────────


def said(mail: Any) -> str:
    text: str = mail.get_body(("plain",)).get_content()
    return " ".join(text.split())


def test_the_mail_and_the_page_say_that_others_are_asked_too(world: World) -> None:
    lead_id = started(world, in_waves(3), *a_crowd(3))
    world.deliver()
    (mail,) = world.mails("munich-1@")
    assert "to you and 2 other partners" in said(mail)
    assert "eserved" not in said(mail)
    page = world.http("GET", world.offer_link(lead_id, 1)).body
    assert "2 other partners have been asked too" in page
    assert "reserved for you" not in page
    status = world.http("GET", urlsplit(world.wiring.links.status(lead_id)).path).body
    assert "asked 3 partners." in status


@pytest.mark.slow
def test_the_others_are_told_that_it_is_gone_and_hq_how_many_were_asked(world: World) -> None:
    lead_id = started(world, in_waves(3), *a_crowd(3))
    world.deliver()
    world.press(world.offer_link(lead_id, 2), action="accept")
    world.deliver()
    losers = [offer.partner for offer in world.lead(lead_id).offers if offer.number != 2]
    assert [
        "Another partner has taken it" in said(world.mails(f"{name}@")[-1]) for name in losers
    ] == [True, True]
    assert "Partners asked: 3" in said(world.mails("hq@")[-1])


@pytest.mark.slow
def test_a_digest_says_how_many_were_asked_too(world: World) -> None:
    hq = {"emails": ["hq@example.com"], "digests": ["16:00"]}
    rule = {"window": {"minutes": 120}, "waves": [3], "total": {"working_days": 2}}
    lead_id = started(world, a_programme(offers=[rule], fallback=HOLD, hq=hq), *a_crowd(3))
    world.press(world.offer_link(lead_id, 2), action="accept")
    world.deliver()
    assert not world.mails("hq@")
    world.advance(hours=5)
    world.sweep()
    assert "Partners asked: 3" in said(world.mails("hq@")[-1])


@pytest.mark.slow
def test_an_alert_names_the_first_twelve_who_were_asked_and_counts_the_rest(world: World) -> None:
    lead_id = started(world, in_waves("all"), *a_crowd(15))
    world.run_for(hours=2, minutes=1)
    assert world.lead(lead_id).status == "hq_queue"
    alert = said(world.mails("hq@")[-1])
    assert (alert.count("Isar Wärme"), "and 3 more" in alert) == (12, True)


@pytest.mark.slow
def test_who_was_never_told_of_it_is_not_told_that_it_is_gone(world: World) -> None:
    """Somebody accepts before all mails of the wave have left."""
    lead_id = started(world, in_waves(3), *a_crowd(3))
    world.press(world.offer_link(lead_id, 2), action="accept")
    world.deliver()
    winner = world.lead(lead_id).owner
    assert {str(mail["To"]) for mail in world.mails("munich")} == {f"{winner}@example.com"}


def test_the_timeline_says_which_wave(world: World) -> None:
    lead_id = started(world, in_waves(2), *a_crowd(2))
    page = world.http("GET", urlsplit(world.wiring.services.queue_link(lead_id)).path).body
    assert page.count("(wave 1)") == 2
