"""A lead and everything that may happen to its state.

``TRANSITIONS`` is the only list of allowed moves; a ``Draft`` is the only way to make one. A lead
has any number of named deadlines; ``due``, the earliest, is what the timer is set for.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from routing_core.domain.lead_file import LeadFile
from routing_core.domain.offer import Offer, OfferStatus
from routing_core.domain.on_behalf import EntryWay, OnBehalf
from routing_core.domain.reasons import HQ_DECIDES_FIRST, QueueReason
from routing_core.domain.values.extensible import Extensible


class LeadStatus(StrEnum):
    """Where a lead is on its way; the values are stored."""

    QUARANTINED = "quarantined"
    """It is held at the door until its sender confirms the address, or HQ decides."""
    NURTURE = "nurture"
    """It scored below the bar, and is asked again later whether the time has come."""
    OFFERED = "offered"
    """One partner or several are being asked."""
    ACCEPTED = "accepted"
    """A partner owns it and is to call."""
    CONTACTED = "contacted"
    """The owner has spoken with the prospect."""
    QUOTED = "quoted"
    """The owner has sent a quote."""
    WON = "won"
    """The owner got the order."""
    LOST = "lost"
    """There is no order, or nobody could be found for it."""
    HQ_QUEUE = "hq_queue"
    """HQ holds it for a ``QueueReason``, among them that a partner is to open first."""
    FOLLOW_UP = "follow_up"
    """Nobody took it yet: it is tried again on freed capacity and on schedule."""
    ATTACHED = "joined"
    """It is attached to another enquiry until that one serves it no longer, or ended with it."""
    REJECTED = "rejected"
    """HQ closed it as spam or nonsense."""
    WITHDRAWN = "withdrawn"
    """The prospect no longer wants it."""
    ERASED = "erased"
    """Who asked is gone, and what can be counted stays."""


_Status = LeadStatus
TRANSITIONS: Mapping[LeadStatus | None, frozenset[LeadStatus]] = {
    None: frozenset(
        {_Status.QUARANTINED, _Status.NURTURE, _Status.OFFERED, _Status.HQ_QUEUE, _Status.ATTACHED}
    ),
    _Status.QUARANTINED: frozenset(
        {
            _Status.NURTURE,
            _Status.OFFERED,
            _Status.HQ_QUEUE,
            _Status.ATTACHED,
            _Status.REJECTED,
            _Status.WITHDRAWN,
            _Status.ERASED,
        }
    ),
    _Status.NURTURE: frozenset(
        {
            _Status.OFFERED,
            _Status.HQ_QUEUE,
            _Status.LOST,
            _Status.REJECTED,
            _Status.WITHDRAWN,
            _Status.ERASED,
        }
    ),
    _Status.OFFERED: frozenset(
        {
            _Status.ACCEPTED,
            _Status.HQ_QUEUE,
            _Status.FOLLOW_UP,
            _Status.REJECTED,
            _Status.WITHDRAWN,
            _Status.ERASED,
        }
    ),
    _Status.ACCEPTED: frozenset(
        {
            _Status.CONTACTED,
            _Status.QUOTED,
            _Status.WON,
            _Status.LOST,
            _Status.OFFERED,
            _Status.HQ_QUEUE,
            _Status.WITHDRAWN,
            _Status.ERASED,
        }
    ),
    _Status.CONTACTED: frozenset(
        {
            _Status.ACCEPTED,
            _Status.QUOTED,
            _Status.WON,
            _Status.LOST,
            _Status.OFFERED,
            _Status.HQ_QUEUE,
            _Status.WITHDRAWN,
            _Status.ERASED,
        }
    ),
    _Status.QUOTED: frozenset(
        {
            _Status.ACCEPTED,
            _Status.CONTACTED,
            _Status.WON,
            _Status.LOST,
            _Status.OFFERED,
            _Status.HQ_QUEUE,
            _Status.WITHDRAWN,
            _Status.ERASED,
        }
    ),
    # Backwards: the owner may undo it within two minutes.
    _Status.WON: frozenset({_Status.ACCEPTED, _Status.CONTACTED, _Status.QUOTED, _Status.ERASED}),
    # Backwards: the owner may undo it within two minutes.
    _Status.LOST: frozenset({_Status.ACCEPTED, _Status.CONTACTED, _Status.QUOTED, _Status.ERASED}),
    # Accepted from there: an offer that was shared when its window ended, by who was late.
    _Status.HQ_QUEUE: frozenset(
        {
            _Status.OFFERED,
            _Status.ACCEPTED,
            _Status.FOLLOW_UP,
            _Status.ATTACHED,
            _Status.REJECTED,
            _Status.WITHDRAWN,
            _Status.ERASED,
        }
    ),
    _Status.FOLLOW_UP: frozenset(
        {
            _Status.OFFERED,
            _Status.ACCEPTED,
            _Status.HQ_QUEUE,
            _Status.LOST,
            _Status.REJECTED,
            _Status.WITHDRAWN,
            _Status.ERASED,
        }
    ),
    # It goes its own way once the other enquiry no longer serves it.
    _Status.ATTACHED: frozenset(
        {
            _Status.OFFERED,
            _Status.HQ_QUEUE,
            _Status.FOLLOW_UP,
            _Status.REJECTED,
            _Status.WITHDRAWN,
            _Status.ERASED,
        }
    ),
    _Status.REJECTED: frozenset({_Status.ERASED}),
    _Status.WITHDRAWN: frozenset({_Status.ERASED}),
    _Status.ERASED: frozenset(),
}
"""Status → those to which a lead may move from it; None is before it is stored."""
OWNED = frozenset({_Status.ACCEPTED, _Status.CONTACTED, _Status.QUOTED})
"""The states in which a partner owns the lead."""
REJECTABLE = frozenset(
    {_Status.QUARANTINED, _Status.NURTURE, _Status.OFFERED, _Status.HQ_QUEUE, _Status.FOLLOW_UP}
)
"""The states in which HQ may still say that it is spam or nonsense.

Nobody owns it yet: an owner says why it was lost.
"""
OPEN = OWNED | {_Status.OFFERED}
"""The states in which a partner owns the lead or is being asked."""
FINISHED = frozenset(
    {_Status.WON, _Status.LOST, _Status.REJECTED, _Status.WITHDRAWN, _Status.ERASED}
)
"""The states in which a lead has ended for good.

``ATTACHED`` is the one state that is open or has ended: ``Lead.finished`` tells which.
"""
SERVED = "served"
"""The reason of an attached lead that ended: its partner settled it together with the first."""
MOST_ATTACHED = 5
"""So many enquiries may be attached to one first enquiry."""


class DeadlineKind(StrEnum):
    """What is to be done at a deadline; the values are stored."""

    REMIND = "remind"
    """A partner is reminded of an offer."""
    EXPIRE = "expire"
    """The window of an offer ends."""
    PROMISE = "promise"
    """The prospect must hear, for a promise passes."""
    CONTACT_REMIND = "contact_remind"
    """The owner is reminded of the first call."""
    CONTACT = "contact"
    """The time for the first call is over."""
    RETRACT = "retract"
    """The lead is taken back from an owner who did not call."""
    QUOTE = "quote"
    """A quote should have gone out."""
    STATUS = "status"
    """The owner is asked how it stands."""
    OUTCOME = "outcome"
    """An outcome should be known."""
    HQ_HOLD = "hq_hold"
    """HQ had its time, and the lead goes on by itself."""
    RETRY = "retry"
    """Routing tries the lead again, or a partner opens."""
    FOLLOW_UP_END = "follow_up_end"
    """Nobody was found in time: the lead is given up."""
    NURTURE_ASK = "nurture_ask"
    """The prospect is asked whether the time has come."""
    NURTURE_END = "nurture_end"
    """The prospect has not answered, and the lead is closed."""
    FIRST = "first"
    """An attached enquiry looks at the one to which it is attached."""


@dataclass(frozen=True, slots=True, order=True)
class Deadline:
    """Something that is to be done at an instant, by which deadlines sort."""

    at: datetime
    """The instant at which it is to be done."""
    kind: DeadlineKind
    """What is to be done then."""
    offer: int = 0
    """Gives the number of the offer it belongs to; 0 is the lead itself."""


@dataclass(frozen=True, slots=True)
class Contact(Extensible):
    """Who asked: all personal data of the lead's item."""

    name: str
    email: str
    """The address; empty only where somebody else entered it and there is a number."""
    phone: str = ""
    """The number in E.164, perhaps with ``;ext=``; empty if none was given or readable."""
    company: str = ""
    street: str = ""


@dataclass(frozen=True, slots=True)
class Context(Extensible):
    """What came with the enquiry and is not needed to route it.

    The message and the notes are personal data.
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
    """What was typed for a phone number, if it says more than one, or none was readable."""
    also_sent: Mapping[str, str] = field(default_factory=dict)
    """Holds fields that the form does not have, as they came."""
    notes: tuple["Note", ...] = ()
    interest: tuple["Interest", ...] = ()
    """Holds what the sender was seen to be interested in, as marketing's systems tell it."""
    marks: tuple[str, ...] = ()
    """Holds keyed hashes of the contact, the client address and the postcode.

    They are kept of a post that came through though nobody vouched for it, so that posts alike can
    be counted; never what they were made of.
    """
    on_behalf: OnBehalf | None = None
    """Says who entered it for its sender; None where the sender posted it."""
    files: tuple[LeadFile, ...] = ()
    """Tells the files that HQ attached; their content is kept elsewhere."""


MOST_INTEREST = 40
"""The last ones are kept of what shows a sender's interest, this many."""
LONGEST_INTEREST = 300
"""What shows somebody's interest is told in so many characters; what is longer is refused."""


class InterestKind(StrEnum):
    """What shows a sender's interest; the values are stored."""

    WEBINAR = "webinar"
    """They took part in a webinar."""
    DOWNLOAD = "download"
    """They downloaded something."""
    PAGE_VISIT = "page_visit"
    """They looked at a page."""
    SCORE = "score"
    """Another system scored them."""
    SDR_NOTE = "sdr_note"
    """Somebody who qualifies leads on the phone (sales development) wrote something down."""


@dataclass(frozen=True, slots=True)
class Interest(Extensible):
    """Something that shows the sender's interest: whoever owns the lead reads it; personal data."""

    at: datetime
    kind: InterestKind
    text: str
    """Says what: the webinar's title, the page's name, the score, the words of a note."""
    source: str = ""
    """Names the system that says so."""


LONGEST_NOTE = 2_000
"""A note may have so many characters; what is longer is refused."""


@dataclass(frozen=True, slots=True)
class Note(Extensible):
    """What somebody wrote about the lead."""

    at: datetime
    by: str
    """Says who: ``prospect``, ``partner``, ``repeat:`` and a second enquiry's id, or ``hq:`` and
    who it was there, as events name them; the first notes say ``hq``.
    """
    text: str
    asked: str = ""
    """Names the partner whom HQ asks this; empty: it is no question."""
    answered_by: str = ""
    """Names the partner who answers HQ's question with it; empty: it is no answer."""


@dataclass(frozen=True, slots=True)
class Colleague(Extensible):
    """Somebody at the owning partner who looks after the lead; personal data, like the contact."""

    partner: str
    email: str
    name: str = ""
    since: int = 0
    """The lead's version from which on they do; who does so again later needs new links."""


MOST_ATTEMPTS = 20
"""So many attempts are kept on the lead, which is to stay small; the events have them all."""
MOST_MOVES = 5
"""So often the place of a lead may be put right."""


@dataclass(frozen=True, slots=True)
class Moved(Extensible):
    """A place where the lead was taken to be, until it was put right."""

    version: int
    """The last version of the lead with that place."""
    postcode: str
    region: str = ""
    offers: int = 0
    """Counts the offers made there."""


@dataclass(frozen=True, slots=True)
class Undo(Extensible):
    """The step that the owner can take back, and what is restored with it."""

    status: LeadStatus
    """The status before the step."""
    until: datetime
    """The instant until which it can be taken back."""
    deadlines: tuple[Deadline, ...]
    """The deadlines that the step ended."""
    promised_by: datetime | None = None


@dataclass(frozen=True, slots=True)
class Lead(Extensible):
    """An enquiry from its arrival to its end, with everything that routing and people did."""

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
    """Says who asked; None once erased."""
    town: str = ""
    located_by: str = ""
    """Says how the postcode is known: empty if it was told.

    ``town`` means that it is the one in the middle of the town that was told.
    """
    region: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)
    score: int = 0
    score_reasons: tuple[str, ...] = ()
    """Names the programme's points that applied, as codes: ``urgency=emergency:+40``."""
    programme: int = 0
    """The version of the programme under which the lead was received."""
    offers: tuple[Offer, ...] = ()
    owner: str | None = None
    deadlines: tuple[Deadline, ...] = ()
    total_by: datetime | None = None
    """Ends the time for routed offers: from then on the fallback takes over."""
    promised_by: datetime | None = None
    """The instant by which the prospect was told to hear; None: nothing is promised."""
    answer: str = ""
    """Says what the sender was told at the door, so that a repeat of the post gets it again.

    It is ``offered``, ``held``, ``waiting``, ``noted`` or ``confirm``; once also ``joined``. What
    was held is answered anew once it is let through.
    """
    first_promise: datetime | None = None
    preferred: str | None = None
    """Names the partner who served this person before."""
    waiting: tuple[str, ...] = ()
    """Names partners who asked to get the lead if it comes free, first come first."""
    attached_to: str | None = None
    """Names the first enquiry: this one is attached to it, or just being compared with it."""
    attached: tuple[str, ...] = ()
    """Names enquiries that were attached to this one; whether each still is, it says itself."""
    alike: str | None = None
    """Names another enquiry that may be the same customer's.

    It came with the same phone number, from the same firm, or from the same address but apart.
    """
    as_if: tuple[Offer, ...] = ()
    """Holds the offers that would have been made of an attached lead if nothing were open.

    They stand as if nobody had answered. Nobody was asked: they are kept for what its sender is
    told, and for when nobody would be left to ask.
    """
    asked_at_door: int = 0
    """Counts the partners of whom its sender was told while it was attached, if several.

    Never fewer are asked once it goes its own way.
    """
    exhausted: bool = False
    """Tells whether HQ was told that nobody is left, which it is once for each lead."""
    attempts: tuple[datetime, ...] = ()
    """The last instants at which the owner tried to reach the prospect."""
    accepted_at: datetime | None = None
    contact_missed: datetime | None = None
    """The instant by which its owner was to have called, once that has passed without a call."""
    contact_confirmed: bool = False
    """Tells whether the prospect said that its owner was in touch, whatever the owner noted."""
    contacted_at: datetime | None = None
    quoted_at: datetime | None = None
    quote: str = ""
    """The amount of the quote, as decimal text; empty if the partner named none."""
    finished_at: datetime | None = None
    erase_at: datetime | None = None
    """The instant at which who asked is erased; set once it is finished or held back as spam."""
    ended: LeadStatus | None = None
    """The status that an erased lead had before, so that it can still be counted."""
    value: str = ""
    """What was won, as decimal text in the programme's currency."""
    reason: str = ""
    """Says why it is lost, rejected, held at the door or HQ's."""
    colleague: Colleague | None = None
    """Says who looks after it at the owner's firm.

    It stays after the partner has lost the lead, so that the colleague hears of it, and ends with
    the next owner.
    """
    undo: Undo | None = None
    claims: tuple[str, ...] = ()
    from_client: str = ""
    """A keyed hash of the client address while the lead is held at the door.

    HQ sees by it which enquiries came from the same.
    """
    moves: tuple[Moved, ...] = ()
    """Its earlier places, the first one first."""
    entered: EntryWay | None = None
    """Says how it reached HQ, where somebody entered it for its sender; the context says more."""
    postcode_towns: tuple[str, ...] = ()
    """Names the towns that the postcode belongs to, as HQ's list of places says.

    They are filled in for showing, never stored: unlike ``town`` nobody typed them, so that they
    may be shown before acceptance.
    """

    @property
    def offers_before(self) -> tuple[Offer, ...]:
        """Give the offers made before it was known where the lead is."""
        return self.offers[: self.moves[-1].offers] if self.moves else ()

    @property
    def offers_here(self) -> tuple[Offer, ...]:
        """Give those made at its present place: only they count towards the programme's limits."""
        return self.offers[len(self.offers_before) :]

    @property
    def due(self) -> datetime | None:
        """Give the instant of the earliest deadline, for which the timer is set."""
        return min((each.at for each in self.deadlines), default=None)

    @property
    def live_offers(self) -> tuple[Offer, ...]:
        """Give the offers that wait for an answer: none, one, or those left of a wave."""
        return tuple(each for each in self.offers if each.status is OfferStatus.PENDING)

    @property
    def listed_under(self) -> tuple[str, ...]:
        """Name the lists that this lead is on.

        They are the owner's, those of all who have a live offer, or one named after the state. A
        lead is on none once it is finished, or while who has another enquiry looks after it.
        """
        if self.status in FINISHED or self.status is LeadStatus.ATTACHED:
            return ()
        if self.owner:
            return (self.owner,)
        asked = tuple(each.partner for each in self.live_offers)
        return asked or (state_list(self.status),)

    @property
    def sole_listing(self) -> str:
        """Name the only list that it is on; empty if it is on none or several."""
        lists = self.listed_under
        return lists[0] if len(lists) == 1 else ""

    @property
    def wave(self) -> tuple[Offer, ...]:
        """Give the live offers while there are several."""
        live = self.live_offers
        return live if len(live) > 1 else ()

    def beside(self, offer: Offer) -> int:
        """Count how many others were asked in the same wave."""
        if not offer.wave:
            return 0
        same_wave = [each for each in self.offers if each.wave == offer.wave]
        return len(same_wave) - 1

    @property
    def claimed(self) -> Offer | None:
        """Give the offer that was answered with "already my customer", while HQ decides."""
        claims = (each for each in self.offers if each.status is OfferStatus.EXISTING_CUSTOMER)
        return next(claims, None)

    @property
    def undecided(self) -> bool:
        """Tell whether HQ has to decide before anybody is asked."""
        return self.status is LeadStatus.HQ_QUEUE and self.reason in HQ_DECIDES_FIRST

    @property
    def crowded_out(self) -> bool:
        """Tell whether routing has not looked at it: too many others were being placed."""
        return self.status is LeadStatus.HQ_QUEUE and self.reason == QueueReason.CROWDED

    @property
    def is_attached(self) -> bool:
        """Tell whether it is open, and looked after by whoever has the first enquiry.

        That is also so while the two are about to be compared.
        """
        if self.status is not LeadStatus.ATTACHED or self.finished_at is not None:
            return False
        return not self.joined_of_old

    def is_compared(self, now: datetime) -> bool:
        """Tell whether it is just being compared with the enquiry that it names, or again."""
        if not self.is_attached:
            return False
        looks = self.deadline(DeadlineKind.FIRST)
        return looks is not None and looks <= now

    @property
    def joined_of_old(self) -> bool:
        """Tell whether it was merged into another enquiry for good; nothing wakes it.

        That is what became of repeats before they stayed whole.
        """
        return self.status is LeadStatus.ATTACHED and self.answer == "joined"

    @property
    def finished(self) -> bool:
        """Tell whether the lead has ended."""
        if self.status is LeadStatus.ATTACHED:
            return not self.is_attached
        return self.status in FINISHED

    @property
    def waits_for_confirmation(self) -> bool:
        """Tell whether its sender was asked to confirm the address, and HQ has not decided."""
        return self.status is LeadStatus.QUARANTINED and self.answer == "confirm"

    @property
    def partner_opens_at(self) -> datetime | None:
        """Give the instant at which the partner opens who is to be asked then.

        It is None if the lead does not wait for that.
        """
        if self.status is not LeadStatus.HQ_QUEUE or self.reason != QueueReason.CLOSED:
            return None
        retry_at = self.deadline(DeadlineKind.RETRY)
        # Its timer goes off within the minute after, so that not all leads meet in one commit.
        return retry_at and retry_at.replace(second=0, microsecond=0)

    @property
    def reference(self) -> str:
        """Give a name that is short enough to read out on the phone."""
        return self.id[-8:].upper()

    def offer(self, number: int) -> Offer | None:
        """Give the offer with that number, if there is one."""
        return next((each for each in self.offers if each.number == number), None)

    def deadline(self, kind: DeadlineKind) -> datetime | None:
        """Give the instant of the earliest deadline of that kind, if there is one."""
        return next((each.at for each in self.deadlines if each.kind is kind), None)


def state_list(status: LeadStatus) -> str:
    """Name the list of leads in that state that no partner has; no partner can be called so."""
    return f"#{status.value}"


def open_counts(lead: Lead | None) -> Mapping[str, int]:
    """Give by partner how many slots this lead takes up there.

    It is the owner's, or that of each pending offer that reserves one. LOAD is never changed by
    hand: a commit applies the difference of this before and after.
    """
    if lead is None or lead.finished:
        return {}
    if lead.owner:
        return {lead.owner: 1}
    return {each.partner: 1 for each in lead.live_offers if each.reserves_slot}
