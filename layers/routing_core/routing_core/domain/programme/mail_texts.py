"""Define what the vendor adds to mails in words of its own."""

from typing import Literal, get_args

MailWithOwnText = Literal[
    "receipt",
    "partner_found",
    "will_call",
    "follow_up",
    "promise_update",
    "closed",
    "offer",
    "reminder",
    "accepted",
    "contact_reminder",
    "status_ask",
]
"""The vendor may add a text to these mails, to customers and to partners."""
MAILS_WITH_OWN_TEXT: tuple[MailWithOwnText, ...] = get_args(MailWithOwnText)
"""They stand in the order of an enquiry's life, those to customers first."""
