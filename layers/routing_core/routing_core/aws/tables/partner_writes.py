"""Make the writes that save a partner: the profile, and what LOAD repeats of it."""

from datetime import datetime
from typing import Any

from routing_core.aws.codecs.load_items import LoadAttribute, load_key
from routing_core.aws.codecs.partner_items import partner_to_item
from routing_core.aws.tables.dynamo import serialize_item
from routing_core.aws.tables.update_expression import UpdateExpression
from routing_core.domain.partner import Partner
from routing_core.domain.partner_plain import caps_to_plain
from routing_core.domain.people import people


def partner_writes(table: str, partner: Partner, now: datetime) -> list[dict[str, Any]]:
    """Give the two writes that store a partner in the version it names."""
    profile = {"TableName": table, "Item": serialize_item(partner_to_item(partner, now))}
    return [{"Put": profile}, {"Update": _load_of_profile(table, partner)}]


def _load_of_profile(table: str, partner: Partner) -> dict[str, Any]:
    # LOAD repeats what a commit is conditioned on or a page has to know, so that neither reads the
    # profile. Its own counters stay.
    update = UpdateExpression()
    update.put(LoadAttribute.ACTIVE, partner.active)
    update.put("caps", caps_to_plain(partner.caps))
    update.put("links", partner.links)
    update.put("people", people(partner))
    update.put("revoked", partner.revoked)
    update.put("ended", dict(partner.ended))
    update.add(LoadAttribute.OPEN_COUNT, 0)
    update.add(LoadAttribute.SEQUENCE, 1)
    key = {"TableName": table, "Key": serialize_item(load_key(partner.id))}
    return key | update.arguments()
