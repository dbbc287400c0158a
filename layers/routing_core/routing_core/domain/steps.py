"""What can happen to a lead, as pure steps on a draft. Deadlines are set here and nowhere else."""

from dataclasses import replace
from datetime import datetime, timedelta
from zlib import crc32

from .answers import chosen
from .business_time import Duration, deadline, months_after
from .lead import CLOSED, OWNED, Colleague, Deadline, DeadlineKind, Draft, Lead, LeadStatus, Undo
from .offer import Offer, OfferKind, OfferStatus
from .partner import Partner
from .programme import Programme, ReturnReason, Window, pick

UNDO = timedelta(minutes=2)
PROMISE_MARGIN = timedelta(minutes=8)
"""The message that keeps a promise leaves this long before it (or a tenth of the time given, if that is less): should
its timer be lost, the sweeper comes by within seven minutes."""

STORED = timedelta(milliseconds=2)
"""Instants are stored to the millisecond."""
OUTCOME_AGAIN = timedelta(days=30)
HELD_FOR_A_TIME = frozenset({"exhausted", "claimed", "handed_over"})
"""Why HQ holds a lead that goes on by itself if HQ does nothing."""

K = DeadlineKind
AT_REST = (K.HQ_HOLD, K.RETRY, K.NURTURE_ASK, K.NURTURE_END)
"""What ends once a lead goes to partners (again)."""
FIRST_CALL = (K.CONTACT, K.CONTACT_REMIND, K.RETRACT, K.PROMISE)
"""What ends once the partner has spoken with the prospect."""


def promised_by(programme: Programme, product: str, urgency: str, now: datetime) -> datetime:
    """By when a prospect who asks now hears from us."""
    return deadline(
        now, pick(programme.promise, product=product, urgency=urgency).within.duration, programme.hq_calendar
    )


def promise(draft: Draft, until: datetime, now: datetime) -> None:
    """Tells the prospect ``until``, and sets the deadline that keeps it."""
    draft.drop_deadlines(K.PROMISE)
    margin = min(PROMISE_MARGIN, (until - now) / 10)
    draft.set(promised_by=until)
    draft.add_deadlines(Deadline(until - margin, K.PROMISE))


def open_offer(
    draft: Draft,
    partner: Partner,
    kind: OfferKind,
    programme: Programme,
    now: datetime,
    *,
    wave: int = 0,
    holds: bool = True,
    km: int | None = None,
) -> Offer:
    """Offers the lead to a partner, ``km`` away: window, reminders and what a lapse means are frozen here.

    A routed offer never outlives the time that all offers together may take. Each partner of a wave has the window of
    their own office hours.
    """
    lead = draft.lead
    window, on_lapse, total = offer_terms(programme, partner, kind, lead.product, lead.urgency)
    expires = deadline(now, window.duration, partner.calendar(programme.hq_calendar))
    if kind is OfferKind.ROUTED:
        total_by = ends_in_all(lead, total, programme, now)
        draft.set(total_by=total_by)
        expires = window_ends(expires, total_by, now)
    offer = Offer(len(lead.offers) + 1, partner.id, kind, now, expires, on_lapse, wave=wave, holds=holds, km=km)
    draft.drop_deadlines(*AT_REST)
    waiting = tuple(w for w in lead.waiting if w != partner.id)
    draft.move(LeadStatus.OFFERED, offers=(*lead.offers, offer), waiting=waiting, reason="")
    draft.add_deadlines(Deadline(expires, K.EXPIRE, offer.number), *_reminders(offer, programme))
    told = {"offer": offer.number, "partner": partner.id, "kind": kind.value, "until": expires, "wave": wave or None}
    draft.tell("offer.made", **told)
    return offer


def offer_terms(
    programme: Programme, partner: Partner, kind: OfferKind, product: str, urgency: str
) -> tuple[Window, str, Window]:
    """How long this partner has, what a lapse means, and how long all offers together may take."""
    rule = pick(programme.offers, partner_type=partner.type, product=product, urgency=urgency)
    if kind is not OfferKind.BACKUP:
        return rule.window, rule.on_lapse, rule.total
    own = pick(programme.fallback.backup, partner_type=partner.type, product=product, urgency=urgency)
    return own.window or rule.window, own.on_lapse or rule.on_lapse, rule.total


def ends_in_all(lead: Lead, total: Window, programme: Programme, now: datetime) -> datetime:
    """Counted from the first offer, or from when the lead was first held for one."""
    return lead.total_by or deadline(now, total.duration, programme.hq_calendar)


def window_ends(expires: datetime, total_by: datetime, now: datetime) -> datetime:
    """A routed offer's: when its own window does, or the time in all if that is sooner."""
    return min(expires, total_by) if total_by > now else expires


def _reminders(offer: Offer, programme: Programme) -> list[Deadline]:
    """At the stated fractions of the window, each at least the gap after the one before and before the end."""
    gap = timedelta(minutes=programme.reminders.min_gap_minutes)
    window = offer.expires_at - offer.made_at
    chosen: list[Deadline] = []
    last = offer.made_at
    for fraction in sorted(programme.reminders.at):
        at = offer.made_at + window * fraction
        if at - last >= gap and offer.expires_at - at >= gap:
            chosen.append(Deadline(at, K.REMIND, offer.number))
            last = at
    return chosen


def remind(draft: Draft, due: Deadline, programme: Programme) -> None:
    """Reminds the partner, and the second contact too from the stated fraction of the window on."""
    offer = _offer(draft, due.offer)
    from_then_on = offer.made_at + (offer.expires_at - offer.made_at) * programme.reminders.second_contact_from
    second = due.at >= from_then_on - STORED
    draft.tell("offer.reminded", offer=offer.number, partner=offer.partner, second=second)


def accept(draft: Draft, number: int, partner: Partner, programme: Programme, now: datetime) -> None:
    """The partner owns the lead; every other offer ends; the contact deadline starts."""
    for other in draft.lead.live_offers:
        if other.number != number:
            withdraw_offer(draft, other, "taken", now)
    draft.answer_offer(number, OfferStatus.ACCEPTED, now)
    lead = draft.lead
    calendar = partner.calendar(programme.hq_calendar)
    rule = pick(programme.contact, partner_type=partner.type, product=lead.product, urgency=lead.urgency)
    contact_by = deadline(now, rule.window.duration, calendar)
    remind_at = now + (contact_by - now) * programme.missed_contact.remind_at
    draft.drop_deadlines()
    draft.move(
        LeadStatus.ACCEPTED,
        owner=partner.id,
        accepted_at=now,
        exhausted=False,
        reason="",
        colleague=None,
        waiting=tuple(w for w in lead.waiting if w != partner.id),
    )
    draft.add_deadlines(Deadline(contact_by, K.CONTACT), Deadline(remind_at, K.CONTACT_REMIND))
    draft.add_deadlines(Deadline(now + timedelta(days=programme.afterwards.outcome_days), K.OUTCOME))
    if days := programme.afterwards.quote_days:
        draft.add_deadlines(Deadline(deadline(now, Duration(working_days=days), calendar), K.QUOTE))
    ask_status(draft, partner, programme, now)
    promise(draft, contact_by, now)
    draft.tell("offer.accepted", offer=number, partner=partner.id, contact_by=contact_by)


def ask_status(draft: Draft, partner: Partner, programme: Programme, now: datetime) -> None:
    """Sets the next day on which the owner is asked how it stands, in working days since acceptance."""
    accepted = draft.lead.accepted_at
    if accepted is None:
        return
    calendar = partner.calendar(programme.hq_calendar)
    for days in sorted(programme.afterwards.status_days):
        at = deadline(accepted, Duration(working_days=days), calendar)
        if at > now:
            draft.add_deadlines(Deadline(at, K.STATUS))
            return


def withdraw_offer(draft: Draft, offer: Offer, why: str, now: datetime) -> None:
    draft.answer_offer(offer.number, OfferStatus.WITHDRAWN, now, why)
    draft.tell("offer.withdrawn", offer=offer.number, partner=offer.partner, why=why)


def redirect_offer(draft: Draft, offer: Offer) -> None:
    """Mail to the partner comes back: the second contact gets the offer, the window stays as it was."""
    draft.tell("offer.redirected", offer=offer.number, partner=offer.partner)


def decline(draft: Draft, number: int, reason: str, now: datetime) -> None:
    offer = draft.answer_offer(number, OfferStatus.DECLINED, now, reason)
    draft.tell("offer.declined", offer=number, partner=offer.partner, reason=reason)


def claim(draft: Draft, number: int, reason: str, programme: Programme, now: datetime) -> None:
    """ "Already my customer": it counts against nobody, nobody else is asked, and HQ has its time to decide."""
    offer = draft.answer_offer(number, OfferStatus.CLAIMED, now, reason)
    draft.tell("lead.claimed", offer=number, partner=offer.partner, reason=reason)
    queue(draft, "claimed", programme, now, partner=offer.partner)


def end_claim(draft: Draft, why: str, now: datetime) -> None:
    """Not granted, or no longer of interest: the claimant is told. Nothing if there is no claim."""
    if offer := draft.lead.claimed:
        withdraw_offer(draft, offer, why, now)


def go_on(draft: Draft, why: str, now: datetime) -> None:
    """HQ has decided or had its time: routing may go on. What HQ took of it is not missing from the partners' time."""
    end_claim(draft, why, now)
    draft.drop_deadlines(K.HQ_HOLD)
    draft.set(reason="", total_by=None)


def lapse(draft: Draft, number: int, now: datetime) -> Offer:
    """The window ended. Shared: the partner may still accept until somebody does."""
    offer = draft.answer_offer(number, OfferStatus.EXPIRED, now)
    draft.tell("offer.expired", offer=number, partner=offer.partner, shared=offer.shared)
    return offer


def take_back(draft: Draft, why: str, programme: Programme, now: datetime) -> Offer:
    """The owner loses the lead (given back early, nobody called, or HQ chose another); returns their offer.

    The prospect is told, as with a return: the fact that whoever calls this adds names the offer.
    """
    before = draft.lead
    offer = _let_go(draft, OfferStatus.WITHDRAWN, why, now)
    _promise_on(draft, before.promised_by, programme, now)
    return offer


def _let_go(draft: Draft, status: OfferStatus, why: str, now: datetime) -> Offer:
    """Nobody owns the lead any more, and nothing of what the owner did with it stands; returns their offer."""
    offer = next(o for o in draft.lead.offers if o.status is OfferStatus.ACCEPTED)
    draft.answer_offer(offer.number, status, now, why)
    draft.drop_deadlines()
    draft.set(owner=None, accepted_at=None, contacted_at=None, attempts=(), total_by=None, undo=None)
    draft.set(quoted_at=None, quote="")
    return offer


def give_back(draft: Draft, reason: ReturnReason, programme: Programme, now: datetime) -> None:
    """The owner returns the lead: the reason says whether the next partner is asked, HQ looks at it, or it ends here.

    The prospect was told who would call, so they are told in any case; by when they hear again is in the same mail.
    """
    before = draft.lead
    offer = _let_go(draft, OfferStatus.RETURNED, reason.id, now)
    draft.tell("lead.returned", offer=offer.number, partner=offer.partner, reason=reason.id, next=reason.then)
    if reason.then == "close":
        finish(draft, LeadStatus.LOST, programme, now, reason=reason.id)
        draft.tell("lead.closed", reason="returned", partner=offer.partner)
        return
    _promise_on(draft, before.promised_by, programme, now)
    if reason.then == "review":
        queue(draft, "returned", programme, now, partner=offer.partner)


def hand_over(draft: Draft, to: str | None, programme: Programme, now: datetime) -> None:
    """The owner gives the lead to another partner (``to``, who is then offered it), or to HQ: it counts against nobody.

    The prospect is told, as with a return.
    """
    before = draft.lead
    offer = _let_go(draft, OfferStatus.WITHDRAWN, "handed_over", now)
    draft.tell("lead.handed_over", offer=offer.number, partner=offer.partner, to=to)
    _promise_on(draft, before.promised_by, programme, now)
    if to is None:
        queue(draft, "handed_over", programme, now, partner=offer.partner)


def delegate(draft: Draft, colleague: Colleague) -> None:
    """Somebody else at the owner's firm looks after it from now on; the partner stays the owner."""
    draft.set(colleague=colleague)
    draft.tell("lead.delegated", partner=colleague.partner)


def _promise_on(draft: Draft, until: datetime | None, programme: Programme, now: datetime) -> None:
    """What was promised stands, or there is a new promise; who calls this tells the prospect."""
    lead = draft.lead
    still = until if until and until > now else promised_by(programme, lead.product, lead.urgency, now)
    promise(draft, still, now)


def return_until(lead: Lead, partner: Partner, programme: Programme) -> datetime | None:
    """The owner may give the lead back until then; None if nobody owns it."""
    if lead.accepted_at is None or lead.status not in OWNED:
        return None
    return deadline(lead.accepted_at, programme.return_within.duration, partner.calendar(programme.hq_calendar))


def miss_contact(draft: Draft, due: Deadline, partner: Partner, programme: Programme) -> None:
    """HQ is told; the lead is taken back later if the programme says so."""
    draft.tell("contact.missed", partner=partner.id)
    retract = programme.missed_contact.retract_after
    if retract:
        at = deadline(due.at, retract.duration, partner.calendar(programme.hq_calendar))
        draft.add_deadlines(Deadline(at, K.RETRACT))


def miss_outcome(draft: Draft, now: datetime) -> None:
    """HQ is told, and told again every month: a lead somebody owns may not rest for ever."""
    draft.tell("outcome.missed", partner=draft.lead.owner)
    draft.add_deadlines(Deadline(now + OUTCOME_AGAIN, K.OUTCOME))


def contacted(draft: Draft, now: datetime) -> None:
    before = draft.lead
    draft.drop_deadlines(*FIRST_CALL)
    draft.move(LeadStatus.CONTACTED, contacted_at=now, promised_by=None)
    _undoable(draft, before, now)
    draft.tell("lead.contacted", partner=before.owner)


def quoted(draft: Draft, programme: Programme, now: datetime, amount: str = "") -> None:
    """A quote has gone out, so they have spoken too. ``amount``: decimal text, or empty if the partner names none."""
    before = draft.lead
    draft.drop_deadlines(*FIRST_CALL, K.QUOTE)
    draft.move(
        LeadStatus.QUOTED,
        contacted_at=before.contacted_at or now,
        quoted_at=now,
        quote=amount,
        promised_by=None,
    )
    _undoable(draft, before, now)
    worth = {"value": amount, "currency": programme.currency} if amount else {}
    draft.tell("lead.quoted", partner=before.owner, **worth)


def close(
    draft: Draft, status: LeadStatus, programme: Programme, now: datetime, reason: str = "", value: str = ""
) -> None:
    """Won or lost, by the owner: no deadline is left, the place comes free."""
    before = draft.lead
    finish(draft, status, programme, now, reason=reason, value=value)
    _undoable(draft, before, now)


def finish(
    draft: Draft, status: LeadStatus, programme: Programme, now: datetime, reason: str = "", value: str = ""
) -> None:
    """Ends the lead for good: no deadline, no promise is left, and in time who asked is erased."""
    draft.drop_deadlines()
    forgotten = erase_at(draft.lead, status, programme, now)
    draft.move(status, erase_at=forgotten, finished_at=now, reason=reason, value=value, promised_by=None)


def erase_at(lead: Lead, status: LeadStatus, programme: Programme, now: datetime) -> datetime:
    """Until when a lead that ends now in that status keeps who asked."""
    terms = programme.retention
    if status in (LeadStatus.QUARANTINED, LeadStatus.REJECTED):
        return months_after(now, terms.spam)
    if status is LeadStatus.WON:
        return months_after(now, terms.won)
    by_its_owner = status is LeadStatus.LOST and lead.owner
    return months_after(now, terms.lost if by_its_owner else terms.unplaced)


def erase(draft: Draft, programme: Programme, by: str | None = None) -> None:
    """Takes away who asked and everything a person typed; ``by``: who at HQ asked for it, None = its time has come.

    What can be counted stays: ids, form, product, urgency, language, country, region and postcode area, the answers
    chosen from the form's own lists, the score, the offers with reasons and instants, owner, amounts, and ``ended``.
    """
    lead = draft.lead
    draft.move(
        LeadStatus.ERASED,
        ended=lead.status,
        contact=None,
        town="",
        postcode=postcode_area(lead.postcode),
        answers=chosen(programme.form(lead.form), lead.answers),
        payload_hash="",
        claims=(),
        colleague=None,
        undo=None,
        moves=tuple(replace(each, postcode=postcode_area(each.postcode)) for each in lead.moves),
    )
    draft.tell("lead.erased", by=by)


def postcode_area(postcode: str) -> str:
    """Up to five digits are a town or a quarter. Longer ones, and those with letters, can be a single house: of them
    the first three characters."""
    return postcode if postcode.isdigit() and len(postcode) <= 5 else postcode[:3]


def _undoable(draft: Draft, before: Lead, now: datetime) -> None:
    ended = tuple(d for d in before.deadlines if d not in draft.lead.deadlines)
    draft.set(undo=Undo(before.status, now + UNDO, ended, before.promised_by))


def undo(draft: Draft, now: datetime) -> None:
    """Takes back contacted, quoted, won or lost: what the step ended stands again, what came due since does not."""
    lead = draft.lead
    step = lead.undo
    if step is None or now >= step.until:
        raise ValueError("nothing to undo")
    draft.tell("lead.undone", of=lead.status.value, partner=lead.owner)
    was_quoted = step.status is LeadStatus.QUOTED
    draft.move(
        step.status,
        deadlines=tuple(sorted({*lead.deadlines, *step.deadlines})),
        undo=None,
        finished_at=None,
        value="",
        reason="",
        contacted_at=lead.contacted_at if step.status is not LeadStatus.ACCEPTED else None,
        quoted_at=lead.quoted_at if was_quoted else None,
        quote=lead.quote if was_quoted else "",
        promised_by=step.promised_by,
    )


def queue(draft: Draft, reason: str, programme: Programme, now: datetime, partner: str | None = None) -> None:
    """HQ holds the lead: exhausted, low score (review), claimed, returned or handed over by ``partner``, a follow-up
    in vain, or crowded out for a minute."""
    draft.move(LeadStatus.HQ_QUEUE, reason=reason)
    draft.tell("lead.queued", reason=reason, partner=partner)
    if reason in HELD_FOR_A_TIME:
        draft.add_deadlines(
            Deadline(deadline(now, programme.fallback.hq_hold.duration, programme.hq_calendar), K.HQ_HOLD)
        )


def hold(draft: Draft, partner: Partner, until: datetime, programme: Programme, now: datetime) -> None:
    """The partner who comes first is closed: routed in the first minute after they open, not all leads at once."""
    lead = draft.lead
    _, _, total = offer_terms(programme, partner, OfferKind.ROUTED, lead.product, lead.urgency)
    draft.set(total_by=ends_in_all(lead, total, programme, now))
    draft.drop_deadlines(*AT_REST)
    draft.move(LeadStatus.HQ_QUEUE, reason=CLOSED)
    draft.add_deadlines(Deadline(until + _apart(lead), K.RETRY))
    draft.tell("lead.held", partner=partner.id, until=until)


def crowd_out(draft: Draft, programme: Programme, now: datetime) -> None:
    """Too many commits met on the same partners: stored, and routed in one to two minutes, not all at once."""
    queue(draft, "crowded", programme, now)
    draft.add_deadlines(Deadline(now + timedelta(minutes=1) + _apart(draft.lead), K.RETRY))


def _apart(lead: Lead) -> timedelta:
    """Less than a minute: so that those who wait for the same instant do not all meet in it."""
    return timedelta(seconds=crc32(lead.id.encode()) % 60)


def follow_up(draft: Draft, programme: Programme, now: datetime) -> None:
    """Nobody placed it by hand: tried again on freed capacity and on schedule, until an honest end."""
    terms = programme.fallback.follow_up
    draft.move(LeadStatus.FOLLOW_UP)
    if draft.lead.deadline(K.FOLLOW_UP_END) is None:
        end = deadline(now, terms.give_up_after.duration, programme.hq_calendar)
        draft.add_deadlines(Deadline(end, K.FOLLOW_UP_END))
        draft.tell("lead.followed_up", until=end)
    retry_later(draft, programme, now)


def retry_later(draft: Draft, programme: Programme, now: datetime) -> None:
    draft.drop_deadlines(K.RETRY)
    at = deadline(now, programme.fallback.follow_up.retry_every.duration, programme.hq_calendar)
    draft.add_deadlines(Deadline(at, K.RETRY))


def end_follow_up(draft: Draft, programme: Programme, now: datetime) -> None:
    if programme.fallback.follow_up.then == "hq":
        draft.drop_deadlines(K.RETRY)
        queue(draft, "follow_up_ended", programme, now)
    else:
        finish(draft, LeadStatus.LOST, programme, now, reason="unplaced")
        draft.tell("lead.closed", reason="unplaced")


def nurture(draft: Draft, programme: Programme, now: datetime) -> None:
    """Below the bar, not hopeless: asked again later."""
    draft.move(LeadStatus.NURTURE)
    draft.add_deadlines(Deadline(now + timedelta(days=programme.qualification.nurture.ask_after_days), K.NURTURE_ASK))
    draft.tell("lead.nurtured")


def ask_nurtured(draft: Draft, programme: Programme, now: datetime) -> None:
    draft.tell("nurture.asked")
    rest = programme.qualification.nurture.close_after_days - programme.qualification.nurture.ask_after_days
    draft.add_deadlines(Deadline(now + timedelta(days=max(rest, 1)), K.NURTURE_END))


def keep_promise(draft: Draft, programme: Programme, now: datetime) -> None:
    """Before a promise passes, the prospect hears: when they will hear next, or (once a partner owns the lead) whom to
    tell if nobody called."""
    lead = draft.lead
    if lead.status in OWNED:
        draft.set(promised_by=None)
        draft.tell("promise.renewed", partner=lead.owner)
        return
    if lead.status is LeadStatus.OFFERED or lead.held_until:
        until = promised_by(programme, lead.product, lead.urgency, lead.held_until or now)
    else:
        until = deadline(now, programme.fallback.follow_up.update_every.duration, programme.hq_calendar)
    promise(draft, until, now)
    draft.tell("promise.renewed", until=until)


def withdraw(draft: Draft, programme: Programme, now: datetime) -> None:
    """The prospect no longer wants it; whoever holds or was offered the lead is told."""
    for offer in draft.lead.live_offers:
        withdraw_offer(draft, offer, "withdrawn", now)
    end_claim(draft, "withdrawn", now)
    finish(draft, LeadStatus.WITHDRAWN, programme, now)
    draft.tell("lead.withdrawn", partner=draft.lead.owner)


def _offer(draft: Draft, number: int) -> Offer:
    offer = draft.lead.offer(number)
    if offer is None:
        raise ValueError(f"lead {draft.lead.id} has no offer {number}")
    return offer
