"""What the mail service says of a mail that left becomes a note on the mail and the partner."""

from datetime import datetime
from typing import Any

from aws_lambda_powertools import Logger

from routing_core.aws.queues.ses_feedback import news_of, out_of_reach
from routing_core.service.notifications.mailing import MailContext
from routing_core.service.notifications.note_bounce import note_bounce

logger = Logger()


def note(mailing: MailContext, kind: str, detail: dict[str, Any], now: datetime) -> None:
    """Note what SES says of a mail that left.

    Only the contact's own dead address takes its partner out of routing.
    """
    mail = detail.get("mail", {})
    tags, message, news = mail.get("tags", {}), mail.get("messageId"), news_of(detail, now)
    if news and message:
        mailing.outgoing.note_news(message, *news)
    if "reject" in detail:
        # SES found a virus in what we wrote: no address is at fault, and nobody got the mail. It is
        # told on the lead's page; errors are what somebody has to mend here.
        reason = detail["reject"].get("reason")
        logger.warning("mail was rejected", extra={"tags": tags, "reason": reason})
    addresses = out_of_reach(detail)
    if not addresses:
        return
    lead = next(iter(tags.get("lead", [])), "")
    for partner in tags.get("partner", []):
        noted = note_bounce(mailing, partner, addresses, now, lead)
        logger.warning("mail came back", extra={"partner": partner, "kind": kind, "noted": noted})
