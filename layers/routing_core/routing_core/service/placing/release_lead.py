"""Lets an enquiry go its way that was held back, is under review, or waits for HQ's decision."""

from dataclasses import dataclass
from datetime import datetime

from routing_core.domain.draft import Draft
from routing_core.domain.enquiry.qualify import outcome_of
from routing_core.domain.errors import Gone
from routing_core.domain.events import LeadReceived
from routing_core.domain.lead import Lead, LeadStatus
from routing_core.domain.lifecycle import holding, queueing
from routing_core.domain.reasons import QueueReason, WithdrawReason
from routing_core.service.kernel.ports import Change
from routing_core.service.kernel.retry import retry_on_conflict
from routing_core.service.kernel.services import Services
from routing_core.service.placing.admit_lead import admit, answer_of, place_of, unlisted_contacts
from routing_core.service.placing.repeats import attach_for_now, named_in, only_checked


def release_lead(services: Services, lead_id: str, by: str | None, now: datetime) -> Lead:
    """Let an enquiry go its way, and return it as it then stands.

    One that was held back goes the way of every enquiry, because HQ says so (``by`` names who) or
    its sender confirmed the address (None); so it is compared with others of the same person, too.
    One that is under review or to be decided goes to partners. Raises NotFound, or Gone for a lead
    in any other state.
    """

    def work(caps_only: bool) -> Lead:
        lead = services.lead(lead_id)
        if not _can_be_released(lead):
            raise Gone(f"a lead that is {lead.status.value} needs no release")
        change = _released(services, _Release(lead, by, now), caps_only)
        services.commit(change, now=now)
        return change.draft.lead

    return retry_on_conflict(work)


@dataclass(frozen=True, slots=True)
class _Release:
    """An enquiry that is let go, by whom, and when."""

    lead: Lead
    by: str | None
    now: datetime

    @property
    def was_held(self) -> bool:
        """Tell whether it was held back at the door: its sender has heard nothing of it yet."""
        return self.lead.status is LeadStatus.QUARANTINED

    def draft(self) -> Draft:
        """Start a draft that tells of the release and of nothing else."""
        draft = Draft(self.lead)
        holding.let_through(draft, self.by)
        return draft


def _can_be_released(lead: Lead) -> bool:
    """Tell whether nobody is asked about the lead until somebody lets it go."""
    under_review = lead.status is LeadStatus.HQ_QUEUE and lead.reason == QueueReason.REVIEW
    return lead.status is LeadStatus.QUARANTINED or under_review or lead.undecided


def _released(services: Services, release: _Release, caps_only: bool) -> Change:
    """Decide where the enquiry goes, and return all that the commit writes."""
    lead = release.lead
    now = release.now
    draft = release.draft()
    if lead.undecided:
        queueing.resume_routing(draft, WithdrawReason.NOT_GRANTED, now)
    outcome: str = "offer"
    if release.was_held:
        outcome = outcome_of(services.programme, lead.score)
    loads = admit(draft, services, outcome, now, caps_only=caps_only)
    contacts = unlisted_contacts(services, draft.lead, now)
    decided = draft.lead
    known = None
    if outcome == "offer" and not lead.undecided:
        known = named_in(contacts.seen, lead, place_of(services, lead), now)
    if known is not None:
        # What was decided is kept on paper: nobody is asked until the two enquiries were compared.
        draft = release.draft()
        attach_for_now(draft, decided, known.lead, now)
        loads = only_checked(loads)
    if release.was_held:
        draft.set(answer=answer_of(decided, outcome), first_promise=decided.promised_by)
        is_confirmed = True if release.by is None else None
        draft.add_event(LeadReceived(next=draft.lead.status, confirmed=is_confirmed))
    return Change(draft, loads=loads, contacts=contacts)
