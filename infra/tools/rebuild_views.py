"""Makes the read model anew from the leads table: what HQ's lists, searches, log and days show.

    make rebuild-views                 on the embedded AWS of `make run`
    make rebuild-views STACK=name      on a stack in the account that your credentials reach

For after an upgrade that shows more in lists, after messages in ReadModelFailures, and after the
leads table was restored. It may run at any time and as often as you like, also while leads come in:
nothing is written over a higher version, and what the stream brings meanwhile stays.

First rows go whose lead is gone, whose partner has the lead no more, or that are of a version which
the lead does not have, as after a restore. Then the leads are read by segments, and their rows are
written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from infra.tools.stack import Target, reachable, services_of, target, tool
from routing_core.aws.codecs.context_items import context_from_item
from routing_core.aws.codecs.event_items import event_from_item
from routing_core.aws.codecs.lead_items import lead_from_item, lead_key
from routing_core.aws.codecs.value_codecs import Item
from routing_core.aws.tables.dynamo import batch_get, deserialize_item, serialize_item
from routing_core.aws.tables.row_writes import RowWrites
from routing_core.domain.errors import NotFound
from routing_core.domain.lead import Lead
from routing_core.domain.lead_row import lists_of
from routing_core.service.kernel.ports import Leads
from routing_core.service.upkeep.keep_rows import LeadNews, RowKeeper

SEGMENTS = 8
"""The leads table is read in so many parts."""
AT_ONCE = 4
"""So many parts are read at the same time."""
LEADS_ASKED = 100
"""So many rows are compared with their leads at once."""
PROGRESS_EVERY = 1_000
"""A line is printed after so many leads."""
Say = Callable[[str], None]


@dataclass(frozen=True)
class Views:
    """The two tables, and what writes rows."""

    dynamo: Any
    """A client of DynamoDB."""
    leads_table: str
    rows_table: str
    leads: Leads
    contact_secret: bytes
    zone: ZoneInfo

    @property
    def keeper(self) -> RowKeeper:
        """Give what writes the rows of one lead, also in the version that is there."""
        writes = RowWrites(self.dynamo, self.rows_table, again=True)
        return RowKeeper(writes, self.leads, self.contact_secret, self.zone)

    def scan(self, table: str, **scan: Any) -> Iterator[Item]:
        """Yield the items of a table, page by page."""
        pages = self.dynamo.get_paginator("scan").paginate(TableName=table, **scan)
        for page in pages:
            for item in page["Items"]:
                yield deserialize_item(item)


def rebuild(views: Views, now: datetime, say: Say) -> int:
    """Make the read model anew, tell how far it is, and return how many leads there are."""
    say(f"{remove_stale_rows(views)} rows removed that no lead has any more")
    written = 0
    days: set[date] = set()
    with ThreadPoolExecutor(AT_ONCE) as threads:
        for count, changed in threads.map(partial(_segment, views, say), range(SEGMENTS)):
            written += count
            days |= changed
    today = now.astimezone(views.zone).date()
    views.keeper.store.close_days(today, days)
    say(f"{written} leads and {len(days)} days written")
    return written


# ── rows that no lead has ─────────────────────────────────────────────────────────────────────────


def remove_stale_rows(views: Views) -> int:
    """Remove rows that the leads do not account for, and return how many they were."""
    rows = views.scan(
        views.rows_table,
        FilterExpression="begins_with(pk, :month) OR begins_with(pk, :partner)",
        ExpressionAttributeValues=serialize_item({":month": "MONTH#", ":partner": "PARTNER#"}),
        ProjectionExpression="pk, sk, version",
    )
    removed = 0
    for some in _parts(rows, LEADS_ASKED):
        leads = _leads_of(views, some)
        for row in some:
            if _is_stale(row, leads.get(_lead_of(row))):
                key = serialize_item({"pk": row["pk"], "sk": row["sk"]})
                views.dynamo.delete_item(TableName=views.rows_table, Key=key)
                removed += 1
    return removed


def _is_stale(row: Item, lead: Lead | None) -> bool:
    if lead is None or row["version"] > lead.version:
        return True
    kind, _, name = row["pk"].partition("#")
    return kind == "PARTNER" and name not in lists_of(lead)


def _leads_of(views: Views, rows: Iterable[Item]) -> Mapping[str, Lead]:
    keys = [lead_key(lead_id) for lead_id in dict.fromkeys(map(_lead_of, rows))]
    found = batch_get(views.dynamo, {views.leads_table: keys})[views.leads_table]
    return {lead.id: lead for lead in map(lead_from_item, found)}


def _lead_of(row: Item) -> str:
    lead_id: str = row["sk"].partition("#")[2]
    return lead_id


def _parts(rows: Iterable[Item], size: int) -> Iterator[list[Item]]:
    part: list[Item] = []
    for row in rows:
        part.append(row)
        if len(part) == size:
            yield part
            part = []
    if part:
        yield part


# ── rows of the leads ─────────────────────────────────────────────────────────────────────────────


def _segment(views: Views, say: Say, segment: int) -> tuple[int, set[date]]:
    """Write the rows of one segment's leads; return how many there are, and the days they changed.

    The items of one lead come one after the other, for they share a partition.
    """
    keeper = views.keeper
    items = views.scan(
        views.leads_table,
        Segment=segment,
        TotalSegments=SEGMENTS,
        FilterExpression="begins_with(pk, :lead)",
        ExpressionAttributeValues=serialize_item({":lead": "LEAD#"}),
        ConsistentRead=True,
    )
    count = 0
    days: set[date] = set()
    for pk, of_lead in groupby(items, key=lambda item: item["pk"]):
        try:
            news = news_of(pk.removeprefix("LEAD#"), of_lead)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            say(f"{pk} cannot be read, and keeps the row it has: {error!r}")
            continue
        days |= keeper.keep(news, None)
        count += 1
        if count % PROGRESS_EVERY == 0:
            say(f"segment {segment + 1} of {SEGMENTS}: {count} leads")
    return count, days


def news_of(lead_id: str, items: Iterable[Item]) -> LeadNews:
    """Put the items of a lead together, as the stream brings them over the time.

    Raises KeyError, TypeError or ValueError for an item that is none.
    """
    lead = None
    context = None
    commits = []
    for item in items:
        kind = item["sk"].partition("#")[0]
        if kind == "LEAD":
            lead = lead_from_item(item)
        elif kind == "CONTEXT":
            context = context_from_item(item)
        elif kind == "EVENT":
            commits.append(event_from_item(item))
    commits.sort(key=lambda commit: commit.version)
    changed_at = commits[-1].at if commits else datetime.min.replace(tzinfo=UTC)
    if lead and not commits:
        changed_at = lead.received_at
    return LeadNews(lead_id, changed_at, lead, context, tuple(commits))


def views_of(there: Target) -> Views:
    """Find the tables of a stack, and what their rows are made with."""
    services = services_of(there)
    try:
        zone = services.programme.zone
    except NotFound:
        zone = ZoneInfo("UTC")
    secret = there.client("secretsmanager").get_secret_value(SecretId=there.resource("ContactKey"))
    return Views(
        there.client("dynamodb"),
        there.resource("LeadsTable"),
        there.resource("ReadModelTable"),
        services.leads,
        secret["SecretString"].encode(),
        zone,
    )


def main() -> None:
    """Rebuild the stack that the command line names."""
    options = tool("Makes HQ's lists anew from the leads.").parse_args()
    there = target(options.stack, options.data, "make rebuild-views")
    with reachable(options.stack):
        rebuild(views_of(there), datetime.now(UTC), partial(print, flush=True))


if __name__ == "__main__":
    main()
