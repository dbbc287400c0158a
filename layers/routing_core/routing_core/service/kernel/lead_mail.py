"""What is known of one mail about a lead."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class MailOutcome(StrEnum):
    """What became of a mail."""

    SENT = "sent"
    """The mail service took it, and nothing came back."""
    RETURNED = "returned"
    """It came back from somebody, or a reader complained."""
    GATHERED = "gathered"
    """It was to leave together with others of its kind."""


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
