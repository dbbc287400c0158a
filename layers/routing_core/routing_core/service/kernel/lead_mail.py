"""What is known of one mail about a lead."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class MailOutcome(StrEnum):
    """What became of a mail."""

    SENT = "sent"
    """The mail service took it, and has not said more."""
    DELIVERED = "delivered"
    """The mail server of each reader has it."""
    PARTLY = "partly"
    """The mail servers of some readers have it, and nothing bad is known of the others."""
    DELAYED = "delayed"
    """A reader's mail server does not take it yet; the mail service goes on trying."""
    COMPLAINED = "complained"
    """A reader reported it as spam."""
    RETURNED = "returned"
    """It came back from a reader."""
    REJECTED = "rejected"
    """The mail service did not send it, for it found something harmful in it."""
    GATHERED = "gathered"
    """It was kept for a later mail, if it is still worth telling then."""


@dataclass(frozen=True, slots=True)
class LeadMail:
    """One mail about a lead."""

    template: str
    """Names what it said."""
    role: str
    """Says whom it went to: ``partner``, ``second``, ``prospect`` or ``hq``."""
    partner: str | None
    """Names the partner whom its event concerns, if it names one."""
    at: datetime
    """The instant at which it left."""
    outcome: MailOutcome
    """Says what became of it: of several readers' the worst."""
    delivered: int = 0
    """Counts the readers whose mail servers have it."""
    readers: int = 0
    """Counts the readers that it was sent to; 0 where that is not known."""
    subject: str = ""
    """The subject, where ``LEAD_TITLE`` and ``COLLEAGUE`` stand for what is the lead's; empty if it
    is not known."""
    language: str = ""
    """The language of the subject."""
