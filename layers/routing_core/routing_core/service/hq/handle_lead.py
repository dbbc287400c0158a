"""HQ acts on one lead: assign it by hand, decide a claim, release it from quarantine, reject it,
add a note.
"""

from datetime import datetime
from typing import Any

from routing_core.domain.enquiry.qualify import outcome_of
from routing_core.domain.errors import Gone, InvalidInput, Problem, VersionNeeded
from routing_core.domain.lead import (
    LONGEST_NOTE,
    OWNED,
    REJECTABLE,
    DeadlineKind,
    Draft,
    Lead,
    LeadStatus,
    Note,
)
from routing_core.domain.lifecycle import ending, holding, offering, on_paper, promises
from routing_core.domain.lifecycle import ownership as owning
from routing_core.domain.lifecycle import queueing as resting
from routing_core.domain.offer import Offer, OfferKind
from routing_core.domain.partner import counters
from routing_core.domain.values.clean import paragraphs
from routing_core.routing.decide.eligibility import local_day
from routing_core.service.kernel.ports import Change, LoadChange
from routing_core.service.kernel.services import Services, retry_on_conflict
from routing_core.service.placing.admit_lead import admit, answer_of, claims_left, place_of
from routing_core.service.placing.repeats import attach_for_now, named_in, only_checked

S = LeadStatus
ASSIGNABLE = frozenset(
    {
        S.OFFERED,
        S.ACCEPTED,
        S.CONTACTED,
        S.QUOTED,
        S.HQ_QUEUE,
        S.FOLLOW_UP,
        S.NURTURE,
        S.QUARANTINED,
        S.ATTACHED,
    }
)


def assign_lead(
    services: Services,
    lead_id: str,
    partner_id: str,
    by: str,
    now: datetime,
    *,
    may_take_away: bool = True,
) -> Lead:
    """Offers the lead to the partner HQ chose, cap or no cap; whoever had it before is told.

    ``may_take_away`` is False for whoever does not say what they saw: an owner keeps the lead then.
    Raises NotFound,
    InvalidInput (partner), Gone for a lead that is finished, or VersionNeeded.
    """

    def work(_: bool) -> Lead:
        lead = services.lead(lead_id)
        partner = services.partners.get(partner_id)
        if partner is None:
            raise InvalidInput(
                [Problem("partner", "unknown_option", f"there is no partner {partner_id}")]
            )
        if not partner.confirmed or partner.bounced:
            raise InvalidInput(
                [
                    Problem(
                        "partner",
                        "unconfirmed",
                        "the email address of this partner is not confirmed",
                    )
                ]
            )
        if lead.status not in ASSIGNABLE or lead.finished:
            raise Gone(f"a lead that is {lead.status.value} cannot be assigned")
        live = {offer.partner for offer in lead.live_offers}
        if partner_id == lead.owner or live == {partner_id}:
            return lead
        if lead.claimed and lead.claimed.partner == partner_id:
            return _grant(services, lead, lead.claimed, by, now)
        if lead.owner and lead.status in OWNED and not may_take_away:
            raise VersionNeeded(lead.owner)
        programme = services.programme
        draft = Draft(lead)
        draft.tell("lead.assigned", partner=partner_id, by=by)
        if lead.is_attached:
            draft.tell("attachment.ended", target=lead.attached_to)
            on_paper.forget_paper(draft)
            draft.set(attached_to=None, contacted_at=None)
        if lead.status in OWNED:
            former = owning.take_back(draft, "assigned", programme, now)
            draft.tell(
                "offer.withdrawn", offer=former.number, partner=former.partner, why="assigned"
            )
        for offer in draft.lead.live_offers:
            if offer.partner != partner_id:
                offering.withdraw_offer(draft, offer, "assigned", now)
        offering.end_claim(draft, "assigned", now)
        draft.drop_deadlines(DeadlineKind.FOLLOW_UP_END)
        draft.set(exhausted=False)  # if this partner does not take it either, HQ hears again
        if (
            partner_id in live
        ):  # one of a wave: what they were offered is now theirs alone to answer
            services.commit(Change(draft), now=now)
            return draft.lead
        km = services.rules.network().km(partner, lead.country, lead.postcode)
        offering.open_offer(draft, partner, OfferKind.ASSIGNED, programme, now, km=km)
        if draft.lead.promised_by is None:
            promises.promise(
                draft, promises.promised_by(programme, lead.product, lead.urgency, now), now
            )
        counts = dict.fromkeys(counters(partner.caps, local_day(partner, now), lead.product))
        loads = {partner_id: LoadChange(counts=counts, offered_at=now)}
        if lead.status is S.QUARANTINED:
            draft.set(from_client="", answer="offered", first_promise=draft.lead.promised_by)
            draft.tell("lead.received", next=draft.lead.status.value)
        claims = (
            claims_left(services, lead, now)
            if lead.status in (S.QUARANTINED, S.NURTURE, S.HQ_QUEUE)
            else {}
        )
        services.commit(Change(draft, loads=loads, **claims), now=now)
        return draft.lead

    return retry_on_conflict(work)


def grant_claim(services: Services, lead_id: str, by: str, now: datetime) -> Lead:
    """It is the claimant's customer: they own the lead at once, cap or no cap. Raises NotFound or
    Gone.
    """

    def work(_: bool) -> Lead:
        lead = services.lead(lead_id)
        if lead.claimed is None:
            raise Gone("nobody claims this lead any more")
        return _grant(services, lead, lead.claimed, by, now)

    return retry_on_conflict(work)


def _grant(services: Services, lead: Lead, offer: Offer, by: str, now: datetime) -> Lead:
    draft = Draft(lead)
    draft.tell("claim.granted", offer=offer.number, partner=offer.partner, by=by)
    owning.accept(draft, offer.number, services.partner(offer.partner), services.programme, now)
    services.commit(Change(draft), now=now)
    return draft.lead


def release_lead(services: Services, lead_id: str, by: str | None, now: datetime) -> Lead:
    """Held back: goes the way of every enquiry, because HQ says so (``by`` names who) or its sender
    confirmed the address (None); so it is compared with others of the same person, too. Under
    review or to decide: goes to partners.

    Raises NotFound, or Gone for a lead in any other state.
    """

    def work(caps_only: bool) -> Lead:
        lead = services.lead(lead_id)
        under_review = lead.status is S.HQ_QUEUE and lead.reason == "review"
        if lead.status is not S.QUARANTINED and not under_review and not lead.undecided:
            raise Gone(f"a lead that is {lead.status.value} needs no release")
        programme = services.programme
        draft = Draft(lead)
        holding.let_through(draft, by)
        if lead.undecided:
            resting.go_on(draft, "not_granted", now)
        outcome = outcome_of(programme, lead.score) if lead.status is S.QUARANTINED else "offer"
        loads = admit(draft, services, outcome, now, caps_only=caps_only)
        claims = claims_left(services, draft.lead, now)
        answered: dict[str, Any] = {}
        if lead.status is S.QUARANTINED:
            answered = {
                "answer": answer_of(draft.lead, outcome),
                "first_promise": draft.lead.promised_by,
            }
        known = (
            named_in(claims["claims_seen"], lead, place_of(services, lead), now)
            if outcome == "offer"
            else None
        )
        if known is not None and not lead.undecided:
            decided, draft = draft.lead, Draft(lead)
            holding.let_through(draft, by)
            attach_for_now(draft, decided, known.lead, now)
            loads = only_checked(loads)
        draft.set(**answered)
        if lead.status is S.QUARANTINED:
            draft.tell(
                "lead.received",
                next=draft.lead.status.value,
                confirmed=True if by is None else None,
            )
        services.commit(Change(draft, loads=loads, **claims), now=now)
        return draft.lead

    return retry_on_conflict(work)


def reject_lead(services: Services, lead_id: str, by: str, now: datetime) -> Lead:
    """Spam or nonsense: closed by somebody at HQ, and whatever it cost its partners is given back.
    Partners who are being asked are told that it is gone; who was promised to hear does hear.

    Raises NotFound, or Gone for a lead somebody owns or had.
    """

    def work(_: bool) -> Lead:
        lead = services.lead(lead_id)
        if lead.status not in REJECTABLE and not lead.is_attached:
            raise Gone(f"a lead that is {lead.status.value} cannot be rejected")
        draft = Draft(lead)
        for offer in lead.live_offers:
            offering.withdraw_offer(draft, offer, "closed", now)
        offering.end_claim(draft, "closed", now)
        # why it stood in the queue was no reason to reject it; what looked like spam was one
        reason = lead.reason if lead.status is S.QUARANTINED else ""
        ending.finish(draft, S.REJECTED, services.programme, now, reason=reason or "rejected")
        draft.tell("lead.rejected", by=by)
        if lead.promised_by:
            draft.tell("lead.closed", reason="rejected")
        services.commit(Change(draft), now=now)
        return draft.lead

    return retry_on_conflict(work)


def add_note(services: Services, lead_id: str, text: str, by: str, now: datetime) -> Lead:
    """Keeps what somebody at HQ writes down.

    Raises NotFound, InvalidInput (text), or Gone for a lead that was erased.
    """
    words = paragraphs(text)[:LONGEST_NOTE]
    if not words:
        raise InvalidInput([Problem("text", "required", "write the note first")])

    def work(_: bool) -> Lead:
        lead = services.lead(lead_id)
        if lead.status is S.ERASED:
            raise Gone("a lead that was erased takes no notes")
        draft = Draft(lead)
        draft.tell("lead.noted", by=by, partner=lead.owner)
        services.commit(Change(draft, note=Note(now, "hq", words)), now=now)
        return draft.lead

    return retry_on_conflict(work)
