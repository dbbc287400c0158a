"""Prints what happens to leads, as it happens, from the HQ API and the mailbox."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import TextIO

from infra.local.api import Api
from infra.local.mailbox import Mailbox


class Timeline:
    """Each `look` prints what is new since the last one, by the clock of ``zone``, which is that of
    the mails too.

    `leads`: what to call a lead → its id.
    """

    def __init__(
        self,
        api: Api,
        mailbox: Mailbox,
        leads: Mapping[str, str],
        zone: tzinfo,
        out: TextIO = sys.stdout,
    ) -> None:
        self.api, self.mailbox, self.leads, self.zone, self.out = api, mailbox, leads, zone, out
        self._seen = dict.fromkeys(leads, 0)
        mails = mailbox.mails()
        self._last_mail = mails[0].id if mails else ""
        self._dim, self._plain = ("\x1b[2m", "\x1b[0m") if out.isatty() else ("", "")

    def look(self) -> None:
        lines = [line for name, lead in self.leads.items() for line in self._moments(name, lead)]
        mails = self.mailbox.mails(after=self._last_mail)
        if mails:
            self._last_mail = mails[0].id
        lines += [
            (m.at, f"{self._dim}  email to {', '.join(m.to)}: {m.subject}{self._plain}")
            for m in mails
        ]
        for at, line in sorted(lines):
            print(f"{at.astimezone(self.zone):%H:%M:%S}  {line}", file=self.out, flush=True)

    def _moments(self, name: str, lead: str) -> list[tuple[datetime, str]]:
        moments = self.api.get(f"/v1/leads/{lead}")["timeline"]
        new, self._seen[name] = moments[self._seen[name] :], len(moments)
        prefix = f"{name}: " if len(self.leads) > 1 else ""
        return [(datetime.fromisoformat(m["at"]), prefix + m["sentence"]) for m in new]
