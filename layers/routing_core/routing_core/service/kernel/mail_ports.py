"""Says what notifications need from outside: who writes a mail, sends it, and keeps a log."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from routing_core.service.kernel.views import MailView

LEAD_TITLE = "{lead}"
"""Stands in a kept subject for the title of the lead."""
COLLEAGUE = "{colleague}"
"""Stands in a kept subject for whoever looks after the lead at its owner's firm."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that comes with a mail."""

    name: str
    content_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail, ready to be sent."""

    to: tuple[str, ...]
    subject: str
    html: str
    text: str
    from_name: str
    reply_to: str = ""
    attachments: tuple[Attachment, ...] = ()
    logo: Attachment | None = None
    """The picture that is shown within the HTML as ``cid:logo``."""
    thread: str = ""
    """The thread: the same for all mails about one lead to one kind of reader.

    So mail programs keep these together and no others. It is empty for a mail about no lead.
    """
    subject_kept: str = ""
    """The subject as the log keeps it: ``LEAD_TITLE`` and ``COLLEAGUE`` stand for what falls to
    the lead's erasure."""
    language: str = ""
    """The language that it is written in."""
    unsubscribe: str = ""
    """The address at which its reader stops a digest; empty for any other mail."""


class MailRenderer(Protocol):
    """Turns a view into a mail, as ``present.mails`` does."""

    def __call__(self, view: MailView) -> Mail:
        """Write the mail of a view."""


class MailSender(Protocol):
    """Sends mails."""

    def send(self, mail: Mail, mark: Mapping[str, str]) -> str:
        """Send a mail and give its id.

        ``mark`` comes back with bounces, so that they find their partner or lead.
        """

    def try_anew(self, address: str) -> None:
        """Let mail to an address leave again that the mail service had given up on."""


@dataclass(frozen=True, slots=True)
class PostedMail:
    """What sending one mail came to."""

    messages: tuple[str, ...]
    """The ids of its messages, one for each reader; or in words why there are none."""
    subject: str = ""
    """The first message's subject, as ``Mail.subject_kept``; empty if there are no messages."""
    language: str = ""
    """The language of that subject."""


REFUSED_MESSAGE = "refused-"
"""Begins what stands for the id of a message that the mail service refused for good."""


def was_refused(posted: PostedMail) -> bool:
    """Tell whether the mail service refused all messages of a mail for good."""
    return all(message.startswith(REFUSED_MESSAGE) for message in posted.messages)


@dataclass(frozen=True, slots=True)
class NotedMail:
    """What the log says of one mail."""

    posted: PostedMail
    """What sending it came to."""
    at: datetime
    """The instant at which it was noted."""
    facts: Sequence[str] = ()
    """The events that it told, where they are several."""


@dataclass(frozen=True, slots=True)
class ReaderMail:
    """What one of several readers of a mail has had, while others still wait for theirs."""

    message: str
    """The id of the message."""
    at: datetime
    """The instant at which it left."""


@dataclass(frozen=True, slots=True)
class MailTry:
    """One try to send a mail, and what earlier tries came to."""

    key: str
    """The key of the mail in the log."""
    lease: str = ""
    """Names the lease under which it is sent."""
    facts: Sequence[str] = ()
    """The events that it tells, where they are several: as in the first try that reached anybody.

    So none of its readers misses what came later: that leaves in a mail of its own.
    """
    had: dict[str, ReaderMail] = field(default_factory=dict)
    """Who has had it, by ``person_id``; a mail to one reader alone names nobody."""

    @property
    def left_at(self) -> datetime | None:
        """Give the instant at which the first of several readers got it; None before that."""
        return min((each.at for each in self.had.values()), default=None)


class MailNews(StrEnum):
    """What the mail service tells of a message after it took it."""

    DELIVERED = "delivered"
    """The reader's mail server has it."""
    RETURNED = "returned"
    """It came back for good."""
    COMPLAINED = "complained"
    """The reader reported it as spam."""
    FAILED = "failed"
    """It could not be delivered for a while and was given up; or a machine has answered it."""
    DELAYED = "delayed"
    """It could not be delivered yet; the mail service goes on trying."""
    REJECTED = "rejected"
    """The mail service found something harmful in it and did not send it."""


class SentMailLog(Protocol):
    """Keeps a row for each mail: leased before it is sent, marked after.

    So an event is told once to each role, whoever dies between the two.
    """

    def lease(self, key: str, now: datetime, facts: Sequence[str] = ()) -> MailTry | None:
        """Lease a mail, which tells these events; None if it was sent already.

        Raises Conflict while somebody else's lease is alive.
        """

    def begun(self, key: str) -> bool:
        """Tell whether the mail was sent, or is being sent."""

    def sent(self, key: str, posted: PostedMail, now: datetime, facts: Sequence[str] = ()) -> None:
        """Note that the mail was sent, what that came to, and the events it told."""

    def note_reader(self, mail: MailTry, reader: str) -> None:
        """Note what one of several readers ``had``, and the events that the mail tells."""

    def told(self, key: str) -> Sequence[str]:
        """List the events that were noted with a mail that was sent."""

    def release(self, mail: MailTry) -> None:
        """Give a lease back: somebody may try again. Who has had the mail stays noted."""

    def noted(self, keys: Sequence[str]) -> Mapping[str, NotedMail]:
        """Give what is noted of mails that were sent, by key; what is not there is left out."""

    def note_news(self, message: str, news: MailNews, at: datetime) -> None:
        """Note what became of a message, and when; earlier news of other kinds stay."""

    def news(self, messages: Collection[str]) -> Mapping[str, Mapping[MailNews, datetime]]:
        """Give what is known of messages, with when each was so; no news leaves one out."""
