"""How the lines that wait in a slot become one mail, kind by kind of slot."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from routing_core.domain.lead import Lead, LeadStatus
from routing_core.domain.values.clean import named
from routing_core.service.kernel.views import Entry, MailView
from routing_core.service.notifications.digests import (
    ALERT,
    CLOSED,
    COLLEAGUES,
    HELD_BACK,
    NEWS,
    RECEIPTS,
    UNCONFIRMED,
    WAITING,
    DigestLine,
    Slot,
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

WAITING_AT_ONCE = 3
"""The mails that an enquiry takes longer which reach one mailbox at once in an hour.

Hardly anybody has more enquiries.
"""
COLLEAGUES_AT_ONCE = 3
"""How often in an hour a customer hears at once who looks after it now; then only of the last."""
NEWS_AT_ONCE = 3
"""The news of one lead that reach a partner at once in an hour; what comes after is gathered."""

Cases = Mapping[DigestLine, Case | None]
"""What was read of each line; None where there is nothing to tell of it any more."""


@dataclass(frozen=True, slots=True)
class Group:
    """How the lines of a kind of slot become one mail."""

    read: Callable[[MailContext, DigestLine], Any]
    """Reads a line; None where there is nothing to tell of it any more."""
    view: Callable[[MailContext, Mapping[DigestLine, Any], datetime], MailView | None]
    """Makes the mail of all that were read; None where there is nothing to tell at all."""
    role: str = "hq"
    """Whom the mail is for, as a bounce tells."""
    at_once: int = 1
    """How many lines of an hour need not wait for its end."""


def group_of(slot: Slot) -> Group:
    """Find how a slot's lines are read and told."""
    kind, dot, _ = slot.name.partition(".")
    return GROUPS.get(f"{kind}{dot}", CONFIRMATIONS)


def bounce_tags(group: Group, line: DigestLine) -> dict[str, str]:
    """Say what comes back with a bounce: whose mail it was."""
    if group.role == "hq":
        return {"role": "hq"}
    partner = line.partner if group.role == "partner" else ""
    return {"role": group.role, "lead": line.lead, "partner": partner}


def case_of_line(mailing: MailContext, line: DigestLine) -> Case | None:
    """Read the event of a line, with its lead as it is now."""
    lead_id, version, index = line.fact.split(":")
    return case_of(mailing.services, lead_id, int(version), int(index))


def not_called_yet(case: Case) -> bool:
    """Tell whether the owner whom the event names still has it, and nobody knows of a contact."""
    lead = case.lead
    theirs = lead.status is LeadStatus.ACCEPTED and lead.owner == case.event.partner_id
    return theirs and not lead.contact_confirmed


def has_somebody_new(case: Case) -> bool:
    """Tell whether the customer can be told who it is, and is not in contact with them already."""
    colleague = case.lead.colleague
    return not_called_yet(case) and colleague is not None and bool(named(colleague.name))


def alerted_entry(mailing: MailContext, line: DigestLine) -> Entry | None:
    """Read a line of an alert; None where HQ need not look at it any more.

    Somebody has it, it has ended, or HQ was asked to decide in a mail of its own meanwhile.
    """
    entry = entry_of(mailing.services, line)
    if entry is None or entry.lead.owner or entry.lead.finished or entry.lead.undecided:
        return None
    return entry


def alert_view(
    mailing: MailContext, found: Mapping[DigestLine, Entry | None], now: datetime
) -> MailView | None:
    """Make HQ's alert of leads that nobody takes."""
    return _entries_to_hq(mailing, "alert", found, now)


def _confirmed_entry(mailing: MailContext, line: DigestLine) -> Entry | None:
    return entry_of(mailing.services, line)


def _confirmations(
    mailing: MailContext, found: Mapping[DigestLine, Entry | None], now: datetime
) -> MailView | None:
    return _entries_to_hq(mailing, "digest", found, now)


def _entries_to_hq(
    mailing: MailContext, template: str, found: Mapping[DigestLine, Entry | None], now: datetime
) -> MailView | None:
    """Make a mail to HQ of what is still so of the lines."""
    entries = tuple(filter(None, found.values()))
    return hq_view(mailing.services, template, now, entries) if entries else None


def _nothing_to_read(_: MailContext, __: DigestLine) -> None:
    """Read nothing: what is told is looked up when the mail is made."""


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
    """Acknowledge each enquiry once; whoever was erased meanwhile gets nothing."""
    leads = {lead.id: lead for lead in found.values() if lead and lead.contact}
    return receipt_view(mailing.services, tuple(leads.values()), now) if leads else None


def _closed(mailing: MailContext, found: Cases, now: datetime) -> MailView | None:
    """Tell what was closed and not opened again meanwhile, each enquiry once."""
    cases: dict[str, Case] = {}
    for case in filter(None, found.values()):
        if case.lead.contact and case.lead.finished:
            cases[case.lead.id] = case
    return closed_view(mailing.services, tuple(cases.values()), now) if cases else None


def _waiting(mailing: MailContext, found: Cases, now: datetime) -> MailView | None:
    """Tell what still takes longer, each enquiry once.

    What a partner has, or has no more, since then, is left out.
    """
    cases: dict[str, Case] = {}
    for case in filter(None, found.values()):
        is_as_it_was = case.lead.owner == case.event.partner_id
        if case.lead.contact and not case.lead.finished and is_as_it_was:
            cases[case.lead.id] = case
    return waiting_view(mailing.services, tuple(cases.values()), now) if cases else None


def _looked_after(mailing: MailContext, found: Cases, now: datetime) -> MailView | None:
    """Tell who has it by now.

    Nothing is told once they are in contact, or it is nobody's whom the customer can be told.
    """
    cases = list(filter(has_somebody_new, filter(None, found.values())))
    if not cases:
        return None
    return fact_view(mailing.services, cases[-1], "prospect", "will_call", now)


def _news(mailing: MailContext, found: Cases, now: datetime) -> MailView | None:
    """Tell the latest, and how many there were before it: the page shows them all."""
    cases = list(filter(_concerns_its_partner, filter(None, found.values())))
    return news_view(mailing.services, cases, now) if cases else None


def _concerns_its_partner(case: Case) -> bool:
    return case.partner is not None and case.partner.id in case.lead.listed_under


GROUPS: Mapping[str, Group] = {
    ALERT: Group(alerted_entry, alert_view),
    UNCONFIRMED: Group(_nothing_to_read, _unconfirmed),
    HELD_BACK: Group(_nothing_to_read, _held_back),
    RECEIPTS: Group(_acknowledged, _receipts, role="prospect"),
    CLOSED: Group(case_of_line, _closed, role="prospect"),
    WAITING: Group(case_of_line, _waiting, role="prospect", at_once=WAITING_AT_ONCE),
    COLLEAGUES: Group(case_of_line, _looked_after, role="prospect", at_once=COLLEAGUES_AT_ONCE),
    NEWS: Group(case_of_line, _news, role="partner", at_once=NEWS_AT_ONCE),
}
"""The kinds of slots by the beginning of their names."""
CONFIRMATIONS = Group(_confirmed_entry, _confirmations)
"""What the programme's digests hold: their slots are named by their times."""
