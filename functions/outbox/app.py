"""The leads stream: timers are armed, events are published, and new posts are counted."""

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)
from aws_lambda_powertools.utilities.data_classes.dynamo_db_stream_event import (
    DynamoDBRecord,
    StreamRecord,
)
from botocore.exceptions import BotoCoreError, ClientError

from routing_core.aws.codecs.event_items import event_from_item
from routing_core.aws.settings import OutboxSettings, requires
from routing_core.aws.wiring import wiring
from routing_core.domain.errors import RelayError
from routing_core.domain.events import CommitRecord
from routing_core.service.intake.watch_posts import watch_posts

logger = Logger()
metrics = Metrics()
processor = BatchProcessor(EventType.DynamoDBStreams)


def publish(record: DynamoDBRecord) -> None:
    """Both effects may be repeated: a timer is armed once per version, readers know each fact by
    its id.

    When AWS fails, so does this, and the stream brings the record again until it works.
    """
    row, now = read(record.dynamodb or StreamRecord({})), datetime.now(UTC)
    if row is None:
        return
    if row.due:
        wiring().timers.arm(row.lead, row.version, row.due, now)
    wiring().bus.publish([row])
    count(row, now)
    logger.info(
        "published",
        extra={"lead": row.lead, "version": row.version, "facts": [f.kind for f in row.facts]},
    )


def count(row: CommitRecord, now: datetime) -> None:
    """What cannot be counted holds nothing up: the doors count for themselves too."""
    there = wiring()
    try:
        watch_posts(there.leads, there.rules, there.gate, there.batches, row, now)
    except (ClientError, BotoCoreError, RelayError):
        logger.exception("not counted", extra={"lead": row.lead})


def read(change: StreamRecord) -> CommitRecord | None:
    """None for a row that cannot be understood: trying again would only hold up the leads behind
    it. The row stays in the table, an alarm tells, and `make redrive` brings it again once the
    cause is mended.
    """
    try:
        return event_from_item(
            {name: value for name, value in change.new_image.items() if name != "decision"}
        )
    except (KeyError, TypeError, ValueError):
        logger.exception("unreadable", extra={"keys": change.keys})
        metrics.add_metric("UnreadableRows", MetricUnit.Count, 1)
        metrics.flush_metrics()
        return None


@requires(OutboxSettings)
def handler(event: dict[str, Any], context: Any) -> Any:
    return process_partial_response(
        event, record_handler=publish, processor=processor, context=context
    )
