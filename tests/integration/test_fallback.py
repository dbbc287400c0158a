"""When nobody else can be asked: backup partner, HQ, follow-up, an honest end. Never silence."""

import re
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from botocore.exceptions import ClientError

from routing_core.domain.partner import Caps
from routing_core.domain.territory.territory import Territory
from tests.support.builders import NOON, a_partner
from tests.support.hooks import refused
from tests.support.world import World, a_programme, munich

HOLD = {"hq_hold": {"minutes": 60}}
FOLLOW = {"retry_every": {"minutes": 120}, "give_up_after": {"minutes": 300}}


def backup(**changes: object) -> object:
    return a_partner("backup", territories=(Territory.parse("AT"),), **changes)


def nobody(world: World, key: str = "one", **fields: str) -> str:
    lead_id: str = world.post_lead(key, **{"postcode": "25980"} | fields).json()["lead"]
    return lead_id


def hq_mails(world: World) -> list[str]:
    return [str(m.get_body(("plain",))) for m in world.mails("hq@example.com")]


def test_the_backup_partner_is_asked_before_hq(world: World) -> None:
    world.use(a_programme(fallback=HOLD | {"backup_partner": "backup"}), munich(1), backup())
    lead_id = nobody(world)
    (offer,) = world.lead(lead_id).offers
    assert (offer.partner, offer.kind) == ("backup", "backup")
    world.press(world.offer_link(lead_id), action="decline", reason="busy")
    assert world.lead(lead_id).status == "hq_queue"


def test_a_full_backup_partner_is_passed_over(world: World) -> None:
    world.use(a_programme(fallback=HOLD | {"backup_partner": "backup"}), backup(caps=Caps(open=1)))
    first, second = nobody(world), nobody(world, "two", email="b@posteo.de", phone="")
    assert (world.lead(first).status, world.lead(second).status) == ("offered", "hq_queue")


@pytest.mark.slow
def test_nobody_is_left_hq_is_told_why_then_the_prospect_hears_then_an_apology(
    world: World,
) -> None:
    world.use(a_programme(fallback=HOLD | {"follow_up": FOLLOW}), munich(1))
    lead_id = world.post_lead().json()["lead"]
    world.press(world.offer_link(lead_id), action="decline", reason="busy")
    world.deliver()
    assert world.lead(lead_id).status == "hq_queue"
    assert len(hq_mails(world)) == 1
    world.run_for(minutes=60)
    assert world.lead(lead_id).status == "follow_up"
    world.run_for(minutes=300)
    lead = world.lead(lead_id)
    assert (lead.status, lead.reason, lead.promised_by) == ("lost", "unplaced", None)
    subjects = [str(m["Subject"]) for m in world.mails("erika@posteo.de")]
    assert len(subjects) == len([k for k in world.facts(lead_id) if k == "promise.renewed"]) + 3
    assert world.facts(lead_id)[-1] == "lead.closed"


@pytest.mark.slow
def test_while_hq_looks_the_prospect_hears_as_often_as_the_programme_says(world: World) -> None:
    world.use(
        a_programme(
            fallback=HOLD | {"follow_up": FOLLOW | {"update_every": {"minutes": 40}, "then": "hq"}}
        )
    )
    lead_id = nobody(world)
    world.run_for(minutes=480)  # the first promise is of four hours
    told = [
        row.at
        for row in world.events(lead_id)
        if "promise.renewed" in [fact.kind for fact in row.events]
    ]
    assert len(told) > 4
    a_little_early = timedelta(minutes=40 - 4)
    assert {later - earlier for earlier, later in pairwise(told)} == {a_little_early}


@pytest.mark.slow
def test_a_follow_up_that_ends_with_hq_tells_hq_again_and_never_closes_by_itself(
    world: World,
) -> None:
    world.use(a_programme(fallback=HOLD | {"follow_up": FOLLOW | {"then": "hq"}}))
    lead_id = nobody(world)
    world.run_for(minutes=400)
    assert (world.lead(lead_id).status, world.lead(lead_id).reason) == (
        "hq_queue",
        "follow_up_ended",
    )
    world.run_for(days=20)
    world.sweep()
    assert world.lead(lead_id).status == "hq_queue"
    assert len(hq_mails(world)) == 2


def test_an_exhausted_chain_is_told_once_however_often_it_is_tried_again(world: World) -> None:
    world.use(a_programme(fallback=HOLD | {"follow_up": FOLLOW}), munich(1))
    lead_id = nobody(world)
    world.run_for(minutes=300)
    assert world.facts(lead_id).count("lead.retried") >= 1
    assert world.facts(lead_id).count("lead.exhausted") == 1
    assert len(hq_mails(world)) == 1


def test_daily_retries_find_whoever_came_meanwhile(world: World) -> None:
    world.use(a_programme(fallback=HOLD | {"follow_up": FOLLOW}), munich(1))
    lead_id = nobody(world)
    world.run_for(minutes=61)
    world.add(munich(9, territories=(Territory.parse("DE 259*"),)))
    assert world.lead(lead_id).status == "follow_up"
    world.run_for(minutes=120)
    assert world.lead(lead_id).offers[0].partner == "munich-9"


# ── freed capacity ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.slow
def test_freed_capacity_goes_to_the_most_urgent_then_the_oldest(world: World) -> None:
    world.use(a_programme(), munich(1, caps=Caps(open=1)))
    holds = world.post_lead("holds").json()["lead"]
    waiting = []
    for number, (name, urgency) in enumerate(
        (("old", "soon"), ("young", "soon"), ("emergency", "emergency"))
    ):
        world.advance(minutes=1)
        asks = {"email": f"{name}@posteo.de", "phone": f"+498999981241{number}", "urgency": urgency}
        waiting.append(world.post_lead(name, **asks).json()["lead"])
    world.deliver()
    old, young, emergency = waiting
    world.press(world.offer_link(holds, 1), action="accept")
    for expected, action in ((emergency, "won"), (old, "won"), (young, "won")):
        last = next(
            i
            for i in (holds, emergency, old)
            if world.lead(i).owner and world.lead(i).status == "accepted"
        )
        world.press(world.offer_link(last), action=action, value="1")
        world.deliver()
        assert world.lead(expected).status == "offered"
        assert world.load("munich-1").open_count == 1
        world.press(world.offer_link(expected), action="accept")


def test_a_partner_who_resumes_is_offered_what_waits(world: World) -> None:
    world.use(a_programme(), munich(1))
    desk = world.wiring.links.desk("munich-1", 1).removeprefix("https://relay.example.com")
    world.press(desk, action="pause")
    world.deliver()
    lead_id = world.post_lead().json()["lead"]
    world.deliver()
    assert world.lead(lead_id).status == "hq_queue"
    world.press(desk, action="resume")
    world.deliver()
    assert world.lead(lead_id).status == "offered"


@pytest.mark.slow
def test_at_its_limit_a_lead_stays_with_hq_although_the_last_lapse_freed_a_place(
    world: World,
) -> None:
    """Retries on freed capacity ignored the limits: HQ never had its time, a fourth stranger was
    asked at once.
    """
    rule = [{"window": {"minutes": 60}, "partners": 2, "total": {"working_days": 2}}]
    world.use(
        a_programme(offers=rule, fallback=HOLD | {"follow_up": FOLLOW}),
        *(munich(n) for n in (1, 2, 3)),
    )
    lead_id = world.post_lead().json()["lead"]
    world.run_for(hours=2)
    assert (world.lead(lead_id).status, len(world.lead(lead_id).offers)) == ("hq_queue", 2)
    world.run_for(hours=3)  # HQ's hour is over, and so are two of follow-up
    assert len(world.lead(lead_id).offers) == 3


def test_hq_itself_may_have_all_tried_again_at_any_time(world: World) -> None:
    rule = [{"window": {"minutes": 60}, "partners": 1, "total": {"working_days": 2}}]
    world.use(a_programme(offers=rule), munich(1), munich(2))
    lead_id = world.post_lead().json()["lead"]
    world.run_for(minutes=60)
    assert world.lead(lead_id).status == "hq_queue"
    world.press(
        world.wiring.services.queue_link().removeprefix("https://relay.example.com"), action="retry"
    )
    assert world.lead(lead_id).status == "offered"


def test_a_partner_hq_assigned_who_declines_brings_the_lead_back_to_hq_with_an_alarm(
    world: World,
) -> None:
    """HQ was told once per lead, so that its own choice could fail in silence."""
    world.use(a_programme(), munich(1, territories=(Territory.parse("AT"),)))
    lead_id = nobody(world)
    world.deliver()
    page = world.wiring.services.queue_link(lead_id).removeprefix("https://relay.example.com")
    world.press(page, action="assign", partner="munich-1")
    world.press(world.offer_link(lead_id), action="decline", reason="busy")
    assert world.lead(lead_id).status == "hq_queue"
    assert world.facts(lead_id).count("lead.exhausted") == 2


# ── what HQ is sent ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.slow
def test_sixty_alerts_of_a_region_are_one_mail_now_and_one_at_the_end_of_the_hour(
    world: World,
) -> None:
    world.use(a_programme(), munich(1))
    for n in range(12):
        nobody(world, f"k{n}", email=f"p{n}@posteo.de", phone="")
    world.deliver()
    assert len(hq_mails(world)) == 1
    world.now = NOON + timedelta(minutes=59)
    world.sweep()
    assert len(hq_mails(world)) == 1
    world.now = NOON + timedelta(hours=1)
    world.sweep()
    alerts = hq_mails(world)
    assert len(alerts) == 2
    assert sum(len([i for i in world.lead_ids() if i in alert]) for alert in alerts) == 12


def test_an_emergency_nobody_can_take_is_never_held(world: World) -> None:
    world.use(a_programme(), munich(1))
    for n in range(2):
        nobody(
            world, f"k{n}", email=f"p{n}@posteo.de", phone=f"+49899999812{n}", urgency="emergency"
        )
    world.deliver()
    assert len(hq_mails(world)) == 2


@pytest.mark.parametrize(
    ("accepted", "sent"),
    [
        pytest.param(
            datetime(2026, 11, 25, 6, 29, tzinfo=UTC),
            datetime(2026, 11, 25, 6, 30, tzinfo=UTC),
            id="07:29",
        ),
        pytest.param(
            datetime(2026, 11, 25, 6, 30, tzinfo=UTC),
            datetime(2026, 11, 25, 15, 0, tzinfo=UTC),
            id="07:30",
        ),
        pytest.param(
            datetime(2026, 11, 25, 15, 1, tzinfo=UTC),
            datetime(2026, 11, 26, 6, 30, tzinfo=UTC),
            id="16:01",
        ),
    ],
)
@pytest.mark.slow
def test_confirmations_travel_together_at_the_programmes_times(
    world: World, accepted: datetime, sent: datetime
) -> None:
    world.now = accepted
    hq = {"emails": ["hq@example.com"], "digests": ["07:30", "16:00"]}
    world.use(a_programme(hq=hq), munich(1))
    for n in range(2):
        lead_id = world.post_lead(f"k{n}", email=f"p{n}@posteo.de", phone="").json()["lead"]
        world.press(world.offer_link(lead_id), action="accept")
    world.deliver()
    world.now = sent - timedelta(milliseconds=1)
    world.sweep()
    assert hq_mails(world) == []
    world.now = sent
    for _ in range(2):
        world.sweep()
    assert len(hq_mails(world)) == 1


def test_a_redelivered_confirmation_is_in_the_digest_once(world: World) -> None:
    hq = {"emails": ["hq@example.com"], "digests": ["16:00"]}
    world.use(a_programme(hq=hq), munich(1))
    lead_id = world.post_lead().json()["lead"]
    world.press(world.offer_link(lead_id), action="accept")
    world.deliver()
    for entry in list(world.published):
        world.tell(entry)
    rows = [item for item in world.items() if item["pk"].startswith("DIGEST#")]
    assert len(rows) == 1


@pytest.mark.slow
def test_a_digest_that_left_does_not_leave_again_though_its_lines_could_not_be_taken_away(
    world: World,
) -> None:
    hq = {"emails": ["hq@example.com"], "digests": ["16:00"]}
    world.use(a_programme(hq=hq), munich(1))

    def accepted(name: str) -> str:
        lead_id: str = world.post_lead(name, email=f"{name}@posteo.de", phone="").json()["lead"]
        world.press(world.offer_link(lead_id), action="accept")
        return world.lead(lead_id).reference

    leads = [accepted(name) for name in ("one", "two")]
    world.deliver()
    late = accepted("three")
    for row in world.rows(new=True):
        world.stream(row)
    world.now = world.now.replace(hour=15)
    for again in range(3):
        with (
            pytest.raises(ClientError),
            refused(world, "InternalServerError", operation="DeleteItem"),
        ):
            world.sweep()
        if again == 1:
            world.now = world.now.replace(hour=14)
            world.notify()  # it comes when its mail has left
            world.now = world.now.replace(hour=15)
    world.sweep()
    told = [str(mail.get_body(("plain",)).get_content()) for mail in world.mails("hq@example.com")]  # type: ignore[union-attr]
    named = [[lead for lead in (*leads, late) if lead in text] for text in told]
    assert sorted(named) == sorted([leads, [late]])


def test_an_alert_that_comes_hours_late_still_reaches_hq(world: World) -> None:
    world.use(a_programme(fallback=HOLD | {"follow_up": FOLLOW}), munich(1))
    lead_id = nobody(world)
    world.advance(minutes=90)
    world.sweep()
    assert world.lead(lead_id).status == "follow_up"
    world.deliver()
    assert len(hq_mails(world)) == 1


# ── a long queue ──────────────────────────────────────────────────────────────────────────────────


def queue_page(world: World, section: str = "") -> str:
    page = world.wiring.services.queue_link().removeprefix("https://relay.example.com")
    return world.http("GET", f"{page}?section={section}" if section else page).body


def reference(world: World, lead_id: str) -> str:
    return world.lead(lead_id).reference


@pytest.mark.slow
def test_a_long_queue_says_how_many_wait_shows_the_emergency_first_and_all_of_them_on_demand(
    world: World,
) -> None:
    world.use(a_programme(), munich(1))
    leads = []
    for n in range(51):
        world.advance(seconds=1)
        leads.append(nobody(world, f"{n}", email=f"{n}@posteo.de", phone=""))
    leads.append(
        nobody(world, "now", email="now@posteo.de", phone="+49899999812399", urgency="emergency")
    )
    first = queue_page(world)
    assert "52 enquiries waiting" in first
    assert "Show all 52" in first
    told = [each for each in leads if reference(world, each) in first]
    assert told == [*leads[:49], leads[-1]]
    assert first.index(reference(world, leads[-1])) < first.index(reference(world, leads[0]))
    whole = queue_page(world, "hq_queue")
    assert all(reference(world, each) in whole for each in leads)
    assert "Show all" not in whole


@pytest.mark.slow
def test_spam_never_hides_the_newest_that_may_be_none(world: World) -> None:
    world.use(a_programme(), munich(1))
    spam = []
    for n in range(51):
        world.advance(seconds=1)
        spam.append(nobody(world, f"{n}", website_url="https://spam.example"))
    first, whole = queue_page(world), queue_page(world, "quarantined")
    rows = re.sub(
        r'<input type="hidden"[^>]*>', "", first
    )  # the buttons in bulk name what stands further down, too
    assert [each for each in spam if reference(world, each) in rows] == spam[1:]
    assert all(reference(world, each) in whole for each in spam)
    assert "Unconfirmed" not in queue_page(world, "hq_queue")
