"""Mails to HQ that may wait for others: held as lines of a slot, and sent together once it is due."""

import logging
from datetime import datetime, timedelta
from functools import partial

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
from .mail_views import Case, case_of, entries_of, fact_view, hq_view, unconfirmed_view
from .mailing import Mailing
from .views import MailView

logger = logging.getLogger(__name__)


def confirm_to_hq(mailing: Mailing, case: Case, template: str, now: datetime) -> str:
    """With the next digest, unless it is an emergency, HQ's own override, or the programme wants each at once."""
    slot = confirmation_slot(case.programme, now)
    urgent = case.fact.kind == "lead.assigned" or _emergency(case)
    if slot is None or urgent:
        return mailing.send(fact_view(mailing.relay, case, "hq", template, now), {"role": "hq"})
    return _hold(mailing, slot, _line(case))


def alert_hq(mailing: Mailing, case: Case, now: datetime) -> str:
    """The first of its region and hour leaves at once, an emergency always."""
    line = _line(case)
    if _emergency(case):
        return mailing.send(hq_view(mailing.relay, "alert", now, entries_of(mailing.relay, (line,))), {"role": "hq"})
    return _first_or_held(mailing, line, alert_slot(case.lead, now), next_alert_slot(case.lead, now), now)


def tell_unconfirmed(mailing: Mailing, line: HeldLine, now: datetime) -> str:
    """The first of the hour leaves at once; who comes later is told of at its end, however long the imported list."""
    return _first_or_held(mailing, line, unconfirmed_slot(now), unconfirmed_slot(now + timedelta(hours=1)), now)


def _first_or_held(mailing: Mailing, line: HeldLine, slot: Slot, later: Slot, now: datetime) -> str:
    """The first of its slot takes along what was held for it; those after it wait for the later one."""
    held = mailing.digests.held(slot.name)
    view = _view_of(mailing, slot, (*held, line), now)
    if not _leads(mailing, slot, line, now):
        return _hold(mailing, later, line)
    message = mailing.send(view, {"role": "hq"})
    if held:
        mailing.digests.flushed(slot, held)
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
    send = partial(mailing.send, view, {"role": "hq"})
    keys = (slot.name, f"{slot.name}#{lines[0].fact}") if view else ()
    return int(any(mailing.once(key, now, send) for key in keys))


def _view_of(mailing: Mailing, slot: Slot, lines: tuple[HeldLine, ...], now: datetime) -> MailView | None:
    """What is still so of the lines; None if nothing is."""
    if slot.name.startswith(UNCONFIRMED):
        return unconfirmed_view(mailing.relay, {line.partner for line in lines}, now)
    entries = entries_of(mailing.relay, lines)
    template = "alert" if slot.name.startswith(ALERT) else "digest"
    return hq_view(mailing.relay, template, now, entries) if entries else None


def _phone_now(mailing: Mailing, line: HeldLine, now: datetime) -> bool:
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


def _emergency(case: Case) -> bool:
    return any(u.emergency for u in case.programme.urgencies if u.id == case.lead.urgency)


def _line(case: Case) -> HeldLine:
    partner = str(case.fact.data.get("partner") or "")
    return HeldLine(case.fact_id, case.fact.kind, case.lead.id, partner, case.at)
