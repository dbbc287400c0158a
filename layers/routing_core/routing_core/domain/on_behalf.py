"""Keep how an enquiry came that its sender did not post: who entered it, and how they agreed."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from routing_core.domain.values.extensible import Extensible


class EntryWay(StrEnum):
    """How an enquiry reached HQ before somebody entered it; the values are stored."""

    PHONE = "phone"
    """Its sender called."""
    FAIR = "fair"
    """Its sender was met at a fair."""
    VISIT = "visit"
    """Its sender was met elsewhere in person."""
    MAIL = "mail"
    """Its sender wrote a mail or a letter."""
    LIST = "list"
    """It stood on a list that was imported."""
    PROGRAM = "program"
    """Another program sent it for its sender."""


class ConsentWay(StrEnum):
    """How somebody agreed to the words of the consent; the values are stored."""

    VOICE = "voice"
    """They said so, and somebody at HQ heard it."""
    PAPER = "paper"
    """They signed or ticked it on paper or on a stand's tablet."""
    ELSEWHERE = "elsewhere"
    """Another system has it on record."""


@dataclass(frozen=True, slots=True)
class OnBehalf(Extensible):
    """Says who entered an enquiry for its sender, and how the sender agreed to that."""

    by: str
    """Names who entered it as events do: ``link:person``, or the name of an API key."""
    way: EntryWay = EntryWay.PHONE
    """Says how it reached HQ."""
    asked_at: datetime | None = None
    """The instant at which its sender asked, where that was before it was entered."""
    consent_way: ConsentWay = ConsentWay.VOICE
    """Says how the sender agreed."""
    consent_by: str = ""
    """Names in words who took the consent."""
    consent_at: datetime | None = None
    """The instant at which the sender agreed."""
    list_row: str = ""
    """Names the import and the row it stood in, ``import/12``; empty for what no list brought."""
