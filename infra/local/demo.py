"""`make demo`: plays the journey of a lead by itself, over HTTP and mail only, and checks every
step.

One partner lets the window lapse after a reminder, one declines with a reason, the third accepts; a
second enquiry, from a place that nobody covers, reaches the HQ queue. Exits 0 only if all of it was
seen, and within a minute.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from infra.local.api import Api, Refused
from infra.local.embedded import Embedded
from infra.local.logs import errors
from infra.local.mailbox import Mail, Mailbox
from infra.local.seed import api_of, seed, visit
from infra.local.timeline import Timeline

WINDOW_MINUTES = 0.25
MOST_SECONDS = 60
"""For all of it, from an empty folder to the last step."""


class NotSeen(AssertionError):
    """A step of the journey did not happen in time."""


def short_windows(programme: dict[str, Any]) -> None:
    """Windows that a person can watch. Nothing else of the sample is changed."""
    programme["calendar"]["round_up_minutes"] = 0
    for rule in programme["offers"]:
        rule["window"] = {"minutes": WINDOW_MINUTES}
        rule["total"] = {"minutes": 30}
        rule["on_lapse"] = "retract"
        rule.pop("waves", None)  # one after the other, as the journey tells it
        rule["partners"] = max(3, rule.get("partners", 3))
    for rule in programme["fallback"]["backup"]:
        rule["window"] = {"minutes": WINDOW_MINUTES}
    programme["reminders"] = {"at": [0.5], "min_gap_minutes": 0, "second_contact_from": 0.85}
    programme["hq"]["digests"] = []
    for form in programme["forms"]:
        form["time_trap_seconds"] = 0  # the demo types faster than a person


class Journey:
    def __init__(self, aws: Embedded) -> None:
        self.api = api_of(aws)
        self.visitor = Api(aws.base_url)
        self.mailbox = Mailbox(aws.data / "mails")
        self.steps = 0
        self._read: set[str] = set()

    def play(self) -> None:
        put = seed(self.api, "dach-heating", short_windows)
        enquiries, zone = put["enquiries"], ZoneInfo(put["programme"]["time_zone"])
        prospect, nowhere = enquiries["routed"]["fields"], enquiries["nobody"]["fields"]["postcode"]
        routed = visit(self.visitor, enquiries["routed"])["lead"]
        stranded = visit(self.visitor, enquiries["nobody"])["lead"]
        self.look = Timeline(
            self.api, self.mailbox, {"Munich": routed, "Sylt": stranded}, zone
        ).look

        self.mail(lambda m: m.to == [prospect["email"]], "the customer has a receipt")
        first = self.offer(prospect, "the first partner is asked")
        self.mail(
            lambda m: m.to == first.to and _link(m, "/o/") == _link(first, "/o/"), "and reminded"
        )
        second = self.offer(prospect, "the window ends, and the second partner is asked")
        self.declines(second)
        third = self.offer(prospect, "the third partner is asked at once")
        self.saw(len({*first.to, *second.to, *third.to}) == 3, "they are three partners")
        self.accepts(third, prospect)
        self.mail(lambda m: m.to == [prospect["email"]], "the customer hears who will call")
        self.saw(self.status(routed) == "accepted", "HQ's API says: accepted")

        alert = self.mail(
            lambda m: nowhere in m.subject and bool(_link(m, "/q/")),
            "HQ is alerted: no partner for Sylt",
        )
        self.saw(nowhere in self.visitor.page(_link(alert, "/q/")), "its queue page shows the lead")
        self.saw(self.status(stranded) == "hq_queue", "HQ's API says: in the queue")

    # ------------------------------------------------------------ what people do

    def declines(self, offer: Mail) -> None:
        link = _link(offer, "/o/")
        self.saw('value="decline"' in self.visitor.page(link), "the second opens the page")
        reason = self.api.get("/v1/programme")["decline_reasons"][0]["id"]
        self.visitor.press(link, action="decline", reason=reason, text="")
        self.saw(True, f"and declines: {reason}")

    def accepts(self, offer: Mail, fields: dict[str, Any]) -> None:
        link = _link(offer, "/o/")
        self.saw(
            fields["name"] not in self.visitor.page(link),
            "the third sees no contact before accepting",
        )
        self.visitor.press(link, action="accept")
        self.saw(fields["name"] in self.visitor.page(link), "accepts, and sees the contact")
        self.mail(
            lambda m: m.to == offer.to and bool(m.attachments),
            "and has it by email, with the deadline as .ics",
        )

    def status(self, lead: str) -> str:
        return str(self.api.get(f"/v1/leads/{lead}")["lead"]["status"])

    # ------------------------------------------------------------ what is seen

    def offer(self, prospect: dict[str, Any], step: str) -> Mail:
        """The next offer of this prospect's lead: a link that was in no mail before."""
        known = {_link(mail, "/o/") for mail in self.mailbox.mails() if mail.id in self._read}
        return self.mail(
            lambda m: prospect["postcode"] in m.subject and _link(m, "/o/") not in {"", *known},
            step,
        )

    def mail(self, wanted: Callable[[Mail], bool], step: str, within: float = 40) -> Mail:
        """The oldest mail not asked for before that is wanted."""
        deadline = time.monotonic() + within
        while time.monotonic() < deadline:
            self.look()
            for mail in reversed(self.mailbox.mails()):
                if mail.id not in self._read and wanted(mail):
                    self._read.add(mail.id)
                    self.saw(True, step)
                    return mail
            time.sleep(0.2)
        raise NotSeen(step)

    def saw(self, happened: bool, step: str) -> None:
        if not happened:
            raise NotSeen(step)
        self.steps += 1
        print(f"          ✓ {step}", flush=True)


def _link(mail: Mail, kind: str) -> str:
    return next((link for link in mail.links if kind in link), "")


def main() -> int:
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="partner-relay-") as folder:
        with Embedded(Path(folder)) as aws:
            print(f"{aws.base_url} in a temporary folder", flush=True)
            journey = Journey(aws)
            try:
                journey.play()
            except (NotSeen, Refused) as problem:
                print(
                    f"\nNot seen: {str(problem)[:200]}",
                    *errors(aws.client("logs"))[-5:],
                    sep="\n",
                    file=sys.stderr,
                )
                return 1
        took = time.monotonic() - started
        print(f"\nAll {journey.steps} steps seen in {took:.0f} s.")
        if took > MOST_SECONDS:
            print(f"That is more than the allowed {MOST_SECONDS} s.", file=sys.stderr)
        return int(took > MOST_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
