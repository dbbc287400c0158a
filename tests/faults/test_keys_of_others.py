"""An idempotency key belongs to whoever sent it: a stranger who guesses one is in nobody's way."""

from routing_core.service.intake.submit_lead import lead_id
from tests.support.world import ENQUIRY, World, a_programme, munich

LEADS = "/v1/forms/enquiry/leads"


def _moved_to(world: World, old: str, new: str) -> None:
    """Stores a lead's rows under another id, as if it had been made under that one."""
    from routing_core.aws.tables.dynamo import serialize_item

    client = world.wiring._dynamo
    for row in world.items("leads", lambda pk, sk: pk == f"LEAD#{old}"):
        client.delete_item(
            TableName="leads", Key=serialize_item({"pk": row["pk"], "sk": row["sk"]})
        )
        client.put_item(TableName="leads", Item=serialize_item(row | {"pk": f"LEAD#{new}"}))


def test_a_guessed_key_does_not_turn_the_real_post_away(world: World) -> None:
    world.use(a_programme(), munich(1), munich(2))
    headers = {"Idempotency-Key": "order-1"}
    stranger = ENQUIRY | {"email": "stranger@posteo.de", "phone": "", "message": "first"}
    guessed = world.http("POST", LEADS, json_body=stranger, headers=headers)
    real = world.http("POST", LEADS, json_body=ENQUIRY, headers=headers)
    again = world.http("POST", LEADS, json_body=ENQUIRY, headers=headers)
    assert (guessed.status, real.status) == (201, 201)
    assert guessed.json()["lead"] != real.json()["lead"]
    assert again.json()["lead"] == real.json()["lead"]
    assert len(world.lead_ids()) == 2


def test_a_retry_finds_its_lead_however_its_address_is_spelled(world: World) -> None:
    world.use(a_programme(), munich(1))
    first = world.post_lead("one", email="Erika@posteo.de")
    again = world.post_lead("one", email=" Erika@POSTEO.de ")
    assert (again.status, again.json()["lead"]) == (201, first.json()["lead"])


def test_a_retry_from_another_network_finds_its_lead(world: World) -> None:
    world.use(a_programme(), munich(1))
    answers = [world.post_lead("one", client=address) for address in ("192.0.2.1", "198.51.100.7")]
    assert len({answer.json()["lead"] for answer in answers}) == 1


def test_a_retry_of_a_post_from_before_keys_had_owners_makes_no_second_lead(world: World) -> None:
    world.use(a_programme(), munich(1))
    told = world.post_lead("one").json()["lead"]
    former = lead_id("enquiry", "one")
    _moved_to(world, told, former)
    assert world.post_lead("one").json()["lead"] == former
    other = world.post_lead("one", message="Something else.")
    assert [error["code"] for error in other.json()["errors"]] == ["different_body"]
    assert world.lead_ids() == [former]


def test_what_a_stranger_posted_before_keys_had_owners_is_in_nobodys_way(world: World) -> None:
    world.use(a_programme(), munich(1), munich(2))
    told = world.post_lead("one", email="stranger@posteo.de", phone="").json()["lead"]
    _moved_to(world, told, lead_id("enquiry", "one"))
    assert world.post_lead("one").status == 201
    assert len(world.lead_ids()) == 2
