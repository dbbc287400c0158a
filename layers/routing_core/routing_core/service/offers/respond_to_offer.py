"""Takes a partner's answer: accept, decline, claim, release, wait, give back, hand over; or a look.

Each answer is judged against the lead's state as read, and committed on exactly that version
(optimistic concurrency): of an accept at the last second and an expiry, one wins and the other sees
it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from routing_core.domain.draft import Draft
from routing_core.domain.errors import CapacityConflict, InvalidInput, Problem
from routing_core.domain.events import OfferReturned, OfferSeen, WaitingListJoined
from routing_core.domain.lead import Lead, LeadStatus, Note
from routing_core.domain.lifecycle import offering, ownership, queueing, serving
from routing_core.domain.offer import RELEASED, Offer, OfferStatus
from routing_core.domain.partner import Load, Partner, counters
from routing_core.domain.programme.programme import Programme
from routing_core.domain.questions import last_question
from routing_core.domain.reasons import WithdrawReason
from routing_core.domain.returns import missing
from routing_core.domain.written_note import written_note
from routing_core.routing.decide.eligibility import local_day
from routing_core.service.kernel.ports import Change, LoadChange
from routing_core.service.kernel.retry import retry_on_conflict
from routing_core.service.kernel.services import Services
from routing_core.service.kernel.views import OfferState, OfferView
from routing_core.service.offers.answer_question import answer_to_hq
from routing_core.service.offers.hand_over import to_colleague, to_hq, to_partner, with_choice
from routing_core.service.offers.offer_link import OpenedOffer, open_offer_link
from routing_core.service.offers.offer_page import offer_view
from routing_core.service.offers.offer_rights import (
    BY_MISTAKE,
    claim_reasons,
    early_return_until,
    is_free,
    may_wait,
    offer_state,
    release_ground,
    return_reasons,
    returns_key,
)
from routing_core.service.offers.record_progress import PROGRESS
from routing_core.service.placing.place_lead import offer_next


@dataclass(frozen=True, slots=True)
class Answered:
    """What came of a partner's answer."""

    opened: OpenedOffer
    """The offer as it stands afterwards."""
    notice: str
    """Says what happened, as a code that the page words; empty for nothing."""


@dataclass(frozen=True, slots=True)
class PartnerAnswer:
    """A partner's answer, and all that acting on it takes."""

    services: Services
    opened: OpenedOffer
    form: Mapping[str, str]
    now: datetime
    caps_only: bool

    @property
    def lead(self) -> Lead:
        """Gives the lead that is answered for."""
        return self.opened.lead

    @property
    def offer(self) -> Offer:
        """Gives the offer that is answered."""
        return self.opened.offer

    @property
    def partner(self) -> Partner:
        """Gives the partner who answers."""
        return self.opened.partner

    @property
    def programme(self) -> Programme:
        """Gives the rules in force."""
        return self.services.programme

    @property
    def state(self) -> OfferState:
        """Tells how the offer stands at this moment."""
        return offer_state(self.lead, self.offer, self.now)

    @property
    def note(self) -> Note | None:
        """Gives what the partner wrote beside the answer, if anything; raises InvalidInput."""
        text = written_note(self.form.get("text", ""))
        return Note(self.now, "partner", text) if text else None

    def offer_next(self, draft: Draft) -> dict[str, LoadChange]:
        """Ask the next partner or wave, and return what the commit does to the loads."""
        return offer_next(draft, self.services, self.now, caps_only=self.caps_only)

    def unchanged(self, notice: str) -> Answered:
        """Give an outcome for which nothing is written."""
        return Answered(self.opened, notice)

    def committed(self, notice: str, change: Change, *others: Change) -> Answered:
        """Commit what the answer changes, and give the offer as it then stands."""
        self.services.commit(change, *others, now=self.now)
        lead = change.draft.lead
        offer = lead.offer(self.offer.number)
        assert offer is not None  # noqa: S101 - offers are never removed
        context = self.opened.context
        if change.note:
            context = replace(context, notes=(*context.notes, change.note))
        leads = {other.draft.lead.id: other.draft.lead for other in others}
        attached = tuple(
            replace(each, lead=leads.get(each.lead.id, each.lead)) for each in self.opened.attached
        )
        opened = replace(self.opened, lead=lead, offer=offer, context=context, attached=attached)
        return Answered(opened, notice)


def respond_to_offer(
    services: Services, token_text: str, form: Mapping[str, str], now: datetime
) -> OfferView:
    """Do ``form["action"]`` if the state allows it, and return the page as it now stands.

    Doing it twice, too late or from a forwarded mail shows what is, and changes nothing.
    """

    def work(caps_only: bool) -> OfferView:
        opened = open_offer_link(services, token_text)
        answer = ANSWERS.get(form.get("action", ""))
        if answer is None:
            return offer_view(services, opened, now)
        try:
            answered = answer(PartnerAnswer(services, opened, form, now, caps_only))
        except InvalidInput as refused:
            view = with_choice if form["action"] in HAND_OVER else offer_view
            return replace(
                view(services, opened, now), problems=refused.problems, values=dict(form)
            )
        return replace(offer_view(services, answered.opened, now), notice=answered.notice)

    return retry_on_conflict(work)


def note_seen(services: Services, token_text: str, now: datetime) -> None:
    """Note that a person touched or scrolled the page; it decides nothing, and is written once."""

    def work(_: bool) -> None:
        opened = open_offer_link(services, token_text)
        if opened.offer.seen_at is not None or opened.offer.status is not OfferStatus.PENDING:
            return
        seen = replace(opened.offer, seen_at=now)
        offers = [seen if each.number == seen.number else each for each in opened.lead.offers]
        draft = Draft(opened.lead)
        draft.set(offers=tuple(offers))
        draft.add_event(OfferSeen(offer=seen.number, partner=seen.partner))
        services.commit(Change(draft), now=now)

    retry_on_conflict(work)


def _accept(answering: PartnerAnswer) -> Answered:
    """Let the partner own the lead.

    In a crowd the partner's lapses in a row are forgotten only with their next answer, rather than
    that this one is turned away.
    """
    if answering.state in (OfferState.MINE, OfferState.DONE):
        return answering.unchanged("already_accepted")
    if answering.state not in (OfferState.OPEN, OfferState.SHARED):
        return answering.unchanged("too_late")
    offer = answering.offer
    draft = Draft(answering.lead)
    if offer.status is OfferStatus.PENDING and answering.state is OfferState.SHARED:
        # The window has ended and its timer has not come yet: what it would have done is done here.
        offering.lapse(draft, offer.number, answering.now)
    ownership.accept(draft, offer.number, answering.partner, answering.programme, answering.now)
    try:
        return answering.committed("accepted", Change(draft, loads=_loads_of_accepting(answering)))
    except CapacityConflict:
        return answering.unchanged("full")


def _loads_of_accepting(answering: PartnerAnswer) -> dict[str, LoadChange]:
    """Give what accepting does to the partner's load beyond the place that the offer holds."""
    offer = answering.offer
    holds_a_place = offer.status is OfferStatus.PENDING and offer.reserves_slot
    if not holds_a_place:
        return {answering.partner.id: _taking_a_place_late(answering)}
    if answering.opened.load.lapses and not answering.caps_only:
        return {answering.partner.id: _lapses_forgotten(answering.opened.load)}
    return {}


def _lapses_forgotten(load: Load) -> LoadChange:
    """Give the change after which no lapse before this answer counts any more."""
    return LoadChange(answered=True, forget_lapses=tuple(lapse.lead for lapse in load.lapsed))


def _taking_a_place_late(answering: PartnerAnswer) -> LoadChange:
    """Give the change for an offer that holds no place (any more): there must be one.

    An offer that was made in a crowd, without a place, counts as one that is made now.
    """
    load = answering.opened.load
    product = answering.lead.product
    today = local_day(answering.partner, answering.now)
    taking = replace(
        _lapses_forgotten(load),
        open_cap=load.open_cap(today),
        product_cap=load.caps.products.get(product),
    )
    if answering.offer.reserves_slot:
        return taking
    counts = dict.fromkeys(counters(load.caps, today, product))
    return replace(taking, counts=counts, offered_at=answering.now)


def _decline(answering: PartnerAnswer) -> Answered:
    """Let the partner turn the offer down, or say that it is their customer: then HQ decides."""
    if answering.state is OfferState.DECLINED:
        return answering.unchanged("already_declined")
    if answering.state is OfferState.EXISTING_CUSTOMER:
        return answering.unchanged("claimed")
    if answering.state is not OfferState.OPEN:
        return answering.unchanged("too_late")
    reason = answering.form.get("reason", "")
    programme = answering.programme
    if reason not in {each.id for each in programme.decline_reasons}:
        raise InvalidInput(
            [Problem("reason", "required", "say why, so that the next enquiry fits better")]
        )
    if reason in claim_reasons(answering.lead, answering.offer, programme):
        draft = Draft(answering.lead)
        queueing.claim(draft, answering.offer.number, reason, programme, answering.now)
        loads = {answering.partner.id: _lapses_forgotten(answering.opened.load)}
        return answering.committed("claimed", Change(draft, loads=loads, note=answering.note))
    return answering.committed(
        "declined", replace(_declined(answering, reason), note=answering.note)
    )


def _release(answering: PartnerAnswer) -> Answered:
    """Let a partner on holiday, or a paused one, decline without its counting against them."""
    if answering.state is OfferState.DECLINED:
        return answering.unchanged("already_declined")
    is_open = answering.state is OfferState.OPEN
    if not is_open or not release_ground(answering.services, answering.opened, answering.now):
        return answering.unchanged("too_late")
    return answering.committed("released", _declined(answering, RELEASED))


def _declined(answering: PartnerAnswer, reason: str) -> Change:
    """Give the change of a decline: the next partner or wave is asked in the same commit."""
    draft = Draft(answering.lead)
    offering.decline(draft, answering.offer.number, reason, answering.now)
    loads = {answering.partner.id: _lapses_forgotten(answering.opened.load)}
    if not draft.lead.live_offers:  # others of this wave may still answer
        loads |= answering.offer_next(draft)
    return Change(draft, loads=loads)


def _wait(answering: PartnerAnswer) -> Answered:
    """Put the partner on the lead's waiting list: first come, first served.

    They are asked when it comes free, or at once if it is.
    """
    lead = answering.lead
    if not may_wait(lead, answering.offer, answering.now):
        return answering.unchanged("too_late")
    if answering.partner.id in lead.waiting:
        return answering.unchanged("waiting")
    draft = Draft(lead)
    draft.set(waiting=(*lead.waiting, answering.partner.id))
    draft.add_event(WaitingListJoined(partner=answering.partner.id))
    loads = answering.offer_next(draft) if is_free(lead) else {}
    return answering.committed("waiting", Change(draft, loads=loads))


def _return(answering: PartnerAnswer) -> Answered:
    """Take the lead back that was accepted by mistake.

    The next partner is asked in the same commit.
    """
    programme = answering.programme
    until = early_return_until(answering.lead, answering.opened.load, programme, answering.now)
    if answering.state is not OfferState.MINE or until is None:
        return answering.unchanged("too_late")
    draft = Draft(answering.lead)
    mistaken = ownership.take_back(draft, WithdrawReason.RETURNED, programme, answering.now)
    draft.add_event(OfferReturned(offer=mistaken.number, partner=mistaken.partner))
    counted = LoadChange(counts={returns_key(answering.now): programme.early_return.per_month})
    loads = {mistaken.partner: counted} | answering.offer_next(draft)
    return answering.committed("returned", Change(draft, loads=loads, note=answering.note))


def _give_back(answering: PartnerAnswer) -> Answered:
    """Let the owner give the lead back for a reason.

    The next partner is asked in the same commit if it says so.
    """
    wanted = answering.form.get("reason", "")
    if wanted == BY_MISTAKE:
        return _return(answering)
    programme = answering.programme
    lead = answering.lead
    partner = answering.partner
    reasons = {each.id: each for each in return_reasons(lead, partner, programme, answering.now)}
    if answering.state is not OfferState.MINE or not reasons:
        return answering.unchanged("too_late")
    reason = reasons.get(wanted)
    if reason is None:
        raise InvalidInput([Problem("reason", "required", "choose why you give it back")])
    if reason.needs and missing(reason.needs, lead.attempts, partner.time_zone):
        raise InvalidInput(
            [Problem("reason", "not_tried", "not enough attempts are noted for this reason")]
        )
    draft = Draft(lead)
    ownership.give_back(draft, reason, programme, answering.now)
    loads = answering.offer_next(draft) if reason.then == "route" else {}
    return answering.committed("given_back", Change(draft, loads=loads, note=answering.note))


def _hand_to_colleague(answering: PartnerAnswer) -> Answered:
    if answering.state is not OfferState.MINE:
        return answering.unchanged("too_late")
    draft = to_colleague(answering.services, answering.opened, answering.form)
    if draft is None:
        return answering.unchanged("delegated")
    return answering.committed("delegated", Change(draft))


def _hand_to_partner(answering: PartnerAnswer) -> Answered:
    if answering.state is not OfferState.MINE:
        return answering.unchanged("too_late")
    chosen = answering.form.get("partner", "")
    change = to_partner(
        answering.services, answering.opened, chosen, answering.now, answering.caps_only
    )
    return answering.committed("handed_over", replace(change, note=answering.note))


def _hand_to_hq(answering: PartnerAnswer) -> Answered:
    if answering.state is not OfferState.MINE:
        return answering.unchanged("too_late")
    if not answering.form.get("text", "").strip():
        raise InvalidInput(
            [Problem("text", "required", "say who should have it, or why you cannot keep it")]
        )
    draft = to_hq(answering.services, answering.opened, answering.now)
    return answering.committed("handed_to_hq", Change(draft, note=answering.note))


def _reply(answering: PartnerAnswer) -> Answered:
    """Answer what HQ asked, as long as the lead is the partner's."""
    if answering.state not in (OfferState.MINE, OfferState.DONE):
        return answering.unchanged("too_late")
    notes = answering.opened.context.notes
    partner = answering.partner.id
    change = answer_to_hq(answering.lead, notes, partner, answering.form, answering.now)
    if change:
        return answering.committed("replied", change)
    return answering.unchanged("replied" if last_question(notes, partner) else "")


def _progress(answering: PartnerAnswer) -> Answered:
    """Record what the owner did after acceptance, of attached enquiries too where they say so."""
    if answering.state not in (OfferState.MINE, OfferState.DONE):
        return answering.unchanged("too_late")
    step = PROGRESS[answering.form["action"]]
    draft = Draft(answering.lead)
    step.record(draft, answering.form, answering.programme, answering.now)
    if not draft.events:
        return answering.unchanged("")
    others = _said_of_attached(answering, draft)
    return answering.committed(step.notice, Change(draft, note=answering.note), *others)


def _said_of_attached(answering: PartnerAnswer, first: Draft) -> list[Change]:
    """Give the changes of attached enquiries of which the owner says the same, or takes it back.

    Of whom nothing is said when the first ends, that one is let go: it is routed in its own right.
    """
    programme = answering.programme
    now = answering.now
    is_undo = answering.form["action"] == "undo"
    may_be_served = _may_be_served(first, programme)
    changes: list[Change] = []
    for each in answering.opened.attached:
        draft = Draft(each.lead)
        is_meant = answering.form.get(each.field) == "yes"
        if is_undo:
            if serving.was_served_with(each.lead, answering.lead):
                serving.unserve(draft, programme, now)
        elif each.lead.is_attached and is_meant and may_be_served:
            serving.serve_with_first(draft, first, programme, now)
        if draft.events:
            changes.append(Change(draft))
    return changes


def _may_be_served(first: Draft, programme: Programme) -> bool:
    """Tell whether a step of the first enquiry says anything of others.

    Nothing is said of a second one by a first whose customer was never reached, or was none.
    """
    lead = first.lead
    if lead.status is LeadStatus.LOST:
        given = [reason for reason in programme.lost_reasons if reason.id == lead.reason]
        return not any(reason.says_nothing_of_others for reason in given)
    return lead.status in (LeadStatus.CONTACTED, LeadStatus.QUOTED, LeadStatus.WON)


HAND_OVER: Mapping[str, Callable[[PartnerAnswer], Answered]] = {
    "colleague": _hand_to_colleague,
    "partner": _hand_to_partner,
    "hq": _hand_to_hq,
}
"""Says how the owner hands a lead over, by what the page posts as ``action``."""
ANSWERS: Mapping[str, Callable[[PartnerAnswer], Answered]] = {
    "accept": _accept,
    "decline": _decline,
    "release": _release,
    "wait": _wait,
    "return": _return,
    "give_back": _give_back,
    **HAND_OVER,
    "reply": _reply,
    **dict.fromkeys(PROGRESS, _progress),
}
"""Says what a partner may answer, by what the page posts as ``action``."""
