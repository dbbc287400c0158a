"""HQ sees on its first page, and by API, when mail is held up and what was refused for good."""

from datetime import timedelta

from tests.integration.test_desk_leads import PEOPLE
from tests.integration.test_desk_today import needs, open_with
from tests.support.mail_service import ILL_FORMED, PAUSED, SANDBOX, ses_says
from tests.support.world import World, munich

FIRST = munich(1).contact.email
A_DAY = timedelta(days=1)


def post(world: World, **fields: object) -> str:
    lead: str = world.post_lead(**fields).json()["lead"]
    world.deliver()
    return lead


def asked(world: World, **options: object) -> dict[str, object]:
    key = world.api_key("leads:read")
    answer = world.http("GET", "/v1/mail", headers={"x-api-key": key})
    assert answer.status == 200
    found: dict[str, object] = answer.json()
    return found


def test_mail_that_is_held_up_stands_first_with_its_cause_until_it_moves(world: World) -> None:
    desk = open_with(world, munich(1))
    with ses_says(*SANDBOX):
        post(world)
    page = desk.get("/hq").body
    assert "Email is being held up" in page
    assert "(sandbox)" in page
    assert "Nothing needs you right now" not in page
    assert asked(world)["standing"] == {
        "since": world.now.isoformat(),
        "tried_at": world.now.isoformat(),
        "why": "unverified",
    }
    world.now += timedelta(minutes=21)
    assert "Email is being held up" not in desk.get("/hq").body
    assert asked(world) == {"standing": None, "refused": []}


def test_emergencies_whose_partner_may_not_have_heard_stand_there_with_a_number(
    world: World,
) -> None:
    desk = open_with(world, munich(1))
    with ses_says(*PAUSED):
        lead = post(world, urgency="emergency", phone="+4989999981230")
        other = post(world, submission_id="two", email="max@posteo.de", name="Max")
    shown = needs(desk)["emergencies"]
    assert f"/hq/leads/{lead}" in shown
    assert other not in shown
    assert 'href="tel:+498999998123"' in shown
    world.press(world.offer_link(lead), action="accept")
    assert "emergencies" not in needs(desk)


def test_what_was_refused_for_good_stands_there_for_three_days(world: World) -> None:
    desk = open_with(world, munich(1, tier=1), munich(2, tier=2))
    with ses_says(*ILL_FORMED, to=FIRST):
        lead = post(world)
    shown = needs(desk)["refused"]
    assert "Isar Wärme 1" in shown
    assert f"/hq/leads/{lead}" in shown
    (told,) = asked(world)["refused"]  # type: ignore[misc]
    assert told == {
        "at": world.now.isoformat(),
        "role": "partner",
        "lead": lead,
        "partner": "munich-1",
    }
    world.now += 3 * A_DAY
    assert "refused" in needs(desk)
    world.now += timedelta(seconds=1)
    assert "refused" not in needs(desk)


def test_whoever_sees_another_region_does_not_see_its_refused_mails(world: World) -> None:
    open_with(world, munich(1))
    with ses_says(*ILL_FORMED, to=FIRST):
        post(world)
    regional = [each for each in PEOPLE["people"] if each.get("regions")]
    assert regional, "the people of these tests include some of one region"
    seen = {
        person["email"]: "refused" in needs(world.desk(person["email"]))
        for person in PEOPLE["people"]
    }
    lead = world.lead(world.lead_ids()[0])
    for person in PEOPLE["people"]:
        allowed = not person.get("regions") or lead.region in person["regions"]
        assert seen[person["email"]] is allowed
