"""Which mail a fact means to whom, and sending it once.

``MAILS`` is the whole of it: fact → mails. Each mail re-reads the lead, is skipped if the fact has been
superseded meanwhile, and is leased under its fact, role and template before it is sent.
"""

import logging
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parseaddr
from functools import partial

from ..domain.errors import Conflict
from ..domain.lead import FINISHED, OWNED, LeadStatus
from ..domain.mailboxes import email_mark
from ..domain.offer import OfferStatus
from ..domain.partner import Partner
from .digests import (
    PHONE,
    UNCONFIRMED,
    Digests,
    HeldLine,
    Slot,
    alert_slot,
    confirmation_slot,
    next_alert_slot,
    phone_slot,
    unconfirmed_slot,
)
from .mail_views import Case, entries_of, fact_view, hq_view, other_bounced_view, partner_view, unconfirmed_view
from .ports import Outgoing, Post, Writer
from .relay import Relay
from .views import MailView

logger = logging.getLogger(__name__)
S = LeadStatus


@dataclass(frozen=True, slots=True)
class Mailing:
    """What telling needs beside the relay itself."""

    relay: Relay
    outgoing: Outgoing
    digests: Digests
    writer: Writer
    post: Post


Still = Callable[[Case], bool]


def _offer_is_open(case: Case) -> bool:
    offer = case.lead.offer(int(case.fact.data.get("offer", 0)))
    return offer is not None and offer.status is OfferStatus.PENDING


def _still_theirs(case: Case) -> bool:
    return case.lead.owner == case.fact.data.get("partner") and case.lead.status in OWNED


def _not_called_yet(case: Case) -> bool:
    return case.lead.status is S.ACCEPTED and case.lead.owner == case.fact.data.get("partner")


def _not_quoted_yet(case: Case) -> bool:
    return _still_theirs(case) and case.lead.status is not S.QUOTED


def _not_theirs(case: Case) -> bool:
    return case.lead.owner != case.fact.data.get("partner")


def _has_an_owner(case: Case) -> bool:
    return case.lead.owner is not None and case.lead.status in OWNED


def _still_in_doubt(case: Case) -> bool:
    """Whether the owner called, or, while there was none, whether anybody will be found."""
    return _not_called_yet(case) if "partner" in case.fact.data else _looked_for(case)


def _still_queued(case: Case) -> bool:
    return case.lead.status is S.HQ_QUEUE


def _still_exhausted(case: Case) -> bool:
    """However late it is told: HQ hears of it only once, so even while somebody is being asked again."""
    return case.lead.exhausted and case.lead.status not in FINISHED


def _still_held_back(case: Case) -> bool:
    return case.lead.status is S.QUARANTINED


def _for_review(case: Case) -> bool:
    return _still_queued(case) and case.fact.data["reason"] == "review"


def _to_decide(case: Case) -> bool:
    return case.lead.undecided and case.fact.data["reason"] == case.lead.reason


def _follow_up_ended(case: Case) -> bool:
    return _still_queued(case) and case.fact.data["reason"] == "follow_up_ended"


def _looked_for(case: Case) -> bool:
    return case.lead.owner is None and case.lead.status not in FINISHED


def _not_for_review(case: Case) -> bool:
    return case.fact.data.get("next") != "review"


def _to_a_partner(case: Case) -> bool:
    return bool(case.fact.data.get("to"))


def _said_by_prospect(case: Case) -> bool:
    return case.fact.data.get("by", "prospect") == "prospect" and _has_an_owner(case)


def _named(case: Case) -> bool:
    return case.partner is not None


def _always(_: Case) -> bool:
    return True


MAILS: Mapping[str, tuple[tuple[str, str, Still], ...]] = {
    "lead.received": (("prospect", "receipt", _always),),
    "lead.quarantined": (("hq", "digest", _still_held_back),),
    "lead.joined": (("prospect", "receipt", _always),),
    "lead.repeated": (("partner", "repeated", _named),),
    "nurture.asked": (("prospect", "nurture_ask", lambda c: c.lead.status is S.NURTURE),),
    "offer.made": (("partner", "offer", _offer_is_open),),
    "offer.reminded": (("partner", "reminder", _offer_is_open),),
    "offer.redirected": (("second", "offer", _offer_is_open),),
    "offer.accepted": (
        ("partner", "accepted", _still_theirs),
        ("prospect", "partner_found", _still_theirs),
        ("hq", "confirmation", _still_theirs),
    ),
    "offer.expired": (("partner", "gone", _not_theirs),),
    "offer.withdrawn": (("partner", "gone", _not_theirs), ("prospect", "moved_on", _looked_for)),
    "offer.returned": (("prospect", "moved_on", _looked_for),),
    "contact.reminded": (("partner", "contact_reminder", _not_called_yet),),
    "contact.missed": (("hq", "contact_missed", _not_called_yet),),
    "contact.retracted": (("partner", "contact_retracted", _not_theirs), ("prospect", "moved_on", _looked_for)),
    "status.asked": (("partner", "status_ask", _still_theirs),),
    "quote.missed": (("partner", "quote_ask", _not_quoted_yet), ("hq", "quote_missed", _not_quoted_yet)),
    "outcome.missed": (("hq", "outcome_missed", _still_theirs),),
    "lead.returned": (("prospect", "moved_on", _looked_for), ("hq", "confirmation", _not_for_review)),
    "lead.delegated": (("partner", "delegated", _still_theirs),),
    "lead.handed_over": (("prospect", "moved_on", _looked_for), ("hq", "confirmation", _to_a_partner)),
    "lead.exhausted": (("hq", "alert", _still_exhausted),),
    "lead.queued": (("hq", "review", _for_review), ("hq", "alert", _follow_up_ended), ("hq", "decide", _to_decide)),
    "lead.followed_up": (("prospect", "follow_up", lambda c: c.lead.status is S.FOLLOW_UP),),
    "lead.closed": (("prospect", "closed", _always),),
    "promise.renewed": (("prospect", "promise_update", _still_in_doubt),),
    "lead.corrected": (("partner", "noted", _has_an_owner),),
    "lead.moved": (("partner", "noted", _has_an_owner), ("hq", "confirmation", _said_by_prospect)),
    "offer.moved": (("partner", "noted", _offer_is_open),),
    "lead.noted": (("partner", "noted", _said_by_prospect),),
    "lead.not_called": (("partner", "noted", _has_an_owner), ("hq", "not_called", _has_an_owner)),
    "lead.withdrawn": (("partner", "prospect_withdrew", _named),),
    "erasure.asked": (("partner", "please_erase", _named),),
    "lead.assigned": (("hq", "confirmation", _always),),
    "partner.unseen": (("second", "unseen", _named), ("hq", "phone_partner", _named)),
    "partner.paused": (("partner", "paused", _named), ("hq", "partner_paused", _named)),
}
OF_ERASED = frozenset({"offer.withdrawn", "erasure.asked"})
"""All that is still told of an erased lead, to its partners: there is nothing left to say of who asked."""
TAKES_BACK = {"gone": ("offer.made", "partner#offer"), "moved_on": ("offer.accepted", "prospect#partner_found")}
"""Mails that take back what an earlier one said: of which fact, and to whom."""
LONG_AGO = timedelta(days=60)
"""By then every mail has left, and its row may be gone."""
ONCE_A_DAY = frozenset({"lead.not_called", "lead.corrected"})
"""What a prospect may press again and again; the partner and HQ hear it once a day."""
PARTNER_MAILS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "partner.unconfirmed": (("partner", "confirm_address"), ("hq", "partner_unconfirmed")),
    "partner.bounced": (("hq", "partner_bounced"),),
    "desk.requested": (("partner", "desk_link"),),
}


def tell_fact(mailing: Mailing, lead_id: str, version: int, index: int, now: datetime) -> tuple[str, ...]:
    """Sends what the fact means; returns the templates sent. Raises Conflict while somebody else is sending it."""
    case = _case(mailing, lead_id, version, index)
    if case is None:
        return ()
    fact = case.fact
    sent = []
    occasion = f"{lead_id}.{fact.kind}.{now:%Y-%m-%d}" if fact.kind in ONCE_A_DAY else case.fact_id
    for role, template, still in MAILS.get(fact.kind, ()):
        send = _sender(mailing, case, role, template, now)
        if (
            still(case)
            and _was_told_before(mailing, case, template, now)
            and _once(mailing, f"{occasion}#{role}#{template}", now, send)
        ):
            sent.append(template)
    return tuple(sent)


def _case(mailing: Mailing, lead_id: str, version: int, index: int) -> Case | None:
    """None if there is no such lead or fact, or nothing of it to tell any more."""
    lead = mailing.relay.leads.get(lead_id)
    row = mailing.relay.leads.event(lead_id, version)
    if lead is None or row is None:
        return None
    fact = row.facts[index]
    if lead.status is S.ERASED and fact.kind not in OF_ERASED:
        return None
    named = str(fact.data.get("partner") or "")
    partner = mailing.relay.partners.get(named) if named else None
    return Case(fact, row.fact_id(index), row.at, lead, partner, mailing.relay.programme)


def _was_told_before(mailing: Mailing, case: Case, template: str, now: datetime) -> bool:
    """Who never heard of it need not hear that it is gone: a partner of an offer in a wave, of which somebody else had
    the lead before all were told; the prospect of a partner who had it for a moment."""
    number = case.fact.data.get("offer")
    if number is None or template not in TAKES_BACK:
        return True
    offer = case.lead.offer(int(number))
    if template == "gone" and (offer is None or not offer.wave):
        return True
    kind, mail = TAKES_BACK[template]
    for row in mailing.relay.leads.events(case.lead.id):
        for index, fact in enumerate(row.facts):
            if fact.kind == kind and fact.data["offer"] == number:
                return now - row.at > LONG_AGO or mailing.outgoing.begun(f"{row.fact_id(index)}#{mail}")
    return False


def tell_about_partner(mailing: Mailing, kind: str, partner_id: str, event: str, now: datetime) -> tuple[str, ...]:
    """``event`` names the occasion, so that each is told once."""
    partner = mailing.relay.partners.get(partner_id)
    if partner is None or (kind == "partner.unconfirmed" and partner.confirmed):
        return ()
    programme = mailing.relay.programme
    sent = []
    for role, template in PARTNER_MAILS.get(kind, ()):
        occasion = f"{kind}.{partner_id}.{event}"
        if template == "partner_unconfirmed":
            line = HeldLine(occasion, kind, "", partner_id, now)
            send = partial(_tell_unconfirmed, mailing, line, now)
        else:
            view = partner_view(mailing.relay, programme, partner, role, template, event, now)
            send = partial(_send, mailing, view, {"partner": partner_id})
        if _once(mailing, f"{occasion}#{role}#{template}", now, send):
            sent.append(template)
    return tuple(sent)


def _tell_unconfirmed(mailing: Mailing, line: HeldLine, now: datetime) -> str:
    """As with alerts: the first of the hour leaves at once, who comes later is told of at its end, however long the
    imported list."""
    slot = unconfirmed_slot(now)
    held = mailing.digests.held(slot.name)
    view = unconfirmed_view(mailing.relay, {each.partner for each in (*held, line)}, now)
    if _leads(mailing, slot, line, now):
        message = _send(mailing, view, {"role": "hq"})
        if held:
            mailing.digests.flushed(slot, held)
        return message
    later = unconfirmed_slot(now + timedelta(hours=1))
    mailing.digests.hold(later, line)
    return f"held for {later.name}"


def note_bounce(
    mailing: Mailing, partner_id: str, addresses: Collection[str], now: datetime, lead_id: str = ""
) -> bool:
    """Mail to these addresses comes back (``lead_id``: it was about that lead). No more offers until the partner's own
    is confirmed again; another one of the firm gets no more mail, and HQ hears. False if nothing is new, or if none of
    them is the firm's any more."""
    partner = mailing.relay.partners.get(partner_id)
    if partner is None:
        return False
    noted = False
    for who, email in _others(mailing, partner, lead_id):
        if _is_among(email, addresses):
            noted = _note_other(mailing, partner, email, who, now) or noted
    if not partner.bounced and _is_among(partner.contact.email, addresses):
        mailing.relay.partners.bounce(partner_id, now)
        noted = True
    return noted


def _others(mailing: Mailing, partner: Partner, lead_id: str) -> Iterator[tuple[str, str]]:
    """Whom of the firm we write to beside the contact."""
    if partner.second_contact:
        yield "second", partner.second_contact.email
    lead = mailing.relay.leads.get(lead_id) if lead_id else None
    if lead and lead.colleague and lead.colleague.partner == partner.id:
        yield "colleague", lead.colleague.email


def _note_other(mailing: Mailing, partner: Partner, email: str, who: str, now: datetime) -> bool:
    """True if HQ had not heard of it. The contact's own address is not told of twice."""
    if _is_among(email, (partner.contact.email,)):
        return False
    mailing.relay.partners.note_unreachable(partner.id, email, now)
    view = other_bounced_view(mailing.relay, partner, email, who, now)
    key = f"unreachable.{partner.id}.{partner.occasion}.{email_mark(email.casefold())}#hq#other_bounced"
    return _once(mailing, key, now, lambda: _send(mailing, view, {"role": "hq"}))


def _is_among(email: str, addresses: Collection[str]) -> bool:
    return email.casefold() in {parseaddr(address)[1].casefold() for address in addresses}


def flush_digests(mailing: Mailing, now: datetime) -> int:
    """Sends every slot whose time has come; returns how many mails left.

    A line that came too late for its slot's mail leaves in one of its own, under the line's name.
    """
    sent = 0
    for slot in mailing.digests.due(now):
        lines = mailing.digests.held(slot.name)
        try:
            sent += _flush(mailing, slot, lines, now)
        except Conflict:
            continue  # being sent by somebody else right now: looked at again next time
        except Exception:
            logger.exception("a digest could not be sent", extra={"slot": slot.name})
            continue  # the others leave all the same; this one is tried again with the next sweep
        mailing.digests.flushed(slot, lines)
    return sent


def _flush(mailing: Mailing, slot: Slot, lines: tuple[HeldLine, ...], now: datetime) -> int:
    """How many mails left."""
    if slot.name.startswith(PHONE):
        return sum(_phone_now(mailing, line, now) for line in lines)
    view = _view_of(mailing, slot, lines, now)
    send = partial(_send, mailing, view, {"role": "hq"})
    keys = (slot.name, f"{slot.name}#{lines[0].fact}") if view else ()
    return int(any(_once(mailing, key, now, send) for key in keys))


def _view_of(mailing: Mailing, slot: Slot, lines: tuple[HeldLine, ...], now: datetime) -> MailView | None:
    """What is still so of the lines; None if nothing is."""
    if slot.name.startswith(UNCONFIRMED):
        return unconfirmed_view(mailing.relay, {line.partner for line in lines}, now)
    entries = entries_of(mailing.relay, lines)
    template = "alert" if slot.name.startswith("alert.") else "digest"
    return hq_view(mailing.relay, template, now, entries) if entries else None


# ── one mail ──────────────────────────────────────────────────────────────────────────────────────────


def _once(mailing: Mailing, key: str, now: datetime, send: Callable[[], str]) -> bool:
    """Leased, sent, marked. A mail that fails gives its lease back, so that the next try need not wait for it."""
    if not mailing.outgoing.lease(key, now):
        return False
    try:
        message = send()
    except Exception:
        mailing.outgoing.release(key)
        raise
    mailing.outgoing.sent(key, message, now)
    return True


def _sender(mailing: Mailing, case: Case, role: str, template: str, now: datetime) -> Callable[[], str]:
    if template in ("confirmation", "digest"):
        return lambda: _confirm(mailing, case, template, now)
    if template == "alert":
        return lambda: _alert(mailing, case, now)
    if template == "phone_partner" and case.partner and case.partner.second:
        return lambda: _phone_later(mailing, case, now)
    return lambda: _send(mailing, fact_view(mailing.relay, case, role, template, now), _mark(case, role))


def _send(mailing: Mailing, view: MailView | None, mark: Mapping[str, str]) -> str:
    if view is None or not view.to:
        return "nobody"
    return mailing.post.send(mailing.writer(view), mark)


def _mark(case: Case, role: str) -> dict[str, str]:
    partner = case.partner.id if case.partner and role in ("partner", "second") else ""
    return {"role": role, "lead": case.lead.id, "partner": partner}


def _confirm(mailing: Mailing, case: Case, template: str, now: datetime) -> str:
    """With the next digest, unless it is an emergency, HQ's own override, or the programme wants each at once."""
    slot = confirmation_slot(case.programme, now)
    urgent = case.fact.kind == "lead.assigned" or _emergency(case)
    if slot is None or urgent:
        return _send(mailing, fact_view(mailing.relay, case, "hq", template, now), {"role": "hq"})
    mailing.digests.hold(slot, _line(case))
    return f"held for {slot.name}"


def _alert(mailing: Mailing, case: Case, now: datetime) -> str:
    """The first of its region and hour leaves at once, with what was held for that hour; later ones wait."""
    slot = alert_slot(case.lead, now)
    line = _line(case)
    if _emergency(case):
        return _send(mailing, hq_view(mailing.relay, "alert", now, entries_of(mailing.relay, (line,))), {"role": "hq"})
    held = mailing.digests.held(slot.name)
    view = hq_view(mailing.relay, "alert", now, entries_of(mailing.relay, (*held, line)))
    if _leads(mailing, slot, line, now):
        message = _send(mailing, view, {"role": "hq"})
        if held:
            mailing.digests.flushed(slot, held)
        return message
    later = next_alert_slot(case.lead, now)
    mailing.digests.hold(later, line)
    return f"held for {later.name}"


def _leads(mailing: Mailing, slot: Slot, line: HeldLine, now: datetime) -> bool:
    """Whether this is the line whose mail leaves at once, while the hour's others wait for the next. Told again it is
    the same line's mail that leaves again, for nobody knows whether it has; never a line of the next hour too."""
    mine = f"{slot.name}#{line.fact}#first"
    if mailing.outgoing.begun(mine):
        return True
    mailing.outgoing.lease(mine, now)
    if _once(mailing, slot.name, now, lambda: "led"):
        return True
    mailing.outgoing.release(mine)
    return False


def _phone_later(mailing: Mailing, case: Case, now: datetime) -> str:
    """The second contact first."""
    slot = phone_slot(case.programme, now)
    mailing.digests.hold(slot, _line(case))
    return f"held for {slot.name}"


def _phone_now(mailing: Mailing, line: HeldLine, now: datetime) -> bool:
    """Whether HQ was written to: not if somebody there has answered or paused since."""
    lead_id, version, index = line.fact.split(":")
    case = _case(mailing, lead_id, int(version), int(index))
    if case is None or case.partner is None or case.partner.paused:
        return False
    load = mailing.relay.leads.loads([case.partner.id])[case.partner.id]
    if load.unseen < int(case.fact.data["lapses"]):
        return False
    view = fact_view(mailing.relay, case, "hq", "phone_partner", now)
    return _once(mailing, f"{line.fact}#hq#phone_now", now, lambda: _send(mailing, view, {"role": "hq"}))


def _emergency(case: Case) -> bool:
    return any(u.emergency for u in case.programme.urgencies if u.id == case.lead.urgency)


def _line(case: Case) -> HeldLine:
    partner = str(case.fact.data.get("partner") or "")
    return HeldLine(case.fact_id, case.fact.kind, case.lead.id, partner, case.at)
