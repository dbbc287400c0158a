"""Read what SES tells of a mail that left: what became of it, and whose addresses are dead."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from routing_core.service.kernel.mail_ports import MailNews

NO_COMPLAINT = frozenset({"not-spam", "auth-failure", "virus"})
"""Feedback that reaches SES as a complaint though no reader complained.

Somebody took our mail out of the spam folder, or a machine reports on how it was signed or what it
found.
"""

SOFT_BOUNCES = frozenset({"Transient", "Undetermined"})
"""Kinds of bounces that say nothing bad of the address: a full mailbox, a slow server.

An out-of-office reply is one too, of a mail that was delivered.
"""
NEWS_TOLD: Mapping[str, MailNews] = {
    "delivery": MailNews.DELIVERED,
    "bounce": MailNews.RETURNED,
    "complaint": MailNews.COMPLAINED,
    "deliveryDelay": MailNews.DELAYED,
    "reject": MailNews.REJECTED,
}
"""The part of SES's event that says what happened → what that is to us."""


def news_of(detail: dict[str, Any], now: datetime) -> tuple[MailNews, datetime] | None:
    """Give what became of a mail, and when by SES's clock; None for what is no news of it.

    A rejection comes without an instant of its own: that is when we hear of it.
    """
    part = next((name for name in NEWS_TOLD if name in detail), None)
    if part is None:
        return None
    told = detail[part]
    if told.get("complaintFeedbackType") in NO_COMPLAINT:
        return None
    soft = told.get("bounceType") in SOFT_BOUNCES
    news = MailNews.FAILED if soft else NEWS_TOLD[part]
    return news, _instant(told.get("timestamp"), now)


def _instant(text: Any, now: datetime) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return now
    return at if at.tzinfo else now


def out_of_reach(detail: dict[str, Any]) -> set[str]:
    """Give the addresses that mail comes back from for good, or whose reader complained.

    A full mailbox or a slow server is no reason. Who else was on the mail is not among them.
    """
    bounce = detail.get("bounce", {})
    if bounce.get("bounceType") in SOFT_BOUNCES:
        return set()
    named = [*bounce.get("bouncedRecipients", []), *_complained(detail.get("complaint", {}))]
    return {recipient["emailAddress"] for recipient in named}


def _complained(complaint: dict[str, Any]) -> list[dict[str, str]]:
    if complaint.get("complaintFeedbackType") in NO_COMPLAINT:
        return []
    recipients: list[dict[str, str]] = complaint.get("complainedRecipients", [])
    addresses = {recipient["emailAddress"].casefold() for recipient in recipients}
    if len(addresses) > 1:
        # SES names all who might have complained. Of several nobody can tell which it was, and
        # nobody loses their mail for it; each reader is sent a mail of their own, so there is one.
        return []
    return recipients
