"""A partner's window counts from the moment the offer's mail could be sent, within a bound."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from routing_core.domain.events import OfferMade, OfferSentLate, OfferUnsent
from routing_core.domain.lead import DeadlineKind, Lead, LeadStatus
from routing_core.domain.lead_row import LeadFilter, LeadSort
from routing_core.domain.offer import OfferStatus
from routing_core.domain.partner import Absence
from routing_core.domain.programme.programme import Programme
from routing_core.service.upkeep.wake_lead import wake_lead
from tests.support.builders import NOON
from tests.support.hooks import meanwhile
from tests.support.invariants import NOTHING, check, look
from tests.support.mail_service import (
    ILL_FORMED,
    PAUSED,
    TOO_FAST,
    mail_moves_again,
    ses_says,
    try_mail,
    waiting_mail,
)
from tests.support.world import World, a_programme, munich

FIRST, SECOND = munich(1).contact.email, munich(2).contact.email
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
LONGER: dict[str, Any] = {"window": {"response_hours": 4}, "total": {"working_days": 5}}


def programme(**changes: Any) -> Programme:
    """Offers of four response hours each."""
    general = {"offers": [LONGER, {"when": {"urgency": "emergency"}, **LONGER}]}
    return a_programme(**(general | changes))


def enquire(world: World, **fields: Any) -> str:
    lead: str = world.post_lead(**fields).json()["lead"]
    world.deliver()
    return lead


def told(world: World, lead: str, kind: type[Any]) -> list[Any]:
    return [each for row in world.events(lead) for each in row.events if isinstance(each, kind)]


def held_up(world: World, by: timedelta, **changes: Any) -> Lead:
    """A lead whose offer's mail could not leave for so long, and then left."""
    world.use(programme(**changes), munich(1, tier=1), munich(2, tier=2))
    with ses_says(*PAUSED):
        lead = enquire(world)
        records = waiting_mail(world)
        world.run_for(seconds=by.total_seconds())
    try_mail(world, records)
    world.deliver()
    return world.lead(lead)


def plain_text(world: World, to: str) -> str:
    body = world.mails(to)[-1].get_body(("plain",))
    return " ".join(body.get_content().split())  # type: ignore[union-attr]


@pytest.mark.parametrize(("late", "counts_anew"), [(2 * MINUTE, False), (121_000, True)])
def test_a_mail_that_takes_two_minutes_is_in_time_and_a_second_more_is_late(
    world: World, late: timedelta | int, counts_anew: bool
) -> None:
    world.use(programme(), munich(1))
    lead = world.post_lead().json()["lead"]
    before = world.lead(lead).offers[0]
    world.now += late if isinstance(late, timedelta) else timedelta(milliseconds=late)
    world.deliver()
    offer = world.lead(lead).offers[0]
    assert (offer != before) is counts_anew
    assert len(told(world, lead, OfferSentLate)) == counts_anew
    assert len(world.mails(FIRST)) == 1


def test_while_it_cannot_leave_the_window_has_not_begun_and_the_lead_says_so_once(
    world: World,
) -> None:
    world.use(programme(), munich(1, tier=1), munich(2, tier=2))
    with ses_says(*PAUSED):
        lead = enquire(world)
        for _ in range(3):
            mail_moves_again(world, 15 * MINUTE)
        (noted,) = told(world, lead, OfferUnsent)
        found = world.lead(lead)
    assert noted.until == NOON + 12 * HOUR
    assert found.offers[0].unsent
    assert found.offers[0].expires_at == NOON + 12 * HOUR
    assert {each.kind for each in found.deadlines if each.offer} == {DeadlineKind.EXPIRE}, (
        "nobody is reminded of what they never got"
    )
    page = world.desk().get(f"/hq/leads/{lead}").body
    assert "could not leave; the time to answer has not begun" in page


def test_once_it_leaves_the_window_counts_from_then_and_the_mail_says_so(world: World) -> None:
    lead = held_up(world, 3 * HOUR)
    offer = lead.offers[0]
    assert not offer.unsent
    assert offer.window_from == NOON + 3 * HOUR
    # 15:00 in Berlin, and the offices close at 17:00: two hours today, two on Thursday.
    assert offer.expires_at > NOON + 12 * HOUR
    assert told(world, lead.id, OfferSentLate)[0].until == offer.expires_at
    local = offer.expires_at.astimezone(world.wiring.services.programme.zone)
    assert f"{local:%H:%M}" in plain_text(world, FIRST)
    first = told(world, lead.id, OfferMade)[0].until
    assert offer.expires_at > first
    assert lead.deadline(DeadlineKind.EXPIRE) == offer.expires_at
    reminders = [each.at for each in lead.deadlines if each.kind is DeadlineKind.REMIND]
    assert reminders
    assert all(offer.begins_at < at < offer.expires_at for at in reminders)


def test_the_new_window_ends_at_its_instant_and_not_before_and_the_old_timer_does_nothing(
    world: World,
) -> None:
    lead = held_up(world, 3 * HOUR)
    ends = lead.offers[0].expires_at
    world.now = told(world, lead.id, OfferMade)[0].until
    wake_lead(world.wiring.services, lead.id, world.now)
    assert world.lead(lead.id).offers[0].status is OfferStatus.PENDING
    wake_lead(world.wiring.services, lead.id, ends - timedelta(seconds=1))
    assert world.lead(lead.id).offers[0].status is OfferStatus.PENDING
    after = wake_lead(world.wiring.services, lead.id, ends)
    assert after is not None
    assert [each.status for each in after.offers] == [OfferStatus.EXPIRED, OfferStatus.PENDING]


@pytest.mark.parametrize(
    ("fields", "bound"), [({}, 12 * HOUR), ({"urgency": "emergency"}, HOUR)], ids=["any", "urgent"]
)
def test_an_offer_that_is_never_sent_goes_on_at_the_bound_and_counts_against_nobody(
    world: World, fields: dict[str, Any], bound: timedelta
) -> None:
    world.use(programme(), munich(1, tier=1), munich(2, tier=2))
    with ses_says(*PAUSED, to=FIRST):
        lead = enquire(world, **fields)
        late = waiting_mail(world)
        wake_lead(world.wiring.services, lead, NOON + bound - timedelta(seconds=1))
        assert world.lead(lead).offers[0].status is OfferStatus.PENDING
        world.run_until(NOON + bound)
    first, second = world.lead(lead).offers
    assert (first.status, first.reason) == (OfferStatus.WITHDRAWN, "unsent")
    assert second.partner == "munich-2"
    assert world.load("munich-1").lapses == world.load("munich-1").unseen == 0
    assert len(world.mails(SECOND)) == 1
    try_mail(world, late)
    assert world.mails(FIRST) == [], "neither the offer nor that it is gone"
    check(NOTHING, look(world))


def test_where_nothing_can_be_sent_hq_has_it_in_the_end(world: World) -> None:
    one = [{"window": {"minutes": 120}, "total": {"minutes": 240}}]
    world.use(programme(offers=one, late_mail={"wait_hours": 1}), munich(1), munich(2))
    with ses_says(*PAUSED):
        lead = enquire(world)
        world.run_for(hours=2.5)
    assert world.lead(lead).status is LeadStatus.HQ_QUEUE
    assert {each.reason for each in world.lead(lead).offers} == {"unsent"}


def test_the_time_in_all_moves_as_much_and_once_for_all_of_a_wave(world: World) -> None:
    waves = [{**LONGER, "waves": [3], "partners": None}]
    world.use(programme(offers=waves), *(munich(n) for n in range(1, 4)))
    with ses_says(*PAUSED):
        lead = enquire(world)
        before = world.lead(lead).total_by
    mail_moves_again(world, 2 * HOUR)
    after = world.lead(lead)
    assert before is not None
    assert after.total_by == before + 2 * HOUR
    assert [each.begins_at for each in after.offers] == [NOON + 2 * HOUR] * 3


def test_whoever_answers_while_the_mail_waits_has_it_and_no_mail_with_the_offer(
    world: World,
) -> None:
    world.use(programme(), munich(1))
    with ses_says(*PAUSED):
        lead = enquire(world)
        world.press(world.offer_link(lead), action="accept")
    mail_moves_again(world, HOUR)
    assert world.lead(lead).status is LeadStatus.ACCEPTED
    assert told(world, lead, OfferSentLate) == []
    assert not any("until" in str(mail["Subject"]) for mail in world.mails(FIRST))
    check(NOTHING, look(world))


def test_an_answer_in_the_moment_the_mail_leaves_stands(world: World) -> None:
    world.use(programme(), munich(1))
    with ses_says(*PAUSED):
        lead = enquire(world)
        records = waiting_mail(world)
    world.now += HOUR
    link = world.offer_link(lead)
    with meanwhile(world, lambda: world.press(link, action="accept")):
        assert try_mail(world, records) == []
    world.deliver()
    assert world.lead(lead).status is LeadStatus.ACCEPTED
    assert told(world, lead, OfferSentLate) == []
    check(NOTHING, look(world))


def test_a_mail_that_leaves_as_the_bound_passes_has_one_winner(world: World) -> None:
    world.use(programme(), munich(1, tier=1), munich(2, tier=2))
    with ses_says(*PAUSED, to=FIRST):
        lead = enquire(world)
        records = waiting_mail(world)
    world.now = NOON + 12 * HOUR

    def expire() -> None:
        wake_lead(world.wiring.services, lead, world.now)

    with meanwhile(world, expire):
        assert try_mail(world, records) == []
    world.deliver()
    assert [each.status for each in world.lead(lead).offers] == [
        OfferStatus.WITHDRAWN,
        OfferStatus.PENDING,
    ]
    check(NOTHING, look(world))


def test_told_again_the_window_does_not_move_again(world: World) -> None:
    world.use(programme(), munich(1))
    with ses_says(*PAUSED):
        lead = enquire(world)
        records = waiting_mail(world)
    world.now += HOUR
    try_mail(world, records)
    counted = world.lead(lead)
    world.now += HOUR
    try_mail(world, records)
    assert world.lead(lead) == counted
    assert len(world.mails(FIRST)) == 1


def test_a_reminder_that_waited_with_the_offer_does_not_leave_behind_it(world: World) -> None:
    world.use(programme(), munich(1))
    lead = world.post_lead().json()["lead"]
    world.now = NOON + 130 * MINUTE
    wake_lead(world.wiring.services, lead, world.now)
    assert "offer.reminded" in world.facts(lead)
    world.deliver()
    assert len(world.mails(FIRST)) == 1
    assert "offer.sent_late" in world.facts(lead)


def test_the_window_over_the_change_to_winter_time_keeps_its_response_hours(world: World) -> None:
    world.now = datetime(2026, 10, 24, 13, 0, tzinfo=UTC)  # Saturday 15:00 in Berlin
    lead = held_up(world, 10 * HOUR)
    offer = lead.offers[0]
    assert offer.window_from == datetime(2026, 10, 24, 23, 0, tzinfo=UTC)
    local = offer.expires_at.astimezone(world.wiring.services.programme.zone)
    opens = local.replace(hour=9, minute=0)
    assert (local.date().isoformat(), local.utcoffset()) == ("2026-10-26", HOUR)
    assert local - opens <= 4 * HOUR


def test_who_goes_on_holiday_is_not_given_longer(world: World) -> None:
    world.use(programme(), munich(1, tier=1), munich(2, tier=2))
    with ses_says(*PAUSED):
        lead = enquire(world)
        records = waiting_mail(world)
        day = (NOON + timedelta(days=1)).date()
        away = replace(munich(1, tier=1), absences=(Absence(day, day),))
        world.wiring.partners.save([(away, 1)], world.now)
        world.deliver()
        shortened = world.lead(lead).offers[0]
    world.now += HOUR
    try_mail(world, records)
    offer = world.lead(lead).offers[0]
    if shortened.on_lapse == "release":
        assert offer.expires_at <= shortened.expires_at


def test_what_ses_never_takes_goes_to_the_next_partner_at_once(world: World) -> None:
    world.use(programme(), munich(1, tier=1), munich(2, tier=2))
    with ses_says(*ILL_FORMED, to=FIRST):
        lead = enquire(world)
    first, second = world.lead(lead).offers
    assert (first.status, first.reason) == (OfferStatus.WITHDRAWN, "unsent")
    assert (second.partner, second.made_at) == ("munich-2", world.now)
    assert len(world.mails(SECOND)) == 1
    check(NOTHING, look(world))


def test_too_high_a_rate_for_a_moment_is_not_worth_a_word(world: World) -> None:
    world.use(programme(), munich(1))
    with ses_says(*TOO_FAST):
        lead = enquire(world)
    mail_moves_again(world, MINUTE)
    assert not {"offer.unsent", "offer.sent_late"} & set(world.facts(lead))


def test_the_answers_share_of_the_window_and_todays_half_count_from_the_sending(
    world: World,
) -> None:
    lead = held_up(world, 3 * HOUR)
    (row,) = world.read_model.page(LeadFilter(), world.now, LeadSort.OLDEST, "", 10).rows
    assert row.offered_at == NOON + 3 * HOUR
    world.now += timedelta(minutes=1)
    world.press(world.offer_link(lead.id), action="accept")
    used = world.lead(lead.id).offers[0].used
    assert used is not None
    assert used < 50, "a minute of four hours, though the offer is three hours old"
