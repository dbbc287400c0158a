"""Nobody is sent sixty mails: HQ's confirmations travel together, alerts go once per region and
hour; a prospect's mailbox gets one receipt, one mail about closed enquiries and a few that say it
takes longer an hour, or who at the firm looks after an enquiry; a partner a few news of one lead.

Held lines wait in slots; a slot is due at an instant and flushed by the sweeper. The first of an
hour leaves at once and takes along what was held for that hour; later ones wait for its end.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from routing_core.domain.calendar.business_time import deadline
from routing_core.domain.lead import Lead
from routing_core.domain.programme.programme import Programme

ALERT = "alert."
"""Begins the names of slots whose lines are leads that nobody takes."""
UNCONFIRMED = "unconfirmed."
"""Begins the names of slots whose lines are partners."""
PHONE = "phone."
"""Begins the names of slots whose lines are facts, each for a mail of its own."""
RECEIPTS = "receipts."
"""Begins the names of slots whose lines are enquiries made with one email address."""
CLOSED = "closed."
"""Begins the names of slots whose lines are enquiries of one email address that were closed."""
WAITING = "waiting."
"""Begins the names of slots whose lines are enquiries of one email address that are told to take
longer.
"""
COLLEAGUES = "colleagues."
"""Begins the names of slots whose lines tell one customer who at the firm looks after the enquiry
now.
"""
NEWS = "news."
"""Begins the names of slots whose lines are news of one lead for one partner."""


HELD_BACK = "held-back."
"""Begins the names of slots whose lines are enquiries that wait for their senders to confirm the
address.
"""


@dataclass(frozen=True, slots=True)
class DigestLine:
    """One line waiting for its slot; ``fact`` is its id, so that a redelivered fact is held once.
    ``lead`` is empty for what concerns a partner alone.
    """

    fact: str
    kind: str
    lead: str
    partner: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Slot:
    """``name`` is the key under which the grouped mail is leased:
    ``confirmations.2026-11-21T15:00Z``.
    """

    name: str
    due: datetime


class Digests(Protocol):
    """Where lines wait."""

    def hold(self, slot: Slot, line: DigestLine) -> None: ...

    def held(self, slot_name: str) -> tuple[DigestLine, ...]: ...

    def due(self, now: datetime) -> Sequence[Slot]: ...

    def flushed(self, slot: Slot, lines: Sequence[DigestLine]) -> None:
        """These lines have left; the slot is no longer due."""


def confirmation_slot(programme: Programme, now: datetime) -> Slot | None:
    """The next of the programme's digest times; None if confirmations are sent at once."""
    if not programme.hq.digests:
        return None
    zone = ZoneInfo(programme.time_zone)
    today = now.astimezone(zone).date()
    instants = [
        datetime.combine(day, time.fromisoformat(at), zone).astimezone(UTC)
        for day in (today, today + timedelta(days=1))
        for at in programme.hq.digests
    ]
    due = min(at for at in instants if at > now)
    return Slot(f"confirmations.{due:%Y-%m-%dT%H:%MZ}", due)


def alert_slot(lead: Lead, now: datetime) -> Slot:
    """This hour's slot of the lead's region."""
    return _of_the_hour(f"{ALERT}{lead.region or lead.country}.", now)


def merged_slot(now: datetime) -> Slot:
    """The end of this hour, when HQ hears of all enquiries at once that were merged and got
    lost.
    """
    return _of_the_hour(f"{ALERT}merged.", now + timedelta(hours=1))


def next_alert_slot(lead: Lead, now: datetime) -> Slot:
    return alert_slot(lead, now + timedelta(hours=1))


def unconfirmed_slot(now: datetime) -> Slot:
    """This hour's, in which HQ hears of unconfirmed addresses."""
    return _of_the_hour(UNCONFIRMED, now)


def held_back_slot(now: datetime) -> Slot:
    """The end of this hour, when HQ hears of what was held in it and still is."""
    return _of_the_hour(HELD_BACK, now + timedelta(hours=1))


def receipt_slot(mailbox: str, now: datetime) -> Slot:
    """This hour's slot of a mailbox, which is named by a key that tells nobody the address."""
    return _of_the_hour(f"{RECEIPTS}{mailbox}.", now)


def closed_slot(mailbox: str, now: datetime) -> Slot:
    """This hour's slot of a mailbox for what is told of enquiries that were closed."""
    return _of_the_hour(f"{CLOSED}{mailbox}.", now)


def waiting_slot(mailbox: str, now: datetime) -> Slot:
    """This hour's slot of a mailbox for what is told of enquiries that take longer."""
    return _of_the_hour(f"{WAITING}{mailbox}.", now)


def news_slot(partner: str, lead: str, now: datetime) -> Slot:
    """This hour's slot for what one partner hears of one lead."""
    return _of_the_hour(f"{NEWS}{partner}.{lead}.", now)


def colleague_slot(lead: str, now: datetime) -> Slot:
    """This hour's slot for what a customer hears of who at the firm looks after the enquiry."""
    return _of_the_hour(f"{COLLEAGUES}{lead}.", now)


def _of_the_hour(name: str, now: datetime) -> Slot:
    hour = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    return Slot(f"{name}{hour:%Y-%m-%dT%HZ}", hour)


def phone_slot(programme: Programme, now: datetime) -> Slot:
    """When HQ is to phone a partner whose second contact hears now."""
    due = deadline(now, programme.lapses.hq_after.duration, programme.hq_calendar)
    return Slot(f"{PHONE}{due:%Y-%m-%dT%H:%M:%SZ}", due)
