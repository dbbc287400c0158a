"""The leads stream: arms the timer for each commit's deadline, and publishes its facts on the bus."""

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.dynamo_db_stream_event import DynamoDBRecord

from routing_core.aws.items import event_from_item
from routing_core.aws.wiring import wiring

logger = Logger()
processor = BatchProcessor(EventType.DynamoDBStreams)


def publish(record: DynamoDBRecord) -> None:
    """Both effects may be repeated: a timer is armed once per version, readers know each fact by its id."""
    image = {name: value for name, value in record.dynamodb.new_image.items() if name != "decision"}
    row = event_from_item(image)
    if row.due:
        wiring().timers.arm(row.lead, row.version, row.due, datetime.now(UTC))
    wiring().bus.publish([row])
    logger.info("published", extra={"lead": row.lead, "version": row.version, "facts": [f.kind for f in row.facts]})


def handler(event: dict[str, Any], context: Any) -> Any:
    return process_partial_response(event, record_handler=publish, processor=processor, context=context)
