"""How one mail leaves: leased under its key, sent, and noted as sent."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from routing_core.domain.people import person_id
from routing_core.service.kernel.mail_delays import (
    MailDelayed,
    MailDelays,
    MailHindrance,
    MailRefused,
    MailWatch,
)
from routing_core.service.kernel.mail_ports import (
    Mail,
    MailNews,
    MailRenderer,
    MailSender,
    MailTry,
    PostedMail,
    ReaderMail,
    SentMailLog,
)
from routing_core.service.kernel.services import Services
from routing_core.service.kernel.time_budget import HasTime, no_hurry
from routing_core.service.kernel.views import MailView
from routing_core.service.notifications.addressed import addressed
from routing_core.service.notifications.digest_readers import (
    DigestReaders,
    to_its_readers,
    with_way_out,
)
from routing_core.service.notifications.digests import Digests

NOBODY = PostedMail(("nobody",))
"""Says that there was nobody to write to."""


@dataclass(frozen=True, slots=True)
class MailContext:
    """What it takes to tell somebody something by mail."""

    services: Services
    outgoing: SentMailLog
    digests: Digests
    writer: MailRenderer
    post: MailSender
    watch: MailWatch
    digest_readers: DigestReaders
    has_time: HasTime = no_hurry
    """Tells whether another mail may be begun before the function ends."""

    def once(
        self,
        key: str,
        now: datetime,
        send: Callable[[MailTry], PostedMail],
        facts: Sequence[str] = (),
    ) -> bool:
        """Send a mail once, however often it is asked for; tell whether it left now.

        It is leased, sent and noted, with the ``facts`` it tells where they are several. A mail
        that fails gives its lease back, so that the next try need not wait for it. Raises whatever
        ``send`` raises, and Conflict while somebody else is sending it.
        """
        tried = self.outgoing.lease(key, now, facts)
        if tried is None:
            return False
        try:
            posted = send(tried)
        except Exception:
            self.outgoing.release(tried)
            raise
        self.outgoing.sent(key, posted, tried.left_at or now, tried.facts)
        return True

    def send(self, view: MailView | None, mark: Mapping[str, str], tried: MailTry) -> PostedMail:
        """Send each reader a mail of their own, for links name who they were sent to.

        Gives what that came to, or ``NOBODY``; ``mark`` comes back with a bounce. All are written
        before the first leaves, so that none leaves because of another's fault. Whoever had it in
        an earlier try gets it no more. One that the mail service refuses for good is noted, and
        keeps nobody else from theirs. Raises MailDelayed while somebody has to wait for theirs.
        """
        if view is None:
            return _posted(tried, None)
        views = addressed(self.services, to_its_readers(self.digest_readers, view))
        mails = [self.writer(with_way_out(self.services, each)) for each in views]
        delays = MailDelays()
        for mail in mails:
            with delays.gathered():
                self._send_to_reader(mail, mark, tried, view.now, is_one_of_several=len(mails) > 1)
        delays.raise_first()
        return _posted(tried, mails[0] if mails else None)

    def _send_to_reader(
        self,
        mail: Mail,
        mark: Mapping[str, str],
        tried: MailTry,
        now: datetime,
        *,
        is_one_of_several: bool,
    ) -> None:
        """Send a reader theirs, but for one who has had it; that is noted if there are others.

        Raises MailDelayed where time runs out between two readers.
        """
        reader = person_id(mail.to[0])
        if reader in tried.had:
            return
        if tried.had and not self.has_time():
            raise MailDelayed(MailHindrance.RATE)
        tried.had[reader] = ReaderMail(self._send_one(mail, mark, now), now)
        if is_one_of_several:
            self.outgoing.note_reader(tried, reader)

    def _send_one(self, mail: Mail, mark: Mapping[str, str], now: datetime) -> str:
        """Send one message, and give its id."""
        try:
            return self.post.send(mail, mark)
        except MailDelayed as delayed:
            if delayed.hindrance is not MailHindrance.RATE:
                self.watch.note_delay(delayed.hindrance, now)
            raise
        except MailRefused:
            message = self.watch.note_refusal(mark, now)
            self.outgoing.note_news(message, MailNews.REJECTED, now)
            return message


def _posted(tried: MailTry, mail: Mail | None) -> PostedMail:
    """Say what sending came to, with the subject of one of the mails if any was written."""
    messages = tuple(each.message for each in tried.had.values())
    if not messages:
        return NOBODY
    if mail is None:
        return PostedMail(messages)
    return PostedMail(messages, mail.subject_kept, mail.language)
