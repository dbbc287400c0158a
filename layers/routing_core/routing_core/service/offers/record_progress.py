"""After acceptance: attempts, first contact, quote, won, lost, notes. All between first and last
can be undone for two minutes.
"""

from collections.abc import Callable, Mapping
from datetime import datetime

from routing_core.domain.errors import Problem
from routing_core.domain.lead import MOST_ATTEMPTS, OWNED, Draft, LeadStatus
from routing_core.domain.lifecycle import ownership as owning
from routing_core.domain.programme.programme import Programme
from routing_core.domain.values.amounts import read_amount

Progress = Callable[[Draft, Mapping[str, str], Programme, datetime], Problem | None]
"""Changes the draft, or leaves it as it is when the step makes no sense now, or says what is
missing.
"""


def _attempt(draft: Draft, _: Mapping[str, str], __: Programme, now: datetime) -> None:
    if draft.lead.status in OWNED:
        draft.set(attempts=(*draft.lead.attempts, now)[-MOST_ATTEMPTS:])
        draft.tell("contact.attempted", partner=draft.lead.owner, number=len(draft.lead.attempts))


def _contacted(draft: Draft, _: Mapping[str, str], __: Programme, now: datetime) -> None:
    if draft.lead.status is LeadStatus.ACCEPTED:
        owning.contacted(draft, now)


def _quoted(
    draft: Draft, form: Mapping[str, str], programme: Programme, now: datetime
) -> Problem | None:
    if draft.lead.status not in (LeadStatus.ACCEPTED, LeadStatus.CONTACTED):
        return None
    said = form.get("value", "").strip()
    value = read_amount(said) if said else None
    if said and value is None:
        return Problem(
            "value",
            "invalid_number",
            "write the amount as a number, such as 12500, or leave it out",
        )
    owning.quoted(draft, programme, now, amount=str(value) if value is not None else "")
    return None


def _won(
    draft: Draft, form: Mapping[str, str], programme: Programme, now: datetime
) -> Problem | None:
    if draft.lead.status not in OWNED:
        return None
    value = read_amount(form.get("value", ""))
    if value is None:
        return Problem(
            "value", "invalid_number", "write the order value as a number, such as 12500"
        )
    owning.close(draft, LeadStatus.WON, programme, now, value=str(value))
    draft.tell("lead.won", partner=draft.lead.owner, value=str(value), currency=programme.currency)
    return None


def _lost(
    draft: Draft, form: Mapping[str, str], programme: Programme, now: datetime
) -> Problem | None:
    if draft.lead.status not in OWNED:
        return None
    reason = form.get("reason", "")
    if reason not in {r.id for r in programme.lost_reasons}:
        return Problem("reason", "required", "choose why it was lost")
    owning.close(draft, LeadStatus.LOST, programme, now, reason=reason)
    draft.tell("lead.lost", partner=draft.lead.owner, reason=reason)
    return None


def _undo(draft: Draft, _: Mapping[str, str], __: Programme, now: datetime) -> None:
    step = draft.lead.undo
    if step and now < step.until:
        owning.undo(draft, now)


def _note(draft: Draft, form: Mapping[str, str], _: Programme, __: datetime) -> Problem | None:
    if not form.get("text", "").strip():
        return Problem("text", "required", "write the note first")
    draft.tell("lead.noted", by="partner", partner=draft.lead.owner)
    return None


PROGRESS: Mapping[str, Progress] = {
    "attempt": _attempt,
    "contacted": _contacted,
    "quoted": _quoted,
    "won": _won,
    "lost": _lost,
    "undo": _undo,
    "note": _note,
}
