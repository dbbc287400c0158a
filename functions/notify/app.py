"""Events from the bus become mail; bounces that the mail service reports are noted."""

import json
from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from routing_core.aws.queues.ses_feedback import news_of, out_of_reach
from routing_core.aws.settings import NotifySettings, requires
from routing_core.aws.wiring import wiring
from routing_core.present.mails.render import render_mail
from routing_core.service.notifications.dispatch import tell_about_somebody, tell_fact
from routing_core.service.notifications.mailing import MailContext
from routing_core.service.notifications.note_bounce import note_bounce

logger = Logger()
processor = BatchProcessor(EventType.SQS)


def note(mailing: MailContext, kind: str, detail: dict[str, Any], now: datetime) -> None:
    """Note what SES says of a mail that left.

    Only the contact's own dead address takes its partner out of routing.
    """
    mail = detail.get("mail", {})
    tags, message, news = mail.get("tags", {}), mail.get("messageId"), news_of(detail, now)
    if news and message:
        mailing.outgoing.note_news(message, *news)
    if "reject" in detail:
        # SES found a virus in what we wrote: no address is at fault, and nobody got the mail.
        reason = detail["reject"].get("reason")
        logger.error("mail was rejected", extra={"tags": tags, "reason": reason})
    addresses = out_of_reach(detail)
    if not addresses:
        return
    lead = next(iter(tags.get("lead", [])), "")
    for partner in tags.get("partner", []):
        noted = note_bounce(mailing, partner, addresses, now, lead)
        logger.warning("mail came back", extra={"partner": partner, "kind": kind, "noted": noted})


def tell(record: SQSRecord) -> None:
    """Send what one message of the queue asks for. A failure brings the message again."""
    event = json.loads(record.body)
    detail, now = event["detail"], datetime.now(UTC)
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
