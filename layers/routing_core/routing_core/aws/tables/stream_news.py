"""Read a batch of the leads stream as news of each lead.

One commit writes several items, and the stream has a record for each: the lead's own image, what
came with it, and what the commit made true. Those of one lead are put together as far as the batch
has them; of several images of one item the last counts. Records of other items say nothing of a
lead: the sweep's sign of life, among them, only says how far the stream was read.
"""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.utilities.data_classes.dynamo_db_stream_event import DynamoDBRecord

from routing_core.aws.codecs.context_items import context_from_item
from routing_core.aws.codecs.event_items import event_from_item
from routing_core.aws.codecs.lead_items import lead_from_item
from routing_core.domain.errors import NewerData
from routing_core.domain.events import CommitRecord
from routing_core.domain.lead import Context, Lead
from routing_core.service.upkeep.keep_rows import LeadNews

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class _Gathered:
    """What the batch has of one lead so far."""

    first: str
    """The sequence number of its first record."""
    at: datetime
    lead: Lead | None = None
    context: Context | None = None
    commits: list[CommitRecord] = field(default_factory=list)
    unreadable: int = 0
    """Counts its records that could not be understood."""
    is_newer: bool = False
    """Tells whether only newer code can read some of its records."""

    def news(self, lead_id: str) -> LeadNews:
        at = self.at
        for commit in self.commits:
            if self.lead and commit.version == self.lead.version:
                at = commit.at
        is_whole = not self.unreadable
        return LeadNews(lead_id, at, self.lead, self.context, tuple(self.commits), is_whole)


@dataclass(frozen=True, slots=True)
class StreamBatch:
    """What a batch of records says."""

    news: tuple[tuple[str, LeadNews], ...]
    """News of each lead, with the sequence number from which on they are to be brought again."""
    unreadable: int
    """Counts records that could not be understood, and are left out."""
    newer: tuple[str, ...]
    """The first record of each lead of which only newer code can read some: it is to come again."""
    until: datetime | None
    """The instant at which the last record was written; None if no record tells."""


def read_batch(records: Iterable[Mapping[str, Any]], now: datetime) -> StreamBatch:
    """Put the records of each lead together; ``now`` stands for instants that records lack."""
    gathered: dict[str, _Gathered] = {}
    until: datetime | None = None
    for raw in records:
        record = DynamoDBRecord(dict(raw))
        change = record.dynamodb
        if change is None:
            continue
        at = _written_at(change.approximate_creation_date_time)
        until = max(filter(None, (until, at)), default=None)
        lead_id = change.keys.get("pk", "").removeprefix("LEAD#")
        image = change.new_image
        if not image or lead_id == change.keys.get("pk"):
            continue
        of_lead = gathered.setdefault(lead_id, _Gathered(change.sequence_number or "", at or now))
        of_lead.at = at or now
        try:
            of_lead.unreadable += not _take(of_lead, image)
        except NewerData:
            logger.exception("newer", extra={"keys": change.keys})
            of_lead.is_newer = True
    newer = tuple(each.first for each in gathered.values() if each.is_newer)
    news = tuple(
        (each.first, each.news(lead_id)) for lead_id, each in gathered.items() if not each.is_newer
    )
    unreadable = sum(each.unreadable for each in gathered.values())
    return StreamBatch(news, unreadable, newer, until)


def _take(of_lead: _Gathered, image: Mapping[str, Any]) -> bool:
    """Take one image in; False if it cannot be understood.

    Raises NewerData for one that only newer code can read.
    """
    kind = image["sk"].partition("#")[0]
    try:
        if kind == "LEAD":
            of_lead.lead = lead_from_item(image)
        elif kind == "CONTEXT":
            # No more of it is in a row; and the stream's binary values are not what tables give.
            shown = {name: image[name] for name in ("source", "utm") if name in image}
            of_lead.context = context_from_item(shown)
        elif kind == "EVENT":
            without_decision = {name: image[name] for name in image if name != "decision"}
            of_lead.commits.append(event_from_item(without_decision))
    except (AttributeError, KeyError, TypeError, ValueError):
        # Trying again would only hold up the leads behind it.
        logger.exception("unreadable", extra={"keys": {"pk": image["pk"], "sk": image["sk"]}})
        return False
    return True


def _written_at(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(float(seconds), UTC)
