"""Reads the mails that the embedded SES kept, newest first: a file and an envelope for each."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

READERS_BY_LINK = {
    "/o/": "partner",
    "/d/": "partner",
    "/c/": "partner",
    "/s/": "customer",
    "/q/": "HQ",
}
"""The reader of a mail, by what is in one of its links; the first that is found tells."""


@dataclass(frozen=True)
class Attachment:
    """A file that came with a mail."""

    name: str
    """The file's name, such as ``contact.ics``."""
    type: str
    """Its media type, without parameters."""
    content: bytes
    """The file itself, decoded."""

    def as_json(self) -> dict[str, Any]:
        """Say what it is and how many bytes it has."""
        return {"name": self.name, "type": self.type, "size": len(self.content)}


@dataclass(frozen=True)
class Mail:
    """A mail as it was sent, taken apart."""

    id: str
    """The name of its file: the nanoseconds since 1970 at which it was sent, in digits."""
    at: datetime
    """The time at which it was sent, in UTC."""
    sender: str
    """The header From as it was written."""
    to: list[str]
    """The addresses on the envelope."""
    subject: str
    """The header Subject, decoded."""
    text: str
    """The body as plain text; empty if it has none."""
    html: str
    """The body as HTML; empty if it has none."""
    headers: dict[str, str] = field(default_factory=dict)
    """Every header by its name; of one that comes twice, the last."""
    attachments: list[Attachment] = field(default_factory=list)
    """The files that came with it."""

    @property
    def links(self) -> list[str]:
        """Find every address a reader could press, each once, in the order of the text version."""
        return list(
            dict.fromkeys(re.findall(r"https?://[^\s<>\"')\]]+", self.text + "\n" + self.html))
        )

    @property
    def reader(self) -> str:
        """Tell whom it is for: "partner", "customer", "HQ", or empty if no link of it tells."""
        links = " ".join(self.links)
        for part, reader in READERS_BY_LINK.items():
            if part in links:
                return reader
        return ""

    def as_json(self) -> dict[str, Any]:
        """Give it for a program to read, without what is in its attachments."""
        return {
            "id": self.id,
            "at": self.at.isoformat(),
            "from": self.sender,
            "to": self.to,
            "subject": self.subject,
            "text": self.text,
            "html": self.html,
            "headers": self.headers,
            "links": self.links,
            "attachments": [attachment.as_json() for attachment in self.attachments],
        }


class Mailbox:
    """All mails of a data folder, whomever they are for."""

    def __init__(self, folder: Path) -> None:
        """Read from a folder, which need not be there yet."""
        self.folder = folder

    def mails(self, after: str = "") -> list[Mail]:
        """Give all mails, newest first.

        ``after``: only those sent later than the mail with this id.
        """
        return [_read(self.folder, name) for name in self._names() if name > after]

    def latest(self) -> str:
        """Give the id of the newest mail without reading it; empty if there is none."""
        names = self._names()
        return names[0] if names else ""

    def mail(self, mail_id: str) -> Mail | None:
        """Give the mail with this id; None if there is none."""
        # The id comes out of an address: nothing but digits, or it could name a file elsewhere.
        known = mail_id.isdigit() and (self.folder / f"{mail_id}.eml").exists()
        return _read(self.folder, mail_id) if known else None

    def _names(self) -> list[str]:
        """List the ids of all mails, newest first."""
        return sorted((path.stem for path in self.folder.glob("*.eml")), reverse=True)


@lru_cache(maxsize=4096)
def _read(folder: Path, name: str) -> Mail:
    """Read a mail from its two files, once: a mail that was sent does not change."""
    message = message_from_bytes(
        (folder / f"{name}.eml").read_bytes(), _class=EmailMessage, policy=policy.default
    )
    envelope = json.loads((folder / f"{name}.json").read_text())
    return Mail(
        id=name,
        at=datetime.fromtimestamp(int(name) / 1e9, UTC),
        sender=str(message["From"] or ""),
        to=envelope["to"] or [str(message["To"] or "")],
        subject=str(message["Subject"] or ""),
        text=_body(message, "plain"),
        html=_body(message, "html"),
        headers={header: str(value) for header, value in message.items()},
        attachments=[
            Attachment(part.get_filename() or "attachment", part.get_content_type(), _content(part))
            for part in message.iter_attachments()
        ],
    )


def _body(message: EmailMessage, kind: Literal["plain", "html"]) -> str:
    """Give a body of a message, decoded; empty if it has none of that kind."""
    part = message.get_body((kind,))
    return str(part.get_content()) if part else ""


def _content(part: EmailMessage) -> bytes:
    """Give an attachment's bytes, decoded; none of one that is itself made of parts."""
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""
