"""The mails that were sent about one lead: found by the events that mean them, in the log of mails.

Nothing of a mail is kept for this: what it said its template tells, whom it went to its role, and
the log says when it left. So there is nothing to erase.
"""

from collections.abc import Iterable
from typing import NamedTuple

from routing_core.domain.events import CommitRecord
from routing_core.service.kernel.lead_mail import LeadMail, MailOutcome
from routing_core.service.kernel.mail_ports import NotedMail, SentMailLog
from routing_core.service.notifications.dispatch import occasion_of
from routing_core.service.notifications.held_mails import HELD
from routing_core.service.notifications.mail_table import MAILS, NO_MAIL
from routing_core.service.notifications.mailing import NOBODY


class _Meant(NamedTuple):
    """A mail that an event means, whether or not it was sent."""

    role: str
    template: str
    partner: str | None


def mails_about(log: SentMailLog, rows: Iterable[CommitRecord]) -> tuple[LeadMail, ...]:
    """List the mails of a lead that the log still knows, the newest first; ``rows`` are its own."""
    meant = _meant(rows)
    noted = log.noted(list(meant))
    ids: set[str] = set()
    for mail in noted.values():
        ids.update(mail.messages)
    returned = frozenset(log.returned(ids))
    found = []
    for key, mail in noted.items():
        if mail.messages == (NOBODY,):
            continue
        role, template, partner = meant[key]
        found.append(LeadMail(template, role, partner, mail.at, _outcome(mail, returned)))
    return tuple(sorted(found, key=lambda each: each.at, reverse=True))


def _meant(rows: Iterable[CommitRecord]) -> dict[str, _Meant]:
    """Give the mails that the events mean, by their key in the log."""
    meant = {}
    for row in rows:
        for index, event in enumerate(row.events):
            occasion = occasion_of(event, row.event_id(index), row.lead, row.at)
            for role, template, _ in MAILS.get(type(event), NO_MAIL):
                key = f"{occasion}#{role}#{template}"
                meant[key] = _Meant(role, template, event.partner_id)
    return meant


def _outcome(mail: NotedMail, returned: frozenset[str]) -> MailOutcome:
    if returned.intersection(mail.messages):
        return MailOutcome.RETURNED
    if mail.messages[0] == HELD:
        return MailOutcome.GATHERED
    return MailOutcome.SENT
