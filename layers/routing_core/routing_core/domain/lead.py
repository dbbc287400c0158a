"""A lead and everything that may happen to its state.

``TRANSITIONS`` is the only list of allowed moves; a ``Draft`` is the only way to make one. A lead
has
any number of named deadlines; ``due``, the earliest, is what the timer is set for.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from routing_core.domain.offer import Offer, OfferStatus
from routing_core.domain.reasons import HQ_DECIDES_FIRST, QueueReason


class LeadStatus(StrEnum):
    QUARANTINED = "quarantined"
    NURTURE = "nurture"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    CONTACTED = "contacted"
    QUOTED = "quoted"
    WON = "won"
    LOST = "lost"
    HQ_QUEUE = "hq_queue"
    FOLLOW_UP = "follow_up"
    ATTACHED = "joined"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    ERASED = "erased"


S = LeadStatus
TRANSITIONS: Mapping[LeadStatus | None, frozenset[LeadStatus]] = {
    None: frozenset({S.QUARANTINED, S.NURTURE, S.OFFERED, S.HQ_QUEUE, S.ATTACHED}),
    S.QUARANTINED: frozenset(
        {S.NURTURE, S.OFFERED, S.HQ_QUEUE, S.ATTACHED, S.REJECTED, S.WITHDRAWN, S.ERASED}
    ),
    S.NURTURE: frozenset({S.OFFERED, S.HQ_QUEUE, S.LOST, S.REJECTED, S.WITHDRAWN, S.ERASED}),
    S.OFFERED: frozenset({S.ACCEPTED, S.HQ_QUEUE, S.FOLLOW_UP, S.REJECTED, S.WITHDRAWN, S.ERASED}),
    S.ACCEPTED: frozenset(
        {S.CONTACTED, S.QUOTED, S.WON, S.LOST, S.OFFERED, S.HQ_QUEUE, S.WITHDRAWN, S.ERASED}
    ),
    S.CONTACTED: frozenset(
        {S.ACCEPTED, S.QUOTED, S.WON, S.LOST, S.OFFERED, S.HQ_QUEUE, S.WITHDRAWN, S.ERASED}
    ),
    S.QUOTED: frozenset(
        {S.ACCEPTED, S.CONTACTED, S.WON, S.LOST, S.OFFERED, S.HQ_QUEUE, S.WITHDRAWN, S.ERASED}
    ),
    S.WON: frozenset(
        {S.ACCEPTED, S.CONTACTED, S.QUOTED, S.ERASED}
    ),  # backwards: undo within two minutes
    S.LOST: frozenset(
        {S.ACCEPTED, S.CONTACTED, S.QUOTED, S.ERASED}
    ),  # backwards: undo within two minutes
    # accepted from there: the late acceptor of an offer that was shared when its window ended
    S.HQ_QUEUE: frozenset(
        {S.OFFERED, S.ACCEPTED, S.FOLLOW_UP, S.ATTACHED, S.REJECTED, S.WITHDRAWN, S.ERASED}
    ),
    S.FOLLOW_UP: frozenset(
        {S.OFFERED, S.ACCEPTED, S.HQ_QUEUE, S.LOST, S.REJECTED, S.WITHDRAWN, S.ERASED}
    ),
    # joined: attached to another enquiry, until that one no longer serves it; or settled together
    # with it
    S.ATTACHED: frozenset({S.OFFERED, S.HQ_QUEUE, S.FOLLOW_UP, S.REJECTED, S.WITHDRAWN, S.ERASED}),
    S.REJECTED: frozenset({S.ERASED}),
    S.WITHDRAWN: frozenset({S.ERASED}),
    S.ERASED: frozenset(),
}
OWNED = frozenset({S.ACCEPTED, S.CONTACTED, S.QUOTED})
REJECTABLE = frozenset({S.QUARANTINED, S.NURTURE, S.OFFERED, S.HQ_QUEUE, S.FOLLOW_UP})
"""HQ may still say that it is spam or nonsense: as long as nobody owns it. An owner says why it was
lost.
"""
OPEN = OWNED | {S.OFFERED}
FINISHED = frozenset({S.WON, S.LOST, S.REJECTED, S.WITHDRAWN, S.ERASED})
"""Whatever ``joined`` stands for is told by ``Lead.finished``: it is the one state that is open or
ended.
"""
SERVED = "served"
"""The reason of a joined lead that ended: its partner said that it is settled together with the
first.
"""
MOST_ATTACHED = 5
"""Enquiries attached to one first enquiry."""


class DeadlineKind(StrEnum):
    REMIND = "remind"  # offer n
    EXPIRE = "expire"  # offer n
    PROMISE = "promise"  # the prospect must hear
    CONTACT_REMIND = "contact_remind"
    CONTACT = "contact"
    RETRACT = "retract"
    QUOTE = "quote"  # a quote should have gone out
    STATUS = "status"  # ask how it stands
    OUTCOME = "outcome"
    HQ_HOLD = "hq_hold"
    RETRY = "retry"
    FOLLOW_UP_END = "follow_up_end"
    NURTURE_ASK = "nurture_ask"
    NURTURE_END = "nurture_end"
    FIRST = "first"  # attached: look at the enquiry it is attached to


@dataclass(frozen=True, slots=True, order=True)
class Deadline:
    """Something to be done at an instant; ``offer`` names the offer it belongs to (0 = the
    lead).
    """

    at: datetime
    kind: DeadlineKind
    offer: int = 0


@dataclass(frozen=True, slots=True)
class Contact:
    """Who asked. All personal data of the lead item; ``phone`` in E.164, perhaps with ``;ext=``, or
    empty.
    """

    name: str
    email: str
    phone: str = ""
    company: str = ""
    street: str = ""


@dataclass(frozen=True, slots=True)
class Context:
    """What came with the enquiry and is not needed to route it. Holds personal data (``message``,
    notes).
    """

    message: str = ""
    source: str = ""
    utm: Mapping[str, str] = field(default_factory=dict)
    referrer: str = ""
    pages: tuple[str, ...] = ()
    locale: str = ""
    consent_version: str = ""
    consent_text: str = ""
    phone_typed: str = ""
    """What was typed for a phone number, if it was more than the number says, or none could be
    read.
    """
    also_sent: Mapping[str, str] = field(default_factory=dict)
    """Fields that the form does not have, as they came."""
    notes: tuple["Note", ...] = ()
    marks: tuple[str, ...] = ()
    """Keyed hashes of the contact, the client address and the postcode of a post that came through
    though nobody vouched for it, so that posts alike can be counted; never what they were made
    of.
    """


LONGEST_NOTE = 2_000
"""Characters; what is longer is cut."""


@dataclass(frozen=True, slots=True)
class Note:
    at: datetime
    by: str
    """prospect, partner, hq, or repeat:<stub lead id>"""
    text: str


@dataclass(frozen=True, slots=True)
class Colleague:
    """Who at the owning partner looks after the lead; personal data, like the contact."""

    partner: str
    email: str
    name: str = ""
    since: int = 0
    """The lead's version from which on: who looks after it again later needs new links."""


MOST_ATTEMPTS = 20
"""Kept on the lead, which is to stay small; the events have them all."""
MOST_MOVES = 5
"""So often the place of a lead may be put right."""


@dataclass(frozen=True, slots=True)
class Moved:
    """Where the lead was taken to be before ``version``; by then so many offers had been made."""

    version: int
    postcode: str
    region: str = ""
    offers: int = 0


@dataclass(frozen=True, slots=True)
class Undo:
    """The step that can be taken back until an instant, and what to restore with it."""

    status: LeadStatus
    until: datetime
    deadlines: tuple[Deadline, ...]
    """Those that the step ended."""
    promised_by: datetime | None = None


@dataclass(frozen=True, slots=True)
class Lead:
    id: str
    form: str
    status: LeadStatus
    version: int
    received_at: datetime
    country: str
    postcode: str
    product: str
    urgency: str
    language: str
    payload_hash: str
    contact: Contact | None = None
    """None once erased."""
    town: str = ""
    located_by: str = ""
    """``town``: the postcode was not told, it is the one in the middle of the town that was. Empty:
    it was told.
    """
    region: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)
    score: int = 0
    score_reasons: tuple[str, ...] = ()
    """Indexes of the programme's points that applied, as text codes ``urgency=emergency:+40``."""
    programme: int = 0
    """Programme version the lead was received under."""
    offers: tuple[Offer, ...] = ()
    owner: str | None = None
    deadlines: tuple[Deadline, ...] = ()
    total_by: datetime | None = None
    """No new routed offer from then on: the fallback takes over."""
    promised_by: datetime | None = None
    """The prospect was told to hear by then; None = nothing promised."""
    answer: str = ""
    """What the sender was told at the door (offered, held, waiting, noted or confirm; once also
    joined): a repeat of the post gets it again. What was held is answered anew once it is let
    through.
    """
    first_promise: datetime | None = None
    preferred: str | None = None
    """The partner who served this person before."""
    waiting: tuple[str, ...] = ()
    """Partners who asked to get the lead if it comes free, first come first."""
    attached_to: str | None = None
    """The first enquiry: the one that this one is attached to, or is compared with in the first
    moments.
    """
    attached: tuple[str, ...] = ()
    """Enquiries that were attached to this one, at most ``MOST_ATTACHED``; whether each still is,
    it says itself.
    """
    alike: str | None = None
    """Another enquiry that came with the same phone number, from the same firm, or from the same
    address but apart: it may be the same customer's.
    """
    as_if: tuple[Offer, ...] = ()
    """Attached: the offers that would have been made of it if nothing were open, as they would
    stand if nobody had answered. Nobody was asked: they are kept for what its sender is told, and
    for when nobody would be left to ask.
    """
    asked_at_door: int = 0
    """How many partners its sender was told are being asked while it was attached, if several:
    never fewer are asked once it goes its own way.
    """
    exhausted: bool = False
    """HQ was told that nobody is left; once per lead."""
    attempts: tuple[datetime, ...] = ()
    """When the owner tried to reach the prospect, the last ``MOST_ATTEMPTS`` of it."""
    accepted_at: datetime | None = None
    contacted_at: datetime | None = None
    quoted_at: datetime | None = None
    quote: str = ""
    """Quoted: amount as decimal text in the programme's currency; empty if the partner named
    none.
    """
    finished_at: datetime | None = None
    erase_at: datetime | None = None
    """When who asked is erased: set once the lead is finished or held back as spam. No timer is
    armed for it.
    """
    ended: LeadStatus | None = None
    """Erased: what it was before, so that it can still be counted."""
    value: str = ""
    """Won: amount as decimal text in the programme's currency."""
    reason: str = ""
    """Lost, rejected or quarantined: why."""
    colleague: Colleague | None = None
    """Stays after the partner has lost the lead, so that the colleague hears of it; ends with the
    next owner.
    """
    undo: Undo | None = None
    claims: tuple[str, ...] = ()
    from_client: str = ""
    """While it is held: a keyed hash of the client address, by which HQ sees which enquiries came
    from the same.
    """
    moves: tuple[Moved, ...] = ()
    """Its earlier places, the first one first."""
    postcode_towns: tuple[str, ...] = ()
    """The towns that the postcode belongs to, as HQ's list of places says. Filled in for showing,
    never stored: unlike
    ``town`` nobody typed it, so that it may be shown before acceptance.
    """

    @property
    def offers_before(self) -> tuple[Offer, ...]:
        """Those made before it was known where the lead is."""
        return self.offers[: self.moves[-1].offers] if self.moves else ()

    @property
    def offers_here(self) -> tuple[Offer, ...]:
        """Those made at its present place: only these count towards the programme's limits."""
        return self.offers[len(self.offers_before) :]

    @property
    def due(self) -> datetime | None:
        return min((d.at for d in self.deadlines), default=None)

    @property
    def live_offers(self) -> tuple[Offer, ...]:
        """Waiting for an answer: none, one, or those left of a wave."""
        return tuple(o for o in self.offers if o.status is OfferStatus.PENDING)

    @property
    def listed_under(self) -> tuple[str, ...]:
        """Whose lists this lead is on: the owner's, those of all who have a live offer, or one
        named after the state.

        None once it is finished, or while another enquiry's holder looks after it.
        """
        if self.status in FINISHED or self.status is S.ATTACHED:
            return ()
        if self.owner:
            return (self.owner,)
        return tuple(o.partner for o in self.live_offers) or (state_list(self.status),)

    @property
    def sole_listing(self) -> str:
        """The only one of ``holders``; empty if there is none or several."""
        return self.listed_under[0] if len(self.listed_under) == 1 else ""

    @property
    def wave(self) -> tuple[Offer, ...]:
        """The live offers while there are several."""
        return self.live_offers if len(self.live_offers) > 1 else ()

    def beside(self, offer: Offer) -> int:
        """How many others were asked in the same wave."""
        return sum(o.wave == offer.wave for o in self.offers) - 1 if offer.wave else 0

    @property
    def claimed(self) -> Offer | None:
        """The offer that its partner answered with "already my customer", while HQ decides."""
        return next((o for o in self.offers if o.status is OfferStatus.EXISTING_CUSTOMER), None)

    @property
    def undecided(self) -> bool:
        return self.status is S.HQ_QUEUE and self.reason in HQ_DECIDES_FIRST

    @property
    def crowded_out(self) -> bool:
        """Stored while too many others were being placed: not looked at by routing yet."""
        return self.status is S.HQ_QUEUE and self.reason == QueueReason.CROWDED

    @property
    def is_attached(self) -> bool:
        """Open, and looked after by whoever has the first enquiry (or about to be compared with
        it).
        """
        return self.status is S.ATTACHED and self.finished_at is None and not self.joined_of_old

    @property
    def joined_of_old(self) -> bool:
        """Merged into another enquiry for good, as repeats were before they stayed whole; nothing
        wakes it.
        """
        return self.status is S.ATTACHED and self.answer == "joined"

    @property
    def finished(self) -> bool:
        return self.status in FINISHED or (self.status is S.ATTACHED and not self.is_attached)

    @property
    def waits_for_confirmation(self) -> bool:
        """Its sender was asked to confirm the address, and HQ has not decided either."""
        return self.status is S.QUARANTINED and self.answer == "confirm"

    @property
    def partner_opens_at(self) -> datetime | None:
        """When the partner opens who is to be asked then; None if the lead does not wait for that.

        Its timer goes off within the minute after.
        """
        held = self.status is S.HQ_QUEUE and self.reason == QueueReason.CLOSED
        opens = self.deadline(DeadlineKind.RETRY) if held else None
        return opens and opens.replace(second=0, microsecond=0)

    @property
    def reference(self) -> str:
        """Short enough to read out on the phone."""
        return self.id[-8:].upper()

    def offer(self, number: int) -> Offer | None:
        return next((o for o in self.offers if o.number == number), None)

    def deadline(self, kind: DeadlineKind) -> datetime | None:
        return next((d.at for d in self.deadlines if d.kind is kind), None)


def state_list(status: LeadStatus) -> str:
    """The list of leads that nobody holds in that state; no partner can be called so."""
    return f"#{status.value}"


def open_counts(lead: Lead | None) -> Mapping[str, int]:
    """Partner → places this lead takes up there: the owner's, or that of each pending offer that
    holds one.

    ``LOAD`` changes are never hand-written: a commit applies the difference of this before and
    after.
    """
    if lead is None or lead.finished:
        return {}
    if lead.owner:
        return {lead.owner: 1}
    return {o.partner: 1 for o in lead.live_offers if o.reserves_slot}
