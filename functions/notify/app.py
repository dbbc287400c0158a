"""Events from the bus become mail; bounces that the mail service reports are noted."""

import json
from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from functions.notify.feedback import note
from routing_core.aws.queues.mail_queue import WaitingEvent, waiting_event
from routing_core.aws.settings import NotifySettings, requires
from routing_core.aws.wiring import wiring
from routing_core.present.mails.render import render_mail
from routing_core.service.kernel.mail_delays import MailDelayed, MailHindrance
from routing_core.service.notifications.dispatch import tell_about_somebody, tell_fact

logger = Logger()
metrics = Metrics()
processor = BatchProcessor(EventType.SQS)
MILLISECONDS_FOR_ONE = 12_000
"""A message is begun only while so much of the function's time is left."""


def tell(record: SQSRecord, lambda_context: Any) -> None:
    """Send what one message of the queue asks for, or put it back while mail cannot leave.

    Another failure brings the message again, a few times.
    """
    now = datetime.now(UTC)
    waiting = waiting_event(record, now)
    # What is left of a batch whose mails had to wait for their turns: not begun and cut off.
    if lambda_context.get_remaining_time_in_millis() < MILLISECONDS_FOR_ONE:
        put_back(waiting, MailHindrance.RATE, now)
        return
    try:
        send(json.loads(waiting.body), now)
    except MailDelayed as delayed:
        if now >= waiting.age_limit:
            raise
        put_back(waiting, delayed.hindrance, now)


def put_back(waiting: WaitingEvent, hindrance: MailHindrance, now: datetime) -> None:
    """Let an event come again later, and measure how long it has waited."""
    wiring().mail_queue.put_back(waiting, hindrance)
    waited = (now - waiting.since).total_seconds()
    metrics.add_metric("MailWaits", MetricUnit.Seconds, waited)
    metrics.flush_metrics()
    logger.warning("mail waits", extra={"why": hindrance.value, "tries": waiting.tries + 1})


def send(event: dict[str, Any], now: datetime) -> None:
    """Send what an event asks for, or note what SES says of a mail."""
    detail = event["detail"]
    mailing = wiring().mailing(render_mail)
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
