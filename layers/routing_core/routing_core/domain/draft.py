"""A lead on its way to the next commit.

A draft is the only way to change a lead, and it tells of the change.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, TypedDict, Unpack

from routing_core.domain.changed import changed
from routing_core.domain.events import LeadEvent
from routing_core.domain.lead import (
    TRANSITIONS,
    Colleague,
    Contact,
    Deadline,
    DeadlineKind,
    Lead,
    LeadStatus,
    Moved,
    Undo,
)
from routing_core.domain.offer import OFFER_TRANSITIONS, Offer, OfferStatus
from routing_core.domain.on_behalf import EntryWay


class LeadChanges(TypedDict, total=False):
    """Fields of a lead that a step may change, all but the status, so that mypy knows each.

    ``erase_at`` is missing on purpose: it belongs to a change of the status.
    """

    version: int
    country: str
    postcode: str
    product: str
    urgency: str
    language: str
    payload_hash: str
    contact: Contact | None
    town: str
    located_by: str
    region: str
    answers: Mapping[str, str]
    score: int
    score_reasons: tuple[str, ...]
    programme: int
    offers: tuple[Offer, ...]
    owner: str | None
    deadlines: tuple[Deadline, ...]
    total_by: datetime | None
    promised_by: datetime | None
    answer: str
    first_promise: datetime | None
    preferred: str | None
    waiting: tuple[str, ...]
    attached_to: str | None
    attached: tuple[str, ...]
    alike: str | None
    as_if: tuple[Offer, ...]
    asked_at_door: int
    exhausted: bool
    attempts: tuple[datetime, ...]
    accepted_at: datetime | None
    contact_missed: datetime | None
    contact_confirmed: bool
    contacted_at: datetime | None
    quoted_at: datetime | None
    quote: str
    finished_at: datetime | None
    ended: LeadStatus | None
    value: str
    reason: str
    colleague: Colleague | None
    undo: Undo | None
    extra: Mapping[str, Any] | None
    claims: tuple[str, ...]
    from_client: str
    moves: tuple[Moved, ...]
    entered: EntryWay | None


class Draft:
    """Collects what one commit changes: the new state of the lead, and the events in order."""

    def __init__(self, before: Lead | None, lead: Lead | None = None):
        start = lead or before
        if start is None:
            raise ValueError("a draft starts from a lead")
        self.before = before
        self.lead = start if before is None else replace(start, version=before.version + 1)
        self.events: list[LeadEvent] = []
        self.decision: Mapping[str, Any] | None = None
        self._placed = before is not None

    def add_event(self, event: LeadEvent) -> None:
        """Record what became true; the commit stores it, and publishes it afterwards."""
        self.events.append(event)

    def set(self, **changes: Unpack[LeadChanges]) -> None:
        """Change anything but the status."""
        self.lead = changed(self.lead, **changes)

    def move(
        self, status: LeadStatus, erase_at: datetime | None = None, **changes: Unpack[LeadChanges]
    ) -> None:
        """Change the status, and other fields with it.

        A lead that goes on keeps who asked: ``erase_at`` is only for the end of it. Raises
        ValueError for a move that ``TRANSITIONS`` does not list.
        """
        origin = self.lead.status if self._placed else None
        if status is not origin and status not in TRANSITIONS[origin]:
            raise ValueError(f"{origin} → {status} is not a listed transition")
        self._placed = True
        self.lead = changed(self.lead, status=status, erase_at=erase_at, **changes)

    def answer_offer(
        self, number: int, status: OfferStatus, now: datetime, reason: str = ""
    ) -> Offer:
        """Move one offer, forget its deadlines and return it.

        Raises ValueError for an unlisted move.
        """
        offer = self.lead.offer(number)
        if offer is None or status not in OFFER_TRANSITIONS[offer.status]:
            raise ValueError(
                f"offer {number}: {offer and offer.status} → {status} is not a listed transition"
            )
        accepted_at = now if status is OfferStatus.ACCEPTED else offer.accepted_at
        answered = replace(
            offer,
            status=status,
            answered_at=now,
            accepted_at=accepted_at,
            reason=reason or offer.reason,
        )
        self.replace_offer(answered)
        self.drop_offer_deadlines(number)
        return answered

    def replace_offer(self, changed_offer: Offer) -> None:
        """Put an offer in the place of the one with its number."""
        number = changed_offer.number
        self.set(
            offers=tuple(
                changed_offer if each.number == number else each for each in self.lead.offers
            )
        )

    def add_deadlines(self, *deadlines: Deadline) -> None:
        """Add deadlines, so that the earliest of all comes first."""
        self.set(deadlines=tuple(sorted((*self.lead.deadlines, *deadlines))))

    def drop_deadlines(self, *kinds: DeadlineKind) -> None:
        """Take away the deadlines of these kinds; without arguments all of them."""
        kept = (each for each in self.lead.deadlines if kinds and each.kind not in kinds)
        self.set(deadlines=tuple(kept))

    def drop_offer_deadlines(self, number: int) -> None:
        """Take away the deadlines of one offer."""
        kept = (each for each in self.lead.deadlines if each.offer != number)
        self.set(deadlines=tuple(kept))
