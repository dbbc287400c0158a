"""Puts an event that cannot become a mail yet back into its queue, for later.

A message that fails is dead after a few tries. One that is put back is a new one with tries of its
own, and says since when it waits: patience of a day, without letting what breaks us live as long.
"""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from routing_core.service.kernel.mail_delays import LONGEST_WAIT, MailHindrance

MAIL_PATIENCE = timedelta(days=1)
"""A mail that something hinders is tried for so long; then it is dead, and somebody has to look."""
FIRST_WAIT = timedelta(seconds=30)
"""After the first try; each wait after it is twice as long, up to ``LONGEST_WAIT``."""
WAITS_FOR_RATE = timedelta(minutes=1)
"""A wait for nothing but the rate is at most so long: places come free all the time."""
SINCE, TRIES = "since", "tries"


@dataclass(frozen=True, slots=True)
class WaitingEvent:
    """An event of the queue that is to become mails."""

    body: str
    since: datetime
    """The instant at which it was first tried."""
    tries: int
    """Counts how often it was put back."""


def waiting_event(record: SQSRecord, now: datetime) -> WaitingEvent:
    """Read an event and how long it has waited."""
    attributes = record.message_attributes
    since, tries = attributes[SINCE], attributes[TRIES]
    if since is None or tries is None:
        return WaitingEvent(record.body, now, 0)
    at = datetime.fromisoformat(str(since.string_value))
    return WaitingEvent(record.body, at, int(str(tries.string_value)))


def has_patience(event: WaitingEvent, hindrance: MailHindrance, now: datetime) -> bool:
    """Tell whether an event may wait on.

    Being over the rate ends nobody's patience: places come free all the time, and many dead mails
    that are brought again at once have all waited for long.
    """
    return hindrance is MailHindrance.RATE or now < event.since + MAIL_PATIENCE


def wait_of(hindrance: MailHindrance, tries: int) -> timedelta:
    """Give how long an event waits that was put back so often, not yet spread."""
    longest = WAITS_FOR_RATE if hindrance is MailHindrance.RATE else LONGEST_WAIT
    # No more than that many doublings: beyond them the wait is the longest anyway.
    doubled: timedelta = FIRST_WAIT * 2 ** min(tries, 6)
    return min(doubled, longest)


class MailQueue:
    """Puts events back into the queue."""

    def __init__(self, client: Any, url: str):
        self._client = client
        self._url = url

    def put_back(self, event: WaitingEvent, hindrance: MailHindrance) -> None:
        """Let an event come again later, spread so that all do not come at once."""
        longest = wait_of(hindrance, event.tries)
        spread = random.uniform(0.5, 1)  # noqa: S311 - only spreads who comes back when
        self._client.send_message(
            QueueUrl=self._url,
            MessageBody=event.body,
            DelaySeconds=round(longest.total_seconds() * spread),
            MessageAttributes={
                SINCE: {"DataType": "String", "StringValue": event.since.isoformat()},
                TRIES: {"DataType": "Number", "StringValue": str(event.tries + 1)},
            },
        )
