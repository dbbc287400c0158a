"""Outside a partner's hours: held until they open, on ordinary days and on those when the clocks
change.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest

from routing_core.domain.calendar.business_time import ResponseHours
from routing_core.domain.partner import Caps, Partner
from tests.support.builders import NOON
from tests.support.invariants import NOTHING, check, look
from tests.support.world import World, a_programme, munich

EVENING = NOON + timedelta(hours=10)
"""Wednesday, 22:00 in Berlin; the offices close at 18:00."""
MORNING = datetime(2026, 11, 26, 7, 0, tzinfo=UTC)
"""They open on Thursday at 8:00."""
MINUTE = timedelta(minutes=1)
HOLD = {"window": {"response_hours": 4}, "total": {"working_days": 2}, "closed": "hold"}


def holding(**changes: Any) -> Any:
    return a_programme(offers=[HOLD | changes], fallback={"hq_hold": {"minutes": 60}})


def open_at(number: int, **week: list[str]) -> Partner:
    return munich(number, tier=number, response_hours=ResponseHours.parse(week))


def enquire(world: World, key: str = "one", **fields: str) -> str:
    lead_id: str = world.post_lead(key, **fields).json()["lead"]
    world.deliver()
    return lead_id


def asked(world: World, lead_id: str) -> list[str]:
    return [offer.partner for offer in world.lead(lead_id).offers]


def status_page(world: World, lead_id: str) -> str:
    return urlsplit(world.wiring.links.status(lead_id)).path


@pytest.fixture
def night(world: World) -> World:
    world.use(holding(), munich(1), munich(2))
    world.now = EVENING
    return world


# ── both sides of opening ─────────────────────────────────────────────────────────────────────────


def test_an_enquiry_at_night_waits_for_the_partner_to_open_and_is_then_offered(
    night: World,
) -> None:
    lead_id = enquire(night)
    lead = night.lead(lead_id)
    assert (lead.status, lead.reason, lead.partner_opens_at, lead.offers) == (
        "hq_queue",
        "closed",
        MORNING,
        (),
    )
    check(NOTHING, look(night))
    night.run_until(MORNING - MINUTE)
    assert asked(night, lead_id) == []
    assert night.mails("munich") == []
    night.run_until(MORNING + MINUTE)
    (offer,) = night.lead(lead_id).offers
    assert offer.kind == "routed"
    assert MORNING <= offer.made_at < MORNING + MINUTE
    assert offer.expires_at == offer.made_at + timedelta(hours=4)
    assert [str(m["To"]) for m in night.mails("munich")] == [f"{offer.partner}@example.com"]
    assert night.facts(lead_id) == ["lead.held", "lead.received", "offer.made"]
    check(NOTHING, look(night))


def test_one_minute_before_closing_it_is_offered_at_once_and_at_closing_it_waits(
    world: World,
) -> None:
    world.use(holding(), munich(1))
    closing = datetime(2026, 11, 25, 17, 0, tzinfo=UTC)
    world.now = closing - MINUTE
    assert world.lead(enquire(world)).status == "offered"
    world.now = closing
    late = world.lead(enquire(world, "two", email="b@posteo.de", phone=""))
    assert (late.partner_opens_at, late.offers) == (MORNING, ())


def test_in_office_hours_nothing_waits_and_a_weekend_is_waited_out(world: World) -> None:
    world.use(holding(), munich(1))
    assert world.lead(enquire(world)).status == "offered"
    world.now = datetime(2026, 11, 27, 20, 0, tzinfo=UTC)
    lead = world.lead(enquire(world, "two", email="b@posteo.de", phone=""))
    assert lead.partner_opens_at == datetime(2026, 11, 30, 7, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("evening", "opens", "hours"),
    [
        # Sunday 28 March 2027: from 2:00 the clocks show 3:00. Who opens at 2:30 opens as they show
        # it, at 3:00.
        ((2027, 3, 27, 21), (2027, 3, 28, 6, 0), "08:00-18:00"),
        ((2027, 3, 27, 21), (2027, 3, 28, 1, 0), "02:30-18:00"),
        # Sunday 31 October 2027: at 3:00 the clocks show 2:00 again. 2:30 comes twice, and they
        # open the first time.
        ((2027, 10, 30, 21), (2027, 10, 31, 7, 0), "08:00-18:00"),
        ((2027, 10, 30, 21), (2027, 10, 31, 0, 30), "02:30-18:00"),
    ],
)
@pytest.mark.slow
def test_on_the_days_when_the_clocks_change_it_is_right_to_the_minute(
    world: World,
    evening: tuple[int, int, int, int],
    opens: tuple[int, int, int, int, int],
    hours: str,
) -> None:
    world.use(holding(total={"working_days": 5}), open_at(1, sun=[hours]))
    world.now = datetime(*evening, tzinfo=UTC)
    at = datetime(*opens, tzinfo=UTC)
    lead_id = enquire(world)
    assert world.lead(lead_id).partner_opens_at == at
    world.run_until(at - timedelta(seconds=1))
    assert asked(world, lead_id) == []
    world.run_until(at + MINUTE)
    assert asked(world, lead_id) == ["munich-1"]


# ── who waits for whom ────────────────────────────────────────────────────────────────────────────


def test_it_waits_for_the_best_though_another_is_open(world: World) -> None:
    always = open_at(
        2, **{day: ["00:00-24:00"] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
    )
    world.use(holding(), munich(1, tier=1), always)
    world.now = EVENING
    lead_id = enquire(world)
    world.run_until(MORNING + MINUTE)
    assert asked(world, lead_id) == ["munich-1"]


def test_who_opens_only_after_the_time_in_all_is_waited_for_by_nobody(world: World) -> None:
    world.use(holding(), open_at(1, mon=["08:00-18:00"]), munich(2, tier=2))
    world.now = EVENING
    lead_id = enquire(world)
    assert world.lead(lead_id).partner_opens_at == MORNING
    world.run_until(MORNING + MINUTE)
    assert asked(world, lead_id) == ["munich-2"]


def test_where_nobody_opens_in_time_it_is_offered_anyway(world: World) -> None:
    world.use(holding(total={"minutes": 240}), munich(1))
    world.now = EVENING
    assert asked(world, enquire(world)) == ["munich-1"]


def test_a_decline_in_the_evening_waits_for_the_next_partners_morning(world: World) -> None:
    late = open_at(1, wed=["08:00-24:00"])
    world.use(holding(), late, munich(2, tier=2))
    world.now = EVENING
    lead_id = enquire(world)
    assert asked(world, lead_id) == ["munich-1"]
    world.press(world.offer_link(lead_id), action="decline", reason="busy")
    lead = world.lead(lead_id)
    assert (lead.partner_opens_at, lead.exhausted) == (MORNING, False)
    check(NOTHING, look(world))
    world.run_until(MORNING + MINUTE)
    assert asked(world, lead_id) == ["munich-1", "munich-2"]


def test_who_is_no_longer_there_in_the_morning_is_passed_over(night: World) -> None:
    lead_id = enquire(night)
    (held,) = (
        fact.to_data()
        for row in night.events(lead_id)
        for fact in row.events
        if fact.kind == "lead.held"
    )
    known = night.wiring.partners.get(held["partner"])
    assert known
    night.wiring.partners.save([(replace(known, paused=True), known.version)], night.now)
    night.run_until(MORNING + MINUTE)
    assert asked(night, lead_id) == [
        {"munich-1": "munich-2", "munich-2": "munich-1"}[held["partner"]]
    ]


@pytest.mark.slow
def test_many_who_waited_for_the_same_morning_spread_and_nobody_is_above_the_cap(
    world: World,
) -> None:
    world.use(holding(), munich(1, caps=Caps(open=3)), munich(2, caps=Caps(open=3)))
    world.now = EVENING
    leads = [enquire(world, f"k{n}", email=f"p{n}@posteo.de", phone="") for n in range(7)]
    world.run_until(MORNING + MINUTE)
    assert (
        sorted(name for lead_id in leads for name in asked(world, lead_id))
        == ["munich-1"] * 3 + ["munich-2"] * 3
    )
    assert sorted(world.lead(lead_id).reason for lead_id in leads) == [""] * 6 + ["exhausted"]
    check(NOTHING, look(world))


def test_a_lead_that_hq_had_to_place_is_not_held_any_more(world: World) -> None:
    """It was looked for long enough: whoever is found then is asked at once."""
    world.use(holding(), munich(1, caps=Caps(open=0)))
    lead_id = enquire(world)
    assert world.lead(lead_id).reason == "exhausted"
    world.now = EVENING
    world.add(munich(2))
    world.tell(
        {"Source": "relay", "DetailType": "partner.changed", "Detail": '{"partners": ["munich-2"]}'}
    )
    assert asked(world, lead_id) == ["munich-2"]


# ── meanwhile ─────────────────────────────────────────────────────────────────────────────────────


def test_the_prospect_is_told_the_truth_and_hears_counted_from_the_opening(night: World) -> None:
    answer = night.post_lead().json()
    assert (answer["answer"], answer["hear_by"]) == ("held", "2026-11-26T11:00:00Z")
    assert "closed at the moment" in answer["next"]
    lead_id = answer["lead"]
    page = night.http("GET", status_page(night, lead_id))
    assert "closed at the moment" in page.body
    assert "08:00 tomorrow" in page.body
    night.deliver()
    (receipt,) = night.mails("erika@posteo.de")
    body = receipt.get_body(("plain",))
    assert body
    assert "closed at the moment" in " ".join(body.get_content().split())
    night.run_until(MORNING - MINUTE)
    assert len(night.mails("erika@posteo.de")) == 1, "nothing was promised for the night"


def test_the_answer_before_the_form_promises_no_more(night: World) -> None:
    asks = "country=DE&postcode=80331&product=heat-pump&urgency=soon"
    answer = night.http("GET", f"/v1/forms/enquiry/coverage?{asks}").json()
    assert answer["hear_by"] == "2026-11-26T11:00:00Z"


def test_hq_sees_it_apart_from_what_needs_a_hand_and_may_place_it_all_the_same(
    night: World,
) -> None:
    lead_id = enquire(night)
    assert night.mails("hq@") == []
    page = night.http("GET", urlsplit(night.wiring.services.queue_link()).path).body
    assert "On hold until a partner opens" in page
    assert "will be asked at 08:00 tomorrow" in page
    path = urlsplit(night.wiring.services.queue_link(lead_id)).path
    assert "is closed. The enquiry is on hold" in night.http("GET", path).body
    night.press(path, action="assign", partner="munich-2")
    night.deliver()
    night.run_until(MORNING + MINUTE)
    assert asked(night, lead_id) == ["munich-2"]
    check(NOTHING, look(night))


def test_one_that_hq_rejects_meanwhile_was_rejected_not_closed_and_nobody_is_asked(
    night: World,
) -> None:
    """It kept "closed", the reason it waited for, which in the lead's document reads like an
    end.
    """
    lead_id = enquire(night)
    path = urlsplit(night.wiring.services.queue_link(lead_id)).path
    night.press(path, action="reject")
    night.deliver()
    lead = night.lead(lead_id)
    assert (lead.status, lead.reason, lead.partner_opens_at, lead.due) == (
        "rejected",
        "rejected",
        None,
        None,
    )
    assert "Rejected" in night.http("GET", path).body
    queue = night.http("GET", urlsplit(night.wiring.services.queue_link()).path).body
    assert "On hold until a partner opens" not in queue
    night.run_until(MORNING + MINUTE)
    assert asked(night, lead_id) == []
    check(NOTHING, look(night))


def test_two_enquiries_of_the_same_person_at_night_are_one_customer_in_the_morning(
    night: World,
) -> None:
    """Each is answered alike; when the office opens one is asked about, and the other goes along
    with it.
    """
    lead_id = enquire(night)
    again = night.post_lead("two", message="Please hurry.")
    assert again.json()["answer"] == "held"
    night.run_until(MORNING + MINUTE)
    leads = [night.lead(each) for each in (lead_id, again.json()["lead"])]
    assert sorted(lead.status for lead in leads) == ["joined", "offered"]
    check(NOTHING, look(night))


def test_who_withdraws_at_night_is_asked_about_by_nobody(night: World) -> None:
    lead_id = enquire(night)
    night.press(status_page(night, lead_id), action="withdraw")
    night.run_until(MORNING + MINUTE)
    assert (night.lead(lead_id).status, asked(night, lead_id)) == ("withdrawn", [])
    check(NOTHING, look(night))


def test_a_lost_timer_of_the_morning_is_found_by_the_sweeper(night: World) -> None:
    lead_id = enquire(night)
    for name in night.schedules():
        night.take_timer(name)
    night.now = MORNING + timedelta(minutes=5)
    night.sweep()
    assert len(asked(night, lead_id)) == 1


def test_skipped_offices_are_told_with_the_time_they_open(world: World) -> None:
    always = open_at(
        2, **{day: ["00:00-24:00"] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
    )
    world.use(holding(closed="skip"), munich(1, tier=1), always)
    world.now = EVENING
    lead_id = enquire(world)
    assert asked(world, lead_id) == ["munich-2"]
    page = world.http("GET", urlsplit(world.wiring.services.queue_link(lead_id)).path).body
    assert "1 is closed until 08:00 tomorrow (Isar Wärme 1)" in page


def test_a_wave_is_held_like_a_single_offer(world: World) -> None:
    rule = HOLD | {"waves": [2, "all"]}
    world.use(
        a_programme(offers=[rule], fallback={"hq_hold": {"minutes": 60}}),
        munich(1),
        munich(2),
        munich(3),
    )
    world.now = EVENING
    lead_id = enquire(world)
    assert asked(world, lead_id) == []
    world.run_until(MORNING + MINUTE)
    assert len(asked(world, lead_id)) == 2
    check(NOTHING, look(world))
