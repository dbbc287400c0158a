"""HQ acts on one lead by hand: assigns it, decides a claim, rejects it, adds a note."""

from dataclasses import dataclass
from datetime import datetime

from routing_core.domain.draft import Draft
from routing_core.domain.errors import Gone, InvalidInput, Problem, VersionNeeded
from routing_core.domain.events import (
    AttachmentEnded,
    ClaimGranted,
    LeadAssigned,
    LeadClosed,
    LeadNoted,
    LeadReceived,
    LeadRejected,
    OfferWithdrawn,
)
from routing_core.domain.lead import (
    OWNED,
    REJECTABLE,
    DeadlineKind,
    Lead,
    LeadStatus,
    Note,
)
from routing_core.domain.lifecycle import ending, offering, on_paper, ownership
from routing_core.domain.offer import Offer
from routing_core.domain.partner import Partner
from routing_core.domain.reasons import WithdrawReason
from routing_core.domain.written_note import written_note
from routing_core.service.kernel.ports import Change, ContactUpdate
from routing_core.service.kernel.retry import retry_on_conflict
from routing_core.service.kernel.services import Services
from routing_core.service.placing.admit_lead import unlisted_contacts
from routing_core.service.placing.offer_by_hq import offer_by_hq, partner_to_assign

ASSIGNABLE = frozenset(
    {
        LeadStatus.OFFERED,
        LeadStatus.ACCEPTED,
        LeadStatus.CONTACTED,
        LeadStatus.QUOTED,
        LeadStatus.HQ_QUEUE,
        LeadStatus.FOLLOW_UP,
        LeadStatus.NURTURE,
        LeadStatus.QUARANTINED,
        LeadStatus.ATTACHED,
    }
)
"""Names the states in which HQ may give a lead to a partner of its choice."""
NOT_LISTED_YET = frozenset({LeadStatus.QUARANTINED, LeadStatus.NURTURE, LeadStatus.HQ_QUEUE})
"""States of a lead that its contact's rows may not list.

No partner was asked about it so far.
"""


@dataclass(frozen=True, slots=True)
class Assignment:
    """HQ's decision that a lead goes to one partner, and who decided."""

    partner: str
    by: str
    may_take_away: bool = True
    """False for whoever does not say what they saw: an owner keeps the lead then."""


def assign_lead(services: Services, lead_id: str, assignment: Assignment, now: datetime) -> Lead:
    """Offer (or reassign) the lead to the partner HQ chose, cap or no cap.

    Whoever had it before is told. Raises NotFound, InvalidInput (partner), Gone for a lead that is
    finished, or VersionNeeded.
    """

    def work(_: bool) -> Lead:
        lead = services.lead(lead_id)
        partner = partner_to_assign(services, assignment.partner)
        if lead.status not in ASSIGNABLE or lead.finished:
            raise Gone(f"a lead that is {lead.status.value} cannot be assigned")
        if _has_it_already(lead, partner):
            return lead
        if lead.claimed and lead.claimed.partner == partner.id:
            return _grant(services, lead, lead.claimed, assignment.by, now)
        if lead.owner and lead.status in OWNED and not assignment.may_take_away:
            raise VersionNeeded(lead.owner)
        change = _assigned(services, lead, partner, assignment.by, now)
        services.commit(change, now=now)
        return change.draft.lead

    return retry_on_conflict(work)


def _has_it_already(lead: Lead, partner: Partner) -> bool:
    """Tell whether the partner owns the lead, or is the only one who is asked about it."""
    asked = {offer.partner for offer in lead.live_offers}
    return partner.id == lead.owner or asked == {partner.id}


def _assigned(services: Services, lead: Lead, partner: Partner, by: str, now: datetime) -> Change:
    """Take the lead from whoever has it, and return all that gives it to the partner."""
    draft = Draft(lead)
    draft.add_event(LeadAssigned(partner=partner.id, by=by))
    _take_from_others(services, draft, partner, now)
    draft.set(exhausted=False)  # if this partner does not take it either, HQ hears again
    if (
        draft.lead.live_offers
    ):  # one of a wave: what they were offered is now theirs alone to answer
        return Change(draft)
    loads = offer_by_hq(draft, services, partner, now)
    if lead.status is LeadStatus.QUARANTINED:
        # Its sender was told to confirm the address: now they are answered as if it had come in at
        # once.
        draft.set(from_client="", answer="offered", first_promise=draft.lead.promised_by)
        draft.add_event(LeadReceived(next=draft.lead.status))
    contacts = ContactUpdate()
    if lead.status in NOT_LISTED_YET:
        contacts = unlisted_contacts(services, lead, now)
    return Change(draft, loads=loads, contacts=contacts)


def _take_from_others(services: Services, draft: Draft, partner: Partner, now: datetime) -> None:
    """End what keeps the lead from the partner: an attachment, an owner, offers, a claim."""
    lead = draft.lead
    if lead.is_attached:
        draft.add_event(AttachmentEnded(first=lead.attached_to))
        on_paper.forget_paper(draft)
        draft.set(attached_to=None, contacted_at=None)
    if lead.status in OWNED:
        former = ownership.take_back(draft, WithdrawReason.ASSIGNED, services.programme, now)
        draft.add_event(
            OfferWithdrawn(offer=former.number, partner=former.partner, why=WithdrawReason.ASSIGNED)
        )
    for offer in draft.lead.live_offers:
        if offer.partner != partner.id:
            offering.withdraw_offer(draft, offer, WithdrawReason.ASSIGNED, now)
    offering.end_claim(draft, WithdrawReason.ASSIGNED, now)
    draft.drop_deadlines(DeadlineKind.FOLLOW_UP_END)


def grant_claim(services: Services, lead_id: str, by: str, now: datetime) -> Lead:
    """Decide that it is the claimant's customer: they own the lead at once, cap or no cap.

    Raises NotFound, Gone where nobody claims the lead any more, or InvalidInput (partner) where the
    claimant works for us no longer.
    """

    def work(_: bool) -> Lead:
        lead = services.lead(lead_id)
        if lead.claimed is None:
            raise Gone("nobody claims this lead any more")
        return _grant(services, lead, lead.claimed, by, now)

    return retry_on_conflict(work)


def _grant(services: Services, lead: Lead, offer: Offer, by: str, now: datetime) -> Lead:
    """Commit that the claimant owns the lead, and return it."""
    saved = services.partners.get(offer.partner)
    if saved and saved.deactivated:
        message = "this partner is deactivated: refuse the claim, or reactivate the partner first"
        raise InvalidInput([Problem("partner", "deactivated", message)])
    draft = Draft(lead)
    draft.add_event(ClaimGranted(offer=offer.number, partner=offer.partner, by=by))
    ownership.accept(draft, offer.number, services.partner(offer.partner), services.programme, now)
    services.commit(Change(draft), now=now)
    return draft.lead


def reject_lead(services: Services, lead_id: str, by: str, now: datetime) -> Lead:
    """Close an enquiry as spam or nonsense, and give back whatever it cost its partners.

    Partners who are being asked are told that it is gone; who was promised to hear does hear.
    Raises NotFound, or Gone for a lead somebody owns or had.
    """

    def work(_: bool) -> Lead:
        lead = services.lead(lead_id)
        if lead.status not in REJECTABLE and not lead.is_attached:
            raise Gone(f"a lead that is {lead.status.value} cannot be rejected")
        draft = Draft(lead)
        for offer in lead.live_offers:
            offering.withdraw_offer(draft, offer, WithdrawReason.CLOSED, now)
        offering.end_claim(draft, WithdrawReason.CLOSED, now)
        # Why it stood in the queue was no reason to reject it; what looked like spam was one.
        reason = lead.reason if lead.status is LeadStatus.QUARANTINED else ""
        how = ending.Ending(LeadStatus.REJECTED, reason=reason or "rejected")
        ending.finish(draft, how, services.programme, now)
        draft.add_event(LeadRejected(by=by))
        if lead.promised_by:
            draft.add_event(LeadClosed(reason="rejected"))
        services.commit(Change(draft), now=now)
        return draft.lead

    return retry_on_conflict(work)


def add_note(services: Services, lead_id: str, text: str, by: str, now: datetime) -> Lead:
    """Keep with the lead what somebody at HQ writes down, and return the lead.

    Raises NotFound, InvalidInput (text), or Gone for a lead that was erased.
    """
    words = written_note(text)
    if not words:
        raise InvalidInput([Problem("text", "required", "write the note first")])

    def work(_: bool) -> Lead:
        lead = services.lead(lead_id)
        if lead.status is LeadStatus.ERASED:
            raise Gone("a lead that was erased takes no notes")
        draft = Draft(lead)
        draft.add_event(LeadNoted(by=by, partner=lead.owner))
        services.commit(Change(draft, note=Note(now, f"hq:{by}", words)), now=now)
        return draft.lead

    return retry_on_conflict(work)
