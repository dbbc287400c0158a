"""Holidays go on by themselves, and HQ hears what it must do itself."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from routing_core.domain.checks.programme_checks import read_programme
from routing_core.domain.errors import InvalidInput
from routing_core.domain.partner import Partner
from routing_core.formats.partner_document import partner_document, read_partner
from routing_core.service.hq.save_partner import save_partner
from routing_core.service.hq.save_programme import save_programme
from tests.support.builders import programme_document
from tests.support.world import World, a_programme, munich

LATER = datetime(2027, 9, 1, 3, 0, tzinfo=UTC)
"""Holidays saved in 2026 reach to the end of 2028: less than eighteen months."""


def ruled(**calendar: Any) -> dict[str, Any]:
    return programme_document(calendar=programme_document()["calendar"] | calendar)


def saved(world: World, *partners: Partner, **calendar: Any) -> None:
    """As HQ saves it today, holidays and all."""
    save_programme(world.wiring.services, ruled(**calendar), world.now)
    documents = [{"confirmed": True, **partner_document(partner)} for partner in partners]
    for document in documents:
        save_partner(world.wiring.services, str(document["id"]), document, world.now)
    world.compile()


def holidays(world: World, number: int) -> tuple[date, ...]:
    partner = world.wiring.partners.get(f"munich-{number}")
    assert partner
    return partner.holidays


def written_to_hq(world: World) -> list[str]:
    return [str(mail["Subject"]) for mail in world.mails("hq@")]


def test_holidays_renew_themselves_in_programme_and_profiles_and_hq_hears_once(
    world: World,
) -> None:
    saved(world, munich(1), munich(2, holiday_region="AT"), holiday_region="DE-BY")
    assert max(holidays(world, 1)).year == 2028
    world.now = LATER
    for _ in range(2):
        world.renew_calendars()
        world.deliver()
    version, programme = world.wiring.rules.programme()
    assert (version, max(programme.calendar.holidays).year) == (2, 2029)
    assert date(2029, 1, 6) in holidays(world, 1)
    assert date(2029, 10, 26) in holidays(world, 2), "Austria's own"
    assert world.wiring.rules.network().partners["munich-1"].holidays == holidays(world, 1)
    assert written_to_hq(world) == ["Public holidays updated to the end of 2029"]


def test_while_they_reach_far_enough_nothing_is_written(world: World) -> None:
    saved(world, munich(1), holiday_region="DE-BY")
    world.renew_calendars()
    assert world.wiring.rules.programme()[0] == 1
    assert world.wiring.partners.get("munich-1").version == 1  # type: ignore[union-attr]
    assert written_to_hq(world) == []


def test_a_partner_without_a_region_follows_when_the_programme_names_another(world: World) -> None:
    """Only who was saved again had the holidays of the new region."""
    saved(world, munich(1), holiday_region="DE-NW")
    save_programme(world.wiring.services, ruled(holiday_region="DE-BY"), world.now)
    assert date(2027, 1, 6) not in holidays(world, 1)
    world.renew_calendars()
    assert date(2027, 1, 6) in holidays(world, 1)


def test_rules_that_hq_saves_at_the_same_moment_are_not_lost(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved(world, munich(1), holiday_region="DE-BY")
    world.now = LATER
    save, rules = world.wiring.rules.save_programme, []

    def hq_is_faster(programme: Any, now: datetime, replaces: int, *kept: Any) -> int:
        if not rules:
            rules.append(save(programme.model_copy(update={"name": "Renamed"}), now))
        return save(programme, now, replaces, *kept)

    monkeypatch.setattr(world.wiring.rules, "save_programme", hq_is_faster)
    world.renew_calendars()
    assert world.wiring.rules.programme()[1].name == "Renamed"
    assert max(world.wiring.rules.programme()[1].calendar.holidays).year == 2029


def test_a_list_of_holidays_written_by_hand_is_hqs_to_go_on_with_and_it_is_told_once(
    world: World,
) -> None:
    saved(world, munich(1), holidays=["2026-12-25", "2027-01-01"])
    for _ in range(2):
        world.renew_calendars()
    assert written_to_hq(world) == ["Your list of holidays ends with 2027"]


def test_one_whose_region_nobody_knows_any_more_stops_nobody_else_and_raises_an_alarm(
    world: World,
) -> None:
    saved(world, munich(1), munich(2), holiday_region="DE-BY")
    lost = world.wiring.partners.get("munich-2")
    assert lost
    world.wiring.partners.save([(replace(lost, holiday_region="YU"), lost.version)], world.now)
    world.now = LATER
    with pytest.raises(RuntimeError, match="munich-2"):
        world.renew_calendars()
    assert max(holidays(world, 1)).year == 2029


def test_a_window_beyond_the_holidays_that_are_known_says_so_and_new_year_stays_closed(
    world: World,
) -> None:
    saved(world, munich(1), holiday_region="DE-BY")
    world.now = datetime(2029, 12, 28, 16, 0, tzinfo=UTC)
    offers = [{"window": {"response_hours": 12}, "total": {"working_days": 9}}]
    old = world.wiring.rules.programme()[1]
    world.wiring.rules.save_programme(
        old.model_copy(update={"offers": a_programme(offers=offers).offers}), world.now
    )
    lead_id = world.post_lead().json()["lead"]
    lead = world.lead(lead_id)
    assert lead.offers[0].expires_at == datetime(2030, 1, 2, 8, 0, tzinfo=UTC)
    (made,) = (
        f.to_data() for row in world.events(lead_id) for f in row.events if f.kind == "offer.made"
    )
    assert made["holidays_through"] == 2028


# ── time zones ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("EST", "America/New_York"),
        ("MST", "America/Denver"),
        ("CET", "Europe/Berlin"),
        ("MEZ", "Europe/Berlin"),
        ("GMT", "Europe/London"),
        ("Etc/UTC", "UTC"),
        ("europe/berlin", "Europe/Berlin"),
        ("New York", "America/New_York"),
        ("Europe/Berln", "Europe/Berlin"),
    ],
)
def test_a_zone_that_is_no_places_is_answered_with_the_one_that_is_meant(
    written: str, meant: str
) -> None:
    document = partner_document(munich(1)) | {"time_zone": written}
    with pytest.raises(InvalidInput) as refused:
        read_partner(document, a_programme(), date(2026, 11, 25))
    assert [p.field for p in refused.value.problems] == ["time_zone"]
    assert f"did you mean {meant}?" in refused.value.problems[0].message


def test_where_nobody_can_tell_what_was_meant_an_example_is_given() -> None:
    with pytest.raises(InvalidInput, match="use one like Europe/Berlin"):
        read_partner(
            partner_document(munich(1)) | {"time_zone": "Europe/Munich"},
            a_programme(),
            date(2026, 11, 25),
        )


@pytest.mark.parametrize("zone", ["Etc/GMT+5", "EST5EDT", "Factory", "Mars/Base"])
def test_no_zone_by_the_clock_alone_is_taken_for_the_programme_or_a_region(zone: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_programme(programme_document(time_zone=zone))
    assert [p.field for p in refused.value.problems] == ["time_zone"]
    regions = {"munich": {"country": "DE", "postcodes": ["80*"], "time_zone": zone}}
    with pytest.raises(InvalidInput, match="time_zone"):
        read_programme(programme_document(regions=regions))


@pytest.mark.parametrize(
    "zone", ["UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires", "US/Eastern"]
)
def test_the_zones_of_places_are_taken(zone: str) -> None:
    assert read_partner(
        partner_document(munich(1)) | {"time_zone": zone}, a_programme(), date(2026, 11, 25)
    )


def test_a_stored_partner_with_such_a_zone_goes_on_and_hq_is_told_once(world: World) -> None:
    world.use(a_programme(), munich(1, time_zone="EST"))
    save_partner(world.wiring.services, "munich-1", {"name": "Boston Air"}, world.now)
    for _ in range(2):
        world.renew_calendars()
    assert written_to_hq(world) == ["A time zone is wrong in summer"]
    body = world.mails("hq@")[-1].get_body(("plain",))
    assert body
    assert "Boston Air: EST → America/New_York" in " ".join(body.get_content().split())
    assert world.post_lead().json()["answer"] == "offered"


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01"])
@pytest.mark.slow
def test_the_first_or_last_day_that_there_is_stops_no_enquiry_and_no_renewal(
    world: World, day: str
) -> None:
    saved(world, munich(1), munich(2, holiday_region="AT"), holidays=[day], closing_days=[day])
    world.now = LATER
    assert world.post_lead().status == 201
    world.renew_calendars()
    assert max(holidays(world, 2)).year == 2029
