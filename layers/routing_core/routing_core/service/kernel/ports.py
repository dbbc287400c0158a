"""Says what use cases need from outside, as Protocols.

``aws`` implements them, and tests run them over moto.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from routing_core.domain.draft import Draft
from routing_core.domain.enquiry.rate_limits import Pressure
from routing_core.domain.events import CommitRecord
from routing_core.domain.lead import Context, Lead, Note
from routing_core.domain.partner import Lapse, Load, Partner
from routing_core.domain.partner_history import ProfileChange
from routing_core.domain.programme.programme import Programme
from routing_core.domain.rule_version import (
    AT_ONCE,
    NewPlan,
    PlannedRules,
    RuleEdition,
    RuleVersion,
)
from routing_core.domain.territory.gazetteer import Point
from routing_core.domain.values.extensible import Extensible
from routing_core.routing.index.network import Network
from routing_core.service.kernel.read_model import LogEntry

MOST_HELD = 1_000
"""So many leads of a partner are looked at, the oldest first: far more than a firm has open."""
MOST_LISTED = 5
"""A contact's row lists so many open enquiries."""
MOST_IN_ROW = 2 * MOST_LISTED
"""A contact's row has so many entries, ended ones included.

At the door nobody knows which of them have ended.
"""


@dataclass(frozen=True, slots=True)
class Listed(Extensible):
    """An enquiry in a contact's row."""

    lead: str
    until: datetime
    """The end of the programme's repeat window: from then on it is compared with nothing."""
    place: str = ""
    """Says where it is, hashed; empty in rows written before places were."""


@dataclass(frozen=True, slots=True)
class KnownContact:
    """A contact's row: the contact, hashed, and the last enquiries that came with it.

    It serves deduplication and locks nothing: it says with what a new enquiry is to be compared.
    """

    key: str
    listed: tuple[Listed, ...]
    """The enquiries, the newest first; what is known to have ended comes last."""

    def with_newest(self, newest: Listed, now: datetime) -> "KnownContact":
        """Give the row with one more enquiry, and without those whose window has passed."""
        others = (each for each in self.listed if each.lead != newest.lead and each.until > now)
        return KnownContact(self.key, (newest, *others)[:MOST_IN_ROW])

    def with_ended_last(self, going_on: Collection[str]) -> "KnownContact":
        """Give the row with those that have ended, all but ``going_on``, behind the open ones.

        So the ended ones are the first to make room.
        """
        still_open = [each for each in self.listed if each.lead in going_on]
        over = [each for each in self.listed if each.lead not in going_on]
        return KnownContact(self.key, (*still_open[:MOST_LISTED], *over[: MOST_LISTED - 1]))


@dataclass(frozen=True, slots=True)
class ContactUpdate:
    """What a commit does to the rows of a lead's contact."""

    rows: tuple[KnownContact, ...] = ()
    """The rows to be written."""
    seen: Mapping[str, KnownContact] = field(default_factory=dict)
    """The rows as they were read, by their key.

    Of two enquiries that come at once the second is decided anew, by what the first has written.
    """


@dataclass(frozen=True, slots=True)
class LoadChange:
    """What a commit does to one partner's LOAD beyond the places, and on what condition.

    The places are no part of it: a commit applies what the lead held before and holds after.
    """

    guarded: bool = False
    """Asks that the partner is active and ``open_cap`` is kept, as routing does.

    HQ's assignments have no condition.
    """
    seq: int | None = None
    """Asks, of a guarded change, for exactly the load that was seen.

    It is None where too many others compete, so that the caps alone decide.
    """
    open_cap: int | None = None
    """The most places the partner gives; None is as many as there come."""
    counts: Mapping[str, int | None] = field(default_factory=dict)
    """The period counters to raise, each with its cap or None.

    They are such as ``d2026-11-21`` for a day, and ``r2026-11`` for the early returns of a month.
    """
    forget_counts: tuple[str, ...] = ()
    """The counters of periods long past, which are removed in the same update."""
    product_cap: int | None = None
    """The most places for the lead's own product."""
    pass_value: int | None = None
    """Says where the partner then stands in the weighted order (stride scheduling)."""
    figures: Mapping[str, int] = field(default_factory=dict)
    """What is added to the partner's figures; it is written only where LOAD changes anyway."""
    only_checked: bool = False
    """Asks for the conditions of an offer and changes nothing.

    It is an update of the same shape and cost, so that nobody can tell the two apart by the time
    they take.
    """
    offered_at: datetime | None = None
    """The instant of the offer, by which the partner who waited longest comes first."""
    lapse: Lapse | None = None
    """An offer that ended without an answer, to be counted."""
    forget_lapses: tuple[str, ...] = ()
    """The references of leads whose lapse no longer counts."""
    answered: bool = False
    """Ends all lapses: ``forget_lapses`` names those that are kept one by one."""
    pause: bool = False
    """Pauses the partner, who left too many offers unanswered."""
    unpause: bool = False
    """Takes back the pause that lapses led to."""
    uncount: tuple[str, ...] = ()
    """The period counters that are lowered by one."""
    pass_value_back: int = 0
    """Says how much the partner's pass value goes back."""
    corrects: bool = False
    """Writes the figures even if nothing else of LOAD changes."""


@dataclass(frozen=True, slots=True)
class Change:
    """One lead's part of a commit."""

    draft: Draft
    """The lead as it becomes; ``draft.before`` is None for a new one, which is put if absent."""
    context: Context | None = None
    """The context put in place of what is there, notes and all: for a new lead, or to erase."""
    note: Note | None = None
    """A note to be added to those that are there."""
    contacts: ContactUpdate = field(default_factory=ContactUpdate)
    """What happens to the rows under which the sender is known."""
    loads: Mapping[str, LoadChange] = field(default_factory=dict)
    """What happens to the partners' loads, by the partner's id."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """What one batch read found before a new lead is decided on."""

    existing: Lead | None
    """The lead that the same post made before."""
    contacts: Mapping[str, KnownContact]
    """The contact's rows, by their key."""
    loads: Mapping[str, Load]
    former: Lead | None = None
    """The lead that the same post made while submission keys belonged to nobody."""


class Leads(Protocol):
    """Keeps leads, their contexts, events and contacts' rows."""

    def arrival(
        self,
        lead_id: str,
        contact_keys: Sequence[str],
        partners: Sequence[str],
        former_id: str = "",
    ) -> Arrival:
        """Read in one batch what is there of a new lead, its contact and these partners."""

    def get(self, lead_id: str) -> Lead | None:
        """Read a lead; None if there is none."""

    def get_for_partner(self, lead_id: str, partner: str) -> tuple[Lead, Context, Load] | None:
        """Read all that a partner's page needs in one batch; None if any of it is not there."""

    def context(self, lead_id: str) -> Context | None:
        """Read what came with a lead, and its notes."""

    def several(self, ids: Sequence[str]) -> tuple[Lead, ...]:
        """Read leads in one batch, in that order.

        Those that are gone or cannot be read are left out.
        """

    def with_contexts(self, ids: Sequence[str]) -> tuple[tuple[Lead, Context], ...]:
        """Read leads in one batch likewise, each with its context."""

    def event(self, lead_id: str, version: int) -> CommitRecord | None:
        """Read what the commit of one version made true."""

    def events(self, lead_id: str) -> tuple[CommitRecord, ...]:
        """Read what every commit of a lead made true, the oldest first."""

    def loads(self, partners: Sequence[str]) -> Mapping[str, Load]:
        """Read the loads of partners, by the partner's id; those that are gone are left out."""

    def commit(self, *changes: Change, now: datetime) -> None:
        """Write all changes or none, with their events.

        Raises LeadExists, ContactChanged, CapacityConflict or VersionConflict. A write whose reply
        was lost is recognised by reading back.
        """

    def held_by(
        self, holder: str, limit: int = 100, *, newest_first: bool = False
    ) -> tuple[Lead, ...]:
        """Read the leads of a partner, or of a state that nobody holds, the oldest first."""

    def overdue(self, before: datetime, limit: int) -> tuple[tuple[str, datetime], ...]:
        """List leads whose deadline passed before an instant, the longest overdue first.

        Each is given by its id and its ``due``.
        """

    def to_erase(self, before: datetime, limit: int) -> tuple[tuple[str, datetime], ...]:
        """List leads whose time to be erased came before an instant, by id and ``erase_at``."""


class Partners(Protocol):
    """Keeps partners' profiles, and what of their LOAD is no consequence of a lead."""

    def get(self, partner: str) -> Partner | None:
        """Read a profile as saved; None if there is none."""

    def some(self, partners: Collection[str]) -> Iterable[Partner]:
        """Read those of these profiles that there are, by their keys.

        Whoever needs a few never reads them all.
        """

    def history(self, partner: str) -> tuple[ProfileChange, ...]:
        """Read the last changes of a profile, the newest first."""

    def save(
        self,
        partners: Sequence[tuple[Partner, int | None]],
        now: datetime,
        by: str = "",
        noted: Iterable[LogEntry] = (),
    ) -> bool:
        """Save all profiles or none, each with the version it replaces (None = new).

        ``by`` is whom the history names; empty for the product itself. ``noted`` stands in HQ's
        log as soon as they are saved or it is decided that they will be, and not before.
        Each LOAD keeps its counters. Raises VersionConflict or InvalidInput (larger than can be
        stored), and nothing has changed. False: it is decided and not all of it is applied yet;
        ``finish_import`` goes on with it.
        """

    def finish_import(self, now: datetime) -> bool:
        """Go on with an import that was decided and not yet applied, if there is one.

        False if some of it is left.
        """

    def set_paused(self, partner: str, paused: bool, now: datetime, by: str = "") -> None:
        """Pause or resume a partner; resuming also forgets lapses that led to a pause.

        Whoever is deactivated stays paused.
        """

    def renew_links(self, partner: str, ended: int, now: datetime, person: str = "") -> None:
        """End the person's links of that generation, as those before did.

        Nothing changes if they have ended already. Without a person: the links that name nobody.
        """

    def revoke_links(
        self,
        partner: str,
        now: datetime,
        person: str = "",
        seen: int | None = None,
        by: str = "",
    ) -> bool:
        """End all links of that person at once; without a person, everybody's.

        With ``seen`` they end only if ``times_ended`` is still that; False if it is not. Raises
        NotFound.
        """

    def confirm(self, partner: str, email: str, now: datetime) -> bool:
        """Note that mail arrives there; False if the profile's address is another one by now."""

    def bounce(self, partner: str, now: datetime) -> None:
        """Note that mail does not arrive: no offers until the address is confirmed again."""

    def note_unreachable(self, partner: str, email: str, now: datetime) -> None:
        """Note that mail to another address of the firm does not arrive.

        That address gets no more mail, and the partner stays in routing.
        """

    def all(self) -> Iterable[Partner]:
        """Read every profile, consistently."""


@dataclass(frozen=True, slots=True)
class KnownPlaces:
    """What is kept of a country's list of places."""

    postcodes: int
    """Counts the postcodes in the list."""
    saved_at: datetime


class RuleBook(Protocol):
    """Keeps the programme and the compiled network, each for a few seconds; and places."""

    def programme(self) -> tuple[int, Programme]:
        """Give the version and the rules in force; raises NotFound while none has been saved."""

    def mended(self) -> Sequence[str]:
        """List fields of the programme in force that are read otherwise than they were saved.

        They were saved outside today's bounds, and are read as the nearest value inside them: each
        is given with what is wrong with it.
        """

    def pressure(self) -> Pressure:
        """Give what is known of a flood; it is read with the programme."""

    def look_again(self) -> None:
        """Answer the next question with what is in force at that moment, for something changed."""

    def programme_version(self, version: int) -> Programme:
        """Give the rules as they were in a version; raises NotFound."""

    def programme_text(self, version: int) -> str:
        """Give the YAML that a version was written as; empty if nobody wrote any."""

    def planned(self) -> PlannedRules | None:
        """Give the version that waits for its time; None if none does."""

    def versions(self, before: int | None = None, limit: int = 30) -> tuple[RuleVersion, ...]:
        """List versions below a number, the newest first; None begins with the newest."""

    def save_programme(
        self,
        programme: Programme,
        now: datetime,
        replaces: int | None = None,
        edition: RuleEdition = AT_ONCE,
        carried: NewPlan | None = None,
    ) -> int:
        """Put rules in force, or plan them, and give their version; raises VersionConflict.

        ``replaces`` is the version they were made of; without it they replace whatever is there.
        What the edition says was done stands in the log as soon as they are saved, and not before.
        ``carried`` takes the place of the plan there is, and has these changes too.
        """

    def call_off(self, number: int, now: datetime, by: str) -> None:
        """Call off a version before its time, as the log then tells.

        Raises NotFound or VersionConflict.
        """

    def settle(self, now: datetime) -> int | None:
        """Note that a planned version's time has come, and give its number; None = none's has."""

    def network(self) -> Network:
        """Give the compiled network in force."""

    def network_version(self, version: str) -> Network:
        """Give the network as it was compiled then; raises NotFound."""

    def save_places(
        self,
        country: str,
        points: Mapping[str, Point],
        towns: Mapping[str, Sequence[str]],
        now: datetime,
    ) -> None:
        """Save a country's list of places, with which the network is then compiled."""

    def places(self) -> Mapping[str, KnownPlaces]:
        """Tell what is kept of each country's list."""


class GateBook(Protocol):
    """Keeps what instances tell one another of a flood; written only while there is one."""

    def press(self, pressure: Pressure) -> None:
        """Let everybody know this from now on."""

    def spend(self, challenge: str, lead: str, expires_at: datetime) -> bool:
        """Note that a solved challenge was used for a lead; False if another had used it."""

    def count(self, mark: str, more: int, now: datetime) -> int:
        """Add to the posts of a kind in this hour of the clock, and give their number."""


class Timers(Protocol):
    """Wakes leads when something is due."""

    def arm(self, lead: str, version: int, due: datetime, now: datetime, again: int = 0) -> None:
        """Arm one one-shot timer for a lead and version; arming it twice is no error."""


class Bus(Protocol):
    """Tells the rest of the world what happened, by ids alone."""

    def publish(
        self, rows: Sequence[CommitRecord], partners: Sequence[tuple[str, Mapping[str, Any]]] = ()
    ) -> None:
        """Publish the events of commits, and events that are about a partner and no lead."""
