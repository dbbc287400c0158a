"""Records what the owner does after acceptance: attempts, first contact, quote, won, lost, notes.

All between first and last can be undone for two minutes.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from routing_core.domain.draft import Draft
from routing_core.domain.errors import InvalidInput, Problem
from routing_core.domain.events import ContactAttempted, LeadLost, LeadNoted, LeadWon
from routing_core.domain.lead import MOST_ATTEMPTS, OWNED, LeadStatus
from routing_core.domain.lifecycle import ownership
from routing_core.domain.lifecycle.ending import Ending
from routing_core.domain.programme.programme import Programme
from routing_core.domain.values.amounts import read_amount


def _attempt(draft: Draft, _: Mapping[str, str], __: Programme, now: datetime) -> None:
    if draft.lead.status not in OWNED:
        return
    # The lead is to stay small: it keeps the last of them, and the events have them all.
    draft.set(attempts=(*draft.lead.attempts, now)[-MOST_ATTEMPTS:])
    draft.add_event(ContactAttempted(partner=draft.lead.owner, number=len(draft.lead.attempts)))


def _contacted(draft: Draft, _: Mapping[str, str], __: Programme, now: datetime) -> None:
    if draft.lead.status is LeadStatus.ACCEPTED:
        ownership.contacted(draft, now)


def _quoted(draft: Draft, form: Mapping[str, str], programme: Programme, now: datetime) -> None:
    # Of a second press, and of one after the order, nothing is changed: the page shows what is.
    if draft.lead.status not in (LeadStatus.ACCEPTED, LeadStatus.CONTACTED):
        return
    written = form.get("value", "").strip()
    if not written:
        ownership.quoted(draft, programme, now)
        return
    amount = read_amount(written)
    if amount is None:
        message = "write the amount as a number, such as 12500, or leave it out"
        raise InvalidInput([Problem("value", "invalid_number", message)])
    ownership.quoted(draft, programme, now, amount=str(amount))


def _won(draft: Draft, form: Mapping[str, str], programme: Programme, now: datetime) -> None:
    if draft.lead.status not in OWNED:
        return
    amount = read_amount(form.get("value", ""))
    if amount is None:
        message = "write the order value as a number, such as 12500"
        raise InvalidInput([Problem("value", "invalid_number", message)])
    ownership.close(draft, Ending(LeadStatus.WON, value=str(amount)), programme, now)
    draft.add_event(
        LeadWon(partner=draft.lead.owner, value=str(amount), currency=programme.currency)
    )


def _lost(draft: Draft, form: Mapping[str, str], programme: Programme, now: datetime) -> None:
    if draft.lead.status not in OWNED:
        return
    reason = form.get("reason", "")
    if reason not in {each.id for each in programme.lost_reasons}:
        raise InvalidInput([Problem("reason", "required", "choose why it was lost")])
    ownership.close(draft, Ending(LeadStatus.LOST, reason=reason), programme, now)
    draft.add_event(LeadLost(partner=draft.lead.owner, reason=reason))


def _undo(draft: Draft, _: Mapping[str, str], __: Programme, now: datetime) -> None:
    step = draft.lead.undo
    # The page may have been open for longer than the two minutes: then the button does nothing.
    if step and now < step.until:
        ownership.undo(draft, now)


def _note(draft: Draft, form: Mapping[str, str], _: Programme, __: datetime) -> None:
    if not form.get("text", "").strip():
        raise InvalidInput([Problem("text", "required", "write the note first")])
    draft.add_event(LeadNoted(by="partner", partner=draft.lead.owner))


@dataclass(frozen=True, slots=True)
class ProgressStep:
    """One button by which an owner says how far a lead has come."""

    record: Callable[[Draft, Mapping[str, str], Programme, datetime], None]
    """Changes the draft, or leaves it as it is where the step makes no sense now.

    Raises InvalidInput.
    """
    notice: str
    """Names what the page then says, as a code."""


PROGRESS: Mapping[str, ProgressStep] = {
    "attempt": ProgressStep(_attempt, "attempted"),
    "contacted": ProgressStep(_contacted, "contacted"),
    "quoted": ProgressStep(_quoted, "quoted"),
    "won": ProgressStep(_won, "won"),
    "lost": ProgressStep(_lost, "lost"),
    "undo": ProgressStep(_undo, "undone"),
    "note": ProgressStep(_note, "noted"),
}
"""Says what each of the owner's buttons does, by what the page posts as ``action``."""
