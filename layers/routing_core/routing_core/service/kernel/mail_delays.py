"""Says why a mail cannot leave: for now, or for good; and what is noted of that for people."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from routing_core.domain.errors import RelayError

LONGEST_WAIT = timedelta(minutes=15)
"""Between two tries of a mail lies no more than that, so mail moves again soon after a repair."""
STANDS_STILL = LONGEST_WAIT + timedelta(minutes=5)
"""Mail stands still for as long as the last hindered try is no longer ago than this."""


class MailHindrance(StrEnum):
    """Why the mail service takes no mail for now; the values are stored and published."""

    RATE = "rate"
    """More leave in a second than the mail service, or our own setting, allows."""
    QUOTA = "quota"
    """As many have left in 24 hours as the mail service allows."""
    UNVERIFIED = "unverified"
    """The sender's or the reader's address is not verified: the account is in the sandbox."""
    MAIL_FROM = "mail_from"
    """The sender's own MAIL FROM domain is not verified."""
    PAUSED = "paused"
    """Sending is paused or suspended for the whole account."""


class MailDelayed(RelayError):
    """Raised where a mail cannot leave now, but may later."""

    def __init__(self, hindrance: MailHindrance):
        super().__init__(f"mail cannot leave for now: {hindrance.value}")
        self.hindrance = hindrance


class MailDelays:
    """Lets mails go on where one is delayed for its own reader's sake, and raises in the end.

    What hinders all mails raises at once: the next would not leave either.
    """

    def __init__(self) -> None:
        """Begin with no delay."""
        self._first: MailDelayed | None = None

    @contextmanager
    def gathered(self) -> Iterator[None]:
        """Keep a delay of one mail to be raised in the end."""
        try:
            yield
        except MailDelayed as delayed:
            if delayed.hindrance is not MailHindrance.UNVERIFIED:
                raise
            self._first = self._first or delayed

    def raise_first(self) -> None:
        """Raise the first delay there was, if there was any."""
        if self._first:
            raise self._first


class MailRefused(RelayError):
    """Raised where the mail service will never take a mail, as it is written or addressed."""


@dataclass(frozen=True, slots=True)
class StandingMail:
    """What is known while mail stands still."""

    since: datetime
    """The first hindered try of those that have not been interrupted for long."""
    tried_at: datetime
    """The latest hindered try."""
    hindrance: MailHindrance
    """What hindered it."""


@dataclass(frozen=True, slots=True)
class RefusedMail:
    """A mail that the mail service refused for good."""

    at: datetime
    role: str
    """Names the kind of reader: ``partner``, ``second``, ``prospect`` or ``hq``."""
    lead: str = ""
    """The id of the lead that it was about, if it was about one."""
    partner: str = ""
    """The id of the partner whom it was for, if it was for one."""


class MailWatch(Protocol):
    """Keeps what people have to know of mail that does not leave."""

    def note_delay(self, hindrance: MailHindrance, now: datetime) -> None:
        """Note that a mail could not leave for now."""

    def standing(self, now: datetime) -> StandingMail | None:
        """Tell since when mail stands still; None while it moves."""

    def note_refusal(self, tags: Mapping[str, str], now: datetime) -> str:
        """Note that a mail was refused for good; give the id that stands for its message.

        ``tags`` say whose it was: its role, its lead and its partner.
        """

    def refused(self, since: datetime) -> Sequence[RefusedMail]:
        """Give the mails that were refused since then, the latest first."""
