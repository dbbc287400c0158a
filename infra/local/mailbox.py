"""Reads the mails that the embedded SES kept: one .eml and one envelope per mail, newest first."""

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


@dataclass(frozen=True)
class Attachment:
    name: str
    type: str
    content: bytes


PARTNER_LINKS, CUSTOMER_LINKS, HQ_LINKS = ("/o/", "/d/", "/c/"), ("/s/",), ("/q/",)
"""What in a link tells whom a mail is for."""


@dataclass(frozen=True)
class Mail:
    id: str
    at: datetime
    sender: str
    to: list[str]
    subject: str
    text: str
    html: str
    headers: dict[str, str] = field(default_factory=dict)
    attachments: list[Attachment] = field(default_factory=list)

    @property
    def links(self) -> list[str]:
        """Every address a reader could press, in the order of the text version."""
        return list(
            dict.fromkeys(re.findall(r"https?://[^\s<>\"')\]]+", self.text + "\n" + self.html))
        )

    @property
    def reader(self) -> str:
        """Whom it is for: "partner", "customer", "HQ", or empty if no link of it tells."""
        kinds = {"partner": PARTNER_LINKS, "customer": CUSTOMER_LINKS, "HQ": HQ_LINKS}
        for reader, parts in kinds.items():
            if any(part in link for link in self.links for part in parts):
                return reader
        return ""

    def as_json(self) -> dict[str, Any]:
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
            "attachments": [
                {"name": a.name, "type": a.type, "size": len(a.content)} for a in self.attachments
            ],
        }


class Mailbox:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def mails(self, after: str = "") -> list[Mail]:
        return [_read(self.folder, name) for name in self._names() if name > after]

    def latest(self) -> str:
        """The id of the newest mail; empty if there is none. Reads no mail."""
        names = self._names()
        return names[0] if names else ""

    def _names(self) -> list[str]:
        return sorted((p.stem for p in self.folder.glob("*.eml")), reverse=True)

    def mail(self, mail_id: str) -> Mail | None:
        known = mail_id.isdigit() and (self.folder / f"{mail_id}.eml").exists()
        return _read(self.folder, mail_id) if known else None


@lru_cache(maxsize=4096)
def _read(folder: Path, name: str) -> Mail:
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
        headers={k: str(v) for k, v in message.items()},
        attachments=[
            Attachment(part.get_filename() or "attachment", part.get_content_type(), _content(part))
            for part in message.iter_attachments()
        ],
    )


def _body(message: EmailMessage, kind: Literal["plain", "html"]) -> str:
    part = message.get_body((kind,))
    return str(part.get_content()) if part else ""


def _content(part: EmailMessage) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""
