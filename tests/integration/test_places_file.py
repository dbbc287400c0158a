"""The user's file of coordinates: what it knows is covered by distance, what it does not know by everything else."""

from dataclasses import replace

from routing_core.domain.territory import Territory
from tests.hooks import nothing_listed
from tests.world import World, a_programme, munich


def test_a_radius_is_routed_by_the_users_file_and_without_it_others_stand_in(world: World) -> None:
    near = replace(munich(1), territories=(Territory.parse("DE 20km 80331"),))
    country = replace(munich(2), territories=(Territory.parse("DE"),))
    world.use(a_programme(), near, country)
    assert world.wiring.rules.network().unresolved == ((near.id, "DE 20km 80331"),)
    first = world.post_lead("without").json()["lead"]
    assert world.lead(first).offers[0].partner == country.id
    know_where(world, "80331;48.137;11.575")
    second = world.post_lead("with", email="other@posteo.de", phone="+4989999981299").json()["lead"]
    assert world.lead(second).offers[0].partner == near.id


def test_without_the_file_the_network_is_compiled_all_the_same(world: World) -> None:
    rules = world.wiring.rules
    rules._s3().delete_object(Bucket=rules._bucket, Key="places/DE.csv")
    with nothing_listed(world):
        world.use(a_programme(), replace(munich(1), territories=(Territory.parse("DE 20km 80331"),)))
    assert rules.network().unresolved == (("munich-1", "DE 20km 80331"),)


def test_a_partner_sees_how_far_it_is_before_accepting_if_the_programme_says_so(world: World) -> None:
    shown = a_programme(before_accept=["postcode", "distance"])
    augsburg = replace(munich(1), postcode="86150", language="en", languages=frozenset({"de", "en"}))
    world.use(shown, augsburg)
    know_where(world, "80331;48.137;11.575", "86150;48.365;10.894")
    lead = world.post_lead().json()["lead"]
    world.deliver()
    assert "56 km" in world.http("GET", world.offer_link(lead)).body
    assert "56 km" in mail_text(world, "munich-1")
    world.use(a_programme(before_accept=["postcode"]))
    assert " km" not in world.http("GET", world.offer_link(lead)).body


def know_where(world: World, *lines: str) -> None:
    rules = world.wiring.rules
    body = "\n".join(("postcode;lat;lon", *lines)).encode()
    rules._s3().put_object(Bucket=rules._bucket, Key="places/DE.csv", Body=body)
    world.compile()


def mail_text(world: World, to: str) -> str:
    body = world.mails(to)[-1].get_body(("plain",))
    assert body
    return str(body.get_content())
