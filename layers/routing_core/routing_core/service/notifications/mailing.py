"""How one mail leaves: leased under its key, sent, and noted as sent."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from routing_core.service.kernel.mail_ports import MailRenderer, MailSender, SentMailLog
from routing_core.service.kernel.services import Services
from routing_core.service.kernel.views import MailView
from routing_core.service.notifications.addressed import addressed
from routing_core.service.notifications.digests import Digests

NOBODY = "nobody"
"""Stands for the message's id where there was nobody to write to."""


@dataclass(frozen=True, slots=True)
class MailContext:
    """What it takes to tell somebody something by mail."""

    services: Services
    outgoing: SentMailLog
    digests: Digests
    writer: MailRenderer
    post: MailSender

    def once(
        self, key: str, now: datetime, send: Callable[[], str], facts: Sequence[str] = ()
    ) -> bool:
        """Send a mail once, however often it is asked for; tell whether it left now.

        It is leased, sent and noted, with the ``facts`` it tells where they are several. A mail
        that fails gives its lease back, so that the next try need not wait for it. Raises whatever
        ``send`` raises, and Conflict while somebody else is sending it.
        """
        if not self.outgoing.lease(key, now):
            return False
        try:
            message = send()
        except Exception:
            self.outgoing.release(key)
            raise
        self.outgoing.sent(key, message, now, facts)
        return True

    def send(self, view: MailView | None, mark: Mapping[str, str]) -> str:
        """Send each reader a mail of their own, for links name who they were sent to.

        Gives the messages' ids, or ``nobody``; ``mark`` comes back with a bounce. All are written
        before the first leaves, so that none leaves because of another's fault; should the mail
        service fail in between, whoever had it gets it again with the rest.
        """
        if view is None:
            return NOBODY
        mails = [self.writer(each) for each in addressed(self.services, view)]
        return " ".join(self.post.send(mail, mark) for mail in mails) or NOBODY
