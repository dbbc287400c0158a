"""How one mail leaves: leased under its key, sent, and noted as sent."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from routing_core.service.kernel.mail_delays import (
    MailDelayed,
    MailHindrance,
    MailRefused,
    MailWatch,
)
from routing_core.service.kernel.mail_ports import (
    Mail,
    MailNews,
    MailRenderer,
    MailSender,
    PostedMail,
    SentMailLog,
)
from routing_core.service.kernel.services import Services
from routing_core.service.kernel.views import MailView
from routing_core.service.notifications.addressed import addressed
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

    def once(
        self, key: str, now: datetime, send: Callable[[], PostedMail], facts: Sequence[str] = ()
    ) -> bool:
        """Send a mail once, however often it is asked for; tell whether it left now.

        It is leased, sent and noted, with the ``facts`` it tells where they are several. A mail
        that fails gives its lease back, so that the next try need not wait for it. Raises whatever
        ``send`` raises, and Conflict while somebody else is sending it.
        """
        if not self.outgoing.lease(key, now):
            return False
        try:
            posted = send()
        except Exception:
            self.outgoing.release(key)
            raise
        self.outgoing.sent(key, posted, now, facts)
        return True

    def send(self, view: MailView | None, mark: Mapping[str, str]) -> PostedMail:
        """Send each reader a mail of their own, for links name who they were sent to.

        Gives what that came to, or ``NOBODY``; ``mark`` comes back with a bounce. All are written
        before the first leaves, so that none leaves because of another's fault; should the mail
        service fail in between, whoever had it gets it again with the rest. One that the mail
        service refuses for good is noted, and keeps nobody else from theirs. Raises MailDelayed
        while the mail service takes none.
        """
        if view is None:
            return NOBODY
        mails = [self.writer(each) for each in addressed(self.services, view)]
        messages = tuple(self._send_one(mail, mark, view.now) for mail in mails)
        if not messages:
            return NOBODY
        return PostedMail(messages, mails[0].subject_kept, mails[0].language)

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
