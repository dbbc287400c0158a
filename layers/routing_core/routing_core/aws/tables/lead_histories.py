"""Read leads with all that was ever committed to them, many at once."""

import json
import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from operator import attrgetter, itemgetter
from typing import Any

from routing_core.aws.codecs.context_items import context_from_item
from routing_core.aws.codecs.event_items import PAST, event_from_item
from routing_core.aws.codecs.lead_items import lead_from_item
from routing_core.aws.codecs.value_codecs import Item
from routing_core.aws.tables.dynamo import deserialize_item, query_pages, serialize_item
from routing_core.service.reports.report_ports import LeadHistory, ScannedLeads

logger = logging.getLogger(__name__)
LEADS_AT_ONCE = 16
"""So many leads are read at a time; boto3 keeps ten connections, and waits for a free one."""
EVENTS = ("EVENT#", PAST)
"""Where commits are: as they happened, and of a lead of the past as HQ imported it."""
LEAD = "LEAD#"


class LeadHistoriesTable:
    """Reads the leads table in bulk: ``report_ports.LeadHistories``."""

    def __init__(self, client: Any, table: str):
        self._client = client
        self._table = table

    def of(self, ids: Sequence[str]) -> Iterable[LeadHistory]:
        """Read leads by their ids: one query each gives the lead, its context and its events."""
        with ThreadPoolExecutor(LEADS_AT_ONCE) as pool:
            for found in pool.map(self._one, ids):
                if found is not None:
                    yield found

    def _one(self, lead_id: str) -> LeadHistory | None:
        rows = query_pages(
            self._client,
            TableName=self._table,
            KeyConditionExpression="pk = :lead",
            ExpressionAttributeValues=serialize_item({":lead": f"{LEAD}{lead_id}"}),
        )
        return _history(list(rows))

    def scan(self, segment: int, segments: int, cursor: str, most: int) -> ScannedLeads:
        """Read leads of a part of the table.

        DynamoDB gives all items of a lead one after the other; the last lead of a page may go on in
        the next one, so that it is only taken once another begins.
        """
        query: dict[str, Any] = {
            "TableName": self._table,
            "Segment": segment,
            "TotalSegments": segments,
            "FilterExpression": "begins_with(pk, :lead)",
            "ExpressionAttributeValues": serialize_item({":lead": LEAD}),
        }
        if cursor:
            query["ExclusiveStartKey"] = json.loads(cursor)
        rows: list[Item] = []
        leads: set[str] = set()
        while True:
            page = self._client.scan(**query)
            items = [deserialize_item(item) for item in page["Items"]]
            rows += items
            leads.update(item["pk"] for item in items)
            last = page.get("LastEvaluatedKey")
            if last is None:
                return ScannedLeads(tuple(_histories(rows)), "")
            query["ExclusiveStartKey"] = last
            if len(leads) > most:
                return self._cut(rows)

    def _cut(self, rows: Sequence[Item]) -> ScannedLeads:
        """Give the leads that are whole, and where the one begins that may go on."""
        unfinished = rows[-1]["pk"]
        whole = [row for row in rows if row["pk"] != unfinished]
        last = {"pk": whole[-1]["pk"], "sk": whole[-1]["sk"]}
        return ScannedLeads(tuple(_histories(whole)), json.dumps(serialize_item(last)))


def _histories(rows: Iterable[Item]) -> Iterator[LeadHistory]:
    for _, items in groupby(rows, key=itemgetter("pk")):
        found = _history(list(items))
        if found is not None:
            yield found


def _history(items: Sequence[Mapping[str, Any]]) -> LeadHistory | None:
    """Put a lead's items together; None if there is no lead, or it cannot be read."""
    by_key = {item["sk"]: item for item in items}
    lead = by_key.get("LEAD")
    if lead is None:
        return None
    context = by_key.get("CONTEXT")
    committed = [item for item in items if item["sk"].startswith(EVENTS)]
    try:
        return LeadHistory(
            lead_from_item(lead),
            context_from_item(context) if context else None,
            tuple(sorted(map(event_from_item, committed), key=attrgetter("version"))),
            all(item["sk"].startswith(PAST) for item in committed),
        )
    except (KeyError, TypeError, ValueError):
        # One lead that cannot be read must not keep everybody's report from being made.
        logger.exception("a lead cannot be read", extra={"lead": lead["pk"]})
        return None
