"""Slots in which the lines of digests and grouped alerts wait: nobody is sent sixty mails.

HQ's confirmations travel together, alerts go once per region and hour; a prospect's mailbox gets
one receipt, one mail about closed enquiries and a few that say it takes longer an hour, or who at
the firm looks after an enquiry; a partner a few news of one lead.

Held lines wait in slots; a slot is due at an instant and flushed by the sweeper. The first of an
hour leaves at once and takes along what was held for that hour; later ones wait for its end.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from itertools import product
from typing import Protocol
from zoneinfo import ZoneInfo

from routing_core.domain.calendar.business_time import deadline
from routing_core.domain.lead import Lead
from routing_core.domain.programme.programme import Programme

AN_HOUR = timedelta(hours=1)
ALERT = "alert."
"""Begins the names of slots whose lines are leads that nobody takes."""
UNCONFIRMED = "unconfirmed."
"""Begins the names of slots whose lines are partners."""
PHONE = "phone."
"""Begins the names of slots whose lines are events, each for a mail of its own."""
RECEIPTS = "receipts."
"""Begins the names of slots whose lines are enquiries made with one email address."""
CLOSED = "closed."
"""Begins the names of slots whose lines are enquiries of one email address that were closed."""
WAITING = "waiting."
"""Begins the names of slots whose lines are enquiries of one email address that take longer."""
COLLEAGUES = "colleagues."
"""Begins the names of slots whose lines tell one customer who at the firm it is now."""
NEWS = "news."
"""Begins the names of slots whose lines are news of one lead for one partner."""
HELD_BACK = "held-back."
"""Begins the names of slots whose lines are enquiries that wait for a confirmed address."""


@dataclass(frozen=True, slots=True)
class DigestLine:
    """One line that waits in its slot."""

    fact: str
    """The event's id, so that a redelivered one is held once."""
    kind: str
    """The event's stored kind."""
    lead: str
    """The lead's id; empty for what concerns a partner alone."""
    partner: str
    """The partner's id; empty for what concerns none."""
    at: datetime
    """When it became true."""


@dataclass(frozen=True, slots=True)
class Slot:
    """Lines that are to leave in one mail."""

    name: str
    """The key under which that mail is leased: ``confirmations.2026-11-21T15:00Z``."""
    due: datetime
    """When it leaves."""


class Digests(Protocol):
    """Where lines wait."""

    def hold(self, slot: Slot, line: DigestLine) -> None:
        """Let a line wait; the same line again changes nothing."""
        ...

    def held(self, slot_name: str) -> tuple[DigestLine, ...]:
        """Give the lines of a slot, in the order of their ids."""
        ...

    def due(self, now: datetime) -> Sequence[Slot]:
        """Give the slots whose time has come."""
        ...

    def flushed(self, slot: Slot, lines: Sequence[DigestLine]) -> None:
        """Take away the lines that have left; the slot is no longer due."""
        ...


def confirmation_slot(programme: Programme, now: datetime) -> Slot | None:
    """Give the slot of the programme's next digest; None if confirmations are sent at once."""
    if not programme.hq.digests:
        return None
    zone = ZoneInfo(programme.time_zone)
    today = now.astimezone(zone).date()
    # After the day's last digest comes tomorrow's first.
    days = (today, today + timedelta(days=1))
    times = map(time.fromisoformat, programme.hq.digests)
    instants = [datetime.combine(day, at, zone).astimezone(UTC) for day, at in product(days, times)]
    due = min(at for at in instants if at > now)
    return Slot(f"confirmations.{due:%Y-%m-%dT%H:%MZ}", due)


def alert_slot(lead: Lead, now: datetime) -> Slot:
    """Give this hour's slot of the lead's region."""
    return _of_the_hour(f"{ALERT}{lead.region or lead.country}.", now)


def merged_slot(now: datetime) -> Slot:
    """Give the end of this hour, when HQ hears at once of all enquiries merged and lost."""
    return _of_the_hour(f"{ALERT}merged.", now + AN_HOUR)


def next_alert_slot(lead: Lead, now: datetime) -> Slot:
    """Give the next hour's slot of the lead's region."""
    return alert_slot(lead, now + AN_HOUR)


def unconfirmed_slot(now: datetime) -> Slot:
    """Give this hour's slot, in which HQ hears of unconfirmed addresses."""
    return _of_the_hour(UNCONFIRMED, now)


def held_back_slot(now: datetime) -> Slot:
    """Give the end of this hour, when HQ hears of what was held in it and still is."""
    return _of_the_hour(HELD_BACK, now + AN_HOUR)


def receipt_slot(mailbox: str, now: datetime) -> Slot:
    """Give this hour's slot of a mailbox, named by a key that tells nobody the address."""
    return _of_the_hour(f"{RECEIPTS}{mailbox}.", now)


def closed_slot(mailbox: str, now: datetime) -> Slot:
    """Give this hour's slot of a mailbox for what is told of enquiries that were closed."""
    return _of_the_hour(f"{CLOSED}{mailbox}.", now)


def waiting_slot(mailbox: str, now: datetime) -> Slot:
    """Give this hour's slot of a mailbox for what is told of enquiries that take longer."""
    return _of_the_hour(f"{WAITING}{mailbox}.", now)


def news_slot(partner: str, lead: str, now: datetime) -> Slot:
    """Give this hour's slot for what one partner hears of one lead."""
    return _of_the_hour(f"{NEWS}{partner}.{lead}.", now)


def colleague_slot(lead: str, now: datetime) -> Slot:
    """Give this hour's slot for what a customer hears of who at the firm it is now."""
    return _of_the_hour(f"{COLLEAGUES}{lead}.", now)


def _of_the_hour(name: str, now: datetime) -> Slot:
    """Give the slot of the hour in which an instant lies; it is due from its beginning."""
    hour = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    return Slot(f"{name}{hour:%Y-%m-%dT%HZ}", hour)


def phone_slot(programme: Programme, now: datetime) -> Slot:
    """Give the time when HQ is to phone a partner whose second contact hears now."""
    due = deadline(now, programme.lapses.hq_after.duration, programme.hq_calendar)
    return Slot(f"{PHONE}{due:%Y-%m-%dT%H:%M:%SZ}", due)
