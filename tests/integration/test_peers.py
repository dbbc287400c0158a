"""What peers test of a whole assignment, beyond the ranking (see
tests/unit/test_against_the_field.py).
"""

from urllib.parse import urlsplit

import pytest

from routing_core.domain.territory.territory import Territory
from tests.support.world import World, a_programme, munich


def test_odoo_another_partner_cannot_accept_what_was_offered_to_one(world: World) -> None:
    world.use(a_programme(), munich(1), munich(2))
    lead = world.post_lead("one").json()["lead"]
    asked = world.lead(lead).offers[0].partner
    other = {munich(1).id: munich(2).id, munich(2).id: munich(1).id}[asked]
    forged = world.wiring.services.links.offer(lead, 1, other, 1)
    path = "/" + forged.split("/", 3)[3]
    assert world.http("POST", path, form={"action": "accept"}).status == 403
    assert world.lead(lead).status == "offered"
    assert world.load(other).open_count == 0


def test_frappe_when_the_reason_for_it_is_gone_what_was_assigned_is_cancelled_and_the_place_free(
    world: World,
) -> None:
    """An offer holds only for as long as its reason does: the wrong postcode is put right, the
    enquiry is withdrawn.
    """
    world.use(a_programme(), munich(1))
    one, two = (
        world.post_lead(key, email=f"{key}@posteo.de", phone="").json()["lead"]
        for key in ("one", "two")
    )
    assert world.load("munich-1").open_count == 2
    pages = [urlsplit(world.wiring.links.status(each)).path for each in (one, two)]
    world.press(pages[0], action="postcode", postcode="20095")
    world.press(pages[1], action="withdraw")
    assert [world.lead(each).offers[0].status for each in (one, two)] == ["withdrawn", "withdrawn"]
    assert world.load("munich-1").open_count == 0


CITY = a_programme(routing={"rules": ["require tag city when region is munich"]})


@pytest.mark.parametrize("covers", ["DE 2*", "DE"])
@pytest.mark.slow
def test_frappe_when_a_rules_condition_turns_true_the_offer_from_before_is_cancelled_and_the_next_obeys_it(
    world: World, covers: str
) -> None:
    north = munich(1, territories=(Territory.parse(covers),))
    world.use(CITY, north, munich(2, tags=frozenset({"city"}), tier=2), munich(3, tier=1))
    lead = world.post_lead("one", postcode="20095").json()["lead"]
    assert offers(world, lead) == [("munich-1", "pending")]
    corrected(world, lead, postcode="80331")
    assert offers(world, lead) == [("munich-1", "withdrawn"), ("munich-2", "pending")]
    assert [world.load(munich(number).id).open_count for number in (1, 2, 3)] == [0, 1, 0]


def test_frappe_when_a_rules_condition_turns_false_who_it_kept_out_is_asked(world: World) -> None:
    world.use(CITY, munich(1, territories=(Territory.parse("DE"),)))
    lead = world.post_lead("one").json()["lead"]
    assert (world.lead(lead).status, offers(world, lead)) == ("hq_queue", [])
    corrected(world, lead, postcode="20095")
    assert offers(world, lead) == [("munich-1", "pending")]


def offers(world: World, lead: str) -> list[tuple[str, str]]:
    return [(offer.partner, offer.status.value) for offer in world.lead(lead).offers]


def corrected(world: World, lead: str, postcode: str) -> None:
    """By the person who asked."""
    world.press(
        urlsplit(world.wiring.links.status(lead)).path, action="postcode", postcode=postcode
    )


@pytest.mark.slow
def test_odoo_merged_duplicates_keep_their_owner(world: World) -> None:
    world.use(a_programme(), munich(1), munich(2))
    first = world.post_lead("one").json()["lead"]
    world.press(world.offer_link(first), action="accept")
    owner = world.lead(first).owner
    second = world.post_lead("two").json()["lead"]
    world.deliver()
    assert world.lead(second).attached_to == first
    assert world.lead(first).owner == owner
    assert sum(world.load(munich(n).id).open_count for n in (1, 2)) == 1
