"""The mails that were sent about one lead: found by the events that mean them, in the log of mails.

Nothing of a lead is kept for this: what it said its template tells, whom it went to its role, and
the log has the subject without what is the lead's. So there is nothing to erase.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from routing_core.domain.events import CommitRecord
from routing_core.service.kernel.lead_mail import LeadMail, MailOutcome
from routing_core.service.kernel.mail_ports import MailNews, NotedMail, SentMailLog
from routing_core.service.notifications.dispatch import occasion_of
from routing_core.service.notifications.held_mails import HELD, phoned_key
from routing_core.service.notifications.mail_table import MAILS, NO_MAIL
from routing_core.service.notifications.mailing import NOBODY

LAST_COUNTS = (MailNews.DELIVERED, MailNews.RETURNED, MailNews.COMPLAINED)
"""News of which the latest says how it stands; of two at one instant the one further behind."""
OUTCOMES: Mapping[MailNews, MailOutcome] = {
    MailNews.DELIVERED: MailOutcome.DELIVERED,
    MailNews.RETURNED: MailOutcome.RETURNED,
    MailNews.COMPLAINED: MailOutcome.COMPLAINED,
}
FROM_BAD_TO_GOOD = (
    MailOutcome.REJECTED,
    MailOutcome.RETURNED,
    MailOutcome.COMPLAINED,
    MailOutcome.DELAYED,
    MailOutcome.SENT,
    MailOutcome.DELIVERED,
)
"""Of the messages of one mail the first of these that one of them has is told."""

News = Mapping[MailNews, datetime]


class _Meant(NamedTuple):
    """A mail that an event means, whether or not it was sent."""

    fact: str
    role: str
    template: str
    partner: str | None


def mails_about(log: SentMailLog, rows: Iterable[CommitRecord]) -> tuple[LeadMail, ...]:
    """List the mails of a lead that the log still knows, the newest first; ``rows`` are its own."""
    meant = _meant(rows)
    noted = {key: mail for key, mail in log.noted(list(meant)).items() if mail.posted != NOBODY}
    noted |= _left_in_digests(log, noted, meant)
    news = log.news(set(_messages(noted.values())))
    found = []
    for key, mail in noted.items():
        _, role, template, partner = meant[key]
        about = LeadMail(template, role, partner, mail.at, MailOutcome.GATHERED)
        found.append(about if _waits(mail) else _sent(about, mail, news))
    return tuple(sorted(found, key=lambda each: each.at, reverse=True))


def _meant(rows: Iterable[CommitRecord]) -> dict[str, _Meant]:
    """Give the mails that the events mean, by their key in the log."""
    meant = {}
    for row in rows:
        for index, event in enumerate(row.events):
            fact = row.event_id(index)
            occasion = occasion_of(event, fact, row.lead, row.at)
            for role, template, _ in MAILS.get(type(event), NO_MAIL):
                key = f"{occasion}#{role}#{template}"
                meant[key] = _Meant(fact, role, template, event.partner_id)
    return meant


def _waits(mail: NotedMail) -> bool:
    """Tell whether the log says only that it leaves together with others."""
    return mail.posted.messages[0] == HELD


def _left_in_digests(
    log: SentMailLog, noted: Mapping[str, NotedMail], meant: Mapping[str, _Meant]
) -> dict[str, NotedMail]:
    """Give, for those that waited, the mail that left later, where the log knows that for sure."""
    later = {key: _left_as(meant[key], mail) for key, mail in noted.items() if _waits(mail)}
    keys = [key for key in later.values() if key]
    if not keys:
        return {}
    mails = log.noted(keys)
    left = {}
    for key, left_as in later.items():
        mail = mails.get(left_as)
        if mail and mail.posted.subject and _is_told_by(mail, meant[key]):
            left[key] = mail
    return left


def _left_as(meant: _Meant, mail: NotedMail) -> str:
    """Give the key under which a mail that waited has left, if it has; empty if none tells.

    Of others that wait the log does not tell whether they were still worth telling in the end.
    """
    if meant.template == "confirmation":
        return mail.posted.messages[-1]
    return phoned_key(meant.fact) if meant.template == "phone_partner" else ""


def _is_told_by(mail: NotedMail, meant: _Meant) -> bool:
    return not mail.facts or meant.fact in mail.facts


def _messages(mails: Iterable[NotedMail]) -> Iterator[str]:
    for mail in mails:
        if not _waits(mail):
            yield from mail.posted.messages


def _sent(about: LeadMail, mail: NotedMail, news: Mapping[str, News]) -> LeadMail:
    """Say what became of a mail that was sent."""
    outcomes = [_outcome(news.get(message, {})) for message in mail.posted.messages]
    worst = min(outcomes, key=FROM_BAD_TO_GOOD.index)
    delivered = outcomes.count(MailOutcome.DELIVERED)
    if worst is MailOutcome.SENT and delivered:
        worst = MailOutcome.PARTLY
    return replace(
        about,
        outcome=worst,
        delivered=delivered,
        readers=len(outcomes),
        subject=mail.posted.subject,
        language=mail.posted.language,
    )


def _outcome(news: News) -> MailOutcome:
    """Say what became of one message: news may come twice and in any order."""
    if MailNews.REJECTED in news:
        return MailOutcome.REJECTED
    lasting = [each for each in LAST_COUNTS if each in news]
    if lasting:
        return OUTCOMES[max(lasting, key=lambda each: (news[each], LAST_COUNTS.index(each)))]
    if MailNews.FAILED in news:
        # Without a delivery it was given up; after one it is an out-of-office reply.
        return MailOutcome.RETURNED
    return MailOutcome.DELAYED if MailNews.DELAYED in news else MailOutcome.SENT
