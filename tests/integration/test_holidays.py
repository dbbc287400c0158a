"""A partner goes on holiday, or has no room: new offers stop, open ones are answered or released,
nothing is lost.
"""

import re
from datetime import date

import pytest

from routing_core.domain.errors import VersionConflict
from routing_core.domain.partner import Absence
from tests.support.stack import BASE_URL
from tests.support.world import World, a_programme, munich

TODAY, TOMORROW = "2026-11-25", "2026-11-26"


@pytest.fixture
def desk(world: World) -> str:
    world.use(a_programme(), munich(1))
    return world.wiring.links.desk("munich-1", 1).removeprefix(BASE_URL)


def enquire(world: World, name: str) -> str:
    lead_id: str = world.post_lead(name, email=f"{name}@posteo.de", phone="").json()["lead"]
    return lead_id


def absences(world: World) -> tuple[Absence, ...]:
    partner = world.wiring.partners.get("munich-1")
    assert partner
    return partner.absences


def go(world: World, desk: str, first: str = TODAY, last: str = TODAY) -> None:
    assert world.press(desk, action="holiday", first=first, last=last).status == 200
    world.deliver()


def test_a_holiday_planned_on_the_desk_stands_there_and_stops_new_offers(
    world: World, desk: str
) -> None:
    go(world, desk, TODAY, TOMORROW)
    page = world.http("GET", desk).body
    assert f'name="first" value="{TODAY}"' in page
    assert 'value="end_holiday"' in page
    assert world.lead(enquire(world, "a")).status == "hq_queue"


def test_after_the_last_day_of_a_holiday_offers_come_again(world: World, desk: str) -> None:
    go(world, desk)
    world.advance(days=1)
    assert world.lead(enquire(world, "a")).status == "offered"


def test_what_was_accepted_before_a_holiday_is_kept(world: World, desk: str) -> None:
    lead_id = enquire(world, "a")
    world.press(world.offer_link(lead_id), action="accept")
    go(world, desk)
    assert world.lead(lead_id).owner == "munich-1"
    assert world.offer_link(lead_id) in world.http("GET", desk).body


def test_ending_a_holiday_brings_offers_back_and_may_be_pressed_twice(
    world: World, desk: str
) -> None:
    go(world, desk, TODAY, TOMORROW)
    waiting = enquire(world, "a")
    for _ in range(2):
        assert world.press(desk, action="end_holiday", first=TODAY, last=TOMORROW).status == 200
    world.deliver()
    assert absences(world) == ()
    assert world.lead(waiting).status == "offered"


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        ("", "", "Tag"),
        ("2026-11-24", TODAY, "in der Vergangenheit"),
        (TOMORROW, TODAY, "vor dem ersten"),
        (TODAY, "2027-11-26", "innerhalb eines Jahres"),
    ],
)
def test_a_holiday_that_cannot_be_is_refused_at_its_field(
    world: World, desk: str, first: str, last: str, said: str
) -> None:
    answer = world.http("POST", desk, form={"action": "holiday", "first": first, "last": last})
    assert (answer.status, absences(world)) == (422, ())
    assert 'class="error"' in answer.body
    assert said in answer.body
    assert f'value="{first}"' in answer.body


def test_today_is_the_partners_not_ours(world: World) -> None:
    world.use(a_programme(), munich(1, time_zone="Pacific/Auckland"))
    desk = world.wiring.links.desk("munich-1", 1).removeprefix(BASE_URL)
    assert (
        world.http("POST", desk, form={"action": "holiday", "first": TODAY, "last": TODAY}).status
        == 422
    )
    go(world, desk, TOMORROW, TOMORROW)
    assert absences(world) == (Absence(date(2026, 11, 26), date(2026, 11, 26)),)


def test_a_holiday_does_not_undo_what_hq_changed_at_the_same_moment(
    world: World, desk: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    partners = world.wiring.partners
    save, tries = partners.save, []

    def caps_only(*args: object) -> None:
        tries.append(args)
        if len(tries) == 1:
            raise VersionConflict("HQ was faster")
        save(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(partners, "save", caps_only)
    go(world, desk)
    assert len(tries) == 2
    assert len(absences(world)) == 1


def test_an_ended_link_plans_no_holiday(world: World, desk: str) -> None:
    world.press(desk, action="renew")
    world.press(desk, action="holiday", first=TODAY, last=TODAY)
    assert absences(world) == ()


# ── what waits for an answer ──────────────────────────────────────────────────────────────────────


def test_on_holiday_an_open_offer_can_be_released_uncounted_and_goes_on_at_once(
    world: World, desk: str
) -> None:
    lead_id = enquire(world, "a")
    world.add(munich(2))
    go(world, desk)
    link = world.offer_link(lead_id, 1)
    assert 'value="release"' in world.http("GET", link).body
    page = world.press(link, action="release").body
    lead = world.lead(lead_id)
    assert [(o.partner, o.status, o.reason) for o in lead.offers] == [
        ("munich-1", "declined", "released"),
        ("munich-2", "pending", ""),
    ]
    load = world.load("munich-1")
    assert (load.open_count, load.lapses, load.unseen) == (0, 0, 0)
    assert "freigegeben" in page


def test_a_holiday_that_begins_within_the_window_allows_it_too(world: World, desk: str) -> None:
    lead_id = enquire(world, "a")
    go(world, desk, TOMORROW, TOMORROW)
    world.press(world.offer_link(lead_id), action="release")
    assert world.lead(lead_id).offers[0].status == "pending"
    world.use(a_programme(offers=[{"window": {"minutes": 2000}, "total": {"working_days": 3}}]))
    other = enquire(world, "b")
    world.press(world.offer_link(other, 1), action="release")
    assert world.lead(other).offers[0].reason == "released"


def test_after_a_pause_an_open_offer_can_be_released(world: World, desk: str) -> None:
    lead_id = enquire(world, "a")
    world.press(desk, action="pause")
    assert 'value="release"' in world.http("GET", world.offer_link(lead_id)).body
    world.press(world.offer_link(lead_id), action="release")
    assert world.lead(lead_id).offers[0].reason == "released"


def test_who_is_there_cannot_release(world: World, desk: str) -> None:
    lead_id = enquire(world, "a")
    assert 'value="release"' not in world.http("GET", world.offer_link(lead_id)).body
    world.press(world.offer_link(lead_id), action="release")
    assert world.lead(lead_id).version == 1


@pytest.mark.slow
def test_releasing_twice_or_after_the_window_changes_nothing(world: World, desk: str) -> None:
    first, second = enquire(world, "a"), enquire(world, "b")
    go(world, desk)
    world.press(world.offer_link(first), action="release")
    released = world.lead(first)
    world.press(world.offer_link(first, 1), action="release")
    assert world.lead(first) == released
    end = world.lead(second).offers[0].expires_at
    world.now = end
    world.press(world.offer_link(second), action="release")
    assert world.lead(second).offers[0].status == "pending"


def test_on_holiday_an_open_offer_can_still_be_accepted(world: World, desk: str) -> None:
    lead_id = enquire(world, "a")
    go(world, desk)
    world.press(world.offer_link(lead_id), action="accept")
    assert world.lead(lead_id).owner == "munich-1"


# ── no capacity, too far ──────────────────────────────────────────────────────────────────────────

REASONS = [
    {"id": "full", "label": {"en": "No capacity", "de": "Keine Kapazität"}, "then": "pause"},
    {"id": "far", "label": {"en": "Too far", "de": "Zu weit"}, "then": "territory"},
    {"id": "other", "label": {"en": "Other", "de": "Anderes"}},
]


@pytest.fixture
def asked(world: World) -> str:
    brand = {"name": "Example Heating", "reply_to": "network@example.com"}
    world.use(a_programme(decline_reasons=REASONS, brand=brand), munich(1))
    return enquire(world, "a")


def test_no_capacity_is_answered_with_a_pause_in_one_tap(world: World, asked: str) -> None:
    page = world.press(world.offer_link(asked), action="decline", reason="full").body
    (target,) = re.findall(r'<form method="post"[^>]* action="([^"]+)"', page)
    assert "Neue Anfragen pausieren?" in page
    assert world.press(target.removeprefix(BASE_URL), action="pause").status == 200
    world.deliver()
    assert not world.load("munich-1").active
    assert "pausieren?" not in world.http("GET", world.offer_link(asked)).body


def test_the_question_is_asked_while_it_is_fresh(world: World, asked: str) -> None:
    world.press(world.offer_link(asked), action="decline", reason="full")
    world.advance(days=1, minutes=1)
    assert "pausieren?" not in world.http("GET", world.offer_link(asked)).body


def test_too_far_is_answered_with_whom_to_ask_for_another_territory(
    world: World, asked: str
) -> None:
    page = world.press(world.offer_link(asked), action="decline", reason="far").body
    assert "mailto:network@example.com" in page


def test_other_reasons_ask_nothing(world: World, asked: str) -> None:
    page = world.press(world.offer_link(asked), action="decline", reason="other").body
    assert "pausieren" not in page
    assert "mailto:" not in page


def test_a_backup_partner_or_one_who_waits_is_not_asked_on_holiday(world: World) -> None:
    fallback = {"hq_hold": {"minutes": 60}, "backup_partner": "munich-1"}
    world.use(
        a_programme(fallback=fallback),
        munich(1, absences=(Absence(date(2026, 11, 25), date(2026, 11, 25)),)),
    )
    assert world.lead(enquire(world, "a")).status == "hq_queue"
