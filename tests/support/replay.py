"""A lead's state told again from its facts alone, by nothing but what ``domain.events`` says each
fact means.

Written without the product's own steps, so that the two can disagree.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from routing_core.domain.events import CommitRecord
from routing_core.domain.lead import LeadStatus
from routing_core.domain.offer import OfferStatus

S = LeadStatus


@dataclass
class Told:
    """What the facts so far say."""

    status: LeadStatus | None = None
    owner: str | None = None
    offers: dict[int, tuple[str, OfferStatus]] = field(default_factory=dict)
    waiting: list[str] = field(default_factory=list)
    steps: list[LeadStatus] = field(default_factory=list)
    """Where contacted, quoted, won and lost came from: what undo returns to."""

    def hear(self, kind: str, data: dict[str, Any]) -> None:
        if kind in MEANING:
            MEANING[kind](self, data)

    def _answer(self, data: dict[str, Any], status: OfferStatus) -> None:
        partner, before = self.offers[data["offer"]]
        assert partner == data["partner"], (
            f"offer {data['offer']} was {partner}'s, the fact says {data['partner']}"
        )
        if before is OfferStatus.ACCEPTED:
            self.owner = None
        self.offers[data["offer"]] = (partner, status)

    def made(self, data: dict[str, Any]) -> None:
        assert data["offer"] not in self.offers, f"offer {data['offer']} was made twice"
        self.offers[data["offer"]] = (data["partner"], OfferStatus.PENDING)
        self.status = S.OFFERED
        self.waiting = [partner for partner in self.waiting if partner != data["partner"]]

    def accepted(self, data: dict[str, Any]) -> None:
        assert self.owner is None, f"{self.owner} owned the lead when {data['partner']} accepted it"
        self._answer(data, OfferStatus.ACCEPTED)
        self.owner, self.status, self.steps = data["partner"], S.ACCEPTED, []
        self.waiting = [partner for partner in self.waiting if partner != data["partner"]]

    def retracted(self, data: dict[str, Any]) -> None:
        held = (
            n
            for n, (who, how) in self.offers.items()
            if who == self.owner and how is OfferStatus.ACCEPTED
        )
        self._answer({**data, "offer": next(held)}, OfferStatus.WITHDRAWN)

    def step(self, status: LeadStatus) -> None:
        assert self.status is not None
        self.steps.append(self.status)
        self.status = status

    def undone(self, data: dict[str, Any]) -> None:
        assert self.status == data["of"], f"undo of {data['of']} in {self.status}"
        self.status = self.steps.pop()

    def closed(self, data: dict[str, Any]) -> None:
        if data["reason"] in ("unplaced", "returned", "cooled"):
            self.status = S.LOST


def _becomes(status: LeadStatus) -> Callable[[Told, dict[str, Any]], None]:
    def hear(told: Told, _: dict[str, Any]) -> None:
        told.status = status

    return hear


def _answered(status: OfferStatus) -> Callable[[Told, dict[str, Any]], None]:
    return lambda told, data: told._answer(data, status)


def _stepped(status: LeadStatus) -> Callable[[Told, dict[str, Any]], None]:
    return lambda told, _: told.step(status)


def _received(told: Told, data: dict[str, Any]) -> None:
    assert told.status == data["next"], (
        f"received as {data['next']}, but the facts before say {told.status}"
    )


MEANING: dict[str, Callable[[Told, dict[str, Any]], None]] = {
    "lead.received": _received,
    "repeat.found": _becomes(S.ATTACHED),
    "lead.joined": _becomes(S.ATTACHED),
    "lead.quarantined": _becomes(S.QUARANTINED),
    "lead.rejected": _becomes(S.REJECTED),
    "lead.nurtured": _becomes(S.NURTURE),
    "offer.made": Told.made,
    "offer.accepted": Told.accepted,
    "offer.declined": _answered(OfferStatus.DECLINED),
    "offer.expired": _answered(OfferStatus.EXPIRED),
    "offer.withdrawn": _answered(OfferStatus.WITHDRAWN),
    "offer.returned": _answered(OfferStatus.WITHDRAWN),
    "contact.retracted": Told.retracted,
    "lead.claimed": _answered(OfferStatus.EXISTING_CUSTOMER),
    "lead.returned": _answered(OfferStatus.RETURNED),
    "lead.handed_over": _answered(OfferStatus.WITHDRAWN),
    "waiting.joined": lambda told, data: told.waiting.append(data["partner"]),
    "lead.contacted": _stepped(S.CONTACTED),
    "lead.quoted": _stepped(S.QUOTED),
    "lead.won": _stepped(S.WON),
    "lead.lost": _stepped(S.LOST),
    "lead.undone": Told.undone,
    "lead.queued": _becomes(S.HQ_QUEUE),
    "lead.held": _becomes(S.HQ_QUEUE),
    "lead.followed_up": _becomes(S.FOLLOW_UP),
    "lead.retried": _becomes(S.FOLLOW_UP),
    "lead.closed": Told.closed,
    "lead.withdrawn": _becomes(S.WITHDRAWN),
    "lead.erased": _becomes(S.ERASED),
}


def replayed(rows: Iterable[CommitRecord]) -> Told:
    told = Told()
    for row in rows:
        for fact in row.events:
            told.hear(fact.kind, fact.to_data())
    return told
