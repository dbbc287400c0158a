"""Makes up leads of the past: enquiries, answers, calls and orders as they plausibly happen.

Each is played by the product's own steps (``domain.lifecycle``), so that its events are what the
product would have written. Nothing is stored or sent. The same seed makes the same leads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random

from infra.local.partner_manners import PartnerManner
from routing_core.domain.calendar.business_time import Calendar, Duration, deadline, in_hours
from routing_core.domain.draft import Draft
from routing_core.domain.enquiry.gatekeeping import HoldReason
from routing_core.domain.events import (
    AttachmentEnded,
    CommitRecord,
    ContactMissed,
    LeadAssigned,
    LeadAttached,
    LeadClosed,
    LeadExhausted,
    LeadLost,
    LeadNotCalled,
    LeadReceived,
    LeadRejected,
    LeadServed,
    LeadWon,
    OfferReturned,
    OfferSeen,
    RepeatFound,
)
from routing_core.domain.lead import SERVED, Contact, Context, DeadlineKind, Lead, LeadStatus
from routing_core.domain.lifecycle import ending, holding, offering, ownership, promises, queueing
from routing_core.domain.lifecycle.ending import Ending
from routing_core.domain.offer import OfferKind
from routing_core.domain.partner import Partner
from routing_core.domain.programme.programme import Programme
from routing_core.domain.reasons import QueueReason, WithdrawReason

UNDO_AFTER = timedelta(minutes=1)
"""So soon somebody notices that they pressed the wrong button."""
ERASED_AFTER = timedelta(days=200)
"""The leads that came to nothing are erased so long after they ended."""
HARDLY_LATER = timedelta(seconds=1)
"""Two commits of a lead are so far apart at least."""


@dataclass(frozen=True, slots=True)
class PastLead:
    """A lead of the past as it would be stored: itself, its event rows, and what came with it."""

    lead: Lead
    records: tuple[CommitRecord, ...]
    context: Context


@dataclass(frozen=True, slots=True)
class NewEnquiry:
    """What somebody asked for, and when."""

    id: str
    at: datetime
    country: str
    postcode: str
    region: str
    product: str
    urgency: str
    language: str
    context: Context


class _EndOfTime(Exception):
    """Ends a story that goes on after ``now``: what would have come is not there yet."""


@dataclass(slots=True)
class Story:
    """Plays one lead from its arrival to its end, or to now."""

    enquiry: NewEnquiry
    programme: Programme
    able: Sequence[Partner]
    """The partners who could be asked, in the order of their rank."""
    manner_of: Callable[[str], PartnerManner]
    dice: Random
    now: datetime
    records: list[CommitRecord] = field(default_factory=list)
    lead: Lead | None = None
    at: datetime = field(init=False)

    def __post_init__(self) -> None:
        self.at = self.enquiry.at

    def played(self) -> PastLead | None:
        """Play it; None if it would come later than now."""
        with suppress(_EndOfTime):
            self._play()
        if self.lead is None:
            return None
        return PastLead(self.lead, tuple(self.records), self.enquiry.context)

    # ── commits ─────────────────────────────────────────────────────────────────────────────────

    def _draft(self, at: datetime) -> Draft:
        """Begin a commit at that instant, or just after the last one if that is later."""
        if self.records:
            at = max(at, self.records[-1].at + HARDLY_LATER)
        if at >= self.now:
            raise _EndOfTime
        self.at = at
        return Draft(self.lead) if self.lead else Draft(None, self._fresh())

    def _commit(self, draft: Draft) -> None:
        lead = draft.lead
        self.records.append(
            CommitRecord(
                lead.id, lead.version, self.at, lead.due, tuple(draft.events), draft.decision
            )
        )
        self.lead = lead

    def _fresh(self) -> Lead:
        asked = self.enquiry
        return Lead(
            id=asked.id,
            form=self.programme.forms[0].id,
            status=LeadStatus.OFFERED,
            version=1,
            received_at=asked.at,
            country=asked.country,
            postcode=asked.postcode,
            product=asked.product,
            urgency=asked.urgency,
            language=asked.language,
            payload_hash=asked.id,
            contact=Contact(f"Made-up {asked.id[-6:]}", f"{asked.id[-6:]}@example.com"),
            region=asked.region,
        )

    def _happens(self, share: float) -> bool:
        return self.dice.random() < share

    def _later(self, hours: float, calendar: Calendar, most: float = 400) -> datetime:
        """Give an instant after so many response hours, on average."""
        drawn = min(self.dice.expovariate(1 / hours), most)
        return deadline(self.at, Duration(response_hours=drawn), calendar)

    # ── the way of a lead ───────────────────────────────────────────────────────────────────────

    def _play(self) -> None:
        if self._happens(0.03):
            self._is_held_at_the_door()
        elif self._happens(0.04):
            self._is_a_repeat()
        elif self._happens(0.05):
            self._is_not_ripe()
        else:
            self._arrives(self._draft(self.at))
        self._ends_for_good()

    def _arrives(self, draft: Draft) -> None:
        """Ask the first partner, or tell HQ that there is nobody."""
        self._ask_next(draft, list(self.able))
        promised = promises.promised_by(
            self.programme, draft.lead.product, draft.lead.urgency, self.at
        )
        if draft.lead.promised_by is None:
            promises.promise(draft, promised, self.at)
        draft.set(first_promise=draft.lead.promised_by)
        draft.add_event(LeadReceived(next=draft.lead.status))
        self._commit(draft)
        self._is_answered(self.able[1:])

    def _ask_next(self, draft: Draft, able: Sequence[Partner]) -> None:
        if not able:
            if not draft.lead.exhausted:
                draft.set(exhausted=True)
                draft.add_event(LeadExhausted(tried=len(draft.lead.offers)))
            queueing.queue(draft, QueueReason.EXHAUSTED, self.programme, self.at)
            return
        draft.decision = {"ranked": [{"partner": each.id} for each in able]}
        occasion = offering.Occasion(OfferKind.ROUTED)
        offering.open_offer(draft, able[0], occasion, self.programme, self.at)

    def _is_answered(self, others: Sequence[Partner]) -> None:
        """Go from partner to partner until one keeps it, or nobody is left."""
        while self.lead is not None and self.lead.live_offers:
            offer = self.lead.live_offers[0]
            partner = self._partner(offer.partner)
            manner = self.manner_of(partner.id)
            calendar = partner.calendar(self.programme.hq_calendar)
            answers_at = self._answers_at(manner, calendar)
            answer = self.dice.random()
            in_time = answers_at < offer.expires_at
            if in_time and answer < manner.accepts:
                self._sees(offer.number, partner, answers_at)
                if self._owns(offer.number, partner, answers_at, others):
                    return
            elif in_time and answer < manner.accepts + manner.declines:
                self._sees(offer.number, partner, answers_at)
                self._declines(offer.number, answers_at, others)
            else:
                if self._happens(manner.looks):
                    self._sees(offer.number, partner, min(answers_at, offer.expires_at))
                self._lapses(offer.number, offer.expires_at, others)
            others = others[1:]
        if self.lead is not None and self.lead.status is LeadStatus.HQ_QUEUE:
            self._waits_at_hq()

    def _answers_at(self, manner: PartnerManner, calendar: Calendar) -> datetime:
        if self.programme.is_emergency(self.enquiry.urgency):
            # Whoever is on call answers by the clock, in minutes.
            minutes = self.dice.expovariate(1 / (10 * manner.answer_hours))
            return self.at + timedelta(minutes=minutes)
        return self._later(manner.answer_hours, calendar)

    def _partner(self, name: str) -> Partner:
        return next(each for each in self.able if each.id == name)

    def _sees(self, number: int, partner: Partner, at: datetime) -> None:
        draft = self._draft(self.at + (at - self.at) / 2)
        draft.add_event(OfferSeen(offer=number, partner=partner.id))
        offer = draft.lead.offer(number)
        assert offer
        draft.replace_offer(replace(offer, seen_at=self.at))
        self._commit(draft)

    def _declines(self, number: int, at: datetime, others: Sequence[Partner]) -> None:
        draft = self._draft(at)
        reasons = [each.id for each in self.programme.decline_reasons if each.then != "claim"]
        # People choose the first that fits.
        choice = min(int(self.dice.expovariate(1)), len(reasons) - 1)
        offering.decline(draft, number, reasons[choice], self.at)
        self._ask_next(draft, others)
        self._commit(draft)

    def _lapses(self, number: int, at: datetime, others: Sequence[Partner]) -> None:
        draft = self._draft(at)
        offering.lapse(draft, number, self.at)
        self._ask_next(draft, others)
        self._commit(draft)

    # ── an owner ────────────────────────────────────────────────────────────────────────────────

    def _owns(self, number: int, partner: Partner, at: datetime, others: Sequence[Partner]) -> bool:
        """Play what the owner does; False if they give it back."""
        draft = self._draft(at)
        ownership.accept(draft, number, partner, self.programme, self.at)
        self._commit(draft)
        manner = self.manner_of(partner.id)
        if self._happens(0.01):
            self._gives_back_at_once(number, others)
            return False
        if self.programme.return_reasons and self._happens(manner.returns):
            return self._gives_back(others)
        self._is_called(partner, manner)
        if self._happens(0.02):
            self._is_withdrawn(self.at + timedelta(days=self.dice.uniform(0.1, 4)))
            return True
        self._comes_to_an_end(partner, manner)
        return True

    def _gives_back_at_once(self, number: int, others: Sequence[Partner]) -> None:
        draft = self._draft(self.at + timedelta(minutes=3))
        offer = ownership.take_back(draft, WithdrawReason.RETURNED, self.programme, self.at)
        draft.add_event(OfferReturned(offer=number, partner=offer.partner))
        self._ask_next(draft, others)
        self._commit(draft)

    def _gives_back(self, others: Sequence[Partner]) -> bool:
        """Return it after a day; True if it ends with that."""
        draft = self._draft(self.at + timedelta(hours=self.dice.uniform(3, 60)))
        reason = self.dice.choice(self.programme.return_reasons)
        ownership.give_back(draft, reason, self.programme, self.at)
        if reason.then == "route":
            self._ask_next(draft, others)
        self._commit(draft)
        return reason.then == "close"

    def _is_called(self, partner: Partner, manner: PartnerManner) -> None:
        """Speak with the prospect, in time or late."""
        assert self.lead
        calendar = partner.calendar(self.programme.hq_calendar)
        by = self.lead.deadline(DeadlineKind.CONTACT)
        at = self._later(manner.call_hours, calendar)
        if by and self._happens(manner.calls_late):
            at = max(at, in_hours(by, calendar) + timedelta(hours=self.dice.uniform(1, 30)))
        if by and at > by:
            missed = self._draft(by)
            missed.add_event(ContactMissed(partner=partner.id))
            self._commit(missed)
            if self._happens(0.1):
                complaint = self._draft(by + timedelta(hours=2))
                complaint.add_event(LeadNotCalled(partner=partner.id))
                self._commit(complaint)
        draft = self._draft(at)
        ownership.contacted(draft, self.at)
        self._commit(draft)
        if self._happens(0.02):
            self._takes_back()
            draft = self._draft(self.at + timedelta(hours=5))
            ownership.contacted(draft, self.at)
            self._commit(draft)

    def _takes_back(self) -> None:
        draft = self._draft(self.at + UNDO_AFTER)
        ownership.undo(draft, self.at)
        self._commit(draft)

    def _comes_to_an_end(self, partner: Partner, manner: PartnerManner) -> None:
        """Quote and win it, or lose it."""
        if self._happens(1 - manner.quotes):
            self._loses(partner, self.at + timedelta(days=self.dice.expovariate(1 / 8)))
            return
        amount = round(manner.order * self.dice.lognormvariate(0, 0.45), 2)
        draft = self._draft(self.at + timedelta(days=self.dice.expovariate(1 / 6)))
        ownership.quoted(draft, self.programme, self.at, str(amount) if self._happens(0.8) else "")
        self._commit(draft)
        ends_at = self.at + timedelta(days=self.dice.expovariate(1 / 16))
        if self._happens(1 - manner.wins):
            self._loses(partner, ends_at)
            return
        self._wins(partner, amount, ends_at)
        if self._happens(0.02):
            self._takes_back()
            self._wins(partner, amount, self.at + timedelta(days=1))

    def _wins(self, partner: Partner, amount: float, at: datetime) -> None:
        draft = self._draft(at)
        value = f"{amount * self.dice.uniform(0.85, 1.0):.2f}"
        ownership.close(draft, Ending(LeadStatus.WON, value=value), self.programme, self.at)
        draft.add_event(LeadWon(partner=partner.id, value=value, currency=self.programme.currency))
        self._commit(draft)

    def _loses(self, partner: Partner, at: datetime) -> None:
        draft = self._draft(at)
        reason = self.dice.choice(
            [each.id for each in self.programme.lost_reasons if not each.junk]
        )
        ownership.close(draft, Ending(LeadStatus.LOST, reason=reason), self.programme, self.at)
        draft.add_event(LeadLost(partner=partner.id, reason=reason))
        self._commit(draft)

    # ── nobody owns it ──────────────────────────────────────────────────────────────────────────

    def _waits_at_hq(self) -> None:
        """HQ assigns it, or it is tried again and given up."""
        assert self.lead
        if self.lead.reason == QueueReason.RETURNED or (self.able and self._happens(0.5)):
            partner = self.dice.choice(self.able) if self.able else None
            if partner is not None:
                self._is_assigned(partner)
                return
        hold = queueing.hq_decides_by(self.programme, self.at)
        draft = self._draft(hold)
        queueing.follow_up(draft, self.programme, self.at)
        self._commit(draft)
        renewed = self._draft(self.at + timedelta(days=1))
        promises.keep_promise(renewed, self.programme, self.at)
        self._commit(renewed)
        ended = self._draft(self.at + timedelta(days=9))
        queueing.end_follow_up(ended, self.programme, self.at)
        self._commit(ended)

    def _is_assigned(self, partner: Partner) -> None:
        draft = self._draft(self.at + timedelta(hours=self.dice.uniform(0.5, 20)))
        draft.add_event(LeadAssigned(partner=partner.id, by="link:made-up"))
        occasion = offering.Occasion(OfferKind.ASSIGNED)
        offering.open_offer(draft, partner, occasion, self.programme, self.at)
        self._commit(draft)
        offer = draft.lead.live_offers[0]
        at = self.at + timedelta(minutes=40)
        if at < offer.expires_at:
            self._owns(offer.number, partner, at, ())
        if self.lead is not None and self.lead.live_offers:
            self._lapses(offer.number, offer.expires_at, ())

    def _is_withdrawn(self, at: datetime) -> None:
        draft = self._draft(at)
        ending.withdraw(draft, self.programme, self.at)
        self._commit(draft)

    def _is_not_ripe(self) -> None:
        draft = self._draft(self.at)
        queueing.nurture(draft, self.programme, self.at)
        draft.add_event(LeadReceived(next=draft.lead.status))
        self._commit(draft)
        if self._happens(0.5):
            at = self.at + timedelta(days=30)
            later = self._draft(at)
            self._ask_next(later, list(self.able))
            self._commit(later)
            self._is_answered(self.able[1:])
            return
        closed = self._draft(self.at + timedelta(days=60))
        ending.finish(closed, Ending(LeadStatus.LOST, reason="cooled"), self.programme, self.at)
        closed.add_event(LeadClosed(reason="cooled"))
        self._commit(closed)

    def _is_held_at_the_door(self) -> None:
        draft = self._draft(self.at)
        holding.hold_back(draft, HoldReason.UNCONFIRMED, "", self.programme, self.at)
        self._commit(draft)
        later = self._draft(self.at + timedelta(hours=self.dice.uniform(1, 40)))
        if self._happens(0.5):
            how = Ending(LeadStatus.REJECTED, reason="rejected")
            ending.finish(later, how, self.programme, self.at)
            later.add_event(LeadRejected(by="link:made-up"))
            self._commit(later)
            return
        holding.let_through(later, None)
        self._arrives(later)

    def _is_a_repeat(self) -> None:
        """Come from somebody who asked before."""
        first = f"first-of-{self.enquiry.id}"
        draft = self._draft(self.at)
        draft.move(LeadStatus.ATTACHED)
        draft.set(attached_to=first)
        draft.add_event(RepeatFound(first=first))
        draft.add_event(LeadReceived(next=LeadStatus.ATTACHED))
        self._commit(draft)
        joined = self._draft(self.at + timedelta(seconds=30))
        joined.add_event(LeadAttached(first=first))
        self._commit(joined)
        later = self._draft(self.at + timedelta(days=self.dice.uniform(1, 20)))
        if self._happens(0.5):
            later.move(LeadStatus.ATTACHED, finished_at=self.at, reason=SERVED)
            later.add_event(LeadServed(first=first, partner=None, outcome=LeadStatus.WON))
            self._commit(later)
            return
        later.add_event(AttachmentEnded(first=first))
        later.set(attached_to=None)
        self._ask_next(later, list(self.able))
        self._commit(later)
        self._is_answered(self.able[1:])

    def _ends_for_good(self) -> None:
        """Erase who asked, of what came to nothing long ago."""
        if self.lead is None or not self.lead.finished or self.lead.status is LeadStatus.WON:
            return
        draft = self._draft(self.at + ERASED_AFTER)
        ending.erase(draft, self.programme)
        self._commit(draft)


def all_of(stories: Iterator[Story]) -> Iterator[PastLead]:
    """Play stories one after the other, and leave out what had not begun by now."""
    for story in stories:
        played = story.played()
        if played is not None:
            yield played
