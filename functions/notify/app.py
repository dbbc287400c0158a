"""Facts from the bus become mail; what the mail service says of bounces is noted on the partner."""

import json
from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from routing_core.aws.wiring import wiring
from routing_core.present.mails import write
from routing_core.service.tell import note_bounce, tell_about_partner, tell_fact

logger = Logger()
processor = BatchProcessor(EventType.SQS)


def out_of_reach(detail: dict[str, Any]) -> tuple[list[str], set[str]]:
    """Which partner's mail came back for good or was complained about, and from which addresses; a full mailbox or a
    slow server is no reason."""
    if detail.get("bounce", {}).get("bounceType") in ("Transient", "Undetermined"):
        return [], set()
    mail = detail.get("mail", {})
    named = detail.get("bounce", {}).get("bouncedRecipients") or detail.get("complaint", {}).get("complainedRecipients")
    addresses = [each["emailAddress"] for each in named] if named else mail.get("destination", [])
    return list(mail.get("tags", {}).get("partner", [])), set(addresses)


def tell(record: SQSRecord) -> None:
    event = json.loads(record.body)
    detail, now = event["detail"], datetime.now(UTC)
    mailing = wiring().mailing(write)
    if event["source"] == "aws.ses":
        partners, addresses = out_of_reach(detail)
        for partner in partners:
            noted = note_bounce(mailing, partner, addresses, now)
            logger.warning("mail came back", extra={"partner": partner, "kind": event["detail-type"], "new": noted})
        return
    if "lead" in detail:
        sent = tell_fact(mailing, detail["lead"], detail["version"], detail["index"], now)
    else:
        occasion = detail.get("event", event["id"])
        sent = tell_about_partner(mailing, detail["kind"], detail["partner"], occasion, now)
    logger.info("told", extra={"fact": detail.get("fact", detail["kind"]), "sent": sent})


def handler(event: dict[str, Any], context: Any) -> Any:
    return process_partial_response(event, record_handler=tell, processor=processor, context=context)
