"""Backup partners: of the partner, of the place, of the programme, in the programme's order; then
HQ.
"""

import json
from datetime import timedelta
from typing import Any

import pytest

from routing_core.domain.absences import Absence
from routing_core.domain.partner import Caps
from routing_core.domain.partner_plain import partner_from_plain, partner_to_plain
from routing_core.domain.territory.territory import Territory
from tests.support.builders import NOON, a_partner
from tests.support.invariants import NOTHING, check, look
from tests.support.world import World, a_programme, munich

HOLD = {"hq_hold": {"minutes": 60}}


def elsewhere(name: str, *territories: str, **changes: Any) -> Any:
    """A partner who does not work in Munich, unless a territory says so."""
    return a_partner(
        name, territories=tuple(map(Territory.parse, territories or ("DE 20*",))), **changes
    )


def fallback(*rules: dict[str, Any], **changes: Any) -> Any:
    return a_programme(fallback=HOLD | ({"backup": list(rules)} if rules else {}) | changes)


def started(world: World, programme: Any, *partners: Any) -> str:
    world.use(programme, *partners)
    lead_id: str = world.post_lead().json()["lead"]
    return lead_id


def all_decline(world: World, lead_id: str) -> list[tuple[str, str]]:
    """Everybody asked declines, until nobody is; who it was, and as what."""
    while live := world.lead(lead_id).live_offers:
        world.press(world.offer_link(lead_id, live[0].number), action="decline", reason="busy")
    check(NOTHING, look(world))
    return [(offer.partner, offer.kind.value) for offer in world.lead(lead_id).offers]


def passed_over(world: World, lead_id: str) -> dict[str, list[str]]:
    decision = world.events(lead_id)[-1].decision
    assert decision
    found: dict[str, list[str]] = decision.get("passed_over", {})
    return found


def stood_in(world: World, lead_id: str) -> list[dict[str, str]]:
    decisions = (row.decision or {} for row in world.events(lead_id))
    return [each["stands_in"] for each in decisions if "stands_in" in each]


def test_the_backup_of_who_declined_is_asked_then_that_of_the_place_then_the_programmes_then_hq(
    world: World,
) -> None:
    lead_id = started(
        world,
        fallback(backup_partner="last"),
        munich(1, backup="friend"),
        elsewhere("friend"),
        elsewhere("near", "DE 80* backup"),
        elsewhere("last"),
    )
    asked = all_decline(world, lead_id)
    assert asked == [
        ("munich-1", "routed"),
        ("friend", "backup"),
        ("near", "backup"),
        ("last", "backup"),
    ]
    assert world.lead(lead_id).status == "hq_queue"
    assert world.facts(lead_id).count("lead.exhausted") == 1
    assert stood_in(world, lead_id) == [
        {"source": "partner", "partner": "munich-1"},
        {"source": "territory"},
        {"source": "programme"},
    ]


def test_a_backup_of_a_backup_stands_in_for_that_one(world: World) -> None:
    friend = elsewhere("friend", backup="other", paused=True)
    lead_id = started(world, fallback(), munich(1, backup="friend"), friend, elsewhere("other"))
    assert all_decline(world, lead_id) == [("munich-1", "routed"), ("other", "backup")]
    assert stood_in(world, lead_id) == [{"source": "partner", "partner": "friend"}]


def test_the_programme_says_in_which_order_and_what_is_left_out_is_not_asked(world: World) -> None:
    lead_id = started(
        world,
        fallback({"order": ["programme", "partner"]}, backup_partner="last"),
        munich(1, backup="friend"),
        elsewhere("friend"),
        elsewhere("near", "DE 80* backup"),
        elsewhere("last"),
    )
    assert [who for who, _ in all_decline(world, lead_id)] == ["munich-1", "last", "friend"]


def test_the_backup_of_a_partner_who_cannot_be_had_is_asked_at_once(world: World) -> None:
    today = Absence(NOON.date(), NOON.date())
    lead_id = started(
        world, fallback(), munich(1, backup="friend", absences=(today,)), elsewhere("friend")
    )
    assert [(o.partner, o.kind) for o in world.lead(lead_id).offers] == [("friend", "backup")]


def test_the_backup_of_a_full_partner_is_asked(world: World) -> None:
    lead_id = started(
        world, fallback(), munich(1, backup="friend", caps=Caps(open=0)), elsewhere("friend")
    )
    assert [o.partner for o in world.lead(lead_id).offers] == ["friend"]


def test_a_partner_who_does_not_do_the_work_stands_for_nobody(world: World) -> None:
    boilers = munich(1, backup="friend", products=frozenset({"boiler"}))
    lead_id = started(world, fallback(), boilers, elsewhere("friend"))
    assert (world.lead(lead_id).offers, world.lead(lead_id).status) == ((), "hq_queue")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"paused": True}, "paused"),
        ({"caps": Caps(open=0)}, "full"),
        ({"absences": (Absence(NOON.date(), NOON.date()),)}, "absent"),
        ({"confirmed_email": ""}, "unconfirmed"),
        ({"products": frozenset({"boiler"})}, "product"),
    ],
)
@pytest.mark.slow
def test_a_backup_who_cannot_take_it_is_passed_over_for_their_own_backup(
    world: World, changes: dict[str, Any], reason: str
) -> None:
    lead_id = started(
        world,
        fallback(),
        munich(1, backup="friend"),
        elsewhere("friend", backup="other", **changes),
        elsewhere("other"),
    )
    world.press(world.offer_link(lead_id), action="decline", reason="busy")
    assert [o.partner for o in world.lead(lead_id).offers] == ["munich-1", "other"]
    assert passed_over(world, lead_id) == {reason: ["friend"]}


def test_a_backup_nobody_knows_is_passed_over_and_hq_reads_so(world: World) -> None:
    lead_id = started(world, fallback(), munich(1, backup="nobody"))
    world.press(world.offer_link(lead_id), action="decline", reason="busy")
    assert (world.lead(lead_id).status, passed_over(world, lead_id)) == (
        "hq_queue",
        {"unknown": ["nobody"]},
    )
    page = world.http(
        "GET", world.wiring.services.queue_link(lead_id).removeprefix("https://relay.example.com")
    ).body
    assert "Backup partners passed over: nobody (not a partner in the network)" in page


def test_partners_who_back_each_other_up_are_each_asked_once(world: World) -> None:
    ring = [elsewhere("b", backup="c"), elsewhere("c", backup="munich-1")]
    lead_id = started(world, fallback(), munich(1, backup="b"), *ring)
    assert [who for who, _ in all_decline(world, lead_id)] == ["munich-1", "b", "c"]


def test_a_ring_of_partners_who_are_all_paused_ends_too(world: World) -> None:
    ring = [elsewhere("b", backup="c", paused=True), elsewhere("c", backup="b", paused=True)]
    lead_id = started(world, fallback(), munich(1, backup="b", paused=True), *ring)
    assert (world.lead(lead_id).status, passed_over(world, lead_id)) == (
        "hq_queue",
        {"paused": ["b", "c"]},
    )


def test_no_more_backups_are_asked_than_the_programme_says(world: World) -> None:
    chain = [elsewhere("b", backup="c"), elsewhere("c", backup="d"), elsewhere("d")]
    lead_id = started(world, fallback({"partners": 2}), munich(1, backup="b"), *chain)
    assert [who for who, _ in all_decline(world, lead_id)] == ["munich-1", "b", "c"]


def test_backups_have_a_window_and_a_lapse_of_their_own(world: World) -> None:
    rules = (
        {"window": {"minutes": 45}, "on_lapse": "share"},
        {"when": {"urgency": "emergency"}, "partners": 1},
    )
    lead_id = started(
        world, fallback(*rules), munich(1, backup="friend", paused=True), elsewhere("friend")
    )
    (offer,) = world.lead(lead_id).offers
    assert (offer.expires_at - offer.made_at, offer.on_lapse) == (timedelta(minutes=45), "share")
    other = world.post_lead(
        "two", urgency="emergency", email="b@posteo.de", phone="+49 89 99998 12399"
    ).json()["lead"]
    (offer,) = world.lead(other).offers
    assert (offer.expires_at - offer.made_at, offer.on_lapse) == (timedelta(minutes=30), "retract")


@pytest.mark.slow
def test_each_step_of_the_exceptions_lasts_exactly_as_long_as_its_own_window(world: World) -> None:
    """The partner, the partner's backup, that of the place, HQ's queue, the follow-up; a minute
    before each end, and at it.
    """
    steps = {
        "follow_up": {"retry_every": {"minutes": 400}, "give_up_after": {"minutes": 300}},
        "backup": [
            {"window": {"minutes": 45}},
            {"when": {"partner_type": "service"}, "window": {"minutes": 20}},
        ],
    }
    partners = (
        munich(1, backup="friend"),
        elsewhere("friend"),
        elsewhere("near", "DE 80* backup", type="service"),
    )
    offers = [{"window": {"minutes": 120}, "total": {"working_days": 2}}]
    types = ["installer", "service"]
    lead_id = started(
        world, a_programme(fallback=HOLD | steps, offers=offers, partner_types=types), *partners
    )

    def now() -> str:
        lead = world.lead(lead_id)
        return lead.live_offers[0].partner if lead.status == "offered" else lead.status.value

    ends = {"munich-1": 120, "friend": 45, "near": 20, "hq_queue": 60, "follow_up": 300}
    for step, minutes in ends.items():
        assert now() == step
        world.run_for(minutes=minutes - 1)
        assert now() == step
        world.run_for(minutes=1)
    assert (now(), world.lead(lead_id).reason) == ("lost", "unplaced")


def test_after_the_last_wave_the_backups_of_all_who_were_asked_are_next(world: World) -> None:
    rule = {"window": {"minutes": 120}, "waves": [2], "total": {"working_days": 2}}
    programme = a_programme(offers=[rule], fallback=HOLD)
    partners = [munich(1), munich(2, backup="friend"), munich(3, tier=3), elsewhere("friend")]
    lead_id = started(world, programme, *partners)
    asked = [who for who, _ in all_decline(world, lead_id)]
    assert (sorted(asked[:2]), asked[2:]) == (["munich-1", "munich-2"], ["friend"])


@pytest.mark.slow
def test_a_backup_who_has_a_place_again_is_offered_what_waits(world: World) -> None:
    lead_id = started(
        world,
        fallback(),
        munich(1, backup="friend", paused=True),
        elsewhere("friend", caps=Caps(open=1)),
    )
    second = world.post_lead("two", email="b@posteo.de", phone="").json()["lead"]
    assert world.lead(second).status == "hq_queue"
    world.press(world.offer_link(lead_id), action="decline", reason="busy")
    world.deliver()
    assert [o.partner for o in world.lead(second).offers] == ["friend"]


# ── saved ─────────────────────────────────────────────────────────────────────────────────────────


def document(**changes: Any) -> dict[str, Any]:
    return {
        "name": "Isar",
        "contact": {"email": "isar@example.com"},
        "territories": ["DE 80*"],
        "products": ["heat-pump"],
    } | changes


def test_a_backup_must_be_somebody_else_of_the_network(world: World) -> None:
    from routing_core.domain.errors import InvalidInput
    from routing_core.service.hq.import_partners import plan_partners, save_plan
    from routing_core.service.hq.save_partner import save_partner

    world.use(a_programme(), munich(1))
    services = world.wiring.services
    assert save_partner(services, "p1", document(backup="munich-1"), world.now).backup == "munich-1"
    for backup, code in (("nobody", "unknown_partner"), ("p1", "invalid")):
        with pytest.raises(InvalidInput) as refused:
            save_partner(services, "p1", document(backup=backup), world.now)
        assert [(p.field, p.code) for p in refused.value.problems] == [("backup", code)]
    pair = [
        document(id="a", backup="b"),
        document(id="b", backup="a", contact={"email": "b@example.com"}),
    ]
    assert save_plan(services, plan_partners(services, pair, world.now), world.now).created == (
        "a",
        "b",
    )
    with pytest.raises(InvalidInput) as refused:
        plan_partners(services, [document(id="c", backup="nobody")], world.now)
    assert [p.field for p in refused.value.problems] == ["partners[0].backup"]


def test_a_profile_saved_when_backup_was_yes_or_no_still_reads() -> None:
    plain = partner_to_plain(munich(1))
    assert partner_from_plain(json.loads(json.dumps(plain)) | {"backup": True}).backup == ""
    assert partner_from_plain(plain | {"backup": "p2"}).backup == "p2"
