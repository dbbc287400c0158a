"""HQ acts on one lead: assign it by hand, decide a claim, release it from quarantine, reject it, add a note."""

from collections import ChainMap
from collections.abc import Mapping
from datetime import datetime
from typing import cast

from ..domain.clean import paragraphs
from ..domain.errors import Gone, InvalidInput, NotFound, Problem
from ..domain.lead import FINISHED, OWNED, DeadlineKind, Draft, Lead, LeadStatus, Note, listed
from ..domain.offer import Offer, OfferKind
from ..domain.partner import Partner, counters
from ..domain.qualify import outcome_of
from ..domain.steps import ending, offering, owning, promises, waiting
from ..routing.decision import decide
from ..routing.eligibility import local_day
from ..routing.policy import Enquiry, Policy
from .erase_lead import erase_on_request
from .move_lead import may_move, move_lead
from .place_lead import partners_to_read
from .ports import Change, LoadChange
from .relay import Relay, until_committed
from .submit_lead import admit, claims_left
from .views import CandidateView, QueueLeadView, QueueSection, QueueView
from .wake_lead import retry_all

S = LeadStatus
SECTIONS: Mapping[str, S] = {
    "hq_queue": S.HQ_QUEUE,
    "held": S.HQ_QUEUE,
    "follow_up": S.FOLLOW_UP,
    "nurture": S.NURTURE,
    "quarantined": S.QUARANTINED,
}
"""Of the queue's page; ``held`` goes on by itself when a partner opens."""
FIRST, MOST = 50, 1_000
"""Leads of a section that the queue shows at once; and that its own page does."""
ASSIGNABLE = frozenset(
    {S.OFFERED, S.ACCEPTED, S.CONTACTED, S.QUOTED, S.HQ_QUEUE, S.FOLLOW_UP, S.NURTURE, S.QUARANTINED}
)


def assign_lead(relay: Relay, lead_id: str, partner_id: str, by: str, now: datetime) -> Lead:
    """Offers the lead to the partner HQ chose, cap or no cap; whoever had it before is told.

    Raises NotFound, InvalidInput (partner), or Gone for a lead that is finished.
    """

    def work(_: bool) -> Lead:
        lead = _get(relay, lead_id)
        partner = relay.partners.get(partner_id)
        if partner is None:
            raise InvalidInput([Problem("partner", "unknown_option", f"there is no partner {partner_id}")])
        if not partner.confirmed or partner.bounced:
            raise InvalidInput([Problem("partner", "unconfirmed", "the mail address of this partner is not confirmed")])
        if lead.status not in ASSIGNABLE:
            raise Gone(f"a lead that is {lead.status.value} cannot be assigned")
        live = {offer.partner for offer in lead.live_offers}
        if partner_id == lead.owner or live == {partner_id}:
            return lead
        if lead.claimed and lead.claimed.partner == partner_id:
            return _grant(relay, lead, lead.claimed, by, now)
        programme = relay.programme
        draft = Draft(lead)
        draft.tell("lead.assigned", partner=partner_id, by=by)
        if lead.status in OWNED:
            former = owning.take_back(draft, "assigned", programme, now)
            draft.tell("offer.withdrawn", offer=former.number, partner=former.partner, why="assigned")
        for offer in draft.lead.live_offers:
            if offer.partner != partner_id:
                offering.withdraw_offer(draft, offer, "assigned", now)
        offering.end_claim(draft, "assigned", now)
        draft.drop_deadlines(DeadlineKind.FOLLOW_UP_END)
        draft.set(exhausted=False)  # if this partner does not take it either, HQ hears again
        if partner_id in live:  # one of a wave: what they were offered is now theirs alone to answer
            relay.commit(Change(draft), now=now)
            return draft.lead
        km = relay.rules.network().km(partner, lead.country, lead.postcode)
        offering.open_offer(draft, partner, OfferKind.ASSIGNED, programme, now, km=km)
        if draft.lead.promised_by is None:
            promises.promise(draft, promises.promised_by(programme, lead.product, lead.urgency, now), now)
        counts = dict.fromkeys(counters(partner.caps, local_day(partner, now), lead.product))
        loads = {partner_id: LoadChange(counts=counts, offered_at=now)}
        if lead.status is S.QUARANTINED:
            draft.tell("lead.received", next=draft.lead.status.value)
        claims = claims_left(relay, lead, now) if lead.status in (S.QUARANTINED, S.NURTURE, S.HQ_QUEUE) else {}
        relay.commit(Change(draft, loads=loads, **claims), now=now)
        return draft.lead

    return until_committed(work)


def grant_claim(relay: Relay, lead_id: str, by: str, now: datetime) -> Lead:
    """It is the claimant's customer: they own the lead at once, cap or no cap. Raises NotFound or Gone."""

    def work(_: bool) -> Lead:
        lead = _get(relay, lead_id)
        if lead.claimed is None:
            raise Gone("nobody claims this lead any more")
        return _grant(relay, lead, lead.claimed, by, now)

    return until_committed(work)


def _grant(relay: Relay, lead: Lead, offer: Offer, by: str, now: datetime) -> Lead:
    draft = Draft(lead)
    draft.tell("claim.granted", offer=offer.number, partner=offer.partner, by=by)
    owning.accept(draft, offer.number, relay.partner(offer.partner), relay.programme, now)
    relay.commit(Change(draft), now=now)
    return draft.lead


def release_lead(relay: Relay, lead_id: str, now: datetime) -> Lead:
    """Quarantined: no spam after all, goes the way of every enquiry. Under review or to decide: goes to partners.

    Raises NotFound, or Gone for a lead in any other state.
    """

    def work(contended: bool) -> Lead:
        lead = _get(relay, lead_id)
        under_review = lead.status is S.HQ_QUEUE and lead.reason == "review"
        if lead.status is not S.QUARANTINED and not under_review and not lead.undecided:
            raise Gone(f"a lead that is {lead.status.value} needs no release")
        programme = relay.programme
        draft = Draft(lead)
        draft.tell("lead.released", reason=lead.reason)
        if lead.undecided:
            waiting.go_on(draft, "not_granted", now)
        outcome = outcome_of(programme, lead.score) if lead.status is S.QUARANTINED else "offer"
        loads = admit(draft, relay, outcome, now, contended=contended)
        if lead.status is S.QUARANTINED:
            draft.tell("lead.received", next=draft.lead.status.value)
        relay.commit(Change(draft, loads=loads, **claims_left(relay, draft.lead, now)), now=now)
        return draft.lead

    return until_committed(work)


def reject_lead(relay: Relay, lead_id: str, now: datetime) -> Lead:
    """Spam or nonsense: closed. Who was promised to hear does hear. Raises NotFound or Gone."""

    def work(_: bool) -> Lead:
        lead = _get(relay, lead_id)
        if lead.status not in (S.QUARANTINED, S.HQ_QUEUE):
            raise Gone(f"a lead that is {lead.status.value} cannot be rejected")
        draft = Draft(lead)
        offering.end_claim(draft, "closed", now)
        # why it stood in the queue was no reason to reject it; what looked like spam was one
        reason = lead.reason if lead.status is S.QUARANTINED else ""
        ending.finish(draft, S.REJECTED, relay.programme, now, reason=reason or "rejected")
        draft.tell("lead.rejected")
        if lead.promised_by:
            draft.tell("lead.closed", reason="rejected")
        relay.commit(Change(draft), now=now)
        return draft.lead

    return until_committed(work)


def add_note(relay: Relay, lead_id: str, text: str, now: datetime) -> Lead:
    """Raises NotFound, InvalidInput (text), or Gone for a lead that was erased."""
    words = paragraphs(text)[:2000]
    if not words:
        raise InvalidInput([Problem("text", "required", "write the note first")])

    def work(_: bool) -> Lead:
        lead = _get(relay, lead_id)
        if lead.status is S.ERASED:
            raise Gone("a lead that was erased takes no notes")
        draft = Draft(lead)
        draft.tell("lead.noted", by="hq", partner=lead.owner)
        relay.commit(Change(draft, note=Note(now, "hq", words)), now=now)
        return draft.lead

    return until_committed(work)


def view_queue(relay: Relay, token: str, now: datetime, notice: str = "", section: str = "") -> QueueView:
    """``section``: that one whole; else the first of each. Raises LinkRefused."""
    relay.open_queue(token)
    only = section if section in SECTIONS else ""
    shown = {name: _section(relay, name, MOST if only else FIRST) for name in SECTIONS if only in ("", name)}
    return QueueView(relay.programme, shown, now, relay.queue_link(), notice, only)


def _section(relay: Relay, name: str, shown: int) -> QueueSection:
    spam = SECTIONS[name] is S.QUARANTINED
    found = relay.leads.held_by(listed(SECTIONS[name]), MOST + 1, newest_first=spam)
    leads = [lead for lead in found[:MOST] if bool(lead.held_until) == (name == "held")]
    urgent = {urgency.id for urgency in relay.programme.urgencies if urgency.emergency}
    if not spam:
        leads.sort(key=lambda lead: lead.urgency not in urgent)
    return QueueSection(tuple(leads[:shown]), len(leads), more=len(found) > MOST)


def act_on_queue(relay: Relay, token: str, form: Mapping[str, str], now: datetime) -> QueueView:
    """retry: everything that waits for a partner is routed once more, the most urgent first."""
    relay.open_queue(token)
    if form.get("action") != "retry":
        return view_queue(relay, token, now)
    placed = retry_all(relay, now)
    return view_queue(relay, token, now, "retried" if placed else "still_nobody")


def view_queue_lead(
    relay: Relay,
    token: str,
    lead_id: str,
    now: datetime,
    *,
    notice: str = "",
    problems: tuple[Problem, ...] = (),
) -> QueueLeadView:
    """The lead, what was tried, and who could take it, ranked, or why not. Raises LinkRefused or NotFound."""
    relay.open_queue(token)
    return show_lead(relay, lead_id, now, notice=notice, problems=problems)


def show_lead(
    relay: Relay, lead_id: str, now: datetime, *, notice: str = "", problems: tuple[Problem, ...] = ()
) -> QueueLeadView:
    """All there is to know of one lead. Raises NotFound."""
    lead = _get(relay, lead_id)
    context = relay.leads.context(lead_id)
    if context is None:
        raise NotFound(f"there is no lead {lead_id}")
    return QueueLeadView(
        programme=relay.programme,
        lead=lead,
        context=context,
        partners=_partners_named(relay, lead),
        candidates=() if lead.status in FINISHED else _candidates(relay, lead, now),
        timeline=relay.leads.events(lead_id),
        now=now,
        url=relay.queue_link(lead_id),
        back_url=relay.queue_link(),
        movable=may_move(lead),
        notice=notice,
        problems=problems,
    )


def _partners_named(relay: Relay, lead: Lead) -> Mapping[str, Partner]:
    """The network's, and whoever was offered the lead and is newer than the network last read."""
    known = relay.rules.network().partners
    newer = {offer.partner: relay.partners.get(offer.partner) for offer in lead.offers if offer.partner not in known}
    return ChainMap({name: partner for name, partner in newer.items() if partner}, cast(dict[str, Partner], known))


def act_on_queue_lead(relay: Relay, token: str, lead_id: str, form: Mapping[str, str], now: datetime) -> QueueLeadView:
    """assign | grant | release | reject | move | note | erase, by whoever holds the queue's link."""
    relay.open_queue(token)
    try:
        match form.get("action"):
            case "assign":
                assign_lead(relay, lead_id, form.get("partner", ""), "link", now)
                notice = "assigned"
            case "grant":
                grant_claim(relay, lead_id, "link", now)
                notice = "granted"
            case "release":
                release_lead(relay, lead_id, now)
                notice = "released"
            case "reject":
                reject_lead(relay, lead_id, now)
                notice = "rejected"
            case "move":
                move_lead(relay, lead_id, form, "link", now)
                notice = "moved"
            case "note":
                add_note(relay, lead_id, form.get("text", ""), now)
                notice = "noted"
            case "erase":
                erase_on_request(relay, lead_id, "link", now)
                notice = "erased"
            case _:
                notice = ""
    except InvalidInput as error:
        return view_queue_lead(relay, token, lead_id, now, problems=error.problems)
    except Gone:
        return view_queue_lead(relay, token, lead_id, now, notice="gone")
    return view_queue_lead(relay, token, lead_id, now, notice=notice)


def _candidates(relay: Relay, lead: Lead, now: datetime) -> tuple[CandidateView, ...]:
    version, programme = relay.rules.programme()
    network = relay.rules.network()
    partners = network.partners
    loads = relay.leads.loads(partners_to_read(relay, Enquiry.of(lead), now, lead.waiting))
    decision = decide(Enquiry.of(lead), network, Policy.of(programme, version), loads, now)
    ranked = [CandidateView(partners[c.partner], c.keys) for c in decision.ranked]
    excluded = [
        CandidateView(partners[partner], reason=reason)
        for reason, names in decision.excluded.items()
        for partner in names
    ]
    return (*ranked, *excluded)


def _get(relay: Relay, lead_id: str) -> Lead:
    lead = relay.leads.get(lead_id)
    if lead is None:
        raise NotFound(f"there is no lead {lead_id}")
    return lead
