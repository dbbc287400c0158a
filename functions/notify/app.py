"""Events from the bus become mail; bounces that the mail service reports are noted."""

import json
from datetime import UTC, datetime
from functools import partial
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from functions.notify.feedback import note
from functions.notify.waiting import send_or_wait
from routing_core.aws.queues.mail_queue import waiting_event
from routing_core.aws.settings import NotifySettings, requires
from routing_core.aws.time_left import time_left
from routing_core.aws.wiring import wiring
from routing_core.present.mails.render import render_mail
from routing_core.service.kernel.time_budget import HasTime
from routing_core.service.notifications.dispatch import tell_about_somebody, tell_fact

logger = Logger()
processor = BatchProcessor(EventType.SQS)


def tell(record: SQSRecord, lambda_context: Any) -> None:
    """Send what one message of the queue asks for; what fails otherwise comes again, a few times."""
    now = datetime.now(UTC)
    waiting = waiting_event(record, now)
    has_time = time_left(lambda_context)
    send_or_wait(waiting, now, has_time, partial(send, waiting.body, now, has_time))


def send(body: str, now: datetime, has_time: HasTime) -> None:
    """Send what an event asks for, or note what SES says of a mail."""
    event = json.loads(body)
    detail = event["detail"]
    mailing = wiring().mailing(render_mail, has_time)
    if event["source"] == "aws.ses":
        note(mailing, event["detail-type"], detail, now)
        return
    if "lead" in detail:
        sent = tell_fact(mailing, detail["lead"], detail["version"], detail["index"], now)
    else:
        sent = tell_about_somebody(mailing, detail, event["id"], now)
    logger.info("told", extra={"fact": detail.get("fact", detail["kind"]), "sent": sent})


@requires(NotifySettings)
def handler(event: dict[str, Any], context: Any) -> Any:
    """Answer which messages of the batch failed: only those come again."""
    return process_partial_response(
        event, record_handler=tell, processor=processor, context=context
    )
