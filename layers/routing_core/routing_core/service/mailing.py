"""One mail: leased under its key, sent, marked."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from .addressed import addressed
from .digests import Digests
from .ports import Outgoing, Post, Writer
from .relay import Relay
from .views import MailView


@dataclass(frozen=True, slots=True)
class Mailing:
    """What it takes to tell somebody: what has left, what is held, who writes it and who carries it."""

    relay: Relay
    outgoing: Outgoing
    digests: Digests
    writer: Writer
    post: Post

    def once(self, key: str, now: datetime, send: Callable[[], str], facts: Sequence[str] = ()) -> bool:
        """Leased, sent, marked, with the ``facts`` it tells where they are several. A mail that fails gives its lease
        back, so that the next try need not wait for it."""
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
        """Sends each reader a mail of their own, for links name who they were sent to.

        Gives the messages' ids, or ``nobody``; ``mark`` comes back with a bounce. All are written before the first
        leaves, so that none leaves because of another's fault; should the mail service fail in between, whoever had
        it gets it again with the rest.
        """
        mails = [self.writer(each) for each in addressed(self.relay, view)] if view else []
        return " ".join(self.post.send(mail, mark) for mail in mails) or "nobody"
