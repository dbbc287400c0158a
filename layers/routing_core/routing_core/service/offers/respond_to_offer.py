"""A partner answers: accept, decline, claim, release, ask for a waiting place, give back; or merely
looks.

Each answer is judged against the lead's state as read, and committed on exactly that version: of an
accept at the last second and an expiry, one wins and the other sees it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from routing_core.domain.errors import CapacityConflict, NotesFull, Problem
from routing_core.domain.lead import LONGEST_NOTE, Draft, LeadStatus, Note
from routing_core.domain.lifecycle import offering, serving
from routing_core.domain.lifecycle import ownership as owning
from routing_core.domain.lifecycle import queueing as resting
from routing_core.domain.offer import RELEASED, OfferStatus
from routing_core.domain.partner import Load, counters
from routing_core.domain.programme.programme import Programme
from routing_core.domain.returns import missing
from routing_core.domain.values.clean import paragraphs
from routing_core.routing.decide.eligibility import local_day
from routing_core.service.kernel.ports import Change, LoadChange
from routing_core.service.kernel.services import Services, retry_on_conflict
from routing_core.service.kernel.views import OfferState, OfferView
from routing_core.service.offers.hand_over import to_colleague, to_hq, to_partner, with_choice
from routing_core.service.offers.offer_page import (
    BY_MISTAKE,
    Opened,
    claim_reasons,
    early_return_until,
    is_free,
    may_wait,
    offer_view,
    open_offer_link,
    release_ground,
    return_reasons,
    returns_key,
    state_of,
)
from routing_core.service.offers.record_progress import PROGRESS
from routing_core.service.placing.place_lead import offer_next

Answer = Callable[[Services, Opened, Mapping[str, str], datetime, bool], tuple[Opened, str]]
"""Returns the offer as it stands afterwards and what happened, as a notice code."""


class Refused(Exception):
    """What was posted is incomplete; the page shows it again with the problem at the field."""

    def __init__(self, *problems: Problem):
        self.problems = problems
        super().__init__("refused")


def respond_to_offer(
    services: Services, token_text: str, form: Mapping[str, str], now: datetime
) -> OfferView:
    """Does ``form["action"]`` if the state allows it, and returns the page as it now stands.

    Doing it twice, too late or from a forwarded mail shows what is, and changes nothing.
    """

    def work(caps_only: bool) -> OfferView:
        opened = open_offer_link(services, token_text)
        act = ANSWERS.get(form.get("action", ""))
        if act is None:
            return offer_view(services, opened, now)
        try:
            opened, notice = act(services, opened, form, now, caps_only)
        except (Refused, NotesFull) as refused:
            if form["action"] in HAND_OVER:
                return with_choice(services, opened, now, refused.problems, dict(form))
            return offer_view(services, opened, now, problems=refused.problems, values=dict(form))
        return offer_view(services, opened, now, notice=notice)

    return retry_on_conflict(work)


def note_seen(services: Services, token_text: str, now: datetime) -> None:
    """A person touched or scrolled the page. Advisory, and written once."""

    def work(_: bool) -> None:
        opened = open_offer_link(services, token_text)
        if opened.offer.seen_at is None and opened.offer.status is OfferStatus.PENDING:
            draft = Draft(opened.lead)
            seen = replace(opened.offer, seen_at=now)
            draft.set(
                offers=tuple(seen if o.number == seen.number else o for o in opened.lead.offers)
            )
            draft.tell("offer.seen", offer=seen.number, partner=seen.partner)
            services.commit(Change(draft), now=now)

    retry_on_conflict(work)


def committed(
    services: Services,
    opened: Opened,
    draft: Draft,
    now: datetime,
    *,
    loads: Mapping[str, LoadChange] | None = None,
    note: Note | None = None,
    others: Sequence[Change] = (),
) -> Opened:
    services.commit(Change(draft, loads=loads or {}, note=note), *others, now=now)
    offer = draft.lead.offer(opened.offer.number)
    assert offer is not None  # noqa: S101 - offers are never removed
    notes = (*opened.context.notes, note) if note else opened.context.notes
    now_attached = {change.draft.lead.id: change.draft.lead for change in others}
    return replace(
        opened,
        lead=draft.lead,
        offer=offer,
        context=replace(opened.context, notes=notes),
        attached=tuple(
            replace(each, lead=now_attached.get(each.lead.id, each.lead))
            for each in opened.attached
        ),
    )


def _accept(
    services: Services, opened: Opened, _: Mapping[str, str], now: datetime, caps_only: bool
) -> tuple[Opened, str]:
    """In a crowd the partner's row of lapses is left to their next answer: rather that than turn
    this one away.
    """
    state = state_of(opened.lead, opened.offer, now)
    if state in (OfferState.MINE, OfferState.DONE):
        return opened, "already_accepted"
    if state not in (OfferState.OPEN, OfferState.SHARED):
        return opened, "too_late"
    programme = services.programme
    draft = Draft(opened.lead)
    loads: dict[str, LoadChange] = {}
    if opened.load.lapses and not caps_only:
        loads[opened.partner.id] = _answered(opened.load)
    if opened.offer.status is not OfferStatus.PENDING or not opened.offer.holds:
        loads[opened.partner.id] = _taking_a_place_late(opened, now)
    if opened.offer.status is OfferStatus.PENDING and state is OfferState.SHARED:
        offering.lapse(
            draft, opened.offer.number, now
        )  # the window ended, the timer has not come yet
    owning.accept(draft, opened.offer.number, opened.partner, programme, now)
    try:
        return committed(services, opened, draft, now, loads=loads), "accepted"
    except CapacityConflict:
        return opened, "full"


def _answered(load: Load) -> LoadChange:
    """No lapse before this answer counts any more."""
    return LoadChange(answered=True, forget_lapses=tuple(lapse.lead for lapse in load.lapsed))


def _taking_a_place_late(opened: Opened, now: datetime) -> LoadChange:
    """The offer holds no place (any more): there must be one. Asked in a crowd, it counts as an
    offer made now.
    """
    load, offer = opened.load, opened.offer
    taking = replace(
        _answered(load),
        places_cap=load.caps.open,
        product_cap=load.caps.products.get(opened.lead.product),
    )
    if offer.holds:
        return taking
    return replace(
        taking,
        counts=dict.fromkeys(
            counters(load.caps, local_day(opened.partner, now), opened.lead.product)
        ),
        offered_at=now,
    )


def _decline(
    services: Services, opened: Opened, form: Mapping[str, str], now: datetime, caps_only: bool
) -> tuple[Opened, str]:
    state = state_of(opened.lead, opened.offer, now)
    if state is OfferState.DECLINED:
        return opened, "already_declined"
    if state is OfferState.EXISTING_CUSTOMER:
        return opened, "claimed"
    if state is not OfferState.OPEN:
        return opened, "too_late"
    reason = form.get("reason", "")
    if reason not in {r.id for r in services.programme.decline_reasons}:
        raise Refused(
            Problem("reason", "required", "say why, so that the next enquiry fits better")
        )
    note = note_of(form, now)
    if reason in claim_reasons(opened.lead, opened.offer, services.programme):
        draft = Draft(opened.lead)
        resting.claim(draft, opened.offer.number, reason, services.programme, now)
        loads = {opened.partner.id: _answered(opened.load)}
        return committed(services, opened, draft, now, loads=loads, note=note), "claimed"
    return _declined(services, opened, reason, now, caps_only, note), "declined"


def _release(
    services: Services, opened: Opened, _: Mapping[str, str], now: datetime, caps_only: bool
) -> tuple[Opened, str]:
    """On holiday or paused: a decline that counts against nobody."""
    state = state_of(opened.lead, opened.offer, now)
    if state is OfferState.DECLINED:
        return opened, "already_declined"
    if state is not OfferState.OPEN or not release_ground(services, opened, now):
        return opened, "too_late"
    return _declined(services, opened, RELEASED, now, caps_only), "released"


def _declined(
    services: Services,
    opened: Opened,
    reason: str,
    now: datetime,
    caps_only: bool,
    note: Note | None = None,
) -> Opened:
    """The next partner or wave is asked in the same commit, unless others of this wave may still
    answer.
    """
    draft = Draft(opened.lead)
    offering.decline(draft, opened.offer.number, reason, now)
    loads = {opened.partner.id: _answered(opened.load)}
    if not draft.lead.live_offers:
        loads |= offer_next(draft, services, now, caps_only=caps_only)
    return committed(services, opened, draft, now, loads=loads, note=note)


def _wait(
    services: Services, opened: Opened, _: Mapping[str, str], now: datetime, caps_only: bool
) -> tuple[Opened, str]:
    """First come, first served when the lead comes free; at once if it is free already."""
    if not may_wait(opened.lead, opened.offer, now):
        return opened, "too_late"
    if opened.partner.id in opened.lead.waiting:
        return opened, "waiting"
    draft = Draft(opened.lead)
    draft.set(waiting=(*opened.lead.waiting, opened.partner.id))
    draft.tell("waiting.joined", partner=opened.partner.id)
    loads = offer_next(draft, services, now, caps_only=caps_only) if is_free(opened.lead) else {}
    return committed(services, opened, draft, now, loads=loads), "waiting"


def _return(
    services: Services, opened: Opened, _: Mapping[str, str], now: datetime, caps_only: bool
) -> tuple[Opened, str]:
    programme = services.programme
    mine = state_of(opened.lead, opened.offer, now) is OfferState.MINE
    if not mine or early_return_until(opened.lead, opened.load, programme, now) is None:
        return opened, "too_late"
    draft = Draft(opened.lead)
    mistaken = owning.take_back(draft, "returned", programme, now)
    draft.tell("offer.returned", offer=mistaken.number, partner=mistaken.partner)
    counted = LoadChange(counts={returns_key(now): programme.early_return.per_month})
    loads = {mistaken.partner: counted} | offer_next(draft, services, now, caps_only=caps_only)
    return committed(services, opened, draft, now, loads=loads), "returned"


def _give_back(
    services: Services, opened: Opened, form: Mapping[str, str], now: datetime, caps_only: bool
) -> tuple[Opened, str]:
    """With a reason; the next partner is asked in the same commit if the reason says so."""
    if form.get("reason") == BY_MISTAKE:
        return _return(services, opened, form, now, caps_only)
    programme, lead, partner = services.programme, opened.lead, opened.partner
    mine = state_of(lead, opened.offer, now) is OfferState.MINE
    reasons = {r.id: r for r in return_reasons(lead, partner, programme, now)} if mine else {}
    if not reasons:
        return opened, "too_late"
    reason = reasons.get(form.get("reason", ""))
    if reason is None:
        raise Refused(Problem("reason", "required", "choose why you give it back"))
    if reason.needs and missing(reason.needs, lead.attempts, partner.time_zone):
        raise Refused(
            Problem("reason", "not_tried", "not enough attempts are noted for this reason")
        )
    draft = Draft(lead)
    owning.give_back(draft, reason, programme, now)
    loads = offer_next(draft, services, now, caps_only=caps_only) if reason.then == "route" else {}
    return committed(
        services, opened, draft, now, loads=loads, note=note_of(form, now)
    ), "given_back"


def _hand_over(
    services: Services, opened: Opened, form: Mapping[str, str], now: datetime, caps_only: bool
) -> tuple[Opened, str]:
    if state_of(opened.lead, opened.offer, now) is not OfferState.MINE:
        return opened, "too_late"
    loads: dict[str, LoadChange] = {}
    done: Draft | Problem | None
    if form["action"] == "colleague":
        done, notice, note = to_colleague(services, opened, form), "delegated", None
    elif form["action"] == "partner":
        handed = to_partner(services, opened, form, now, caps_only)
        done, loads = (handed, loads) if isinstance(handed, Problem) else handed
        notice, note = "handed_over", note_of(form, now)
    else:
        done, notice, note = to_hq(services, opened, form, now), "handed_to_hq", note_of(form, now)
    if isinstance(done, Problem):
        raise Refused(done)
    return (
        committed(services, opened, done, now, loads=loads, note=note) if done else opened
    ), notice


def _progress(
    services: Services, opened: Opened, form: Mapping[str, str], now: datetime, _: bool
) -> tuple[Opened, str]:
    state = state_of(opened.lead, opened.offer, now)
    if state not in (OfferState.MINE, OfferState.DONE):
        return opened, "too_late"
    draft = Draft(opened.lead)
    problem = PROGRESS[form["action"]](draft, form, services.programme, now)
    if problem:
        raise Refused(problem)
    if not draft.facts:
        return opened, ""
    notice = NOTICES[form["action"]]
    others = _said_of_attached(opened, draft, form, services.programme, now)
    return committed(services, opened, draft, now, note=note_of(form, now), others=others), notice


def _said_of_attached(
    opened: Opened, first: Draft, form: Mapping[str, str], programme: Programme, now: datetime
) -> list[Change]:
    """What the owner says of the attached enquiries in the same breath, or takes back with it.

    Of whom nothing is said when the first ends, that one is let go: it is routed in its own right.
    """
    changes: list[Change] = []
    for each in opened.attached:
        draft = Draft(each.lead)
        if form["action"] == "undo":
            if serving.was_served_with(each.lead, opened.lead):
                serving.unserve(draft, programme, now)
        elif (
            each.lead.is_attached
            and form.get(each.field) == "yes"
            and _may_be_served(first, programme)
        ):
            serving.serve(draft, first, programme, now)
        if draft.facts:
            changes.append(Change(draft))
    return changes


def _may_be_served(first: Draft, programme: Programme) -> bool:
    """Nothing is said of a second enquiry by a first one whose customer was never reached, or was
    none.
    """
    lead = first.lead
    if lead.status is LeadStatus.LOST:
        said = [reason for reason in programme.lost_reasons if reason.id == lead.reason]
        return not any(reason.says_nothing_of_others for reason in said)
    return lead.status in (LeadStatus.CONTACTED, LeadStatus.QUOTED, LeadStatus.WON)


def note_of(form: Mapping[str, str], now: datetime) -> Note | None:
    text = paragraphs(form.get("text", ""))[:LONGEST_NOTE]
    return Note(now, "partner", text) if text else None


NOTICES = {
    "attempt": "attempted",
    "contacted": "contacted",
    "quoted": "quoted",
    "won": "won",
    "lost": "lost",
    "undo": "undone",
    "note": "noted",
}
HAND_OVER = ("colleague", "partner", "hq")
ANSWERS: Mapping[str, Answer] = {
    "accept": _accept,
    "decline": _decline,
    "release": _release,
    "wait": _wait,
    "return": _return,
    "give_back": _give_back,
    **dict.fromkeys(HAND_OVER, _hand_over),
    **dict.fromkeys(PROGRESS, _progress),
}
