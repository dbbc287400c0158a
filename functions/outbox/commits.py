"""Reads a record of the leads stream as a commit, and counts the post that made it."""

from datetime import datetime

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.data_classes import dynamo_db_stream_event as stream
from botocore.exceptions import BotoCoreError, ClientError

from routing_core.aws.codecs.event_items import event_from_item
from routing_core.aws.wiring import wiring
from routing_core.domain.errors import RelayError
from routing_core.domain.events import CommitRecord
from routing_core.service.intake.watch_posts import PostWatch

logger = Logger()
metrics = Metrics()


def read_commit(record: stream.DynamoDBRecord) -> CommitRecord | None:
    """Read the commit of a record, without its decision; None if it cannot be understood.

    Trying again would only hold up the leads behind it. The row stays in the table, an alarm tells,
    and ``make redrive`` brings it again once the cause is mended.
    """
    change = record.dynamodb or stream.StreamRecord({})
    image = {name: value for name, value in change.new_image.items() if name != "decision"}
    try:
        return event_from_item(image)
    except (KeyError, TypeError, ValueError):
        logger.exception("unreadable", extra={"keys": change.keys})
        metrics.add_metric("UnreadableRows", MetricUnit.Count, 1)
        return None


def count_post(row: CommitRecord, now: datetime) -> None:
    """Count a new post. A failure holds nothing up: the doors count for themselves too."""
    ports = wiring()
    try:
        PostWatch(ports.leads, ports.rules, ports.gate, ports.batches).watch(row, now)
    except (ClientError, BotoCoreError, RelayError):
        logger.exception("not counted", extra={"lead": row.lead})
