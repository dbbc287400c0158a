"""Read what SES tells of a mail that left: whose addresses are dead, and who complained."""

from typing import Any

NO_COMPLAINT = frozenset({"not-spam", "auth-failure", "virus"})
"""Feedback that reaches SES as a complaint though no reader complained.

Somebody took our mail out of the spam folder, or a machine reports on how it was signed or what it
found.
"""


def out_of_reach(detail: dict[str, Any]) -> set[str]:
    """Give the addresses that mail comes back from for good, or whose reader complained.

    A full mailbox or a slow server is no reason. Who else was on the mail is not among them.
    """
    bounce = detail.get("bounce", {})
    if bounce.get("bounceType") in ("Transient", "Undetermined"):
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
