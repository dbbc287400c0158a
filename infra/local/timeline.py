"""Prints what happens to leads, as it happens, from the HQ API and the mailbox."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import TextIO

from infra.local.api import Api
from infra.local.mailbox import Mailbox

DIM = "\x1b[2m"
"""The code that makes a terminal write in grey."""
PLAIN = "\x1b[0m"
"""The code that makes it write as before."""

Moment = tuple[datetime, str]
"""The time at which something happened, and the line that tells it."""


class Timeline:
    """Prints what happens to some leads, and the mails that leave meanwhile."""

    def __init__(
        self,
        api: Api,
        mailbox: Mailbox,
        leads: Mapping[str, str],
        zone: tzinfo,
        out: TextIO = sys.stdout,
    ) -> None:
        """Follow leads, by what to call each.

        Times are printed by the clock of ``zone``, which is that of the mails too.
        """
        self.api = api
        self.mailbox = mailbox
        self.leads = leads
        self.zone = zone
        self.out = out
        self._seen = dict.fromkeys(leads, 0)
        """The number of moments of each lead that are printed."""
        self._last_mail = mailbox.latest()

    def look(self) -> None:
        """Print what is new since the last look."""
        moments = self._mails()
        for name, lead in self.leads.items():
            moments += self._of_a_lead(name, lead)
        for at, line in sorted(moments):
            print(f"{at.astimezone(self.zone):%H:%M:%S}  {line}", file=self.out, flush=True)

    def _mails(self) -> list[Moment]:
        """Give a line for each mail that left since the last look, in grey where a person reads."""
        mails = self.mailbox.mails(after=self._last_mail)
        if mails:
            self._last_mail = mails[0].id
        moments: list[Moment] = []
        for mail in mails:
            line = f"  email to {', '.join(mail.to)}: {mail.subject}"
            if self.out.isatty():
                line = f"{DIM}{line}{PLAIN}"
            moments.append((mail.at, line))
        return moments

    def _of_a_lead(self, name: str, lead: str) -> list[Moment]:
        """Give what happened to a lead since the last look, by its name if several are followed."""
        timeline = self.api.get(f"/v1/leads/{lead}")["timeline"]
        # What happened stays in the timeline: so a count is enough to know what is new.
        new = timeline[self._seen[name] :]
        self._seen[name] = len(timeline)
        prefix = f"{name}: " if len(self.leads) > 1 else ""
        return [
            (datetime.fromisoformat(moment["at"]), prefix + moment["sentence"]) for moment in new
        ]
