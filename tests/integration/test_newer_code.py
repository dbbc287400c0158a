"""While a deployment is under way, code that is about to be replaced meets what its successor wrote.

It does what it understands and carries the rest along; what it does not understand it leaves to its
successor, and says so.
"""

import json
from datetime import timedelta
from typing import Any

import pytest

from routing_core.aws.codecs.lead_items import lead_key
from routing_core.aws.codecs.partner_items import profile_key
from routing_core.aws.tables.dynamo import serialize_item
from routing_core.aws.tables.rules_store import ACTIVE_NETWORK
from routing_core.domain.errors import NewerData
from routing_core.routing.index.snapshot import SNAPSHOT_SCHEMA
from tests.support.triggers import Context, stream_record, table_record
from tests.support.world import World, a_programme, munich


def put(world: World, table: str, key: dict[str, Any], **newer: Any) -> dict[str, Any]:
    """Writes more into an item, as newer code does; gives the whole item."""
    client = world.wiring._dynamo
    item = client.get_item(TableName=table, Key=serialize_item(key))["Item"]
    item |= serialize_item(newer)
    client.put_item(TableName=table, Item=item)
    return dict(item)


def item_of(world: World, table: str, pk: str, sk: str) -> dict[str, Any]:
    items = world.items(table)
    return next(item for item in items if (item["pk"], item["sk"]) == (pk, sk))


def of_lead(world: World, lead: str) -> dict[str, Any]:
    return item_of(world, "leads", f"LEAD#{lead}", "LEAD")


def test_a_lead_keeps_what_newer_code_wrote_through_offer_acceptance_and_progress(
    world: World,
) -> None:
    world.use(a_programme(), munich(1), munich(2))
    lead = world.post_lead().json()["lead"]
    put(world, "leads", lead_key(lead), later={"deep": ["x"]})
    world.press(world.offer_link(lead), action="accept")
    assert world.lead(lead).status == "accepted"
    assert of_lead(world, lead)["later"] == {"deep": ["x"]}


def test_a_lead_in_a_state_that_only_newer_code_knows_is_left_to_it(world: World) -> None:
    world.use(a_programme(), munich(1), munich(2))
    lead = world.post_lead().json()["lead"]
    world.deliver()
    link = world.offer_link(lead)
    before = put(world, "leads", lead_key(lead), status="sleeping")
    with pytest.raises(NewerData, match="'sleeping' is no LeadStatus"):
        world.wake({"lead": lead, "version": 1})
    answer = world.http("GET", link)
    assert answer.status == 503
    world.advance(days=2)
    world.sweep()
    assert serialize_item(of_lead(world, lead)) == before


def test_the_outbox_and_the_read_model_ask_the_stream_for_a_newer_commit_again(
    world: World,
) -> None:
    world.use(a_programme(), munich(1))
    world.post_lead("k1")
    world.post_lead("k2", email="other@posteo.de", phone="")
    first, second = world.rows()[:2]
    record = stream_record(first)
    record["dynamodb"]["NewImage"]["schema"] = {"N": "2"}
    from functions.outbox.app import handler as outbox
    from functions.read_model.app import handler as read_model

    with world.clock():
        answer = outbox({"Records": [record, stream_record(second)]}, Context())
    again = record["dynamodb"]["SequenceNumber"]
    assert answer == {"batchItemFailures": [{"itemIdentifier": again}]}
    told = {json.loads(entry["Detail"])["lead"] for entry in world.published}
    assert (first.lead in told, second.lead in told) == (False, True)

    def image(lead: str, **newer: Any) -> dict[str, Any]:
        return table_record(serialize_item(of_lead(world, lead) | newer), world.now)

    records = [image(first.lead, schema=2), image(second.lead)]
    with world.clock():
        answer = read_model({"Records": records}, Context())
    again = records[0]["dynamodb"]["SequenceNumber"]
    assert answer == {"batchItemFailures": [{"itemIdentifier": again}]}
    assert set(world.wiring.row_writes.kept([(world.lead(second.lead).received_at, second.lead)]))


def test_a_profile_keeps_what_newer_code_wrote_when_hq_writes_the_partner(world: World) -> None:
    world.use(a_programme(), munich(1))
    key = profile_key("munich-1")
    stored = item_of(world, "partners", key["pk"], "PROFILE")
    profile = dict(stored["profile"]) | {"later": "x"}
    profile["contact"] = profile["contact"] | {"pronoun": "she"}
    put(world, "partners", key, profile=profile)
    api_key = world.api_key("partners:read", "partners:write")
    document = world.http("GET", "/v1/partners/munich-1", headers={"x-api-key": api_key}).json()
    assert "later" not in document
    document["name"] = "Munich renamed"
    answer = world.http(
        "PUT", "/v1/partners/munich-1", json_body=document, headers={"x-api-key": api_key}
    )
    assert answer.status == 200, answer.body
    stored = item_of(world, "partners", key["pk"], "PROFILE")
    assert stored["profile"]["name"] == "Munich renamed"
    assert stored["profile"]["later"] == "x"
    assert stored["profile"]["contact"]["pronoun"] == "she"


def test_a_network_of_a_newer_schema_is_never_overwritten_and_the_last_older_one_is_read(
    world: World,
) -> None:
    world.use(a_programme(), munich(1), munich(2))
    pointer = item_of(world, "partners", "NETWORK", "ACTIVE")
    assert pointer["schema"] == SNAPSHOT_SCHEMA
    newer = put(
        world,
        "partners",
        ACTIVE_NETWORK,
        object="networks/newer.network",
        schema=SNAPSHOT_SCHEMA + 1,
        older={str(SNAPSHOT_SCHEMA): pointer["object"]},
    )
    world.wiring.rules.look_again()
    assert set(world.wiring.rules.network().partners) == {"munich-1", "munich-2"}
    with pytest.raises(NewerData):
        world.compile()
    assert serialize_item(item_of(world, "partners", "NETWORK", "ACTIVE")) == newer


def test_warm_code_goes_on_with_the_network_that_it_read_last(world: World) -> None:
    world.use(a_programme(), munich(1))
    assert world.wiring.rules.network().partners
    put(world, "partners", ACTIVE_NETWORK, object="networks/n", schema=SNAPSHOT_SCHEMA + 1)
    world.wiring.rules.look_again()
    assert set(world.wiring.rules.network().partners) == {"munich-1"}


def test_a_snapshot_of_a_newer_schema_leaves_the_older_one_for_code_that_reads_no_other(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other side of it: what this code's successor does."""
    world.use(a_programme(), munich(1))
    before = item_of(world, "partners", "NETWORK", "ACTIVE")
    monkeypatch.setattr("routing_core.aws.tables.rules_store.SNAPSHOT_SCHEMA", SNAPSHOT_SCHEMA + 1)
    world.compile()
    after = item_of(world, "partners", "NETWORK", "ACTIVE")
    assert after["schema"] == SNAPSHOT_SCHEMA + 1
    assert after["older"] == {str(SNAPSHOT_SCHEMA): before["object"]}


def test_rules_that_newer_code_saved_are_read_and_not_saved_over(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as newer:
        newer.setattr("routing_core.aws.tables.programme_table.RULES_WRITER", 99)
        world.use(a_programme(), munich(1))
    assert world.wiring.rules.programme()[0] == 1
    with pytest.raises(NewerData, match="being installed"):
        world.wiring.rules.save_programme(a_programme(), world.now + timedelta(hours=1))
    assert world.wiring.rules.programme()[0] == 1
