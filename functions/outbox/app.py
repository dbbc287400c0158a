"""The transactional outbox: arms each commit's timer, publishes its events, counts new posts.

A commit writes its events beside the lead, in one transaction, and what leaves for elsewhere leaves
from here (https://microservices.io/patterns/data/transactional-outbox.html).
"""

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)
from aws_lambda_powertools.utilities.data_classes import dynamo_db_stream_event as stream
from botocore.exceptions import BotoCoreError, ClientError

from routing_core.aws.codecs.event_items import event_from_item
from routing_core.aws.settings import OutboxSettings, requires
from routing_core.aws.wiring import wiring
from routing_core.domain.errors import RelayError
from routing_core.domain.events import CommitRecord
from routing_core.service.intake.watch_posts import PostWatch
from routing_core.service.upkeep.vital_signs import steps_counted

logger = Logger()
metrics = Metrics()
processor = BatchProcessor(EventType.DynamoDBStreams)


def publish(record: stream.DynamoDBRecord) -> None:
    """Arm the timer of one commit and publish its events.

    Both may be repeated: a timer is armed once for each version, and readers know each event by its
    id. When AWS fails, so does this, and the stream brings the record again until it works.
    """
    now = datetime.now(UTC)
    row = read(record.dynamodb or stream.StreamRecord({}))
    if row is None:
        return
    if row.due:
        wiring().timers.arm(row.lead, row.version, row.due, now)
    wiring().bus.publish([row])
    for metric, count in steps_counted(row.events).items():
        metrics.add_metric(metric, MetricUnit.Count, count)
    watch(row, now)
    kinds = [fact.kind for fact in row.events]
    logger.info("published", extra={"lead": row.lead, "version": row.version, "facts": kinds})


def watch(row: CommitRecord, now: datetime) -> None:
    """Count a new post. A failure holds nothing up: the doors count for themselves too."""
    ports = wiring()
    try:
        PostWatch(ports.leads, ports.rules, ports.gate, ports.batches).watch(row, now)
    except (ClientError, BotoCoreError, RelayError):
        logger.exception("not counted", extra={"lead": row.lead})


def read(change: stream.StreamRecord) -> CommitRecord | None:
    """Read the commit of a record, without its decision; None if it cannot be understood.

    Trying again would only hold up the leads behind it. The row stays in the table, an alarm tells,
    and ``make redrive`` brings it again once the cause is mended.
    """
    image = {name: value for name, value in change.new_image.items() if name != "decision"}
    try:
        return event_from_item(image)
    except (KeyError, TypeError, ValueError):
        logger.exception("unreadable", extra={"keys": change.keys})
        metrics.add_metric("UnreadableRows", MetricUnit.Count, 1)
        return None


@requires(OutboxSettings)
def handler(event: dict[str, Any], context: Any) -> Any:
    """Answer which records of the batch failed: the stream brings those again."""
    answer = process_partial_response(
        event, record_handler=publish, processor=processor, context=context
    )
    if metrics.metric_set:
        metrics.flush_metrics()
    return answer
