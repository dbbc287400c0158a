"""Who comes in at once and who is held until the address is confirmed: rate limits without a
refusal.

A post that is well formed is always stored. What nobody vouches for (no signed form, too many of
the same kind in an hour) is held: its sender is asked by mail to confirm the address, and HQ can
let it through. Nobody is turned away, and no flood reaches a partner.
"""

from collections import OrderedDict, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

FORM_HOLDS_FOR = timedelta(hours=24)
"""So long a form that was shown may be posted without being held."""
CHALLENGE_HOLDS_FOR = timedelta(hours=2)
"""So long a proof of work may be posted; a form is rarely open longer."""
QUIET_AFTER = timedelta(minutes=15)
"""Without another post over a ceiling, pressure ends."""
AN_HOUR = timedelta(hours=1)
CLOCKS_DIFFER = timedelta(minutes=2)


class Hold(StrEnum):
    """Why an enquiry is held until its address is confirmed or HQ lets it through."""

    HONEYPOT = "honeypot"  # a field was filled in that no person sees
    TOO_FAST = "too_fast"  # filled in faster than a person types
    UNCONFIRMED = "unconfirmed"  # the form asks everybody to confirm the address
    UNPROVEN = (
        "unproven"  # no form of ours was shown, or it was shown for another post, or too long ago
    )
    # more of the same kind in an hour than the programme lets through without a proof
    CEILING = "ceiling"


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a post carries by which it may be let in at once."""

    submission: str = ""
    """Its submission key."""
    client: str = ""
    """The network address it came from; never stored, only hashed."""
    started: datetime | None = None
    """When a form of ours was shown, as signed by us; None without such a signature."""
    started_for: str | None = None
    """For which submission; None in forms shown before the start was signed together with it."""
    proof: Any = None
    """A solved proof of work, as it was posted."""
    api_key: str = ""
    """The name of the API key that it came with."""

    def start_is_signed(self, now: datetime) -> bool:
        """Tells whether our form was shown for this very post within the last day.

        Forms that were shown before the deploy name no submission; a day later none of them holds
        any more.
        """
        if self.started is None or not -CLOCKS_DIFFER <= now - self.started <= FORM_HOLDS_FOR:
            return False
        return self.started_for is None or self.started_for == self.submission


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of a post when it comes in."""

    suspicion: str | None = None
    """What the honeypot or the time trap says: ``honeypot``, ``too_fast`` or None."""
    has_api_key: bool = False
    """It came with an API key that may write leads: a server vouches for its visitors."""
    address_is_confirmed: bool = False
    """Its sender pressed the button behind the link that was mailed."""
    start_is_signed: bool = False
    """It carries our form's signed start, of this very submission and not too old."""
    proof_is_solved: bool = False
    """It carries a solved proof of work that was not used before."""
    is_over_a_ceiling: bool = False
    """Its client address, contact or postcode, or everybody together, posted more in this hour than
    goes unproven.
    """
    form_confirms_addresses: bool = False
    """The form wants every address confirmed before a partner is asked (double opt-in)."""


def why_held(evidence: Evidence) -> Hold | None:
    """Decides whether a post is routed (None) or held, and why. A confirmed address opens every
    door.
    """
    if evidence.address_is_confirmed:
        return None
    if evidence.suspicion:
        return Hold(evidence.suspicion)
    if evidence.form_confirms_addresses:
        return Hold.UNCONFIRMED
    if evidence.has_api_key:
        return None
    if not evidence.start_is_signed:
        return Hold.UNPROVEN
    if evidence.is_over_a_ceiling and not evidence.proof_is_solved:
        return Hold.CEILING
    return None


@dataclass(frozen=True, slots=True)
class Pressure:
    """What all instances know of a flood: until when it is taken to last, and who is over a
    ceiling.

    ``over`` maps the mark (a keyed hash) of a client address, contact or postcode to until when it
    is taken to be over.
    """

    until: datetime | None = None
    over: Mapping[str, datetime] = field(default_factory=dict)

    MOST_MARKS = 500
    """In the row; those that end first make room."""

    def is_on(self, now: datetime) -> bool:
        return self.until is not None and now < self.until

    def covers(self, marks: Iterable[str], now: datetime) -> bool:
        """Tells whether one of these was reported to be over a ceiling."""
        return any(mark in self.over and now < self.over[mark] for mark in marks)

    def renewed(self, marks: Iterable[str], now: datetime) -> "Pressure":
        """Gives the pressure as it stands once these marks are reported."""
        until = now + QUIET_AFTER
        known = {mark: end for mark, end in self.over.items() if end > now}
        known |= dict.fromkeys(marks, until)
        newest = sorted(known.items(), key=lambda entry: entry[1], reverse=True)
        return Pressure(until, dict(newest[: self.MOST_MARKS]))

    def is_news(self, marks: Iterable[str], now: datetime) -> bool:
        """Tells whether reporting these says more than was said within the last minute."""
        soon = now + QUIET_AFTER - timedelta(minutes=1)
        return any(self.over.get(mark, now) < soon for mark in marks)


class HourlyCounts:
    """Counts what came through unproven within the last hour, in bounded memory, for one instance.

    What was held is not counted: a flood from one address must not use up what its whole postcode
    may have.
    """

    MOST_KEYS = 5_000
    MOST_OF_ONE = 5_000

    def __init__(self) -> None:
        self._times: OrderedDict[str, deque[datetime]] = OrderedDict()
        self._seen: OrderedDict[str, None] = OrderedDict()

    def of(self, key: str, now: datetime) -> int:
        """Gives how many came through with that key within the last hour."""
        times = self._times.get(key, deque())
        while times and times[0] <= now - AN_HOUR:
            times.popleft()
        return len(times)

    def has_seen(self, enquiry: str) -> bool:
        """Tells whether that very enquiry came through before: a post that is tried again is no
        other.
        """
        return enquiry in self._seen

    def add(self, keys: Iterable[str], enquiry: str, now: datetime) -> None:
        """Counts an enquiry that came through, for each of its keys, once however often it is
        posted.
        """
        if self.has_seen(enquiry):
            return
        self._seen[enquiry] = None
        for key in keys:
            self._times.setdefault(key, deque(maxlen=self.MOST_OF_ONE)).append(now)
            self._times.move_to_end(key)
        self._forget_the_oldest()

    def _forget_the_oldest(self) -> None:
        while len(self._times) > self.MOST_KEYS:
            self._times.popitem(last=False)
        while len(self._seen) > self.MOST_KEYS:
            self._seen.popitem(last=False)


class Batches:
    """Gathers counts of the current hour of the clock, so that not each costs a write; in bounded
    memory.
    """

    MOST_KEYS = 20_000

    def __init__(self) -> None:
        self._waiting: OrderedDict[tuple[str, datetime], int] = OrderedDict()
        self._seen: OrderedDict[str, None] = OrderedDict()

    def has_seen(self, enquiry: str) -> bool:
        """Tells whether that enquiry was counted here before: a stream brings some records
        twice.
        """
        return enquiry in self._seen

    def note(self, enquiry: str) -> None:
        """Remembers that the enquiry was counted."""
        self._seen[enquiry] = None
        if len(self._seen) > self.MOST_KEYS:
            self._seen.popitem(last=False)

    def add(self, key: str, size: int, now: datetime) -> bool:
        """Counts one more, and tells whether with it a batch of that size is full and is to be
        written.
        """
        hour = now.replace(minute=0, second=0, microsecond=0)
        waiting = self._waiting.pop((key, hour), 0) + 1
        if waiting >= size:
            return True
        self._waiting[(key, hour)] = waiting
        if len(self._waiting) > self.MOST_KEYS:
            self._waiting.popitem(last=False)
        return False
