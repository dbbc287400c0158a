"""The place of an enquiry is put right: whoever was asked in the wrong one, and who is asked
instead.
"""

from urllib.parse import urlsplit

import pytest

from routing_core.domain.enquiry.typed_fields import LENGTHS
from routing_core.domain.lead import MOST_MOVES, LeadStatus
from routing_core.domain.offer import OfferStatus
from routing_core.domain.partner import Caps
from routing_core.domain.territory.territory import Territory
from routing_core.service.hq.handle_lead import Assignment, assign_lead
from routing_core.service.hq.replay_decisions import replay_decisions
from routing_core.service.placing.move_lead import move_lead
from tests.support.builders import a_partner
from tests.support.invariants import NOTHING, check, look
from tests.support.world import World, a_programme, munich


def hamburg(number: int = 1, **changes: object):
    territories = (Territory.parse("DE 20*"),)
    return a_partner(
        f"hamburg-{number}", name=f"Alster {number}", territories=territories, **changes
    )


def everywhere():
    return a_partner("everywhere", territories=(Territory.parse("DE"),))


def enquire(world: World, **fields: str) -> str:
    lead_id: str = world.post_lead(**fields).json()["lead"]
    world.deliver()
    return lead_id


def correct(world: World, lead_id: str, postcode: str, **more: str):
    """By the prospect, on their page."""
    page = urlsplit(world.wiring.links.status(lead_id)).path
    answer = world.press(page, action="postcode", postcode=postcode, **more)
    world.deliver()
    return answer


def told(world: World, lead_id: str) -> list[tuple[str, str, str]]:
    return [(o.partner, o.status.value, o.reason) for o in world.lead(lead_id).offers]


def same_again(world: World, lead_id: str) -> bool:
    return all(
        each.identical for each in replay_decisions(world.wiring.leads, world.wiring.rules, lead_id)
    )


def test_oca_a_changed_zip_routes_a_lead_that_nobody_owns_anew(world: World) -> None:
    world.use(a_programme(), munich(1), hamburg())
    lead_id = enquire(world)
    answer = correct(world, lead_id, "20095", town="Hamburg")
    assert "Your new postcode has been saved" in answer.body
    assert told(world, lead_id) == [
        ("munich-1", "withdrawn", "moved"),
        ("hamburg-1", "pending", ""),
    ]
    lead = world.lead(lead_id)
    assert (lead.postcode, lead.town, lead.region) == ("20095", "Hamburg", "")
    assert [world.load(name).open_count for name in ("munich-1", "hamburg-1")] == [0, 1]
    assert "Nicht mehr offen" in str(world.mails("munich-1@")[-1]["Subject"])
    assert same_again(world, lead_id), "the first decision was about the first place"
    check(NOTHING, look(world))


def test_oca_a_changed_zip_leaves_an_owned_lead_with_its_owner_who_is_told_like_hq(
    world: World,
) -> None:
    world.use(a_programme(), munich(1), hamburg())
    lead_id = enquire(world)
    world.press(world.offer_link(lead_id), action="accept")
    world.deliver()
    hq, owner = len(world.mails("hq@")), len(world.mails("munich-1@"))
    correct(world, lead_id, "20095")
    lead = world.lead(lead_id)
    assert (lead.owner, lead.status, len(lead.offers), lead.postcode) == (
        "munich-1",
        "accepted",
        1,
        "20095",
    )
    assert len(world.mails("hq@")) == hq + 1
    (mail,) = world.mails("munich-1@")[owner:]
    body = mail.get_body(("plain",))
    assert body
    assert "20095" in body.get_content()
    check(NOTHING, look(world))


def test_who_works_at_the_right_place_too_stays_asked_and_is_told(world: World) -> None:
    world.use(a_programme(), everywhere(), hamburg())
    lead_id = enquire(world)
    before = world.lead(lead_id).offers[0]
    correct(world, lead_id, "20095")
    assert told(world, lead_id) == [("everywhere", "pending", "")]
    assert world.lead(lead_id).offers[0].expires_at == before.expires_at
    assert "Ort geändert" in str(world.mails("everywhere@")[-1]["Subject"])


def test_of_a_wave_those_who_work_there_stay_and_the_others_are_asked_no_more(world: World) -> None:
    rule = {"window": {"minutes": 120}, "waves": [2, "all"], "total": {"working_days": 2}}
    world.use(a_programme(offers=[rule]), munich(1), everywhere(), hamburg())
    lead_id = enquire(world)
    correct(world, lead_id, "20095")
    assert sorted(told(world, lead_id)) == [
        ("everywhere", "pending", ""),
        ("munich-1", "withdrawn", "moved"),
    ]
    check(NOTHING, look(world))


@pytest.mark.slow
def test_what_nobody_could_take_is_tried_at_once_and_nothing_tried_before_counts(
    world: World,
) -> None:
    """Three partners declined: at the new place three more may be asked."""
    world.use(a_programme(), *(munich(n) for n in (1, 2, 3)), hamburg(1), hamburg(2))
    lead_id = enquire(world)
    for _ in range(3):
        world.press(world.offer_link(lead_id), action="decline", reason="busy")
    world.run_for(minutes=90)
    assert world.lead(lead_id).status == "follow_up"
    correct(world, lead_id, "20095")
    assert told(world, lead_id)[3:] == [(world.lead(lead_id).offers[3].partner, "pending", "")]
    world.press(world.offer_link(lead_id), action="decline", reason="busy")
    assert {o.partner for o in world.lead(lead_id).offers[3:]} == {"hamburg-1", "hamburg-2"}
    assert same_again(world, lead_id)
    check(NOTHING, look(world))


def test_where_nobody_works_hq_hears_of_it_anew(world: World) -> None:
    world.use(a_programme(), munich(1, caps=Caps(open=0)))
    lead_id = enquire(world)
    correct(world, lead_id, "99084")
    lead = world.lead(lead_id)
    assert (lead.status, lead.reason, lead.exhausted) == ("hq_queue", "exhausted", True)
    assert world.facts(lead_id).count("lead.exhausted") == 2
    check(NOTHING, look(world))


@pytest.mark.slow
def test_a_late_accept_from_the_wrong_place_is_refused(world: World) -> None:
    share = [
        {
            "window": {"minutes": 60},
            "on_lapse": "share",
            "partners": 3,
            "total": {"working_days": 2},
        }
    ]
    world.use(a_programme(offers=share), munich(1), munich(2), hamburg())
    lead_id = enquire(world)
    world.run_for(minutes=61)
    correct(world, lead_id, "20095")
    world.press(world.offer_link(lead_id, 1), action="accept")
    lead = world.lead(lead_id)
    assert (lead.owner, [o.status for o in lead.offers]) == (
        None,
        [OfferStatus.EXPIRED, OfferStatus.WITHDRAWN, OfferStatus.PENDING],
    )


def test_what_hq_assigned_by_hand_stays_assigned(world: World) -> None:
    world.use(a_programme(), munich(1), munich(2), hamburg())
    lead_id = enquire(world)
    other = "munich-2" if world.lead(lead_id).offers[0].partner == "munich-1" else "munich-1"
    assign_lead(world.wiring.services, lead_id, Assignment(other, "test"), world.now)
    correct(world, lead_id, "20095")
    assert told(world, lead_id)[-1] == (other, "pending", "")


@pytest.mark.parametrize("how", ["page", "api"])
def test_hq_puts_the_place_right(world: World, how: str) -> None:
    world.use(a_programme(), munich(1), hamburg())
    lead_id = enquire(world)
    if how == "page":
        path = urlsplit(world.wiring.services.queue_link(lead_id)).path
        assert "Place corrected" in world.press(path, action="move", postcode="20095").body
    else:
        move_lead(world.wiring.services, lead_id, {"postcode": " 20095 "}, "crm", world.now)
    assert world.lead(lead_id).live_offers[0].partner == "hamburg-1"


def test_a_wrong_postcode_is_said_at_the_field_and_the_same_one_changes_nothing(
    world: World,
) -> None:
    world.use(a_programme(), munich(1))
    lead_id = enquire(world)
    wrong = correct(world, lead_id, "8033")
    assert (wrong.status, "aria-invalid" in wrong.body) == (422, True)
    correct(world, lead_id, "80331")
    assert world.lead(lead_id).version == 1


def test_a_town_is_no_longer_than_on_the_form(world: World) -> None:
    world.use(a_programme(), munich(1), hamburg())
    lead_id = enquire(world)
    correct(world, lead_id, "20095", town="Hamburg" * 100)
    assert len(world.lead(lead_id).town) == LENGTHS["town"]


@pytest.mark.slow
def test_it_cannot_be_moved_for_ever_nor_at_its_end(world: World) -> None:
    world.use(a_programme(), munich(1), hamburg())
    lead_id = enquire(world)
    for n in range(MOST_MOVES + 2):
        correct(world, lead_id, ("20095", "80331")[n % 2])
    assert len(world.lead(lead_id).moves) == MOST_MOVES
    page = urlsplit(world.wiring.links.status(lead_id)).path
    world.press(page, action="withdraw")
    correct(world, lead_id, "20095")
    assert world.lead(lead_id).status is LeadStatus.WITHDRAWN
    check(NOTHING, look(world))
