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
from aws_lambda_powertools.utilities.data_classes.dynamo_db_stream_event import DynamoDBRecord

from functions.outbox.commits import count_post, read_commit
from routing_core.aws.settings import OutboxSettings, requires
from routing_core.aws.time_left import NoTimeLeft, time_left
from routing_core.aws.wiring import wiring
from routing_core.service.upkeep.vital_signs import steps_counted

logger = Logger()
metrics = Metrics()
processor = BatchProcessor(EventType.DynamoDBStreams)


def publish(record: DynamoDBRecord, lambda_context: Any) -> None:
    """Arm the timer of one commit and publish its events.

    Both may be repeated: a timer is armed once for each version, and readers know each event by its
    id. When AWS fails or time runs out, so does this, and the stream brings the record again.
    """
    if not time_left(lambda_context)():
        raise NoTimeLeft("the stream is to bring the rest again")
    now = datetime.now(UTC)
    row = read_commit(record)
    if row is None:
        return
    if row.due:
        wiring().timers.arm(row.lead, row.version, row.due, now)
    wiring().bus.publish([row])
    for metric, count in steps_counted(row.events).items():
        metrics.add_metric(metric, MetricUnit.Count, count)
    count_post(row, now)
    kinds = [fact.kind for fact in row.events]
    logger.info("published", extra={"lead": row.lead, "version": row.version, "facts": kinds})


@requires(OutboxSettings)
def handler(event: dict[str, Any], context: Any) -> Any:
    """Answer which records of the batch failed: the stream brings those again."""
    answer = process_partial_response(
        event, record_handler=publish, processor=processor, context=context
    )
    if metrics.metric_set:
        metrics.flush_metrics()
    return answer
