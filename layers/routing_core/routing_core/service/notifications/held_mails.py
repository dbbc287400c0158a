"""Mails that may wait for others: held as lines of a slot, and sent together once it is due.

The first of an hour leaves at once and takes along what was held for that hour; later ones wait for
its end. ``digest_groups`` says how the lines of each kind of slot are read, and which mail they
make.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from routing_core.domain.errors import Conflict, NewerData
from routing_core.domain.events import LeadAssigned, PartnerUnseen
from routing_core.domain.reasons import QueueReason
from routing_core.service.kernel.mail_delays import MailDelayed
from routing_core.service.kernel.mail_ports import MailTry, PostedMail
from routing_core.service.notifications.digest_groups import (
    Group,
    alert_view,
    alerted_entry,
    bounce_tags,
    case_of_line,
    group_of,
)
from routing_core.service.notifications.digests import (
    AN_HOUR,
    PHONE,
    DigestLine,
    Slot,
    alert_slot,
    closed_slot,
    colleague_slot,
    confirmation_slot,
    held_back_slot,
    merged_slot,
    news_slot,
    next_alert_slot,
    phone_slot,
    receipt_slot,
    unconfirmed_slot,
    waiting_slot,
)
from routing_core.service.notifications.mail_views import Case, fact_view
from routing_core.service.notifications.mailing import NOBODY, MailContext

logger = logging.getLogger(__name__)
Read = TypeVar("Read")
SlotAt = Callable[[datetime], Slot]
"""Gives the slot of the hour in which an instant lies."""
TO_HQ = {"role": "hq"}
HELD = "held"
"""Begins what the log says of a mail that waits for others; the last word is its slot's name."""
LED = PostedMail(("led",))
"""Says that a slot's first mail has left: it is noted under its own event."""


def confirm_to_hq(
    mailing: MailContext, case: Case, template: str, tried: MailTry, now: datetime
) -> PostedMail:
    """Confirm to HQ with the next digest; give what that came to.

    An emergency, HQ's own override, and a programme without digests are confirmed at once.
    """
    slot = confirmation_slot(case.programme, now)
    urgent = isinstance(case.event, LeadAssigned) or case.programme.is_emergency(case.lead.urgency)
    if slot is None or urgent:
        view = fact_view(mailing.services, case, "hq", template, now)
        return mailing.send(view, TO_HQ, tried)
    return _hold(mailing, slot, _line(case))


def alert_hq(mailing: MailContext, case: Case, tried: MailTry, now: datetime) -> PostedMail:
    """Alert HQ: the first of its region and hour leaves at once, an emergency always."""
    line = _line(case)
    # Enquiries of old that were merged and got lost turn up in numbers: all in one alert.
    if case.lead.reason == QueueReason.MERGED:
        return _hold(mailing, merged_slot(now), line)
    if case.programme.is_emergency(case.lead.urgency):
        view = alert_view(mailing, {line: alerted_entry(mailing, line)}, now)
        return mailing.send(view, TO_HQ, tried)
    later = next_alert_slot(case.lead, now)
    return _first_or_held(mailing, line, (alert_slot(case.lead, now), later), tried, now)


def receipt_or_held(mailing: MailContext, case: Case, tried: MailTry, now: datetime) -> PostedMail:
    """Acknowledge an enquiry: the first of its mailbox and hour at once, the others at its end.

    So nobody can have a stranger flooded with receipts, and no receipt is lost. Every mail that an
    enquiry by itself sends to an unproven address belongs here.
    """
    return _to_mailbox(mailing, case, receipt_slot, tried, now)


def closed_or_held(mailing: MailContext, case: Case, tried: MailTry, now: datetime) -> PostedMail:
    """Tell that an enquiry is closed: the first of its mailbox and hour at once, others at its end.

    Whoever has thirty enquiries rejected at once has not thirty mails sent to the address that was
    typed.
    """
    return _to_mailbox(mailing, case, closed_slot, tried, now)


def waiting_or_held(mailing: MailContext, case: Case, tried: MailTry, now: datetime) -> PostedMail:
    """Tell that an enquiry takes longer: a few of a mailbox and hour at once, the rest at its end.

    So nobody's promise passes in silence.
    """
    return _to_mailbox(mailing, case, waiting_slot, tried, now)


def _to_mailbox(
    mailing: MailContext,
    case: Case,
    slot_of: Callable[[str, datetime], Slot],
    tried: MailTry,
    now: datetime,
) -> PostedMail:
    """Write to whoever asked; ``slot_of`` gives the slot of their mailbox for an instant's hour."""
    contact = case.lead.contact
    if contact is None or not contact.email:
        return NOBODY
    mailbox = mailing.services.mailbox_key(contact.email)
    return _now_or_next_hour(mailing, case, partial(slot_of, mailbox), tried, now)


def colleague_or_held(
    mailing: MailContext, case: Case, tried: MailTry, now: datetime
) -> PostedMail:
    """Tell a customer who at the firm looks after it now.

    A firm that hands it to and fro causes a few mails an hour, and at the end of it one more, which
    names whoever has it then.
    """
    return _now_or_next_hour(mailing, case, partial(colleague_slot, case.lead.id), tried, now)


def news_or_held(mailing: MailContext, case: Case, tried: MailTry, now: datetime) -> PostedMail:
    """Tell a partner what is new of a lead: a few times in an hour at once, the rest at its end."""
    if case.partner is None:
        return NOBODY
    slot_at = partial(news_slot, case.partner.id, case.lead.id)
    return _now_or_next_hour(mailing, case, slot_at, tried, now)


def _now_or_next_hour(
    mailing: MailContext, case: Case, slot_at: SlotAt, tried: MailTry, now: datetime
) -> PostedMail:
    slots = (slot_at(now), slot_at(now + AN_HOUR))
    return _first_or_held(mailing, _line(case), slots, tried, now)


def tell_unconfirmed(
    mailing: MailContext, line: DigestLine, tried: MailTry, now: datetime
) -> PostedMail:
    """Tell HQ whose address waits: the first of the hour at once, the others at its end.

    So it is one mail, however long the imported list.
    """
    slots = (unconfirmed_slot(now), unconfirmed_slot(now + AN_HOUR))
    return _first_or_held(mailing, line, slots, tried, now)


def _first_or_held(
    mailing: MailContext, line: DigestLine, slots: tuple[Slot, Slot], tried: MailTry, now: datetime
) -> PostedMail:
    """Send the first of its slot, with what was held for it; those after it wait for the next."""
    slot, later = slots
    group = group_of(slot)
    read = partial(group.read, mailing)
    if tried.had:
        # Only somebody of its readers still waits. What is held meanwhile leaves by itself.
        view = group.view(mailing, {line: read(line)}, now)
        return mailing.send(view, bounce_tags(group, line), tried)
    held = _readable(mailing.digests.held(slot.name), read)
    view = group.view(mailing, held | {line: read(line)}, now)
    if not _leads(mailing, slot, line, now):
        return _hold(mailing, later, line)
    posted = mailing.send(view, bounce_tags(group, line), tried)
    if held:
        mailing.digests.flushed(slot, tuple(held))
    return posted


def _leads(mailing: MailContext, slot: Slot, line: DigestLine, now: datetime) -> bool:
    """Tell whether this line's mail leaves at once, while the hour's others wait for the next.

    Told again it is the same line's mail that leaves again, for nobody knows whether it has.
    """
    for number in range(1, group_of(slot).at_once + 1):
        key = slot.name if number == 1 else f"{slot.name}#{number}"
        if mailing.once(key, now, lambda _: LED, [line.fact]):
            return True
        if line.fact in mailing.outgoing.told(key):
            return True
    return False


def tell_held_back(mailing: MailContext, case: Case, _: MailTry, now: datetime) -> PostedMail:
    """Tell HQ at the end of the hour, in one mail, what is held.

    Most senders have confirmed by then, and a flood is one line.
    """
    return _hold(mailing, held_back_slot(now), _line(case))


def phone_later(mailing: MailContext, case: Case, now: datetime) -> PostedMail:
    """Ask HQ to phone later: the second contact is written to first."""
    return _hold(mailing, phone_slot(case.programme, now), _line(case))


def _hold(mailing: MailContext, slot: Slot, line: DigestLine) -> PostedMail:
    mailing.digests.hold(slot, line)
    return PostedMail((HELD, "for", slot.name))


def flush_digests(mailing: MailContext, now: datetime) -> int:
    """Send every slot whose time has come, as time allows; give how many mails left.

    A line that came too late for its slot's mail leaves in one of its own, under the line's name.
    """
    sent = 0
    for slot in mailing.digests.due(now):
        if not mailing.has_time():
            break
        lines = mailing.digests.held(slot.name)
        try:
            left, told = _flush(mailing, slot, lines, now)
        except Conflict:
            # Being sent by somebody else right now: looked at again next time.
            continue
        except MailDelayed as delayed:
            # Its readers, or those of them who have not had it, get it with a later sweep.
            told_why = {"slot": slot.name, "why": delayed.hindrance.value}
            logger.warning("a digest waits", extra=told_why)
            continue
        except Exception:
            # The others leave all the same; this one is tried again with the next sweep.
            logger.exception("a digest could not be sent", extra={"slot": slot.name})
            continue
        sent += left
        if told or not lines:
            mailing.digests.flushed(slot, told)
    return sent


def _flush(
    mailing: MailContext, slot: Slot, lines: tuple[DigestLine, ...], now: datetime
) -> tuple[int, tuple[DigestLine, ...]]:
    """Send one slot; give how many mails left, and the lines that are done with."""
    if slot.name.startswith(PHONE):
        phoned = _readable(lines, partial(_phone_now, mailing, now))
        return sum(phoned.values()), tuple(phoned)
    found = _readable(lines, partial(group_of(slot).read, mailing))
    return _sent_once(mailing, slot, found, now), tuple(found)


def _sent_once(
    mailing: MailContext, slot: Slot, found: Mapping[DigestLine, Any], now: datetime
) -> int:
    """Give how many mails left.

    Lines that are still held though they left with an earlier mail do not leave again.
    """
    group = group_of(slot)
    key = slot.name
    rest = dict(found)
    sent = 0
    while rest and group.view(mailing, rest, now) is not None:
        send = partial(_send_lines, mailing, group, rest, now)
        sent += mailing.once(key, now, send, [line.fact for line in rest])
        # The mail of that key has left: what it told is done with, the others need another key.
        left = {*mailing.outgoing.told(key), key.removeprefix(f"{slot.name}#")}
        rest = {line: entry for line, entry in rest.items() if line.fact not in left}
        if rest:
            key = f"{slot.name}#{next(iter(rest)).fact}"
    return sent


def _send_lines(
    mailing: MailContext,
    group: Group,
    found: Mapping[DigestLine, Any],
    now: datetime,
    tried: MailTry,
) -> PostedMail:
    """Send the lines that the mail tells: what is newer than an earlier try is not among them."""
    lines = {line: entry for line, entry in found.items() if line.fact in tried.facts}
    view = group.view(mailing, lines, now) if lines else None
    return mailing.send(view, bounce_tags(group, next(iter(found))), tried)


def _readable(
    lines: Iterable[DigestLine], read: Callable[[DigestLine], Read]
) -> dict[DigestLine, Read]:
    """Read each line.

    A line whose lead or partner cannot be understood is left out and stays held, with an error in
    the log: the others do not wait for it.
    """
    found = {}
    for line in lines:
        try:
            found[line] = read(line)
        except (AttributeError, KeyError, NewerData, TypeError, ValueError):
            told = {"lead": line.lead, "partner": line.partner}
            logger.exception("a held line cannot be read", extra=told)
    return found


def _phone_now(mailing: MailContext, now: datetime, line: DigestLine) -> bool:
    """Tell whether HQ was asked to phone: not if somebody there has answered or paused since."""
    case = case_of_line(mailing, line)
    if case is None or case.partner is None or case.partner.paused:
        return False
    load = mailing.services.leads.loads([case.partner.id])[case.partner.id]
    if isinstance(case.event, PartnerUnseen) and load.unseen < (case.event.lapses or 0):
        return False
    view = fact_view(mailing.services, case, "hq", "phone_partner", now)
    return mailing.once(phoned_key(line.fact), now, partial(mailing.send, view, TO_HQ))


def phoned_key(fact: str) -> str:
    """Give the key in the log of a mail that asks HQ to phone, where it had waited."""
    return f"{fact}#hq#phone_now"


def _line(case: Case) -> DigestLine:
    partner = case.event.partner_id or ""
    return DigestLine(case.event_id, case.event.kind, case.lead.id, partner, case.at)
