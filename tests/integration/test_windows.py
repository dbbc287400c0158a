"""The shipped programme over weekends, holidays and absences: who is asked, until when, and when
they are reminded.
"""

from datetime import date, datetime
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest
import yaml

from routing_core.domain import programmes
from routing_core.domain.checks.programme_checks import read_programme
from routing_core.domain.checks.public_holidays import with_public_holidays
from routing_core.domain.lead import DeadlineKind, Lead
from routing_core.domain.partner import Absence, Partner
from routing_core.domain.programme.programme import Programme
from routing_core.formats.partner_document import read_partner
from routing_core.service.hq.replay_decisions import replay_decisions
from routing_core.service.hq.save_partner import save_partner
from routing_core.service.hq.try_programme import Proposal as Tried
from routing_core.service.hq.try_programme import try_programme
from tests.support.stack import BASE_URL
from tests.support.world import World, munich

BERLIN = ZoneInfo("Europe/Berlin")
K = DeadlineKind


def shipped(**changes: Any) -> Programme:
    document = yaml.safe_load(files(programmes).joinpath("consumer-trade.yaml").read_text("utf-8"))
    return with_public_holidays(read_programme(document | changes), date(2026, 11, 25))


def calendar(**changes: Any) -> dict[str, Any]:
    document = yaml.safe_load(files(programmes).joinpath("consumer-trade.yaml").read_text("utf-8"))
    return {"calendar": document["calendar"] | changes}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


def shown(instant: datetime | None) -> str:
    """As the clock on the partner's wall shows it."""
    return f"{instant.astimezone(BERLIN):%a %d.%m. %H:%M}" if instant else "never"


def in_munich(number: int, programme: Programme, *absences: Absence, **changes: Any) -> Partner:
    """A partner as HQ would save it today: with the holidays of its region."""
    partner = munich(number)
    document: dict[str, Any] = {
        "id": partner.id,
        "name": partner.name,
        "contact": {"email": partner.contact.email},
    }
    document |= {
        "territories": ["DE 80*"],
        "products": ["boiler"],
        "languages": ["de", "en"],
        "type": "installer",
    }
    document |= {"tier": number, "confirmed": True}
    document |= {
        "absences": [{"first": f"{a.first}", "last": f"{a.last}"} for a in absences]
    } | changes
    return read_partner(document, programme, date(2026, 11, 25))


def enquire(world: World, urgency: str, key: str = "one") -> Lead:
    posted = world.post_lead(
        key,
        product="boiler",
        urgency=urgency,
        ownership="owner",
        email=f"{key}@posteo.de",
        owner=None,
        phone="+4989999981230" if urgency == "emergency" else "",
    )
    assert posted.status == 201, posted.body
    world.deliver()
    return world.lead(posted.json()["lead"])


def last_mail(world: World, to: str) -> str:
    body = world.mails(to)[-1].get_body(("plain",))
    assert body
    return " ".join(body.get_content().split())


def times(lead: Lead, *kinds: DeadlineKind) -> list[str]:
    return [shown(deadline.at) for deadline in lead.deadlines if deadline.kind in kinds]


def fact(world: World, lead: Lead, kind: str) -> dict[str, Any]:
    found = [f.to_data() for row in world.events(lead.id) for f in row.events if f.kind == kind]
    assert found, f"no {kind}"
    return found[-1]


# ── closing days and holidays ─────────────────────────────────────────────────────────────────────


def test_hqs_own_closing_day_is_a_partners_too(world: World) -> None:
    programme = shipped(**calendar(closing_days=[date(2026, 12, 24)]))
    world.use(programme, in_munich(1, programme))
    world.now = at("2026-12-23 19:30")
    lead = enquire(world, "soon")
    assert shown(lead.offers[0].expires_at) == "Mon 28.12. 09:30"
    assert shown(lead.promised_by) == "Mon 28.12. 09:30"


def test_holidays_written_by_hand_reach_the_partners_who_have_no_region(world: World) -> None:
    by_hand = {
        "holiday_region": "",
        "holidays": [date(2026, 12, 24), date(2026, 12, 25), date(2026, 12, 26)],
    }
    programme = shipped(**calendar(**by_hand))
    world.use(programme, in_munich(1, programme), in_munich(2, programme, holiday_region="DE-BY"))
    network = world.wiring.rules.network()
    regionless, bavarian = (
        network.partners[name].calendar(programme.hq_calendar) for name in ("munich-1", "munich-2")
    )
    assert date(2026, 12, 24) in regionless.closed
    assert date(2026, 12, 24) not in bavarian.closed
    assert date(2027, 1, 6) in bavarian.closed


# ── reminders ─────────────────────────────────────────────────────────────────────────────────────


def test_over_a_weekend_reminders_come_in_the_partners_hours(world: World) -> None:
    programme = shipped()
    world.use(programme, in_munich(1, programme))
    world.now = at("2026-11-27 15:00")
    lead = enquire(world, "planning")
    assert shown(lead.offers[0].expires_at) == "Mon 30.11. 15:00"
    assert times(lead, K.REMIND) == ["Sat 28.11. 13:00", "Mon 30.11. 12:00"]


def test_the_second_contact_is_reminded_too_from_the_fraction_of_open_time_on(world: World) -> None:
    programme = shipped()
    world.use(programme, in_munich(1, programme, second_contact={"email": "boss@example.com"}))
    world.now = at("2026-11-27 15:00")
    enquire(world, "planning")
    world.run_until(at("2026-11-30 11:59"))
    assert len(world.mails("boss@")) == 0
    world.run_until(at("2026-11-30 12:01"))
    assert len(world.mails("boss@")) == 1


def test_where_nobody_reads_mail_before_the_end_nobody_is_reminded_and_the_record_says_why(
    world: World,
) -> None:
    offers = [{"window": {"minutes": 120}, "total": {"working_days": 2}}]
    programme = shipped(offers=offers)
    world.use(programme, in_munich(1, programme))
    world.now = at("2026-11-25 21:00")
    lead = enquire(world, "soon")
    assert times(lead, K.REMIND) == []
    assert fact(world, lead, "offer.made")["no_reminder"] == "closed"


def test_too_short_a_window_says_that_it_is_not_reminded_of(world: World) -> None:
    programme = shipped(offers=[{"window": {"minutes": 30}, "total": {"working_days": 2}}])
    world.use(programme, in_munich(1, programme))
    world.now = at("2026-11-25 10:00")
    assert fact(world, enquire(world, "soon"), "offer.made")["no_reminder"] == "short"


def test_an_emergency_is_reminded_of_by_the_clock_also_at_night(world: World) -> None:
    offers = [{"window": {"minutes": 90}, "total": {"minutes": 240}}]
    programme = shipped(offers=offers)
    world.use(programme, in_munich(1, programme, tags=["on-call"]))
    world.now = at("2026-11-25 22:00")
    assert times(enquire(world, "emergency"), K.REMIND) == ["Wed 25.11. 22:45"]


def test_the_reminder_to_call_comes_in_the_partners_hours(world: World) -> None:
    programme = shipped()
    world.use(programme, in_munich(1, programme))
    world.now = at("2026-11-27 19:00")
    lead = enquire(world, "soon")
    world.press(world.offer_link(lead.id), action="accept")
    lead = world.lead(lead.id)
    assert times(lead, K.CONTACT) == ["Mon 30.11. 19:00"]
    assert times(lead, K.CONTACT_REMIND) == [
        "Mon 30.11. 14:00"
    ]  # 15 of 20 hours; by the clock Mon 01:00


# ── who cannot answer in time ─────────────────────────────────────────────────────────────────────

SUMMER = Absence(date(2027, 7, 17), date(2027, 7, 25))
CHRISTMAS = Absence(date(2026, 12, 19), date(2027, 1, 10))


def asked(lead: Lead) -> list[str]:
    return [offer.partner for offer in lead.offers]


def decision(world: World, lead: Lead) -> dict[str, Any]:
    return next(dict(row.decision) for row in reversed(world.events(lead.id)) if row.decision)


def explained(world: World, lead: Lead) -> str:
    page = world.http("GET", urlsplit(world.wiring.services.queue_link(lead.id)).path).body
    return " ".join(page.split())


def test_who_leaves_tomorrow_is_passed_over_while_another_can_answer(world: World) -> None:
    programme = shipped()
    world.use(programme, in_munich(1, programme, SUMMER), in_munich(2, programme))
    world.now = at("2027-07-16 18:30")
    lead = enquire(world, "soon")
    assert asked(lead) == ["munich-2"]
    assert shown(lead.offers[0].expires_at) == shown(lead.promised_by) == "Sat 17.07. 10:30"
    assert decision(world, lead)["late"] == {"count": 1, "examples": ["munich-1"]}
    assert "not enough working hours left to answer: Isar Wärme 1" in explained(world, lead)
    assert all(
        each.identical for each in replay_decisions(world.wiring.leads, world.wiring.rules, lead.id)
    )


def test_over_the_christmas_holidays_of_the_best_the_next_is_asked(world: World) -> None:
    programme = shipped()
    world.use(programme, in_munich(1, programme, CHRISTMAS), in_munich(2, programme))
    world.now = at("2026-12-18 17:00")
    lead = enquire(world, "planning")
    assert asked(lead) == ["munich-2"]
    assert shown(lead.offers[0].expires_at) == "Mon 21.12. 17:00"


def test_if_nobody_can_answer_in_time_the_best_is_asked_all_the_same_and_that_is_recorded(
    world: World,
) -> None:
    programme = shipped()
    world.use(programme, in_munich(1, programme, SUMMER))
    world.now = at("2027-07-16 18:30")
    lead = enquire(world, "soon")
    assert asked(lead) == ["munich-1"]
    assert shown(lead.offers[0].expires_at) == "Tue 20.07. 18:30"
    assert decision(world, lead)["nobody_in_time"] is True
    assert "No partner has enough working hours left" in explained(world, lead)
    assert fact(world, lead, "offer.made")["shortened"] is True


def test_of_those_who_cannot_the_one_who_is_there_at_all_is_asked(world: World) -> None:
    programme = shipped()
    gone = in_munich(1, programme, SUMMER, response_hours={"mon": ["08:00-12:00"]})
    world.use(programme, gone, in_munich(2, programme, SUMMER))
    world.now = at("2027-07-16 18:30")
    assert asked(enquire(world, "soon")) == ["munich-2"]


@pytest.mark.slow
def test_of_two_who_cannot_the_second_has_a_share_of_the_time(world: World) -> None:
    programme = shipped()
    mondays = {"mon": ["08:00-09:00"]}
    world.use(programme, *(in_munich(n, programme, response_hours=mondays) for n in (1, 2)))
    world.now = at("2026-11-27 18:30")
    lead = enquire(world, "soon")
    first = lead.offers[0]
    assert (first.partner, decision(world, lead)["nobody_in_time"]) == ("munich-1", True)
    assert first.expires_at < at("2026-12-01 18:30"), "before the time for all partners ends"
    world.run_until(first.expires_at)
    assert asked(world.lead(lead.id)) == ["munich-1", "munich-2"]


@pytest.mark.parametrize("limit", [{"partners": 1}, {"partners": None, "waves": [1]}])
def test_tried_again_beyond_the_limit_it_goes_to_who_is_late_too(
    world: World, limit: dict[str, Any]
) -> None:
    rule = {"window": {"working_days": 1}, "total": {"working_days": 2}} | limit
    programme = shipped(offers=[rule])
    mondays = {"mon": ["08:00-09:00"]}
    names = ["munich-1", "munich-2", "munich-3"]
    key = {"X-Api-Key": world.api_key("leads:write", "leads:read")}
    world.use(programme, *(in_munich(n, programme, response_hours=mondays) for n in (1, 2, 3)))
    world.now = at("2026-11-27 18:30")
    lead = enquire(world, "soon")
    for number in (1, 2):
        world.run_until(world.lead(lead.id).offers[-1].expires_at)
        world.deliver()
        if len(world.lead(lead.id).offers) == number:
            answer = world.http("POST", f"/v1/leads/{lead.id}/requeue", headers=key)
            assert answer.status == 200
    assert asked(world.lead(lead.id)) == names


def test_an_office_that_opens_once_a_week_is_passed_over_while_another_can_answer(
    world: World,
) -> None:
    programme = shipped()
    thursdays = {"thu": ["08:00-12:00"]}
    world.use(programme, in_munich(1, programme, response_hours=thursdays), in_munich(2, programme))
    world.now = at("2026-11-27 18:30")
    assert asked(enquire(world, "soon", "a")) == ["munich-2"]
    assert asked(enquire(world, "planning", "b")) == ["munich-2"]


def test_an_office_that_opens_once_a_week_may_answer_on_its_day(world: World) -> None:
    """A working day of others had ended before it opened: it lapsed unseen."""
    programme = shipped()
    world.use(programme, in_munich(1, programme, response_hours={"wed": ["08:00-12:00"]}))
    world.now = at("2026-11-27 17:00")
    lead = enquire(world, "planning")
    assert shown(lead.offers[0].expires_at) == "Thu 03.12. 08:00"
    assert "nobody_in_time" not in decision(world, lead)


def test_a_window_in_minutes_goes_past_who_is_away_for_most_of_it(world: World) -> None:
    programme = shipped(offers=[{"window": {"minutes": 2880}, "total": {"working_days": 6}}])
    leaving = Absence(date(2026, 11, 26), date(2026, 12, 4))
    world.use(programme, in_munich(1, programme, leaving), in_munich(2, programme))
    world.now = at("2026-11-25 19:00")
    assert asked(enquire(world, "soon")) == ["munich-2"]


def test_a_lead_is_not_held_for_the_opening_of_who_is_away_then(world: World) -> None:
    hold = {"window": {"response_hours": 4}, "total": {"working_days": 2}, "closed": "hold"}
    programme = shipped(offers=[hold])
    leaving = Absence(date(2026, 11, 26), date(2026, 12, 4))
    world.use(programme, in_munich(1, programme, leaving), in_munich(2, programme))
    world.now = at("2026-11-25 19:30")
    lead = enquire(world, "soon")
    assert asked(lead) == ["munich-2"]
    assert decision(world, lead)["late"]["examples"] == ["munich-1"]


def test_a_wave_goes_past_who_is_away_for_most_of_its_window(world: World) -> None:
    rule = {"window": {"response_hours": 4}, "waves": [2, "all"], "total": {"working_days": 2}}
    programme = shipped(offers=[rule])
    world.use(
        programme, in_munich(1, programme, SUMMER), in_munich(2, programme), in_munich(3, programme)
    )
    world.now = at("2027-07-16 18:30")
    assert asked(enquire(world, "soon")) == ["munich-2", "munich-3"]


def test_a_backup_partner_who_leaves_tomorrow_is_passed_over_and_hq_has_the_lead(
    world: World,
) -> None:
    fallback = {"backup_partner": "munich-1", "hq_hold": {"working_days": 1}}
    programme = shipped(fallback=fallback)
    backup = in_munich(1, programme, SUMMER, territories=["DE 80* backup"])
    world.use(programme, backup)
    world.now = at("2027-07-16 18:30")
    lead = enquire(world, "soon")
    assert (lead.status, lead.reason) == ("hq_queue", "exhausted")
    assert decision(world, lead)["passed_over"] == {"late": ["munich-1"]}


def test_an_offer_that_hq_makes_by_hand_does_not_last_as_long_as_a_holiday(world: World) -> None:
    programme = shipped()
    world.use(programme, in_munich(1, programme, SUMMER, territories=["DE 20*"]))
    world.now = at("2027-07-16 18:30")
    lead = enquire(world, "soon")
    world.press(
        urlsplit(world.wiring.services.queue_link(lead.id)).path,
        action="assign",
        partner="munich-1",
    )
    assert shown(world.lead(lead.id).offers[0].expires_at) == "Tue 20.07. 18:30"


def test_a_dry_run_goes_past_the_same_partners(world: World) -> None:
    programme = shipped()
    world.use(programme, in_munich(1, programme, SUMMER), in_munich(2, programme))
    asks = {
        "form": "enquiry",
        "country": "DE",
        "postcode": "80331",
        "product": "boiler",
        "urgency": "soon",
    }
    tried = try_programme(
        world.wiring.services, Tried(), asks | {"ownership": "owner"}, "", at("2027-07-16 18:30")
    )
    assert [(name, shown(until)) for name, until in tried.offers] == [
        ("munich-2", "Sat 17.07. 10:30")
    ]
    assert tried.record["late"]["examples"] == ["munich-1"]


# ── a holiday that is entered meanwhile ───────────────────────────────────────────────────────────


def goes_away(world: World, number: int, first: str, last: str) -> None:
    """On the desk, as the partner does it."""
    desk = world.wiring.links.desk(f"munich-{number}", 1).removeprefix(BASE_URL)
    assert world.press(desk, action="holiday", first=first, last=last).status == 200
    world.deliver()


@pytest.mark.slow
def test_a_holiday_entered_while_the_offer_is_open_cuts_its_window_and_the_next_is_asked(
    world: World,
) -> None:
    programme = shipped()
    world.use(
        programme,
        in_munich(1, programme, second_contact={"email": "boss@example.com"}),
        in_munich(2, programme),
    )
    world.now = at("2027-07-15 17:00")
    lead = enquire(world, "planning")
    assert shown(lead.offers[0].expires_at) == "Fri 16.07. 17:00"
    goes_away(world, 1, "2027-07-16", "2027-07-25")
    lead = world.lead(lead.id)
    assert shown(lead.offers[0].expires_at) == "Thu 15.07. 20:00"
    assert "release the enquiry by" in last_mail(world, "boss@")
    world.run_until(at("2027-07-15 20:01"))
    lead = world.lead(lead.id)
    assert [(o.partner, o.status, o.reason) for o in lead.offers] == [
        ("munich-1", "declined", "released"),
        ("munich-2", "pending", ""),
    ]
    load = world.load("munich-1")
    assert (load.open_count, load.lapses, load.unseen, load.figures.lapsed) == (0, 0, 0, 0)


def test_who_is_away_at_once_still_has_an_hour_to_answer(world: World) -> None:
    programme = shipped()
    world.use(programme, in_munich(1, programme), in_munich(2, programme))
    world.now = at("2027-07-15 10:00")
    lead = enquire(world, "planning")
    goes_away(world, 1, "2027-07-15", "2027-07-25")
    assert shown(world.lead(lead.id).offers[0].expires_at) == "Thu 15.07. 11:00"
    world.press(world.offer_link(lead.id, 1), action="accept")
    assert world.lead(lead.id).owner == "munich-1"


def test_a_holiday_that_hq_enters_does_the_same_and_saving_again_does_nothing_more(
    world: World,
) -> None:
    programme = shipped()
    world.use(programme, in_munich(1, programme), in_munich(2, programme))
    world.now = at("2027-07-15 17:00")
    lead = enquire(world, "planning")
    document = {"absences": [{"first": "2027-07-16", "last": "2027-07-25"}]}
    for _ in range(2):
        save_partner(world.wiring.services, "munich-1", document, world.now)
        world.deliver()
    assert world.facts(lead.id).count("offer.shortened") == 1
    assert shown(world.lead(lead.id).offers[0].expires_at) == "Thu 15.07. 20:00"


def test_a_holiday_that_leaves_time_to_answer_changes_no_window(world: World) -> None:
    programme = shipped()
    world.use(programme, in_munich(1, programme), in_munich(2, programme))
    world.now = at("2027-07-15 09:00")
    lead = enquire(world, "soon")
    goes_away(world, 1, "2027-07-16", "2027-07-25")
    assert world.lead(lead.id).offers == lead.offers


# ── a holiday after acceptance ────────────────────────────────────────────────────────────────────


def accepted(world: World, urgency: str, *absences: Absence) -> Lead:
    programme = shipped()
    world.use(programme, in_munich(1, programme, *absences))
    lead = enquire(world, urgency)
    world.press(world.offer_link(lead.id), action="accept")
    world.deliver()
    return world.lead(lead.id)


@pytest.mark.slow
def test_the_promised_call_does_not_wait_for_a_holiday_to_end(world: World) -> None:
    world.now = at("2027-07-16 17:00")
    lead = accepted(world, "soon", SUMMER)
    assert times(lead, K.CONTACT) == ["Mon 19.07. 17:00"]
    assert times(lead, K.CONTACT_REMIND) == ["Fri 16.07. 19:15"]
    assert fact(world, lead, "contact.at_risk")["known"] is True
    world.run_until(at("2027-07-16 19:16"))
    assert "You will be away" in last_mail(world, "munich-1")
    world.run_until(at("2027-07-20 17:01"))
    assert "contact.retracted" in world.facts(lead.id), (
        "a working day after HQ heard, not after the holiday"
    )


@pytest.mark.slow
def test_hq_hears_that_the_owner_will_be_away_when_the_call_is_due(world: World) -> None:
    world.now = at("2027-07-16 14:00")
    lead = accepted(world, "soon")
    goes_away(world, 1, "2027-07-17", "2027-07-25")
    goes_away(world, 1, "2027-08-17", "2027-08-25")
    assert world.facts(lead.id).count("contact.at_risk") == 1
    assert times(world.lead(lead.id), K.CONTACT) == ["Mon 19.07. 14:00"]
    assert "You will be away" in last_mail(world, "munich-1")
    world.now = at("2027-07-16 16:05")
    world.sweep()
    assert "will be away when they are due to contact the customer" in last_mail(
        world, "leads@example.com"
    )
    assert times(world.lead(lead.id), K.CONTACT_REMIND) == [], "the warning takes its place"


@pytest.mark.slow
def test_what_a_colleague_looks_after_needs_no_warning(world: World) -> None:
    world.now = at("2027-07-16 14:00")
    lead = accepted(world, "soon")
    world.press(world.offer_link(lead.id), action="colleague", email="munich-1@example.com")
    goes_away(world, 1, "2027-07-17", "2027-07-25")
    assert "contact.at_risk" not in world.facts(lead.id)


# ── what is asked later ───────────────────────────────────────────────────────────────────────────


def test_who_accepts_at_night_is_asked_by_day_how_it_stands(world: World) -> None:
    world.now = at("2026-11-25 19:30")
    programme = shipped()
    world.use(programme, in_munich(1, programme))
    lead = enquire(world, "soon")
    world.now = at("2026-11-25 23:30")
    world.press(world.offer_link(lead.id), action="accept")
    lead = world.lead(lead.id)
    assert times(lead, K.STATUS) == ["Sat 05.12. 08:00"]  # the seventh working day was over
    assert times(lead, K.QUOTE) == ["Thu 17.12. 06:00"]


def test_the_answer_before_the_form_holds_for_nobody_who_will_be_away(world: World) -> None:
    hold = {"window": {"response_hours": 4}, "total": {"working_days": 2}, "closed": "hold"}
    programme = shipped(offers=[hold])
    mornings = {day: ["08:00-12:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
    noons = {day: ["12:00-18:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
    leaving = Absence(date(2026, 11, 27), date(2026, 12, 4))
    first = in_munich(
        1, programme, leaving, response_hours={"thu": ["08:00-09:00"], "mon": mornings["mon"]}
    )
    world.use(programme, first, in_munich(2, programme, response_hours=noons))
    world.now = at("2026-11-25 21:00")
    asks = "country=DE&postcode=80331&product=boiler&urgency=soon&ownership=owner"
    said = world.http("GET", f"/v1/forms/enquiry/coverage?{asks}").json()["hear_by"]
    lead = enquire(world, "soon")
    assert shown(lead.partner_opens_at) == "Thu 26.11. 12:00"
    assert shown(datetime.fromisoformat(said)) == shown(lead.promised_by)
