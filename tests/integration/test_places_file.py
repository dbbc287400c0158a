"""The user's file of coordinates: what it knows is covered by distance, what it does not know by everything else."""

from dataclasses import replace

from routing_core.domain.territory import Territory
from tests.world import World, a_programme, munich


def test_a_radius_is_routed_by_the_users_file_and_without_it_others_stand_in(world: World) -> None:
    near = replace(munich(1), territories=(Territory.parse("DE 20km 80331"),))
    country = replace(munich(2), territories=(Territory.parse("DE"),))
    world.use(a_programme(), near, country)
    assert world.wiring.rules.network().unresolved == ((near.id, "DE 20km 80331"),)
    first = world.post_lead("without").json()["lead"]
    assert world.lead(first).offers[0].partner == country.id
    rules = world.wiring.rules
    rules._s3().put_object(Bucket=rules._bucket, Key="places/DE.csv", Body=b"postcode;lat;lon\n80331;48.137;11.575\n")
    world.compile()
    second = world.post_lead("with", email="other@posteo.de", phone="+4989999981299").json()["lead"]
    assert world.lead(second).offers[0].partner == near.id
