"""What SES tells of a mail that left: whose addresses are dead, and whose reader complained."""

from typing import Any

NO_COMPLAINT = frozenset({"not-spam", "auth-failure", "virus"})
"""Feedback that reaches SES as a complaint though no reader complained: somebody took our mail out
of the spam folder, or a machine reports on how it was signed or what it found.
"""


def out_of_reach(detail: dict[str, Any]) -> set[str]:
    """The addresses that mail comes back from for good, or whose reader complained; a full mailbox
    or a slow server is no reason. Who else was on the mail is not among them.
    """
    bounce = detail.get("bounce", {})
    if bounce.get("bounceType") in ("Transient", "Undetermined"):
        return set()
    named = [*bounce.get("bouncedRecipients", []), *_complained(detail.get("complaint", {}))]
    return {each["emailAddress"] for each in named}


def _complained(complaint: dict[str, Any]) -> list[dict[str, str]]:
    """The reader who complained. SES names all who might have; if these are several, nobody can
    tell which of them it was, and nobody loses their mail for it. Each reader is sent a mail of
    their own, so that there is one.
    """
    recipients = list(complaint.get("complainedRecipients", []))
    several = len({each["emailAddress"].casefold() for each in recipients}) > 1
    if several or complaint.get("complaintFeedbackType") in NO_COMPLAINT:
        return []
    return recipients
