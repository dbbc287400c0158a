"""From a posted form to an owner, and every way it can go wrong in between."""

from tests.support.world import World, a_programme, munich


def test_an_enquiry_reaches_a_partner_who_accepts_it(world: World) -> None:
    world.use(a_programme(), munich(1), munich(2))
    answer = world.post_lead()
    assert answer.status == 201, answer.body
    lead_id = answer.json()["lead"]
    world.deliver()
    first = world.lead(lead_id).offers[0].partner
    assert [str(m["To"]) for m in world.mails(first)] == [f"{first}@example.com"]

    page = world.press(world.offer_link(lead_id), action="accept")

    assert page.status == 200
    assert "Erika Beispiel" in page.body
    lead = world.lead(lead_id)
    assert (lead.status, lead.owner) == ("accepted", first)
    world.deliver()
    assert world.mails("erika@posteo.de")


def test_an_offer_nobody_answers_goes_to_the_next_partner(world: World) -> None:
    world.use(a_programme(), munich(1), munich(2))
    lead_id = world.post_lead().json()["lead"]
    world.run_for(hours=3)
    lead = world.lead(lead_id)
    assert lead.offers[0].status == "expired"
    (live,) = lead.live_offers
    assert world.load(lead.offers[0].partner).open_count == 0
    assert world.load(live.partner).open_count == 1


def test_a_lead_nobody_covers_reaches_hq(world: World) -> None:
    world.use(a_programme(), munich(1))
    lead_id = world.post_lead(postcode="25980").json()["lead"]
    world.deliver()
    assert world.lead(lead_id).status == "hq_queue"
    assert world.mails("hq@example.com")


def test_a_decline_opens_the_next_offer_in_the_same_commit(world: World) -> None:
    world.use(a_programme(), munich(1), munich(2))
    lead_id = world.post_lead().json()["lead"]
    world.press(world.offer_link(lead_id), action="decline", reason="busy")
    assert world.facts(lead_id)[-3:] == ["offer.declined", "offer.made", "capacity.freed"]
