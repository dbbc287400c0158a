"""Mails to HQ that may wait for others: held as lines of a slot, and sent together once it is due."""

import logging
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from ..domain.errors import Conflict
from .digests import (
    ALERT,
    PHONE,
    UNCONFIRMED,
    HeldLine,
    Slot,
    alert_slot,
    confirmation_slot,
    next_alert_slot,
    phone_slot,
    unconfirmed_slot,
)
from .mail_views import Case, case_of, entry_of, fact_view, hq_view, unconfirmed_view
from .mailing import Mailing
from .views import Entry, MailView

logger = logging.getLogger(__name__)
T = TypeVar("T")


def confirm_to_hq(mailing: Mailing, case: Case, template: str, now: datetime) -> str:
    """With the next digest, unless it is an emergency, HQ's own override, or the programme wants each at once."""
    slot = confirmation_slot(case.programme, now)
    urgent = case.fact.kind == "lead.assigned" or case.programme.is_emergency(case.lead.urgency)
    if slot is None or urgent:
        return mailing.send(fact_view(mailing.relay, case, "hq", template, now), {"role": "hq"})
    return _hold(mailing, slot, _line(case))


def alert_hq(mailing: Mailing, case: Case, now: datetime) -> str:
    """The first of its region and hour leaves at once, an emergency always."""
    line = _line(case)
    if case.programme.is_emergency(case.lead.urgency):
        entry = entry_of(mailing.relay, line)
        return mailing.send(hq_view(mailing.relay, "alert", now, (entry,) if entry else ()), {"role": "hq"})
    return _first_or_held(mailing, line, alert_slot(case.lead, now), next_alert_slot(case.lead, now), now)


def tell_unconfirmed(mailing: Mailing, line: HeldLine, now: datetime) -> str:
    """The first of the hour leaves at once; who comes later is told of at its end, however long the imported list."""
    return _first_or_held(mailing, line, unconfirmed_slot(now), unconfirmed_slot(now + timedelta(hours=1)), now)


def _first_or_held(mailing: Mailing, line: HeldLine, slot: Slot, later: Slot, now: datetime) -> str:
    """The first of its slot takes along what was held for it; those after it wait for the later one."""
    read = partial(_entry, mailing, slot)
    held = _readable(mailing.digests.held(slot.name), read)
    view = _view_of(mailing, slot, held | {line: read(line)}, now)
    if not _leads(mailing, slot, line, now):
        return _hold(mailing, later, line)
    message = mailing.send(view, {"role": "hq"})
    if held:
        mailing.digests.flushed(slot, tuple(held))
    return message


def _leads(mailing: Mailing, slot: Slot, line: HeldLine, now: datetime) -> bool:
    """Whether this is the line whose mail leaves at once, while the hour's others wait for the next. Told again it is
    the same line's mail that leaves again, for nobody knows whether it has; never a line of the next hour too."""
    mine = f"{slot.name}#{line.fact}#first"
    if mailing.outgoing.begun(mine):
        return True
    mailing.outgoing.lease(mine, now)
    if mailing.once(slot.name, now, lambda: "led"):
        return True
    mailing.outgoing.release(mine)
    return False


def phone_later(mailing: Mailing, case: Case, now: datetime) -> str:
    """The second contact first."""
    return _hold(mailing, phone_slot(case.programme, now), _line(case))


def _hold(mailing: Mailing, slot: Slot, line: HeldLine) -> str:
    mailing.digests.hold(slot, line)
    return f"held for {slot.name}"


def flush_digests(mailing: Mailing, now: datetime) -> int:
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
    mailing: Mailing, slot: Slot, lines: tuple[HeldLine, ...], now: datetime
) -> tuple[int, tuple[HeldLine, ...]]:
    """How many mails left, and the lines that are done with."""
    if slot.name.startswith(PHONE):
        phoned = _readable(lines, partial(_phone_now, mailing, now))
        return sum(phoned.values()), tuple(phoned)
    found = _readable(lines, partial(_entry, mailing, slot))
    return int(_sent_once(mailing, slot, found, now)), tuple(found)


def _sent_once(mailing: Mailing, slot: Slot, found: Mapping[HeldLine, Entry | None], now: datetime) -> bool:
    """Whether a mail left. Lines that are still held though they left with an earlier mail do not leave again."""
    key, rest = slot.name, dict(found)
    while rest and (view := _view_of(mailing, slot, rest, now)):
        if mailing.once(key, now, partial(mailing.send, view, {"role": "hq"}), [line.fact for line in rest]):
            return True
        left = {*mailing.outgoing.told(key), key.removeprefix(f"{slot.name}#")}
        rest = {line: entry for line, entry in rest.items() if line.fact not in left}
        key = f"{slot.name}#{next(iter(rest)).fact}" if rest else ""
    return False


def _readable(lines: Iterable[HeldLine], read: Callable[[HeldLine], T]) -> dict[HeldLine, T]:
    """What was read of each. A line whose lead or partner cannot be understood is left out and stays held, with an
    error in the log: the others do not wait for it."""
    found = {}
    for line in lines:
        try:
            found[line] = read(line)
        except (AttributeError, KeyError, TypeError, ValueError):
            logger.exception("a held line cannot be read", extra={"lead": line.lead, "partner": line.partner})
    return found


def _entry(mailing: Mailing, slot: Slot, line: HeldLine) -> Entry | None:
    """None where nothing is so any more, and for what concerns a partner alone."""
    return None if slot.name.startswith(UNCONFIRMED) else entry_of(mailing.relay, line)


def _view_of(mailing: Mailing, slot: Slot, found: Mapping[HeldLine, Entry | None], now: datetime) -> MailView | None:
    """What is still so of the lines; None if nothing is."""
    if slot.name.startswith(UNCONFIRMED):
        return unconfirmed_view(mailing.relay, {line.partner for line in found}, now)
    entries = tuple(entry for entry in found.values() if entry)
    template = "alert" if slot.name.startswith(ALERT) else "digest"
    return hq_view(mailing.relay, template, now, entries) if entries else None


def _phone_now(mailing: Mailing, now: datetime, line: HeldLine) -> bool:
    """Whether HQ was written to: not if somebody there has answered or paused since."""
    lead_id, version, index = line.fact.split(":")
    case = case_of(mailing.relay, lead_id, int(version), int(index))
    if case is None or case.partner is None or case.partner.paused:
        return False
    load = mailing.relay.leads.loads([case.partner.id])[case.partner.id]
    if load.unseen < int(case.fact.data["lapses"]):
        return False
    view = fact_view(mailing.relay, case, "hq", "phone_partner", now)
    return mailing.once(f"{line.fact}#hq#phone_now", now, lambda: mailing.send(view, {"role": "hq"}))


def _line(case: Case) -> HeldLine:
    partner = str(case.fact.data.get("partner") or "")
    return HeldLine(case.fact_id, case.fact.kind, case.lead.id, partner, case.at)
