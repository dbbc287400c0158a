"""What the use cases need from outside, as Protocols; ``aws`` implements them, tests run them over
moto.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from routing_core.domain.enquiry.rate_limits import Pressure
from routing_core.domain.events import CommitRecord
from routing_core.domain.lead import Context, Draft, Lead, Note
from routing_core.domain.partner import Lapse, Load, Partner
from routing_core.domain.programme.programme import Programme
from routing_core.domain.territory.gazetteer import Point
from routing_core.routing.index.network import Network
from routing_core.service.kernel.views import MailView


@dataclass(frozen=True, slots=True)
class Listed:
    """An enquiry in a contact's row; ``place`` is where it is, hashed (empty in rows written before
    places were).
    """

    lead: str
    until: datetime
    place: str = ""


MOST_LISTED = 5
"""Open enquiries that a contact's row lists."""
MOST_IN_ROW = 2 * MOST_LISTED
"""Entries of a contact's row, the ended ones included: at the door nobody knows which have
ended.
"""


@dataclass(frozen=True, slots=True)
class KnownContact:
    """A contact, hashed, and the last enquiries that came with it, each for the programme's repeat
    window: the newest first, and what is known to have ended last. It locks nothing: it says with
    what a new enquiry is to be compared.
    """

    key: str
    listed: tuple[Listed, ...]

    def with_newest(self, newest: Listed, now: datetime) -> "KnownContact":
        others = (each for each in self.listed if each.lead != newest.lead and each.until > now)
        return KnownContact(self.key, (newest, *others)[:MOST_IN_ROW])

    def with_ended_last(self, going_on: Collection[str]) -> "KnownContact":
        """Puts those that have ended, all but ``going_on``, behind the open ones, so that they are
        the first to make room.
        """
        still_open = [each for each in self.listed if each.lead in going_on]
        over = [each for each in self.listed if each.lead not in going_on]
        return KnownContact(self.key, (*still_open[:MOST_LISTED], *over[: MOST_LISTED - 1]))


@dataclass(frozen=True, slots=True)
class LoadChange:
    """What a commit does to one partner's LOAD beyond the difference in places, and on what
    condition.

    ``counts``: period counters to raise (``d2026-11-21`` …; ``r2026-11`` = early returns), with the
    cap of each or
    None. A guarded change (partner active, ``places_cap`` kept) is what routing does: with ``seq``
    on exactly the load
    that was seen, without it (too many others compete) on the caps alone. HQ's assignments have no
    condition.
    """

    guarded: bool = False
    seq: int | None = None
    places_cap: int | None = None
    counts: Mapping[str, int | None] = field(default_factory=dict)
    forget_counts: tuple[str, ...] = ()
    """Counters of periods long past, removed in the same update."""
    product_cap: int | None = None
    """Most places of the lead's own product."""
    pass_value: int | None = None
    """Where the partner then stands in the weighted order."""
    figures: Mapping[str, int] = field(default_factory=dict)
    """What is added to the partner's figures; written only where LOAD changes anyway."""
    only_checked: bool = False
    """The conditions must hold as they would have to for an offer, and nothing is changed: an
    update of the same shape and cost, so that nobody can tell the two apart by the time they
    take.
    """
    offered_at: datetime | None = None
    lapse: Lapse | None = None
    """An offer ended without an answer."""
    forget_lapses: tuple[str, ...] = ()
    """References of leads whose lapse no longer counts."""
    answered: bool = False
    """No lapse counts any more: ``forget_lapses`` names those that are kept one by one."""
    pause: bool = False
    unpause: bool = False
    """Takes back the pause that lapses led to."""
    uncount: tuple[str, ...] = ()
    """Period counters that are lowered by one."""
    pass_value_back: int = 0
    """How much the partner's place in the weighted order goes back."""
    corrects: bool = False
    """The figures are written even if nothing else of LOAD changes."""


@dataclass(frozen=True, slots=True)
class Change:
    """One lead's part of a commit. ``draft.before`` None = a new lead (put if absent)."""

    draft: Draft
    context: Context | None = None
    """Put in place of what is there, notes and all: for a new lead, or to erase."""
    note: Note | None = None
    claims: tuple[KnownContact, ...] = ()
    claims_seen: Mapping[str, KnownContact] = field(default_factory=dict)
    """What was read under each claim key, to be unchanged."""
    loads: Mapping[str, LoadChange] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Arrival:
    """What one batch read found before a new lead is decided on."""

    existing: Lead | None
    claims: Mapping[str, KnownContact]
    loads: Mapping[str, Load]
    former: Lead | None = None
    """What the same post made while submission keys belonged to nobody."""


MOST_HELD = 1_000
"""Leads of one partner that are looked at, the oldest first: far more than a firm has open."""


class Leads(Protocol):
    """Leads, their contexts, events and claims."""

    def arrival(
        self, lead_id: str, claim_keys: Sequence[str], partners: Sequence[str], former_id: str = ""
    ) -> Arrival: ...

    def get(self, lead_id: str) -> Lead | None: ...

    def get_for_partner(self, lead_id: str, partner: str) -> tuple[Lead, Context, Load] | None:
        """All that a partner's page needs, in one read; None if any of it is not there."""

    def context(self, lead_id: str) -> Context | None: ...

    def several(self, ids: Sequence[str]) -> tuple[Lead, ...]:
        """In one read, in that order; those that are gone or cannot be read are left out."""

    def with_contexts(self, ids: Sequence[str]) -> tuple[tuple[Lead, Context], ...]:
        """Likewise, each with its context."""

    def event(self, lead_id: str, version: int) -> CommitRecord | None: ...

    def events(self, lead_id: str) -> tuple[CommitRecord, ...]: ...

    def loads(self, partners: Sequence[str]) -> Mapping[str, Load]: ...

    def commit(self, *changes: Change, now: datetime) -> None:
        """All or nothing. Raises LeadExists, ClaimTaken, CapacityConflict or VersionConflict; a
        write whose reply was lost is recognised by reading back.
        """

    def held_by(
        self, holder: str, limit: int = 100, *, newest_first: bool = False
    ) -> tuple[Lead, ...]:
        """Oldest first, or else the other way round."""

    def overdue(self, before: datetime, limit: int) -> tuple[tuple[str, datetime], ...]:
        """Ids and ``due`` of leads whose deadline passed before that instant, the longest overdue
        first.
        """

    def to_erase(self, before: datetime, limit: int) -> tuple[tuple[str, datetime], ...]:
        """Likewise of leads whose end lies back, with ``erase_at``."""


class Partners(Protocol):
    def get(self, partner: str) -> Partner | None: ...

    def some(self, partners: Collection[str]) -> Iterable[Partner]:
        """Those of these ids that there are, read by their keys: whoever needs a few never reads
        them all.
        """

    def save(self, partners: Sequence[tuple[Partner, int | None]], now: datetime) -> bool:
        """All or nothing, each with the version it replaces (None = new); keeps each LOAD's
        counters.

        Raises VersionConflict or InvalidInput (larger than can be stored), and nothing has changed.
        False: it is decided and not all of it is applied yet; ``finish_import`` goes on with it.
        """

    def finish_import(self, now: datetime) -> bool:
        """Goes on with an import that was decided and not yet applied, if there is one; False if
        some of it is left.
        """

    def set_paused(self, partner: str, paused: bool, now: datetime) -> None:
        """Resuming also forgets the lapses that led to an automatic pause."""

    def renew_links(self, partner: str, ended: int, now: datetime, person: str = "") -> None:
        """The person's links of that generation end, as those before did; nothing changes if they
        have ended already. Without a person: the links that name nobody.
        """

    def revoke_links(
        self, partner: str, now: datetime, person: str = "", seen: int | None = None
    ) -> bool:
        """All links of that person end at once; without a person, everybody's. With ``seen`` only
        if ``times_ended`` is still that; False if it is not. Raises NotFound.
        """

    def confirm(self, partner: str, email: str, now: datetime) -> bool:
        """False if the profile's address is another one by now."""

    def bounce(self, partner: str, now: datetime) -> None:
        """Mail to this partner does not arrive: no offers until the address is confirmed again."""

    def note_unreachable(self, partner: str, email: str, now: datetime) -> None:
        """Nor to another address of the firm: it gets no more mail, the partner stays in
        routing.
        """

    def all(self) -> Iterable[Partner]:
        """Every profile, read consistently."""


@dataclass(frozen=True, slots=True)
class KnownPlaces:
    """What is kept of a country's list of places."""

    postcodes: int
    saved_at: datetime


class Rules(Protocol):
    """The programme and the compiled network in force; both cached for a few seconds. And where
    postcodes are.
    """

    def programme(self) -> tuple[int, Programme]:
        """Raises NotFound while none has been saved."""

    def mended(self) -> Sequence[str]:
        """Fields of the programme in force that were saved outside today's bounds, and are read as
        the nearest value inside them: each with what is wrong with it.
        """

    def pressure(self) -> Pressure:
        """What is known of a flood; read with the programme."""

    def look_again(self) -> None:
        """The next question is answered with what is in force at that moment: something has just
        changed.
        """

    def programme_version(self, version: int) -> Programme:
        """Raises NotFound."""

    def save_programme(
        self, programme: Programme, now: datetime, replaces: int | None = None
    ) -> int:
        """``replaces``: the version this was made of; without it, whatever is in force. Raises
        VersionConflict.
        """

    def network(self) -> Network: ...

    def network_version(self, version: str) -> Network:
        """As it was compiled then; raises NotFound."""

    def save_places(
        self,
        country: str,
        points: Mapping[str, Point],
        towns: Mapping[str, Sequence[str]],
        now: datetime,
    ) -> None:
        """Saves it in place of the country's list; the network is then compiled with it."""

    def places(self) -> Mapping[str, KnownPlaces]:
        """By country."""


class GateBook(Protocol):
    """What instances tell one another of a flood; written only while there is one."""

    def press(self, pressure: Pressure) -> None:
        """From now on this is what everybody knows."""

    def spend(self, challenge: str, lead: str, expires_at: datetime) -> bool:
        """Notes that a solved challenge was used for that lead; False if it was used for
        another.
        """

    def count(self, mark: str, more: int, now: datetime) -> int:
        """Adds to the posts of that kind in this hour of the clock, and gives their number."""


class Timers(Protocol):
    def arm(self, lead: str, version: int, due: datetime, now: datetime, again: int = 0) -> None:
        """One one-shot per lead and version; arming it twice is no error."""


class Bus(Protocol):
    def publish(
        self, rows: Sequence[CommitRecord], partners: Sequence[tuple[str, Mapping[str, Any]]] = ()
    ) -> None: ...


@dataclass(frozen=True, slots=True)
class Attachment:
    name: str
    content_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Mail:
    to: tuple[str, ...]
    subject: str
    html: str
    text: str
    from_name: str
    reply_to: str = ""
    attachments: tuple[Attachment, ...] = ()
    logo: Attachment | None = None
    """Shown within the HTML as ``cid:logo``."""
    thread: str = ""
    """The same for all mails about one lead to one kind of reader, so that mail programs keep these
    together and no others; empty for a mail about nothing of the kind.
    """


class MailRenderer(Protocol):
    """Turns a view into a mail: ``present.mails.write``."""

    def __call__(self, view: MailView) -> Mail: ...


class MailSender(Protocol):
    """The mail service. ``mark`` comes back with bounces, so that they find their partner or
    lead.
    """

    def send(self, mail: Mail, mark: Mapping[str, str]) -> str: ...


class SentMailLog(Protocol):
    """Mail rows: leased before sending, marked after, so that a fact is told once to each role."""

    def lease(self, key: str, now: datetime) -> bool:
        """True = ours to send; False = sent already. Raises Conflict while somebody else's lease is
        alive.
        """

    def begun(self, key: str) -> bool:
        """It was sent, or is being sent."""

    def sent(self, key: str, message: str, now: datetime, facts: Sequence[str] = ()) -> None: ...

    def told(self, key: str) -> Sequence[str]:
        """The facts that were noted with a mail that was sent."""

    def release(self, key: str) -> None: ...
