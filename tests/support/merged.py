"""Enquiries as they were stored while repeats were still merged into the first: for what must still
be read.
"""

from datetime import timedelta

from routing_core.aws.codecs.event_items import event_key, event_to_item
from routing_core.aws.codecs.lead_items import lead_to_item
from routing_core.aws.tables.dynamo import serialize_item
from routing_core.domain.changed import changed
from routing_core.domain.draft import Draft
from routing_core.domain.events import CommitRecord, LeadAttached, LeadRepeated
from routing_core.domain.lead import LeadStatus, Note
from routing_core.service.kernel.ports import Change
from tests.support.stack import dynamo_tables
from tests.support.world import World


def merged(world: World, first: str, key: str, message: str, **fields: str) -> str:
    """Stores a repeat that joined ``first`` for good, with its words in a note there; returns its
    id.
    """
    stub_id: str = world.post_lead(key, message=message, website_url="x", **fields).json()["lead"]
    target = world.lead(first)
    stub = changed(
        world.lead(stub_id),
        status=LeadStatus.ATTACHED,
        attached_to=first,
        answer="joined",
        first_promise=target.promised_by,
        reason="",
        erase_at=world.now + timedelta(days=180),
    )
    fact = LeadAttached(first=first)
    row = event_to_item(CommitRecord(stub_id, 1, world.now, None, (fact,)))
    client = world.wiring.leads._client
    for item in (lead_to_item(stub), row | event_key(stub_id, 1)):
        client.put_item(TableName=_leads_table(), Item=serialize_item(item))
    owner = Draft(target)
    owner.add_event(LeadRepeated(repeat=stub_id))
    note = Note(world.now, f"repeat:{stub_id}", message)
    world.wiring.services.commit(Change(owner, note=note), now=world.now)
    return stub_id


def _leads_table() -> str:
    return str(dynamo_tables()["leads"].name)
