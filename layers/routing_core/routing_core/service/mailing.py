"""One mail: leased under its key, sent, marked."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

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
        """The message's id, or ``nobody``; ``mark`` comes back with a bounce."""
        if view is None or not view.to:
            return "nobody"
        return self.post.send(self.writer(view), mark)
