"""Tells from a lead's event rows what a report knows of it.

A lead knows how it stands, but not how it came there: what was undone, opened again, promised or
due, and what a former owner did, stands in its events alone. All of them are read in one query.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from routing_core.domain.events import (
    AttachmentEnded,
    ClaimGranted,
    CommitRecord,
    ContactConfirmed,
    ContactRetracted,
    ExistingCustomerClaimed,
    LeadAssigned,
    LeadAttached,
    LeadClosed,
    LeadContacted,
    LeadErased,
    LeadEvent,
    LeadExhausted,
    LeadFollowedUp,
    LeadHandedOver,
    LeadHeld,
    LeadLost,
    LeadMoved,
    LeadNotCalled,
    LeadNurtured,
    LeadQuarantined,
    LeadQueued,
    LeadQuoted,
    LeadReceived,
    LeadRejected,
    LeadReleased,
    LeadRerouted,
    LeadReturned,
    LeadServed,
    LeadUndone,
    LeadWithdrawn,
    LeadWon,
    OfferAccepted,
    OfferDeclined,
    OfferExpired,
    OfferMade,
    OfferReturned,
    OfferSeen,
    OfferSentLate,
    OfferShortened,
    OfferUnsent,
    OfferWithdrawn,
    PromiseRenewed,
    RepeatFound,
)
from routing_core.domain.lead import LeadStatus
from routing_core.domain.offer import RELEASED, OfferKind
from routing_core.domain.reasons import WithdrawReason
from routing_core.reporting.lead_story import (
    STAGE_OF,
    LeadStory,
    OfferStory,
    RoutedOffers,
)
from routing_core.reporting.report_lead import OPEN_STAGES, AfterAccept, LeadStage, OfferEnd


def read_story(records: Sequence[CommitRecord], neutral_returns: frozenset[str]) -> LeadStory:
    """Read all event rows of a lead, the oldest first.

    ``neutral_returns`` are the programme's reasons for giving back that are nobody's fault.
    """
    story = LeadStory(neutral_returns)
    for record in records:
        for event in record.events:
            handler = HANDLERS.get(type(event))
            if handler:
                handler(story, event, record.at)
        asked = _partners_routed_to(record)
        if record.decision and asked:
            story.routed.append(RoutedOffers(record.at, len(asked), _ranked(record.decision)))
        story.come_to_rest(record.at)
    return story


def _partners_routed_to(record: CommitRecord) -> list[str]:
    """Name the partners whom routing chose in that commit."""
    return [
        event.partner
        for event in record.events
        if isinstance(event, OfferMade) and event.offer_kind is OfferKind.ROUTED
    ]


def _ranked(decision: Mapping[str, Any]) -> tuple[str, ...]:
    """Name those who could be asked; a decision record names the first twenty at most."""
    return tuple(each["partner"] for each in decision.get("ranked") or ())


# ── what each event means ─────────────────────────────────────────────────────────────────────────


def _received(story: LeadStory, event: LeadReceived, _: datetime) -> None:
    story.stage = STAGE_OF.get(event.next, LeadStage.WAITING)


def _to_stage(stage: LeadStage) -> Callable[[LeadStory, Any, datetime], None]:
    """Make the handler of an event that says nothing but the stage."""

    def handle(story: LeadStory, _: Any, __: datetime) -> None:
        story.stage = stage

    return handle


def _released(story: LeadStory, event: LeadReleased, _: datetime) -> None:
    if event.by is not None:
        story.touched_by_hq()


def _moved(story: LeadStory, event: LeadMoved, _: datetime) -> None:
    if event.by != "prospect":
        story.touched_by_hq()


def _by_hq(story: LeadStory, _: LeadEvent, __: datetime) -> None:
    story.touched_by_hq()


def _rejected(story: LeadStory, _: LeadRejected, __: datetime) -> None:
    ends = {LeadStage.HELD: LeadStage.SPAM, LeadStage.REPEAT: LeadStage.SETTLED_REPEAT}
    story.stage = ends.get(story.stage, LeadStage.REJECTED)
    story.reason = "rejected"


def _withdrawn(story: LeadStory, _: LeadWithdrawn, __: datetime) -> None:
    ends = {LeadStage.HELD: LeadStage.SPAM, LeadStage.REPEAT: LeadStage.SETTLED_REPEAT}
    story.stage = ends.get(story.stage, LeadStage.WITHDRAWN)


def _erased(story: LeadStory, _: LeadErased, __: datetime) -> None:
    if story.stage is LeadStage.HELD:
        story.stage = LeadStage.SPAM
    elif story.stage is LeadStage.REPEAT:
        story.stage = LeadStage.SETTLED_REPEAT
    elif story.stage in OPEN_STAGES:
        story.stage = LeadStage.WITHDRAWN


def _attached(story: LeadStory, _: LeadEvent, __: datetime) -> None:
    if story.stage is LeadStage.SETTLED_REPEAT:
        # The owner of the first took back what settled this one too.
        story.steps.pop()
    story.stage = LeadStage.REPEAT


def _served(story: LeadStory, event: LeadServed, _: datetime) -> None:
    if event.outcome in (LeadStatus.WON, LeadStatus.LOST):
        story.stage = LeadStage.SETTLED_REPEAT


def _asked(story: LeadStory, event: OfferMade, at: datetime) -> None:
    story.offers[event.offer] = OfferStory(
        event.offer, event.partner, event.offer_kind, at, event.until
    )
    story.stage = LeadStage.OFFERED


def _seen(story: LeadStory, event: OfferSeen, _: datetime) -> None:
    offer = story.offers.get(event.offer)
    if offer is not None:
        offer.seen = True


def _ends_anew(story: LeadStory, event: OfferShortened | OfferUnsent, _: datetime) -> None:
    offer = story.offers.get(event.offer)
    if offer is not None:
        offer.until = event.until


def _sent_late(story: LeadStory, event: OfferSentLate, _: datetime) -> None:
    offer = story.offers.get(event.offer)
    if offer is not None:
        offer.window_from = event.begins
        offer.until = event.until


def _accepted(story: LeadStory, event: OfferAccepted, at: datetime) -> None:
    offer = story.decide(event.offer, OfferEnd.ACCEPTED, at)
    story.stage = LeadStage.ACCEPTED
    story.owner = event.partner
    story.was_placed = True
    if offer is None:
        return
    offer.answered_at = offer.answered_at or at
    offer.accepted_at = at
    offer.after = AfterAccept.KEPT
    # Of a lead of the past nobody knows when the first call was: it came without any time for one.
    offer.contact_by = event.contact_by if event.contact_by > at else None
    offer.seen = True


def _declined(story: LeadStory, event: OfferDeclined, at: datetime) -> None:
    if event.reason == RELEASED:
        story.decide(event.offer, OfferEnd.RELEASED, at)
        return
    offer = story.decide(event.offer, OfferEnd.DECLINED, at)
    if offer is not None:
        offer.answered_at = at
        offer.reason = event.reason
        offer.seen = True


def _expired(story: LeadStory, event: OfferExpired, at: datetime) -> None:
    story.decide(event.offer, OfferEnd.LAPSED, at)


def _claimed(story: LeadStory, event: ExistingCustomerClaimed, at: datetime) -> None:
    offer = story.decide(event.offer, OfferEnd.EXISTING_CUSTOMER, at)
    if offer is not None:
        offer.answered_at = at
        offer.reason = event.reason
        offer.seen = True


def _offer_withdrawn(story: LeadStory, event: OfferWithdrawn, at: datetime) -> None:
    offer = story.offers.get(event.offer)
    if offer is None:
        return
    if offer.after is AfterAccept.KEPT:
        story.let_go(offer, AfterAccept.PASSED_ON, at)
    elif offer.end is OfferEnd.PENDING:
        was_taken = event.why is WithdrawReason.TAKEN
        story.decide(event.offer, OfferEnd.TAKEN if was_taken else OfferEnd.WITHDRAWN, at)


def _given_back_at_once(story: LeadStory, event: OfferReturned, at: datetime) -> None:
    """Forget the acceptance and all that followed: it was a mistake, and is uncounted."""
    offer = story.decide(event.offer, OfferEnd.MISTAKEN, at)
    if offer is None:
        return
    since = offer.accepted_at or at
    story.steps = [step for step in story.steps if step.at < since]
    story.was_placed = any(step.partner for step in story.steps)
    story.let_go(offer, AfterAccept.PASSED_ON, at)
    offer.contact_by = None
    offer.after = None


def _given_back(story: LeadStory, event: LeadReturned, at: datetime) -> None:
    offer = story.offers.get(event.offer)
    if offer is None:
        return
    is_neutral = event.reason in story.neutral_returns
    after = AfterAccept.RETURNED_NEUTRAL if is_neutral else AfterAccept.RETURNED
    story.let_go(offer, after, at)
    offer.reason = event.reason
    story.reason = event.reason


def _retracted(story: LeadStory, event: ContactRetracted, at: datetime) -> None:
    offer = story.offers.get(event.offer or 0) or story.owners_offer
    if offer is not None:
        story.let_go(offer, AfterAccept.RETRACTED, at)


def _handed_over(story: LeadStory, event: LeadHandedOver, at: datetime) -> None:
    offer = story.offers.get(event.offer)
    if offer is not None:
        story.let_go(offer, AfterAccept.PASSED_ON, at)


def _contacted(story: LeadStory, _: LeadContacted, __: datetime) -> None:
    story.remember()
    story.stage = LeadStage.CONTACTED


def _quoted(story: LeadStory, event: LeadQuoted, _: datetime) -> None:
    story.remember()
    story.stage = LeadStage.QUOTED
    story.quote = _amount(event.value)
    story.currency = event.currency or story.currency


def _won(story: LeadStory, event: LeadWon, _: datetime) -> None:
    story.remember()
    story.stage = LeadStage.WON
    story.value = _amount(event.value)
    story.currency = event.currency or story.currency


def _lost(story: LeadStory, event: LeadLost, _: datetime) -> None:
    story.remember()
    story.stage = LeadStage.LOST
    story.reason = event.reason


def _undone(story: LeadStory, _: LeadUndone, __: datetime) -> None:
    """Put back what stood before the owner's last step, as if it had never been taken."""
    before = story.before
    if before is None:
        return
    story.steps = before.steps
    story.value = before.value
    story.quote = before.quote
    story.reason = before.reason
    story.stage = before.steps[-1].stage
    story.before = None


def _nobody_left(story: LeadStory, event: LeadExhausted, _: datetime) -> None:
    if story.nobody_left is None and event.first is None:
        story.nobody_left = event.tried


def _closed(story: LeadStory, event: LeadClosed, _: datetime) -> None:
    if event.reason == "returned":
        story.stage = LeadStage.LOST
    elif event.reason != "rejected":
        story.stage = LeadStage.UNPLACED
        story.reason = event.reason


def _put_off(story: LeadStory, event: PromiseRenewed, at: datetime) -> None:
    if event.until is not None:
        story.renewed.append((at, event.until))


def _not_called(story: LeadStory, _: LeadNotCalled, __: datetime) -> None:
    story.not_called = True
    story.call_confirmed = False


def _confirmed(story: LeadStory, _: ContactConfirmed, __: datetime) -> None:
    """Take the prospect's last word for it."""
    story.not_called = False
    story.call_confirmed = True


HANDLERS: Mapping[type[LeadEvent], Callable[[LeadStory, Any, datetime], None]] = {
    LeadReceived: _received,
    LeadQuarantined: _to_stage(LeadStage.HELD),
    LeadReleased: _released,
    LeadRejected: _rejected,
    LeadNurtured: _to_stage(LeadStage.NURTURE),
    RepeatFound: _attached,
    LeadAttached: _attached,
    AttachmentEnded: _to_stage(LeadStage.WAITING),
    LeadServed: _served,
    OfferMade: _asked,
    OfferSeen: _seen,
    OfferShortened: _ends_anew,
    OfferUnsent: _ends_anew,
    OfferSentLate: _sent_late,
    OfferAccepted: _accepted,
    OfferDeclined: _declined,
    OfferExpired: _expired,
    OfferWithdrawn: _offer_withdrawn,
    OfferReturned: _given_back_at_once,
    ExistingCustomerClaimed: _claimed,
    ClaimGranted: _by_hq,
    LeadReturned: _given_back,
    LeadHandedOver: _handed_over,
    ContactRetracted: _retracted,
    LeadContacted: _contacted,
    LeadQuoted: _quoted,
    LeadWon: _won,
    LeadLost: _lost,
    LeadUndone: _undone,
    LeadExhausted: _nobody_left,
    LeadQueued: _to_stage(LeadStage.WAITING),
    LeadHeld: _to_stage(LeadStage.WAITING),
    LeadFollowedUp: _to_stage(LeadStage.WAITING),
    LeadRerouted: _by_hq,
    LeadClosed: _closed,
    LeadAssigned: _by_hq,
    PromiseRenewed: _put_off,
    LeadMoved: _moved,
    LeadWithdrawn: _withdrawn,
    LeadNotCalled: _not_called,
    ContactConfirmed: _confirmed,
    LeadErased: _erased,
}
"""Class of event → what it changes of the story; what is not named here changes nothing of it."""


def _amount(text: str | None) -> Decimal | None:
    """Read a stored amount; None for none, and for what is no number."""
    if not text:
        return None
    try:
        return Decimal(text)
    except InvalidOperation:
        return None
