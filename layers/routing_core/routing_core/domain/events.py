"""Events: what a commit made true, in order, told to the rest of the world by id only.

An event never carries personal data or a token: a reader that needs a name reads the lead again.
Its id is ``lead:version:index``. ``LEAD_EVENTS`` lists every class there is, and each docstring is
the event's entry in the catalogue. Only ``to_data`` and ``from_data`` know how events are stored.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from enum import Enum
from functools import cache
from typing import Any, ClassVar, NamedTuple, get_args

from routing_core.domain.lead import LeadStatus
from routing_core.domain.offer import OfferKind
from routing_core.domain.reasons import QueueReason, WithdrawReason


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class LeadEvent:
    """Something became true of a lead.

    Fields are ids, codes, numbers and instants. ``None`` stands for what an event leaves out, and
    is not stored.
    """

    kind: ClassVar[str]
    """The name under which events of the class are stored and published; it never changes."""

    extra: Mapping[str, Any] | None = field(default=None, repr=False)
    """What a stored row says that this version knows no field for: kept, so that it is not lost."""

    # These two are written once, for all classes: that dataclass generates them for each would cost
    # every function's cold start twice as much as the events do now.
    def __eq__(self, other: object) -> bool:
        """Tell whether the other event says the same."""
        if not isinstance(other, LeadEvent) or type(other) is not type(self):
            return False
        return (other.kind, other.to_data()) == (self.kind, self.to_data())

    def __repr__(self) -> str:
        """Spell the event for whoever reads a log or a failed test."""
        return f"{type(self).__name__}({self.to_data()})"

    @property
    def partner_id(self) -> str | None:
        """Name the partner whom the event concerns, if it names one."""
        return getattr(self, "partner", None)

    @property
    def offer_number(self) -> int | None:
        """Give the number of the offer that the event is about, if it is about one."""
        return getattr(self, "offer", None)

    def to_data(self) -> dict[str, Any]:
        """Spell the fields as they are stored.

        Instants are ISO text, reasons and states are spelled by their value.
        """
        data: dict[str, Any] = {}
        for spelled in _spelling(self.kind):
            value = getattr(self, spelled.field)
            if value is not None:
                data[spelled.stored] = value if spelled.write is None else spelled.write(value)
        if self.extra:
            data.update(self.extra)
        return data


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class UnknownEvent(LeadEvent):
    """A stored event of a kind that this version has no class for, kept as it is.

    A newer version may have written it before it was rolled back.
    """

    kind: str  # type: ignore[misc]  # here each instance has its own
    data: Mapping[str, Any]

    @property
    def partner_id(self) -> str | None:
        """Name the partner whom the event concerns, if it names one."""
        return self.data.get("partner")

    @property
    def offer_number(self) -> int | None:
        """Give the number of the offer that the event is about, if it is about one."""
        return self.data.get("offer")

    def to_data(self) -> dict[str, Any]:
        """Spell the event as it was found."""
        return dict(self.data)


# An event class without fields of its own needs no decorator, for it inherits the constructor.
# Generating one costs a function's cold start half a millisecond, and half of the classes are so.


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class PartnerEvent(LeadEvent):
    """Something concerns one partner, in most cases the owner."""

    partner: str | None = None
    """Names the partner."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class OfferEvent(LeadEvent):
    """Something happens to an offer."""

    offer: int
    """Gives the number of the offer within the lead, from 1."""
    partner: str
    """Names the partner who was asked."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class FirstEnquiryEvent(LeadEvent):
    """Something is between this lead and an earlier one of what may be the same person."""

    first: str | None = field(default=None, metadata={"stored": "target"})
    """Names the earlier lead."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class HeldBackEvent(LeadEvent):
    """Something happens to an enquiry because it was held at the door."""

    reason: str
    """Says why it is or was held: a ``HoldReason``."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class HqEvent(LeadEvent):
    """Somebody at HQ did something."""

    by: str | None = None
    """Names the API key, or the person as ``link:person``; the first rows do not."""


# intake


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class LeadReceived(LeadEvent):
    """An enquiry was stored, or a held one was let through."""

    kind: ClassVar[str] = "lead.received"
    next: LeadStatus
    """Where it went from the door: to partners, to HQ or to nurture."""
    confirmed: bool | None = None
    """True if its sender has just confirmed the address."""
    by: str | None = None
    """Names who entered it for its sender: an API key, or ``link:person``; None: the sender did."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class LeadRepeated(LeadEvent):
    """The same person asked again."""

    kind: ClassVar[str] = "lead.repeated"
    repeat: str = field(metadata={"stored": "stub"})
    """Names the record of the second enquiry."""
    partner: str | None = None
    """Names who holds the first one and is told, if anybody is."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class RepeatChanged(LeadEvent):
    """The sender of an attached enquiry said more."""

    kind: ClassVar[str] = "repeat.changed"
    repeat: str = field(metadata={"stored": "stub"})
    """Names the record of the attached enquiry."""
    partner: str | None = None
    """Names the owner of the first one, if there is one."""
    what: str
    """Says what: ``phone``, ``postcode``, ``note`` or ``withdraw``."""


class RepeatFound(FirstEnquiryEvent):
    """The contact is known from ``first`` at least: compared with it at once."""

    __slots__ = ()
    kind: ClassVar[str] = "repeat.found"


class LeadAttached(FirstEnquiryEvent):
    """It is attached to ``first``: whoever holds that one sees this one too."""

    __slots__ = ()
    kind: ClassVar[str] = "lead.joined"


class FirstEnded(FirstEnquiryEvent):
    """The enquiry to which it is attached serves it no longer: looked at again at once."""

    __slots__ = ()
    kind: ClassVar[str] = "first.ended"


class AttachmentKept(FirstEnquiryEvent):
    """It was looked at again, and ``first`` still serves it."""

    __slots__ = ()
    kind: ClassVar[str] = "attachment.kept"


class AttachmentEnded(FirstEnquiryEvent):
    """It goes its own way, neither attached to ``first`` nor compared with it any more."""

    __slots__ = ()
    kind: ClassVar[str] = "attachment.ended"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class LeadServed(LeadEvent):
    """A partner says that it is settled together with ``first``."""

    kind: ClassVar[str] = "lead.served"
    first: str = field(metadata={"stored": "target"})
    """Names the first enquiry."""
    partner: str | None = None
    """Names the owner of the first enquiry."""
    outcome: LeadStatus
    """Says how: contacted, quoted, won or lost."""


class LeadQuarantined(HeldBackEvent):
    """It is held until its sender confirms the address, or HQ decides."""

    __slots__ = ()
    kind: ClassVar[str] = "lead.quarantined"


class LeadConfirmed(HeldBackEvent):
    """Its sender confirmed the address for want of which it was held."""

    __slots__ = ()
    kind: ClassVar[str] = "lead.confirmed"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class LeadReleased(LeadEvent):
    """HQ lets it through."""

    kind: ClassVar[str] = "lead.released"
    reason: str
    """Says why it was held: a ``HoldReason``, or a ``QueueReason``."""
    by: str | None = None
    """Names the API key, or the person as ``link:person``."""


class LeadRejected(HqEvent):
    """HQ closed it as spam or nonsense."""

    __slots__ = ()
    kind: ClassVar[str] = "lead.rejected"


class LeadNurtured(LeadEvent):
    """It scored below the bar and is asked again later."""

    __slots__ = ()
    kind: ClassVar[str] = "lead.nurtured"


class NurtureAsked(LeadEvent):
    """The prospect is asked whether the time has come."""

    __slots__ = ()
    kind: ClassVar[str] = "nurture.asked"


class NurtureReady(LeadEvent):
    """The prospect says that the time has come."""

    __slots__ = ()
    kind: ClassVar[str] = "nurture.ready"


# offers


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class OfferMade(OfferEvent):
    """A partner is asked."""

    kind: ClassVar[str] = "offer.made"
    offer_kind: OfferKind = field(metadata={"stored": "kind"})
    """Says on what occasion."""
    until: datetime
    """Ends the partner's window."""
    wave: int | None = None
    """Counts the wave, if others are asked at the same time."""
    no_reminder: str | None = None
    """Says why no reminder fits, though the programme wants one."""
    holidays_through: int | None = None
    """Names the last year with known holidays, if the window reaches beyond it."""
    shortened: bool | None = None
    """True if the window was cut to leave time for the next partner."""


class OfferSeen(OfferEvent):
    """A person at the partner looked at the offer."""

    __slots__ = ()
    kind: ClassVar[str] = "offer.seen"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class OfferShortened(OfferEvent):
    """The partner goes on holiday: the offer is answered or released before."""

    kind: ClassVar[str] = "offer.shortened"
    until: datetime
    """Ends the partner's window now."""
    second: bool
    """Tells whether the second contact hears of it too."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class OfferUnsent(OfferEvent):
    """The mail with the offer cannot leave: the partner's window has not begun."""

    kind: ClassVar[str] = "offer.unsent"
    until: datetime
    """The offer waits for its mail until then, and goes on to the next partner."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class OfferSentLate(OfferEvent):
    """The mail with the offer left late: the partner's window counts from then."""

    kind: ClassVar[str] = "offer.sent_late"
    begins: datetime
    """The window counts from then."""
    until: datetime
    """Ends the partner's window now."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class OfferReminded(OfferEvent):
    """The partner is reminded of the offer."""

    kind: ClassVar[str] = "offer.reminded"
    second: bool
    """Tells whether the second contact is reminded too."""


class OfferRedirected(OfferEvent):
    """Mail to the partner comes back: the second contact gets the offer."""

    __slots__ = ()
    kind: ClassVar[str] = "offer.redirected"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class OfferAccepted(OfferEvent):
    """The partner owns the lead."""

    kind: ClassVar[str] = "offer.accepted"
    contact_by: datetime
    """Ends the time in which the prospect is to be called."""
    no_reminder: str | None = None
    """Says why no reminder of the call fits."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class OfferDeclined(OfferEvent):
    """The partner turned the offer down."""

    kind: ClassVar[str] = "offer.declined"
    reason: str
    """Gives the programme's decline reason, or ``released``."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class OfferExpired(OfferEvent):
    """The window ended without an answer."""

    kind: ClassVar[str] = "offer.expired"
    shared: bool
    """Tells whether the partner may still accept until somebody does."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class OfferWithdrawn(OfferEvent):
    """The offer, or the claim that was made of it, ended without its partner's doing."""

    kind: ClassVar[str] = "offer.withdrawn"
    why: WithdrawReason
    """Says for what reason."""
    by: str | None = None
    """Names who at HQ did it, if somebody took it from the partner by hand."""


class OfferReturned(OfferEvent):
    """The lead was accepted by mistake and given back within the early-return time, uncounted."""

    __slots__ = ()
    kind: ClassVar[str] = "offer.returned"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class ExistingCustomerClaimed(OfferEvent):
    """The partner says of the offer "already my customer"; HQ decides."""

    kind: ClassVar[str] = "lead.claimed"
    reason: str
    """Gives the programme's decline reason for it."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class ClaimGranted(OfferEvent):
    """HQ decided that the customer is the partner's."""

    kind: ClassVar[str] = "claim.granted"
    by: str | None = None
    """Names the API key, or the person as ``link:person``."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class LeadReturned(OfferEvent):
    """The owner gave the lead back."""

    kind: ClassVar[str] = "lead.returned"
    reason: str
    """Gives the programme's return reason."""
    next: str
    """Says what the programme does then: ``route``, ``review`` or ``close``."""


class LeadDelegated(PartnerEvent):
    """A colleague at the owner's firm looks after it from now on."""

    __slots__ = ()
    kind: ClassVar[str] = "lead.delegated"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class LeadHandedOver(OfferEvent):
    """The owner hands the lead over."""

    kind: ClassVar[str] = "lead.handed_over"
    to: str | None = None
    """Names the partner who gets it; None: HQ does."""


class WaitingListJoined(PartnerEvent):
    """The partner would take the lead if it came free."""

    __slots__ = ()
    kind: ClassVar[str] = "waiting.joined"


# after acceptance


class ContactReminded(PartnerEvent):
    """The time in which the owner is to call nears its end."""

    __slots__ = ()
    kind: ClassVar[str] = "contact.reminded"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class ContactAtRisk(PartnerEvent):
    """The owner goes on holiday before the promised call; HQ is told."""

    kind: ClassVar[str] = "contact.at_risk"
    until: datetime
    """Ends the time in which the prospect is to be called."""
    known: bool | None = None
    """True if that was known when the lead was accepted."""


class ContactMissed(PartnerEvent):
    """The time in which to call passed; HQ is told."""

    __slots__ = ()
    kind: ClassVar[str] = "contact.missed"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class ContactRetracted(LeadEvent):
    """The lead was taken back because nobody called."""

    kind: ClassVar[str] = "contact.retracted"
    offer: int | None = None
    """Gives the number of the owner's offer; the first rows do not."""
    partner: str
    """Names the former owner."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class ContactAttempted(PartnerEvent):
    """The owner tried to reach the prospect."""

    kind: ClassVar[str] = "contact.attempted"
    number: int
    """Counts the attempts of this owner from 1."""


class LeadContacted(PartnerEvent):
    """The owner spoke with the prospect."""

    __slots__ = ()
    kind: ClassVar[str] = "lead.contacted"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class LeadQuoted(PartnerEvent):
    """A quote has gone out."""

    kind: ClassVar[str] = "lead.quoted"
    value: str | None = None
    """Gives the amount as decimal text, if the owner named one."""
    currency: str | None = None
    """Gives the currency of the amount."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class LeadWon(PartnerEvent):
    """The owner won the order."""

    kind: ClassVar[str] = "lead.won"
    value: str | None = None
    """Gives the amount as decimal text."""
    currency: str | None = None
    """Gives the currency of the amount."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class LeadLost(PartnerEvent):
    """The order was lost."""

    kind: ClassVar[str] = "lead.lost"
    reason: str
    """Gives the programme's lost reason."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class LeadUndone(LeadEvent):
    """The owner took the last step back."""

    kind: ClassVar[str] = "lead.undone"
    step: LeadStatus = field(metadata={"stored": "of"})
    """Names the step: contacted, quoted, won or lost."""
    partner: str | None = None
    """Names the owner."""


class StatusAsked(PartnerEvent):
    """The owner is asked how it stands."""

    __slots__ = ()
    kind: ClassVar[str] = "status.asked"


class QuoteMissed(PartnerEvent):
    """No quote went out in time: the owner is asked once, and HQ is told."""

    __slots__ = ()
    kind: ClassVar[str] = "quote.missed"


class OutcomeMissed(PartnerEvent):
    """No outcome was recorded in time; HQ is told."""

    __slots__ = ()
    kind: ClassVar[str] = "outcome.missed"


# fallback


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class LeadExhausted(LeadEvent):
    """Nobody (else) can be offered the lead.

    Or nobody did anything for it while it was attached to another one.
    """

    kind: ClassVar[str] = "lead.exhausted"
    tried: int
    """Counts the offers made so far."""
    first: str | None = field(default=None, metadata={"stored": "target"})
    """Names the enquiry to which it was attached, if that is why."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class LeadQueued(LeadEvent):
    """HQ holds the lead."""

    kind: ClassVar[str] = "lead.queued"
    reason: QueueReason
    """Says why."""
    partner: str | None = None
    """Names the partner who claims it, gave it back or handed it over."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class LeadHeld(PartnerEvent):
    """It waits for the partner who comes first to open, and is asked of them then."""

    kind: ClassVar[str] = "lead.held"
    until: datetime
    """The instant at which the partner opens."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class LeadFollowedUp(LeadEvent):
    """Nobody took it yet: it is tried again on freed capacity and on schedule."""

    kind: ClassVar[str] = "lead.followed_up"
    until: datetime
    """Ends the follow-up."""


class LeadRetried(LeadEvent):
    """It was tried again, and still there is nobody."""

    __slots__ = ()
    kind: ClassVar[str] = "lead.retried"


class LeadRerouted(HqEvent):
    """HQ had all that wait for a partner tried again."""

    __slots__ = ()
    kind: ClassVar[str] = "lead.rerouted"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class LeadClosed(LeadEvent):
    """It is closed, and the prospect is told."""

    kind: ClassVar[str] = "lead.closed"
    reason: str
    """Says why: ``unplaced``, ``cooled``, ``rejected`` or ``returned``; of one in a list of the past
    ``unknown`` where it names no outcome, and ``unnamed`` where it was lost and it names nobody.
    """
    partner: str | None = None
    """Names the partner who returned it."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class LeadAssigned(PartnerEvent):
    """HQ chose the partner by hand."""

    kind: ClassVar[str] = "lead.assigned"
    by: str | None = None
    """Names the API key, or the person as ``link:person``."""


# prospect


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class PromiseRenewed(PartnerEvent):
    """The prospect is told by when they hear, or asked whether the owner has called."""

    kind: ClassVar[str] = "promise.renewed"
    until: datetime | None = None
    """The instant by which they hear, if nobody owns the lead."""


class LeadCorrected(PartnerEvent):
    """The prospect corrected the phone number."""

    __slots__ = ()
    kind: ClassVar[str] = "lead.corrected"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class LeadMoved(LeadEvent):
    """Its place was put right."""

    kind: ClassVar[str] = "lead.moved"
    by: str
    """Says who did it: ``prospect``, an API key, or ``link:person``."""
    partner: str | None = None
    """Names the owner."""


class OfferMoved(OfferEvent):
    """The lead is elsewhere than thought, and the partner works there too: the offer stands."""

    __slots__ = ()
    kind: ClassVar[str] = "offer.moved"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class LeadNoted(LeadEvent):
    """A note was added."""

    kind: ClassVar[str] = "lead.noted"
    by: str
    """Says who wrote it: ``prospect``, ``partner``, an API key, or ``link:person``.

    The first rows say ``hq``.
    """
    partner: str | None = None
    """Names the owner."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class QuestionAsked(PartnerEvent):
    """Somebody at HQ asks the owner something; the words are among the notes."""

    kind: ClassVar[str] = "question.asked"
    by: str
    """Names who asks as ``link:person``."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class QuestionAnswered(PartnerEvent):
    """The owner answers what HQ asked; the words are among the notes."""

    kind: ClassVar[str] = "question.answered"
    asker: str
    """Names who asked as ``link:person``."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class InterestShown(HqEvent):
    """Another system told what the sender was interested in."""

    kind: ClassVar[str] = "interest.shown"
    count: int
    """Counts what is new of it."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class FileAttached(HqEvent):
    """A file was attached to the lead."""

    kind: ClassVar[str] = "file.attached"
    file: str
    """Gives the id of the file; its name is personal data."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class FileRemoved(HqEvent):
    """A file of the lead was removed."""

    kind: ClassVar[str] = "file.removed"
    file: str
    """Gives the id of the file."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class LeadWithdrawn(PartnerEvent):
    """The prospect no longer wants it."""

    kind: ClassVar[str] = "lead.withdrawn"
    by: str | None = None
    """Names the API key, or the person as ``link:person``, if HQ did it for the prospect."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class LeadNotCalled(PartnerEvent):
    """The prospect says that nobody called."""

    kind: ClassVar[str] = "lead.not_called"
    write: bool | None = None
    """True if they can only be written to."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class ContactConfirmed(PartnerEvent):
    """The prospect says that the partner was in touch."""

    kind: ClassVar[str] = "contact.confirmed"
    write: bool | None = None
    """True if they can only be written to."""


class ErasureAsked(PartnerEvent):
    """A partner who has seen the contact is asked to erase it too."""

    __slots__ = ()
    kind: ClassVar[str] = "erasure.asked"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class NoteErased(LeadEvent):
    """The words of a repeat were erased here too."""

    kind: ClassVar[str] = "note.erased"
    repeat: str = field(metadata={"stored": "stub"})
    """Names the record of the repeat."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class LeadErased(LeadEvent):
    """Who asked is gone, and what can be counted stays."""

    kind: ClassVar[str] = "lead.erased"
    by: str | None = None
    """Says at whose request; None: its time had come."""


# capacity and partners


class CapacityFreed(PartnerEvent):
    """The partner can take another lead again."""

    __slots__ = ()
    kind: ClassVar[str] = "capacity.freed"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class PartnerUnseen(PartnerEvent):
    """Nobody at the partner looked at so many offers in a row.

    Their second contact is told, then HQ.
    """

    kind: ClassVar[str] = "partner.unseen"
    lapses: int | None = None
    """Counts them; the first rows do not."""


class PartnerResumed(PartnerEvent):
    """The pause that lapses had led to is taken back: the enquiries were junk."""

    __slots__ = ()
    kind: ClassVar[str] = "partner.resumed"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class PartnerPaused(PartnerEvent):
    """So many offers in a row lapsed: there are no new ones until they come back."""

    kind: ClassVar[str] = "partner.paused"
    lapses: int | None = None
    """Counts them; the first rows do not."""


LEAD_EVENTS: tuple[type[LeadEvent], ...] = (
    LeadReceived,
    LeadRepeated,
    RepeatChanged,
    RepeatFound,
    LeadAttached,
    FirstEnded,
    AttachmentKept,
    AttachmentEnded,
    LeadServed,
    LeadQuarantined,
    LeadConfirmed,
    LeadReleased,
    LeadRejected,
    LeadNurtured,
    NurtureAsked,
    NurtureReady,
    OfferMade,
    OfferSeen,
    OfferShortened,
    OfferUnsent,
    OfferSentLate,
    OfferReminded,
    OfferRedirected,
    OfferAccepted,
    OfferDeclined,
    OfferExpired,
    OfferWithdrawn,
    OfferReturned,
    ExistingCustomerClaimed,
    ClaimGranted,
    LeadReturned,
    LeadDelegated,
    LeadHandedOver,
    WaitingListJoined,
    ContactReminded,
    ContactAtRisk,
    ContactMissed,
    ContactRetracted,
    ContactAttempted,
    LeadContacted,
    LeadQuoted,
    LeadWon,
    LeadLost,
    LeadUndone,
    StatusAsked,
    QuoteMissed,
    OutcomeMissed,
    LeadExhausted,
    LeadQueued,
    LeadHeld,
    LeadFollowedUp,
    LeadRetried,
    LeadRerouted,
    LeadClosed,
    LeadAssigned,
    PromiseRenewed,
    LeadCorrected,
    LeadMoved,
    OfferMoved,
    LeadNoted,
    QuestionAsked,
    QuestionAnswered,
    InterestShown,
    FileAttached,
    FileRemoved,
    LeadWithdrawn,
    LeadNotCalled,
    ContactConfirmed,
    ErasureAsked,
    NoteErased,
    LeadErased,
    CapacityFreed,
    PartnerUnseen,
    PartnerResumed,
    PartnerPaused,
)
"""Every class of events that a commit may hold, in the order of a lead's life."""

CLASS_OF: Mapping[str, type[LeadEvent]] = {each.kind: each for each in LEAD_EVENTS}
"""Stored kind → the class that such events are read into."""


def from_data(kind: str, data: Mapping[str, Any]) -> LeadEvent:
    """Read one event as it is stored; it is an ``UnknownEvent`` if no class has that kind.

    Rows of old may lack what is always written today: such a field is None, whatever its type says.
    """
    event_class = CLASS_OF.get(kind)
    if event_class is None:
        return UnknownEvent(kind=kind, data=data)
    rest = dict(data)
    values: dict[str, Any] = {}
    for spelled in _spelling(kind):
        value = rest.pop(spelled.stored, None)
        if value is not None and spelled.read is not None:
            try:
                value = spelled.read(value)
            except (TypeError, ValueError):  # no such instant or reason: kept as it is spelled
                rest[spelled.stored] = value
                value = None
        values[spelled.field] = value
    return event_class(**values, extra=rest or None)


class _Spelled(NamedTuple):
    """How one field is stored; ``read`` and ``write`` are None for what JSON has a type for."""

    field: str
    stored: str
    read: Callable[[Any], Any] | None
    write: Callable[[Any], Any] | None


@cache
def _spelling(kind: str) -> tuple[_Spelled, ...]:
    """Work out how the events of a kind are stored: their fields in order, each by its type."""
    spelled = []
    for each in fields(CLASS_OF[kind]):
        if each.name == "extra":
            continue
        read, write = _codec(each.type)
        spelled.append(_Spelled(each.name, each.metadata.get("stored", each.name), read, write))
    return tuple(spelled)


def _codec(annotation: Any) -> tuple[Callable[[Any], Any] | None, Callable[[Any], Any] | None]:
    """Give what reads and what writes a value of this type, which may be optional."""
    for each in get_args(annotation) or (annotation,):
        if each is datetime:
            return datetime.fromisoformat, datetime.isoformat
        if isinstance(each, type) and issubclass(each, Enum):
            return each, _value
    return None, None


def _value(member: Enum) -> Any:
    return member.value


PARTNER_EVENTS: Mapping[str, str] = {
    "partner.unconfirmed": "the email address waits for its confirmation",
    "partner.bounced": "mail to this partner bounces or is complained about",
    "partner.changed": "profiles or availability changed (partners): waiting leads may fit now",
    "partner.asked_more": "HQ asks whether the partner takes more for a while: event = more and the day",
    "desk.requested": "the desk link is to be mailed: event = confirmed | renewed | asked, and when",
}
"""Kinds of events that are about no lead: published, but stored in no row."""


@dataclass(frozen=True, slots=True)
class CommitRecord:
    """What one commit wrote beside the lead: the audit trail and the outbox in one."""

    lead: str
    version: int
    at: datetime
    due: datetime | None
    events: tuple[LeadEvent, ...]
    decision: Mapping[str, Any] | None = None

    def event_id(self, index: int) -> str:
        """Name the event with that index within the commit, for ever the same."""
        return f"{self.lead}:{self.version}:{index}"
