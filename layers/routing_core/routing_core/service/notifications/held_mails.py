"""Mails that may wait for others: held as lines of a slot, and sent together once it is due.

``GROUPS`` says how the lines of each kind of slot are read, and which mail they make.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from routing_core.domain.errors import Conflict
from routing_core.domain.events import LeadAssigned, PartnerUnseen
from routing_core.domain.lead import Lead, LeadStatus
from routing_core.domain.reasons import QueueReason
from routing_core.domain.values.clean import named
from routing_core.service.kernel.views import Entry, MailView
from routing_core.service.notifications.digests import (
    ALERT,
    CLOSED,
    COLLEAGUES,
    HELD_BACK,
    NEWS,
    PHONE,
    RECEIPTS,
    UNCONFIRMED,
    WAITING,
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
from routing_core.service.notifications.mail_views import (
    Case,
    case_of,
    closed_view,
    entry_of,
    fact_view,
    held_back_view,
    hq_view,
    news_view,
    receipt_view,
    unconfirmed_view,
    waiting_view,
)
from routing_core.service.notifications.mailing import MailContext

logger = logging.getLogger(__name__)
T = TypeVar("T")
AN_HOUR = timedelta(hours=1)
WAITING_AT_ONCE = 3
"""So many mails that an enquiry takes longer reach one mailbox at once in an hour; hardly anybody
has more of them.
"""
COLLEAGUES_AT_ONCE = 3
"""So many times in an hour a customer hears at once who at the firm looks after it now; then only
of the last.
"""
NEWS_AT_ONCE = 3
"""So many news of one lead reach a partner at once in an hour; what comes after is gathered in one
mail.
"""


@dataclass(frozen=True, slots=True)
class Group:
    """How the lines of a slot become one mail. ``read`` is given each line and may find that there
    is nothing to tell of it any more (None); ``view`` makes the mail of all that were read, None if
    there is nothing to tell at all.
    """

    read: Callable[[MailContext, DigestLine], Any]
    view: Callable[[MailContext, Mapping[DigestLine, Any], datetime], MailView | None]
    role: str = "hq"
    at_once: int = 1
    """So many of an hour need not wait for its end."""


def confirm_to_hq(mailing: MailContext, case: Case, template: str, now: datetime) -> str:
    """With the next digest, unless it is an emergency, HQ's own override, or the programme wants
    each at once.
    """
    slot = confirmation_slot(case.programme, now)
    urgent = isinstance(case.event, LeadAssigned) or case.programme.is_emergency(case.lead.urgency)
    if slot is None or urgent:
        return mailing.send(fact_view(mailing.services, case, "hq", template, now), {"role": "hq"})
    return _hold(mailing, slot, _line(case))


def alert_hq(mailing: MailContext, case: Case, now: datetime) -> str:
    """Alerts HQ: the first of its region and hour leaves at once, an emergency always."""
    line = _line(case)
    if case.lead.reason == QueueReason.MERGED:  # old ones: all in one alert
        return _hold(mailing, merged_slot(now), line)
    if case.programme.is_emergency(case.lead.urgency):
        return mailing.send(_alert(mailing, {line: _alerted(mailing, line)}, now), {"role": "hq"})
    return _first_or_held(
        mailing, line, alert_slot(case.lead, now), next_alert_slot(case.lead, now), now
    )


def receipt_or_held(mailing: MailContext, case: Case, now: datetime) -> str:
    """Acknowledges an enquiry: the first of its mailbox and hour at once, the others together at
    the end of the hour.

    So nobody can have a stranger flooded with receipts, and no receipt is lost. Every mail that an
    enquiry by itself sends to an unproven address belongs here.
    """
    return _to_mailbox(mailing, case, receipt_slot, now)


def closed_or_held(mailing: MailContext, case: Case, now: datetime) -> str:
    """Tells that an enquiry is closed: the first of its mailbox and hour at once, the others
    together at the end of the hour. Whoever has thirty enquiries rejected at once has not thirty
    mails sent to the address that was typed.
    """
    return _to_mailbox(mailing, case, closed_slot, now)


def waiting_or_held(mailing: MailContext, case: Case, now: datetime) -> str:
    """Tells that an enquiry takes longer: a few of a mailbox and hour at once, so that nobody's
    promise passes in silence, all the rest together at the end of the hour.
    """
    return _to_mailbox(mailing, case, waiting_slot, now)


def _to_mailbox(
    mailing: MailContext, case: Case, slot_of: Callable[[str, datetime], Slot], now: datetime
) -> str:
    """Writes to whoever asked; ``slot_of`` gives the slot of their mailbox for the hour of an
    instant.
    """
    contact = case.lead.contact
    if contact is None:
        return "nobody"
    slot = partial(slot_of, mailing.services.mailbox_key(contact.email))
    return _first_or_held(mailing, _line(case), slot(now), slot(now + AN_HOUR), now)


def colleague_or_held(mailing: MailContext, case: Case, now: datetime) -> str:
    """Tells a customer who at the firm looks after it now. A firm that hands it to and fro causes a
    few mails an hour, and at the end of it one more, which names whoever has it then.
    """
    slot = partial(colleague_slot, case.lead.id)
    return _first_or_held(mailing, _line(case), slot(now), slot(now + AN_HOUR), now)


def news_or_held(mailing: MailContext, case: Case, now: datetime) -> str:
    """Tells a partner what is new of a lead: a few times in an hour at once, then all the rest at
    the end of it.
    """
    if case.partner is None:
        return "nobody"
    slot = partial(news_slot, case.partner.id, case.lead.id)
    return _first_or_held(mailing, _line(case), slot(now), slot(now + AN_HOUR), now)


def tell_unconfirmed(mailing: MailContext, line: DigestLine, now: datetime) -> str:
    """The first of the hour leaves at once; who comes later is told of at its end, however long the
    imported list.
    """
    return _first_or_held(
        mailing, line, unconfirmed_slot(now), unconfirmed_slot(now + AN_HOUR), now
    )


def _first_or_held(
    mailing: MailContext, line: DigestLine, slot: Slot, later: Slot, now: datetime
) -> str:
    """The first of its slot takes along what was held for it; those after it wait for the later
    one.
    """
    group = _group_of(slot)
    read = partial(group.read, mailing)
    held = _readable(mailing.digests.held(slot.name), read)
    view = group.view(mailing, held | {line: read(line)}, now)
    if not _leads(mailing, slot, line, now):
        return _hold(mailing, later, line)
    message = mailing.send(view, _mark(group, line))
    if held:
        mailing.digests.flushed(slot, tuple(held))
    return message


def _leads(mailing: MailContext, slot: Slot, line: DigestLine, now: datetime) -> bool:
    """Whether this is a line whose mail leaves at once, while the hour's others wait for the next.
    Told again it is the same line's mail that leaves again, for nobody knows whether it has.
    """
    for number in range(1, _group_of(slot).at_once + 1):
        key = slot.name if number == 1 else f"{slot.name}#{number}"
        if mailing.once(key, now, lambda: "led", [line.fact]):
            return True
        if line.fact in mailing.outgoing.told(key):
            return True
    return False


def tell_held_back(mailing: MailContext, case: Case, now: datetime) -> str:
    """At the end of the hour, in one mail: most senders have confirmed by then, and a flood is one
    line.
    """
    return _hold(mailing, held_back_slot(now), _line(case))


def phone_later(mailing: MailContext, case: Case, now: datetime) -> str:
    """Asks HQ to phone later: the second contact is written to first."""
    return _hold(mailing, phone_slot(case.programme, now), _line(case))


def _hold(mailing: MailContext, slot: Slot, line: DigestLine) -> str:
    mailing.digests.hold(slot, line)
    return f"held for {slot.name}"


def flush_digests(mailing: MailContext, now: datetime) -> int:
    """Sends every slot whose time has come; returns how many mails left.

    A line that came too late for its slot's mail leaves in one of its own, under the line's name.
    """
    sent = 0
    for slot in mailing.digests.due(now):
        lines = mailing.digests.held(slot.name)
        try:
            left, told = _flush(mailing, slot, lines, now)
        except Conflict:
            continue  # being sent by somebody else right now: looked at again next time
        except Exception:
            logger.exception("a digest could not be sent", extra={"slot": slot.name})
            continue  # the others leave all the same; this one is tried again with the next sweep
        sent += left
        if told or not lines:
            mailing.digests.flushed(slot, told)
    return sent


def _flush(
    mailing: MailContext, slot: Slot, lines: tuple[DigestLine, ...], now: datetime
) -> tuple[int, tuple[DigestLine, ...]]:
    """How many mails left, and the lines that are done with."""
    if slot.name.startswith(PHONE):
        phoned = _readable(lines, partial(_phone_now, mailing, now))
        return sum(phoned.values()), tuple(phoned)
    found = _readable(lines, partial(_group_of(slot).read, mailing))
    return int(_sent_once(mailing, slot, found, now)), tuple(found)


def _sent_once(
    mailing: MailContext, slot: Slot, found: Mapping[DigestLine, Entry | None], now: datetime
) -> bool:
    """Whether a mail left. Lines that are still held though they left with an earlier mail do not
    leave again.
    """
    key, rest, group = slot.name, dict(found), _group_of(slot)
    while rest and (view := group.view(mailing, rest, now)):
        send = partial(mailing.send, view, _mark(group, next(iter(rest))))
        if mailing.once(key, now, send, [line.fact for line in rest]):
            return True
        left = {*mailing.outgoing.told(key), key.removeprefix(f"{slot.name}#")}
        rest = {line: entry for line, entry in rest.items() if line.fact not in left}
        key = f"{slot.name}#{next(iter(rest)).fact}" if rest else ""
    return False


def _readable(lines: Iterable[DigestLine], read: Callable[[DigestLine], T]) -> dict[DigestLine, T]:
    """What was read of each. A line whose lead or partner cannot be understood is left out and
    stays held, with an error in the log: the others do not wait for it.
    """
    found = {}
    for line in lines:
        try:
            found[line] = read(line)
        except (AttributeError, KeyError, TypeError, ValueError):
            logger.exception(
                "a held line cannot be read", extra={"lead": line.lead, "partner": line.partner}
            )
    return found


def not_called_yet(case: Case) -> bool:
    """Tells whether the owner whom the fact names still has it and has not logged that they are in
    contact.
    """
    return case.lead.status is LeadStatus.ACCEPTED and case.lead.owner == case.event.partner_id


def has_somebody_new(case: Case) -> bool:
    """Tells whether the customer can be told who it is, and is not in contact with the firm
    already.
    """
    colleague = case.lead.colleague
    return not_called_yet(case) and colleague is not None and bool(named(colleague.name))


def _entry(mailing: MailContext, line: DigestLine) -> Entry | None:
    return entry_of(mailing.services, line)


def _alerted(mailing: MailContext, line: DigestLine) -> Entry | None:
    """None for what somebody has, what has ended, and what HQ was asked to decide in a mail of its
    own meanwhile.
    """
    entry = entry_of(mailing.services, line)
    if entry is None or entry.lead.owner or entry.lead.finished or entry.lead.undecided:
        return None
    return entry


def _alert(
    mailing: MailContext, found: Mapping[DigestLine, Entry | None], now: datetime
) -> MailView | None:
    return _entries_to_hq(mailing, "alert", found, now)


def _confirmations(
    mailing: MailContext, found: Mapping[DigestLine, Entry | None], now: datetime
) -> MailView | None:
    return _entries_to_hq(mailing, "digest", found, now)


def _entries_to_hq(
    mailing: MailContext, template: str, found: Mapping[DigestLine, Entry | None], now: datetime
) -> MailView | None:
    """What is still so of the lines."""
    entries = tuple(entry for entry in found.values() if entry)
    return hq_view(mailing.services, template, now, entries) if entries else None


def _nothing_to_read(_: MailContext, __: DigestLine) -> None:
    """What concerns a partner alone is looked up when the mail is made."""


def _unconfirmed(
    mailing: MailContext, found: Mapping[DigestLine, None], now: datetime
) -> MailView | None:
    return unconfirmed_view(mailing.services, {line.partner for line in found}, now)


def _held_back(
    mailing: MailContext, found: Mapping[DigestLine, None], now: datetime
) -> MailView | None:
    return held_back_view(mailing.services, [line.lead for line in found], now)


def _acknowledged(mailing: MailContext, line: DigestLine) -> Lead | None:
    return mailing.services.leads.get(line.lead)


def _receipts(
    mailing: MailContext, found: Mapping[DigestLine, Lead | None], now: datetime
) -> MailView | None:
    leads = {lead.id: lead for lead in found.values() if lead and lead.contact}
    return receipt_view(mailing.services, tuple(leads.values()), now) if leads else None


def _fact(mailing: MailContext, line: DigestLine) -> Case | None:
    lead_id, version, index = line.fact.split(":")
    return case_of(mailing.services, lead_id, int(version), int(index))


def _closed(
    mailing: MailContext, found: Mapping[DigestLine, Case | None], now: datetime
) -> MailView | None:
    """What was not opened again meanwhile, each enquiry once."""
    cases = {
        case.lead.id: case
        for case in found.values()
        if case and case.lead.contact and case.lead.finished
    }
    return closed_view(mailing.services, tuple(cases.values()), now) if cases else None


def _waiting(
    mailing: MailContext, found: Mapping[DigestLine, Case | None], now: datetime
) -> MailView | None:
    """What is still so, each enquiry once: not what a partner has, or has no more, since."""
    cases = {
        case.lead.id: case
        for case in found.values()
        if case
        and case.lead.contact
        and not case.lead.finished
        and case.lead.owner == case.event.partner_id
    }
    return waiting_view(mailing.services, tuple(cases.values()), now) if cases else None


def _looked_after(
    mailing: MailContext, found: Mapping[DigestLine, Case | None], now: datetime
) -> MailView | None:
    """Who has it by now; nothing once they are in contact, or it is nobody's whom the customer can
    be told.
    """
    cases = [case for case in found.values() if case and has_somebody_new(case)]
    return fact_view(mailing.services, cases[-1], "prospect", "will_call", now) if cases else None


def _news(
    mailing: MailContext, found: Mapping[DigestLine, Case | None], now: datetime
) -> MailView | None:
    """The latest, and how many there were before it: the page shows them all."""
    cases = [
        case
        for case in found.values()
        if case and case.partner and case.partner.id in case.lead.listed_under
    ]
    return news_view(mailing.services, cases, now) if cases else None


GROUPS: Mapping[str, Group] = {
    ALERT: Group(_alerted, _alert),
    UNCONFIRMED: Group(_nothing_to_read, _unconfirmed),
    HELD_BACK: Group(_nothing_to_read, _held_back),
    RECEIPTS: Group(_acknowledged, _receipts, role="prospect"),
    CLOSED: Group(_fact, _closed, role="prospect"),
    WAITING: Group(_fact, _waiting, role="prospect", at_once=WAITING_AT_ONCE),
    COLLEAGUES: Group(_fact, _looked_after, role="prospect", at_once=COLLEAGUES_AT_ONCE),
    NEWS: Group(_fact, _news, role="partner", at_once=NEWS_AT_ONCE),
}
CONFIRMATIONS = Group(_entry, _confirmations)


def _group_of(slot: Slot) -> Group:
    kind, dot, _ = slot.name.partition(".")
    return GROUPS.get(f"{kind}{dot}", CONFIRMATIONS)


def _mark(group: Group, line: DigestLine) -> dict[str, str]:
    """What comes back with a bounce: whose mail it was."""
    if group.role == "hq":
        return {"role": "hq"}
    return {
        "role": group.role,
        "lead": line.lead,
        "partner": line.partner if group.role == "partner" else "",
    }


def _phone_now(mailing: MailContext, now: datetime, line: DigestLine) -> bool:
    """Whether HQ was written to: not if somebody there has answered or paused since."""
    lead_id, version, index = line.fact.split(":")
    case = case_of(mailing.services, lead_id, int(version), int(index))
    if case is None or case.partner is None or case.partner.paused:
        return False
    load = mailing.services.leads.loads([case.partner.id])[case.partner.id]
    if isinstance(case.event, PartnerUnseen) and load.unseen < (case.event.lapses or 0):
        return False
    view = fact_view(mailing.services, case, "hq", "phone_partner", now)
    return mailing.once(
        f"{line.fact}#hq#phone_now", now, lambda: mailing.send(view, {"role": "hq"})
    )


def _line(case: Case) -> DigestLine:
    return DigestLine(
        case.event_id, case.event.kind, case.lead.id, case.event.partner_id or "", case.at
    )
