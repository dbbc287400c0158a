"""Prints what happens to a lead, as it happens, from the HQ API and the mailbox."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import Any, TextIO

from infra.local.api import Api
from infra.local.mailbox import Mailbox


class Timeline:
    """Each `look` prints what is new since the last one."""

    def __init__(self, api: Api, lead: str, mailbox: Mailbox, out: TextIO = sys.stdout) -> None:
        self.api, self.lead, self.mailbox, self.out = api, lead, mailbox, out
        self._seen = 0
        self._last_mail = ""
        self._colour = out.isatty()

    def look(self) -> list[dict[str, Any]]:
        """The new moments, which were printed."""
        moments = self.api.get(f"/v1/leads/{self.lead}")["timeline"]
        new, self._seen = moments[self._seen :], len(moments)
        mails = self.mailbox.mails(after=self._last_mail)
        if mails:
            self._last_mail = mails[0].id
        lines = [(datetime.fromisoformat(m["at"]), self._moment(m)) for m in new]
        lines += [(mail.at, self._dim(f"  mail to {', '.join(mail.to)}: {mail.subject}")) for mail in mails]
        for at, line in sorted(lines, key=lambda entry: entry[0]):
            print(f"{at.astimezone():%H:%M:%S}  {line}", file=self.out, flush=True)
        return new

    def skip_mails(self) -> None:
        """What is in the mailbox already is no news."""
        mails = self.mailbox.mails()
        self._last_mail = mails[0].id if mails else ""

    def _moment(self, moment: dict[str, Any]) -> str:
        return f"{moment['sentence']}"

    def _dim(self, text: str) -> str:
        return f"\x1b[2m{text}\x1b[0m" if self._colour else text
