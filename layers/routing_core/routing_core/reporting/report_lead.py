"""What a report knows of one lead: references, codes, numbers and instants, never a person.

Reports and snapshots outlive erasure, so nothing that erasure takes away may stand here.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import IntEnum

from routing_core.domain.offer import OfferKind


class LeadStage(IntEnum):
    """Where a lead is, as reports see it; the numbers are stored in snapshots."""

    HELD = 1
    """It is held at the door: it may be spam, and is not counted yet."""
    REPEAT = 2
    """It is attached to another enquiry of the same person, and counted apart."""
    NURTURE = 3
    """It scored below the bar and is asked again later."""
    WAITING = 4
    """Nobody has it and nobody is asked: it waits for HQ, an opening or the next try."""
    OFFERED = 5
    """Partners are being asked."""
    ACCEPTED = 6
    """A partner owns it and is to call."""
    CONTACTED = 7
    """The owner has spoken with the prospect."""
    QUOTED = 8
    """The owner has sent a quote."""
    WON = 9
    """The owner got the order."""
    LOST = 10
    """A partner had it, and there is no order."""
    UNPLACED = 11
    """Nobody took it to the end: it was closed, or the prospect never said that it was time."""
    REJECTED = 12
    """HQ closed it as spam or nonsense."""
    WITHDRAWN = 13
    """The prospect no longer wanted it."""
    SETTLED_REPEAT = 14
    """A repeat that ended with the enquiry to which it was attached, or on its own as a repeat."""
    SPAM = 15
    """It never came through the door: rejected, withdrawn or erased there."""


OPEN_STAGES = (
    LeadStage.NURTURE,
    LeadStage.WAITING,
    LeadStage.OFFERED,
    LeadStage.ACCEPTED,
    LeadStage.CONTACTED,
    LeadStage.QUOTED,
)
"""The stages of a lead that is counted and has not ended."""
OWNED_STAGES = (LeadStage.ACCEPTED, LeadStage.CONTACTED, LeadStage.QUOTED)
"""The open stages in which a partner owns the lead."""
ENDED_STAGES = (
    LeadStage.WON,
    LeadStage.LOST,
    LeadStage.UNPLACED,
    LeadStage.REJECTED,
    LeadStage.WITHDRAWN,
)
"""The stages of a lead that was counted and has ended."""


class Flow(IntEnum):
    """What a step does to the count of open leads; the numbers are stored in snapshots."""

    WITHIN = 0
    """It was open and still is, or is counted neither before nor after."""
    RECEIVED = 1
    """It is counted from here on: received, let through, or a repeat that goes its own way."""
    REOPENED = 2
    """It had ended and is open again."""
    ENDED = 3
    """It was open and has ended."""
    JOINED = 4
    """It was open and is a repeat from here on."""


@dataclass(frozen=True, slots=True)
class Step:
    """An instant at which a lead came to another stage; what was undone is no step."""

    at: datetime
    stage: LeadStage
    partner: str = ""
    """Names the owner then; empty if there was none."""


class OfferEnd(IntEnum):
    """How an offer was answered, by the latest that is known; the numbers are stored."""

    PENDING = 1
    """It waits for an answer."""
    ACCEPTED = 2
    """The partner took it, whatever became of the lead then."""
    DECLINED = 3
    """The partner turned it down."""
    LAPSED = 4
    """Its window ended without an answer."""
    RELEASED = 5
    """The partner was away or paused: it counts against nobody."""
    TAKEN = 6
    """Another partner of the wave was faster."""
    WITHDRAWN = 7
    """It ended without the partner's doing."""
    EXISTING_CUSTOMER = 8
    """The partner says "already my customer", and HQ decides or decided against it."""
    MISTAKEN = 9
    """It was accepted by mistake and given back at once, uncounted."""


class AfterAccept(IntEnum):
    """What became of an accepted offer; the numbers are stored."""

    KEPT = 1
    """The partner has the lead, or had it to its end."""
    RETURNED = 2
    """The partner gave it back, for a reason that speaks against the partner."""
    RETURNED_NEUTRAL = 3
    """The partner gave it back for something the prospect did."""
    RETRACTED = 4
    """It was taken back because nobody called."""
    PASSED_ON = 5
    """It went to somebody else: handed over, or given to another by HQ."""


class Kept(IntEnum):
    """How a deadline turned out; the numbers are stored."""

    OPEN = 0
    """It has not come yet."""
    MET = 1
    """What was due was done by then."""
    MISSED = 2
    """It passed."""
    VOID = 3
    """Nothing was due any more when it came."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportOffer:
    """What a report knows of one offer."""

    number: int
    """Counts from 1 within the lead."""
    partner: str
    kind: OfferKind
    made_at: datetime
    until: datetime
    """Ends the window."""
    window: int
    """The response time in the window, in seconds of the partner's response hours.

    Where the whole window lies outside of them, it is counted by the clock.
    """
    end: OfferEnd = OfferEnd.PENDING
    decided_at: datetime | None = None
    """The instant at which it was answered or ended; None while it is pending."""
    response: int | None = None
    """How long the answer took, in such seconds; None if the partner did not answer."""
    seen: bool = False
    """Tells whether a person at the partner looked at it."""
    reason: str = ""
    """Gives the programme's reason to decline it, or to give the lead back."""
    after: AfterAccept | None = None
    """Says what became of it if it was accepted."""
    let_go_at: datetime | None = None
    """The instant at which the partner no longer had the lead, if that was not its end."""
    contact_by: datetime | None = None
    """Ends the time for the first call, as it was frozen when the offer was accepted."""
    contact: Kept = Kept.VOID
    """How that deadline turned out."""
    contacted_at: datetime | None = None
    """The instant at which this partner first spoke with the prospect."""
    quoted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Promise:
    """An instant by which the prospect was to hear from a partner."""

    until: datetime
    kept: Kept
    """Met if a partner had the lead by then; missed if the prospect was put off again."""


@dataclass(frozen=True, slots=True)
class Entitlement:
    """What weights alone would have given a partner who could be asked when a lead was routed."""

    at: datetime
    partner: str
    thousandths: int
    """The part of one offer, in thousandths."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportLead:
    """What a report knows of one lead."""

    id: str
    country: str
    area: str
    """As much of the postcode as names no single house."""
    product: str
    urgency: str
    received_at: datetime
    """The instant at which it came, counted or held at the door."""
    region: str = ""
    source: str = ""
    """Where it came from: the campaign's source, else what the website said; empty if unknown."""
    campaign: str = ""
    steps: tuple[Step, ...] = ()
    """Its stages, the first one first."""
    offers: tuple[ReportOffer, ...] = ()
    owner: str = ""
    """Names who has it, or had it to its end; empty if nobody does."""
    first_contact_at: datetime | None = None
    """The instant at which anybody first spoke with the prospect, over all partners."""
    value: Decimal | None = None
    """What was won, net, in ``currency``; None if it is not won or no amount is known."""
    quote: Decimal | None = None
    """The amount of the owner's quote; None if there is none."""
    currency: str = ""
    reason: str = ""
    """Says why it was lost or closed."""
    by_hand: bool = False
    """Tells whether a person at HQ had a hand in who got it first."""
    nobody_left: int | None = None
    """Counts the offers made when first nobody was left to ask; None if that never happened."""
    not_called: bool = False
    """Tells whether the prospect's last word is that nobody had called."""
    call_confirmed: bool = False
    """Tells whether the prospect's last word is that the partner was in touch."""
    promises: tuple[Promise, ...] = ()
    entitlements: tuple[Entitlement, ...] = ()

    @property
    def reference_code(self) -> str:
        """Give the name that people read out on the phone."""
        return self.id[-8:].upper()

    @property
    def stage(self) -> LeadStage:
        """Give the stage in which it is now."""
        return self.steps[-1].stage
