"""The read model is made anew from the leads: after an upgrade, after an outage, after a restore."""

from typing import Any

import boto3
import pytest

from infra.tools.rebuild_views import Views, rebuild
from routing_core.aws.codecs.row_items import row_key
from routing_core.aws.tables.dynamo import serialize_item
from routing_core.domain.lead import LeadStatus
from routing_core.domain.lead_row import LeadFilter
from tests.support.stack import dynamo_tables
from tests.support.swift_moto import same_items
from tests.support.world import World, a_programme, munich


@pytest.fixture
def views(world: World) -> Views:
    world.use(a_programme(), munich(1), munich(2))
    return Views(
        boto3.client("dynamodb"),
        "leads",
        "read-model",
        world.wiring.leads,
        world.wiring.contact_secret,
        world.wiring.rules.programme()[1].zone,
    )


def rows(world: World) -> list[dict[str, Any]]:
    """All rows but the sign of life, and the totals of days on which nothing happened."""

    def wanted(pk: str, sk: str) -> bool:
        return pk != "HEARTBEAT" and not pk.startswith("DAYS#")

    return world.items("read-model", wanted)


def some_history(world: World) -> list[str]:
    """Accepted and contacted, erased, and declined by one partner; with a note of HQ."""
    leads = []
    for number, name in enumerate(("one", "two", "three")):
        fields = {"email": f"{name}@posteo.de", "phone": f"+498999998124{number}"}
        leads.append(str(world.post_lead(name, source="fair", **fields).json()["lead"]))
        world.deliver()
        world.advance(minutes=3)
    world.press(world.offer_link(leads[0]), action="accept")
    world.press(world.offer_link(leads[0]), action="contacted")
    world.press(world.hq_link(leads[1]), action="note", text="Mondays")
    world.press(world.hq_link(leads[1]), action="erase")
    world.press(world.offer_link(leads[2]), action="decline", reason="busy")
    return leads


def test_what_is_made_anew_is_what_the_stream_has_left_behind(world: World, views: Views) -> None:
    some_history(world)
    world.feed()
    as_it_was = rows(world)
    dynamo_tables()["read-model"].items = same_items({})
    said: list[str] = []
    assert rebuild(views, world.now, said.append) == 3
    assert rows(world) == as_it_was
    assert said[-1].startswith("3 leads")
    rebuild(views, world.now, said.append)
    assert rows(world) == as_it_was


def test_rows_go_whose_lead_is_gone_and_whose_partner_has_it_no_more(
    world: World, views: Views
) -> None:
    leads = some_history(world)
    world.feed()
    as_it_was = rows(world)
    model = world.wiring.read_model
    (accepted,) = model.page(LeadFilter(states=frozenset({LeadStatus.CONTACTED})), world.now).rows
    other = "munich-1" if accepted.owner == "munich-2" else "munich-2"
    world.wiring.row_writes.list_under(other, accepted)
    table = dynamo_tables()["read-model"]
    key = row_key(*accepted.position)
    ghost = table.get_item(*map(_typed, (key["pk"], key["sk"]))).to_json()["Attributes"]
    gone = serialize_item({"sk": key["sk"].replace(leads[0], "GONE")})
    table.put_item(ghost | gone)
    said: list[str] = []
    rebuild(views, world.now, said.append)
    assert said[0].startswith("2 rows removed")
    assert rows(world) == as_it_was


def _typed(text: str) -> Any:
    from moto.dynamodb.models.dynamo_type import DynamoType

    return DynamoType({"S": text})


def test_after_a_restore_the_rows_are_those_of_the_leads_as_they_then_are(
    world: World, views: Views
) -> None:
    (lead, *_) = some_history(world)
    world.feed()
    before = same_items(dynamo_tables()["leads"].items)
    as_it_was = rows(world)
    world.press(world.offer_link(lead), action="won", value="100")
    world.feed()
    dynamo_tables()["leads"].items = before
    rebuild(views, world.now, lambda _: None)
    assert rows(world) == as_it_was


def test_a_lead_that_cannot_be_read_stops_nothing(world: World, views: Views) -> None:
    some_history(world)
    dynamo_tables()["leads"].put_item(serialize_item({"pk": "LEAD#broken", "sk": "LEAD"}))
    said: list[str] = []
    assert rebuild(views, world.now, said.append) == 3
    assert any("LEAD#broken cannot be read" in line for line in said)
