"""A row of the read model: what lists show of a lead, without the lead.

A row is made from a lead as it is, so that the stream and a rebuild make the same one. Rows stand
in the order in which leads were received: that never changes, so paging neither skips nor repeats a
lead while others arrive or change their state. Other orders are made of rows that were read.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import product

from routing_core.domain.lead import Context, DeadlineKind, Lead, LeadStatus
from routing_core.domain.reasons import section_of
from routing_core.domain.values.extensible import Extensible
from routing_core.domain.values.spelled import name_spellings

LONGEST_NAME_IN_ROW = 60
"""A name or company has so many bytes in a row: lists show no more."""
LONGEST_WORD_IN_ROW = 40
"""A town, source or campaign has so many bytes in a row."""
MOST_PARTNERS_IN_ROW = 2
"""A row names so many of the partners who are being asked."""
WAVES = "*"
"""The list of leads about which more partners are being asked; it can be no partner's id."""


class LeadSort(StrEnum):
    """The order of a list; the values stand in addresses."""

    NEWEST = "newest"
    """What was received last comes first."""
    OLDEST = "oldest"
    """What was received first comes first."""
    DUE = "due"
    """What is to happen soonest, or should have happened, comes first."""
    SCORE = "score"
    """The highest score comes first."""
    CHANGED = "changed"
    """What was changed last comes first."""
    POSTCODE = "postcode"
    """The lowest postcode comes first, country by country."""

    @property
    def is_by_receipt(self) -> bool:
        """Tell whether rows are stored in this order: any other is made of rows that were read."""
        return self in (LeadSort.NEWEST, LeadSort.OLDEST)


AT_RISK = timedelta(hours=2)
"""A promise is at risk when it ends so soon and nobody has the lead."""
NOBODYS_YET = frozenset({LeadStatus.HQ_QUEUE, LeadStatus.OFFERED, LeadStatus.FOLLOW_UP})
"""The states in which somebody is looked for, and no partner has the lead."""


class LeadNeed(StrEnum):
    """The reasons for which a lead needs a person now; the values stand in addresses."""

    PROMISES = "promises"
    """Its sender was told to hear soon, or to have heard, and nobody has it."""
    WAITING = "waiting"
    """HQ has to assign it or to decide."""
    UNSEEN = "unseen"
    """Nobody has looked at any of its offers, and half of their time is over."""
    OVERDUE = "overdue"
    """Its owner should have been in touch by now."""

    @property
    def states(self) -> frozenset[LeadStatus]:
        """Give the states in which a lead can need a person for this."""
        return {
            LeadNeed.PROMISES: NOBODYS_YET,
            LeadNeed.WAITING: frozenset({LeadStatus.HQ_QUEUE}),
            LeadNeed.UNSEEN: frozenset({LeadStatus.OFFERED}),
            LeadNeed.OVERDUE: frozenset({LeadStatus.ACCEPTED}),
        }[self]


@dataclass(frozen=True, slots=True)
class LeadRow(Extensible):
    """What lists show of one lead; the name and the company are personal data."""

    id: str
    version: int
    """The version of the lead that the row was made from."""
    status: LeadStatus
    received_at: datetime
    changed_at: datetime
    """The instant of the last commit; of this and the others below, the second says enough."""
    form: str
    country: str
    postcode: str
    product: str
    urgency: str
    language: str
    town: str = ""
    region: str = ""
    score: int = 0
    reason: str = ""
    """Says why it is HQ's, held at the door, lost or rejected."""
    source: str = ""
    campaign: str = ""
    """The ``utm_campaign`` that it came with."""
    name: str = ""
    """Says who asked, cut to what lists show; empty once erased."""
    company: str = ""
    owner: str | None = None
    """Names the partner who owns it, also after it was won or lost."""
    asked: tuple[str, ...] = ()
    """Names the partners with a live offer, at most ``MOST_PARTNERS_IN_ROW`` of them."""
    live_offers: int = 0
    """Counts all live offers."""
    unseen_offers: int = 0
    """Counts the live offers that nobody has looked at."""
    offers: int = 0
    """Counts all offers there ever were."""
    offered_at: datetime | None = None
    """The instant at which the oldest live offer was made."""
    expires_at: datetime | None = None
    """The instant at which the first live offer ends."""
    due: datetime | None = None
    """The instant of its earliest deadline of any kind."""
    contact_by: datetime | None = None
    """The owner is to have called by then, or was to have."""
    hq_by: datetime | None = None
    """HQ has its time until then, after which the lead goes on by itself."""
    promised_by: datetime | None = None
    """The prospect was told to hear by then."""
    accepted_at: datetime | None = None
    contacted_at: datetime | None = None
    finished_at: datetime | None = None
    exhausted: bool = False
    """Tells whether HQ was told that nobody is left."""
    value: str = ""
    """What was won, as decimal text; before that the amount of the quote."""
    attached_to: str | None = None
    """Names the first enquiry that it is attached to."""
    ended: LeadStatus | None = None
    """The status that an erased lead had before."""
    handled_by: str = ""
    """Says who at HQ acted on it last, as the log names people; empty if nobody did."""

    @property
    def reference(self) -> str:
        """Give a name that is short enough to read out on the phone, as the lead itself does."""
        return self.id[-8:].upper()

    def is_compared(self, now: datetime) -> bool:
        """Tell whether it is just being compared with the enquiry that it names, or again."""
        is_attached = self.status is LeadStatus.ATTACHED and self.finished_at is None
        return is_attached and self.due is not None and self.due <= now

    @property
    def section(self) -> str:
        """Name the section of HQ's queue in which it stands; empty if HQ does not hold it."""
        return section_of(self.reason) if self.status is LeadStatus.HQ_QUEUE else ""

    def needs_a_person(self, need: LeadNeed, now: datetime) -> bool:
        """Tell whether it needs somebody at HQ now, for that reason."""
        if self.status not in need.states:
            return False
        match need:
            case LeadNeed.PROMISES:
                return self.promised_by is not None and self.promised_by <= now + AT_RISK
            case LeadNeed.WAITING:
                return self.section == "hq_queue"
            case LeadNeed.UNSEEN:
                return self._is_unseen(now)
            case LeadNeed.OVERDUE:
                return self.contact_by is not None and self.contact_by < now

    def _is_unseen(self, now: datetime) -> bool:
        if self.offered_at is None or self.expires_at is None:
            return False
        half = self.offered_at + (self.expires_at - self.offered_at) / 2
        return 0 < self.live_offers == self.unseen_offers and half <= now

    @property
    def next_step(self) -> tuple[str, datetime] | None:
        """Give what is to happen next, by its name, and until when; None where nothing has a time.

        It is what a person waits for or has to do, not what the programme does by itself.
        """
        by: Mapping[LeadStatus, tuple[tuple[str, datetime | None], ...]] = {
            LeadStatus.OFFERED: (("answer", self.expires_at),),
            LeadStatus.ACCEPTED: (("contact", self.contact_by),),
            LeadStatus.HQ_QUEUE: (("decide", self.hq_by), ("reply", self.promised_by)),
            LeadStatus.FOLLOW_UP: (("reply", self.promised_by),),
        }
        for name, at in by.get(self.status, ()):
            if at is not None:
                return name, at
        return None

    @property
    def position(self) -> tuple[datetime, str]:
        """Give what lists are sorted by; it never changes, and no two leads have the same."""
        return self.received_at, self.id


@dataclass(frozen=True, slots=True)
class LeadFilter:
    """What a list is to show: everything that is not None or empty has to apply."""

    states: frozenset[LeadStatus] = frozenset()
    partner: str = ""
    """Only leads that this partner owns, owned to the end, or is being asked about."""
    product: str = ""
    region: str = ""
    postcode: str = ""
    """How the postcode begins."""
    source: str = ""
    campaign: str = ""
    urgency: str = ""
    score_from: int | None = None
    score_to: int | None = None
    received_from: datetime | None = None
    """Received at this instant or later."""
    received_to: datetime | None = None
    """Received before this instant."""
    handled_by: str = ""
    """Only leads that this person of HQ acted on last: what they call "mine"."""
    need: tuple[LeadNeed, datetime] | None = None
    """Only leads that need a person for this reason, at this instant."""
    allowed: frozenset[str] | None = None
    """The regions that the reader may see at all; None is all."""
    text: str = ""
    """Stands in the name or the company, in any letter case and with or without accents."""

    def matches(self, row: LeadRow) -> bool:
        """Tell whether the row is to be shown, but for the partner: that is a list of its own."""
        return (
            self._matches_plain_fields(row)
            and self._matches_bounds(row)
            and self._matches_place(row)
            and self._matches_text(row)
        )

    def _matches_plain_fields(self, row: LeadRow) -> bool:
        if self.states and row.status not in self.states:
            return False
        if self.need is not None and not row.needs_a_person(*self.need):
            return False
        asked_and_is = (
            (self.product, row.product),
            (came_word(self.source), row.source),
            (came_word(self.campaign), row.campaign),
            (self.urgency, row.urgency),
            (self.handled_by, row.handled_by),
        )
        return all(asked in ("", found) for asked, found in asked_and_is)

    def _matches_bounds(self, row: LeadRow) -> bool:
        if self.score_from is not None and row.score < self.score_from:
            return False
        if self.score_to is not None and row.score > self.score_to:
            return False
        if self.received_from is not None and row.received_at < self.received_from:
            return False
        return self.received_to is None or row.received_at < self.received_to

    def _matches_place(self, row: LeadRow) -> bool:
        if self.region not in ("", row.region):
            return False
        if self.allowed is not None and row.region not in self.allowed:
            return False
        typed = self.postcode.replace(" ", "").upper()
        return row.postcode.replace(" ", "").upper().startswith(typed)

    def _matches_text(self, row: LeadRow) -> bool:
        if not self.text:
            return True
        sought = name_spellings(self.text)
        found = (*name_spellings(row.name), *name_spellings(row.company))
        return any(part in name for part, name in product(sought, found))


@dataclass(frozen=True, slots=True)
class CameFrom:
    """What a row shows that does not stand in the lead itself."""

    source: str = ""
    campaign: str = ""
    handled_by: str = ""
    """Says who at HQ acted on it last; its events tell."""

    @staticmethod
    def of(context: Context) -> "CameFrom":
        """Give what a row shows of the context."""
        return CameFrom(came_word(context.source), came_word(context.utm.get("campaign", "")))


def lead_row(lead: Lead, came_from: CameFrom, changed_at: datetime) -> LeadRow:
    """Give the row of a lead as it is."""
    contact = lead.contact
    live = lead.live_offers
    erased = lead.status is LeadStatus.ERASED
    return LeadRow(
        id=lead.id,
        version=lead.version,
        status=lead.status,
        received_at=lead.received_at,
        changed_at=_second(changed_at),
        form=lead.form,
        country=lead.country,
        postcode=lead.postcode,
        product=lead.product,
        urgency=lead.urgency,
        language=lead.language,
        town=came_word(lead.town),
        region=lead.region,
        score=lead.score,
        reason=lead.reason,
        source="" if erased else came_from.source,
        campaign="" if erased else came_from.campaign,
        name=cut_to(LONGEST_NAME_IN_ROW, contact.name) if contact else "",
        company=cut_to(LONGEST_NAME_IN_ROW, contact.company) if contact else "",
        owner=lead.owner,
        asked=tuple(offer.partner for offer in live[:MOST_PARTNERS_IN_ROW]),
        live_offers=len(live),
        unseen_offers=sum(1 for offer in live if offer.seen_at is None),
        offers=len(lead.offers),
        offered_at=_maybe(min((offer.begins_at for offer in live), default=None)),
        expires_at=_maybe(min((offer.expires_at for offer in live), default=None)),
        due=_maybe(lead.due),
        contact_by=_maybe(lead.deadline(DeadlineKind.CONTACT) or lead.contact_missed),
        hq_by=_maybe(lead.deadline(DeadlineKind.HQ_HOLD)),
        promised_by=_maybe(lead.promised_by),
        accepted_at=_maybe(lead.accepted_at),
        contacted_at=_maybe(lead.contacted_at),
        finished_at=_maybe(lead.finished_at),
        exhausted=lead.exhausted,
        value=lead.value or lead.quote,
        attached_to=lead.attached_to,
        ended=lead.ended,
        handled_by=came_from.handled_by,
    )


def lists_of(lead: Lead) -> frozenset[str]:
    """Name the partners on whose lists it stands: the owner, and all who have a live offer.

    A lead that was won or lost stays on its owner's list. Of a wave there is one list for all: to
    write and take away a row for each of them would cost as much as they are many.
    """
    asked = frozenset(offer.partner for offer in lead.live_offers)
    return _lists(asked, len(lead.live_offers), lead.owner)


def lists_by_row(row: LeadRow) -> frozenset[str]:
    """Name the same lists by the row."""
    return _lists(frozenset(row.asked), row.live_offers, row.owner)


def _lists(asked: frozenset[str], live_offers: int, owner: str | None) -> frozenset[str]:
    lists = frozenset({WAVES}) if live_offers > MOST_PARTNERS_IN_ROW else asked
    return lists | {owner} if owner else lists


def _second(at: datetime) -> datetime:
    return at.replace(microsecond=0)


def _maybe(at: datetime | None) -> datetime | None:
    return None if at is None else _second(at)


def cut_to(most: int, text: str) -> str:
    """Cut a text to so many bytes, between two of its characters."""
    return text.encode()[:most].decode(errors="ignore")


def came_word(text: str) -> str:
    """Give a town, source or campaign as a row has it."""
    return cut_to(LONGEST_WORD_IN_ROW, text)
