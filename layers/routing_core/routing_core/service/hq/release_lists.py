"""Lets the leads of imported lists have their turn: a few at a time, by day, and as there is room.

Each becomes a lead like any other at its turn, so that its windows and promises count from then. A
row waits while whoever would be asked is closed, was asked a moment ago, or has no room; who has
waited long enough goes all the same, and is HQ's like any enquiry that nobody can take.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from routing_core.domain.calendar.business_time import is_open, next_opening
from routing_core.domain.enquiry.contact_keys import same_address
from routing_core.domain.enquiry.enquiry import Submission
from routing_core.domain.enquiry.qualify import qualify
from routing_core.domain.errors import DifferentBody, Erased, InvalidInput, NotFound
from routing_core.domain.lead import Lead
from routing_core.domain.lead_list import (
    LeadList,
    ListMode,
    ListState,
    RowOutcome,
    WaitingRow,
)
from routing_core.domain.partner import Partner
from routing_core.domain.past_lead import PastLead
from routing_core.domain.programme.programme import Programme
from routing_core.routing.decide.situation import LoadsByPartner
from routing_core.service.hq.enter_lead import read_lead_entry
from routing_core.service.hq.past_leads import read_past_lead
from routing_core.service.hq.read_lead_list import entry_of_row, list_lead_id
from routing_core.service.intake.submit_lead import Posted, new_lead, submit_lead
from routing_core.service.kernel.lead_lists import LeadLists, WaitingPart
from routing_core.service.kernel.services import Services
from routing_core.service.kernel.time_budget import HasTime, no_hurry
from routing_core.service.placing.place_lead import preview_placing

LIST_PACE = timedelta(minutes=20)
"""A partner who was offered anything so recently is not offered a listed lead."""
LIST_PATIENCE = timedelta(days=7)
"""A row that has waited so long goes, whoever has room for it."""


@dataclass(frozen=True, slots=True)
class ListShare:
    """How much one run does at most."""

    looked_at: int
    """Rows that it looks at."""
    released: int
    """Leads that it makes."""
    past: int
    """Leads of the past that it stores."""


OF_A_SWEEP = ListShare(looked_at=150, released=50, past=1_000)
"""A sweep must be over before the next one begins."""
OF_A_REQUEST = ListShare(looked_at=30, released=10, past=200)
"""Whoever decides on a list waits for so much of it."""

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class _Run:
    """What one run has done so far."""

    services: Services
    lists: LeadLists
    now: datetime
    share: ListShare
    looked_at: int = 0
    released: int = 0
    asked: set[str] = field(default_factory=set)
    """The partners who were offered a listed lead in this run."""
    has_time: HasTime = no_hurry

    @property
    def is_over(self) -> bool:
        """Tell whether the run has done its share, or time runs out."""
        if not self.has_time():
            return True
        return self.looked_at >= self.share.looked_at or self.released >= self.share.released


def release_lists(
    services: Services, lists: LeadLists, now: datetime, has_time: HasTime = no_hurry
) -> int:
    """Let waiting rows of all lists have their turn; give how many are settled now.

    A list that fails is logged, and never stops the others.
    """
    settled = 0
    run = _Run(services, lists, now, OF_A_SWEEP, has_time=has_time)
    for imported in lists.running():
        try:
            settled += _release(run, imported)
        except Exception:
            logger.exception("a list could not be gone on with", extra={"list": imported.id})
    return settled


def release_list(services: Services, lists: LeadLists, list_id: str, now: datetime) -> None:
    """Let waiting rows of one list have their turn, as soon as it was decided."""
    imported = lists.get(list_id)
    if imported is not None and imported.state is ListState.RUNNING:
        _release(_Run(services, lists, now, OF_A_REQUEST), imported)


def goes_on_at(programme: Programme, imported: LeadList, now: datetime) -> datetime | None:
    """Give when HQ opens next, if a running list waits for that; None if it does not wait."""
    if imported.state is not ListState.RUNNING or imported.settings.mode is ListMode.PAST:
        return None
    opens_at = next_opening(now, programme.hq_calendar)
    return None if opens_at == now else opens_at


def _release(run: _Run, imported: LeadList) -> int:
    """Go through the parts of a list, beginning where the last run ended."""
    if imported.state is not ListState.RUNNING:
        # Whoever finished it was cut off before all was cleared away.
        run.lists.clear(imported.id)
        return 0
    is_past = imported.settings.mode is ListMode.PAST
    if not is_past and not is_open(run.now, run.services.programme.hq_calendar):
        return 0
    settled = 0
    number = imported.next_chunk
    for _ in range(imported.chunks):
        if run.is_over or settled >= run.share.past:
            break
        part = run.lists.part(imported.id, number)
        if part is not None:
            settle = _settle_past if is_past else _settle_routed
            settled += settle(run, imported, part)
        number = (number + 1) % imported.chunks
    _note(run, imported.id, number)
    return settled


def _note(run: _Run, list_id: str, next_chunk: int) -> None:
    """Note where the next run begins, and whether anything is left."""
    imported = run.lists.get(list_id)
    if imported is None or imported.state is not ListState.RUNNING:
        return
    noted = replace(imported, version=imported.version + 1, next_chunk=next_chunk)
    if imported.waiting:
        run.lists.save(noted, run.now)
    else:
        done = replace(noted, state=ListState.DONE, finished_at=run.now)
        run.lists.finish(done, run.now)


def _counts(outcomes: Sequence[RowOutcome]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for outcome in outcomes:
        counts[outcome.value] = counts.get(outcome.value, 0) + 1
    return counts


# ── leads that are routed ─────────────────────────────────────────────────────────────────────────


def _settle_routed(run: _Run, imported: LeadList, part: WaitingPart) -> int:
    left: list[WaitingRow] = []
    outcomes: list[RowOutcome] = []
    there = run.lists.existing([list_lead_id(listed.key) for listed in part.leads])
    for listed in part.leads:
        outcome = None
        if not run.is_over:
            run.looked_at += 1
            # A lead that is there already does not wait: a run was cut off before it counted it.
            goes = list_lead_id(listed.key) in there
            outcome = _turn(run, imported, listed, is_due=goes)
        if outcome is None:
            left.append(listed)
        else:
            outcomes.append(outcome)
    return _settled(run, imported, part, left, outcomes)


def _settled(
    run: _Run,
    imported: LeadList,
    part: WaitingPart,
    left: Sequence[WaitingRow],
    outcomes: Sequence[RowOutcome],
) -> int:
    """Commit what became of a part; nothing where another run was faster, which did the same."""
    if not outcomes:
        return 0
    is_ours = run.lists.settle(imported, part, left, _counts(outcomes))
    return len(outcomes) if is_ours else 0


def _turn(run: _Run, imported: LeadList, listed: WaitingRow, *, is_due: bool) -> RowOutcome | None:
    """Make a lead of a row, if its turn has come; None while it waits."""
    services = run.services
    try:
        posted, submission = read_lead_entry(services, entry_of_row(imported, listed), run.now)
        if not is_due and not _may_go(run, imported, posted, submission):
            return None
        if _is_called_off(run, imported):
            return None
        received = submit_lead(services, posted, run.now)
    except (DifferentBody, Erased):
        return RowOutcome.KNOWN
    except (InvalidInput, NotFound):
        # It was right when the list was checked: the rules have changed since.
        return RowOutcome.FAILED
    run.released += 1
    lead = services.leads.get(received.lead)
    if lead is None:
        return RowOutcome.ROUTED
    run.asked |= {offer.partner for offer in lead.live_offers}
    return RowOutcome.ATTACHED if _is_repeat(services, lead) else RowOutcome.ROUTED


def _is_called_off(run: _Run, imported: LeadList) -> bool:
    """Tell whether somebody has cancelled the list while this run goes through it."""
    known = run.lists.get(imported.id)
    return known is None or known.state is not ListState.RUNNING


def _is_repeat(services: Services, lead: Lead) -> bool:
    """Tell whether a lead is a repeat of an open one with the same address.

    What shares no more than a number is compared with it first, and goes its own way in a moment.
    """
    first = services.leads.get(lead.attached_to) if lead.attached_to else None
    return first is not None and same_address(lead.contact, first.contact)


def _may_go(run: _Run, imported: LeadList, posted: Posted, submission: Submission) -> bool:
    """Tell whether the turn of a row has come."""
    qualified = qualify(run.services.programme, submission)
    if qualified.outcome != "offer":
        return True
    lead: Lead = new_lead(posted.lead_id, posted.form, submission, qualified, run.now)
    preview = preview_placing(lead, run.services, run.now)
    if preview.waits:
        return False
    if preview.partners:
        return all(_may_be_asked(run, partner, preview.loads) for partner in preview.partners)
    waited = run.now - (imported.decided_at or run.now)
    return not preview.somebody_full or waited >= LIST_PATIENCE


def _may_be_asked(run: _Run, partner: Partner, loads: LoadsByPartner) -> bool:
    """Tell whether a partner is open, and was not asked about anything a moment ago."""
    if partner.id in run.asked:
        return False
    if not is_open(run.now, partner.calendar(run.services.programme.hq_calendar)):
        return False
    load = loads.get(partner.id)
    last_offered = load.last_offered if load else None
    return last_offered is None or run.now - last_offered >= LIST_PACE


# ── leads of the past ─────────────────────────────────────────────────────────────────────────────


def _settle_past(run: _Run, imported: LeadList, part: WaitingPart) -> int:
    """Store a part as it is: what no longer fits the rules is left out, and counted."""
    past: list[PastLead] = []
    outcomes: list[RowOutcome] = []
    for listed in part.leads:
        try:
            past.append(read_past_lead(run.services, imported, listed, run.now))
        except (InvalidInput, NotFound):
            outcomes.append(RowOutcome.FAILED)
    if _is_called_off(run, imported):
        return 0
    run.lists.keep_past(past)
    outcomes += [RowOutcome.KEPT] * len(past)
    return _settled(run, imported, part, (), outcomes)
