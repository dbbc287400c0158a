"""`make demo`: plays the journey of a lead by itself, over HTTP and mail only, and checks every step.

One partner lets the window lapse after a reminder, one declines with a reason, the third accepts; a second enquiry,
from a place that nobody covers, reaches the HQ queue. Exits 0 only if all of it was seen.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from infra.local.api import Api, Refused
from infra.local.embedded import Embedded
from infra.local.mailbox import Mail, Mailbox
from infra.local.seed import api_of, seed, submit
from infra.local.timeline import Timeline

WINDOW_MINUTES = 0.25
T = TypeVar("T")


class NotSeen(AssertionError):
    """A step of the journey did not happen in time."""


def short_windows(programme: dict[str, Any]) -> None:
    """Windows that a person can watch. Nothing else of the sample is changed."""
    programme["calendar"]["round_up_minutes"] = 0
    for rule in programme["offers"]:
        rule["window"] = {"minutes": WINDOW_MINUTES}
        rule["total"] = {"minutes": 30}
        rule["on_lapse"] = "retract"
        rule["partners"] = max(3, rule.get("partners", 3))
    programme["reminders"] = {"at": [0.5], "min_gap_minutes": 0, "second_contact_from": 0.85}
    programme["hq"]["digests"] = []


class Journey:
    def __init__(self, aws: Embedded) -> None:
        self.api = api_of(aws)
        self.visitor = Api(aws.base_url)
        self.mailbox = Mailbox(aws.data / "mails")
        self.steps = 0
        self._read: set[str] = set()

    def play(self) -> None:
        enquiries = seed(self.api, "dach-heating", short_windows)["enquiries"]
        prospect = enquiries["routed"]["fields"]
        routed = submit(self.visitor, enquiries["routed"], "demo-1")["lead"]
        stranded = submit(self.visitor, enquiries["nobody"], "demo-2")["lead"]
        self.look = Timeline(self.api, self.mailbox, {"Munich": routed, "Sylt": stranded}).look

        first = self.offer("the first partner is asked")
        second = self.offer("the window ends, the second partner is asked")
        self.mail(lambda m: m.to == first.to and "/o/" in _offer_link(m), "the first had been reminded")
        self.saw(second.to != first.to, "the second is another partner")
        self.declines(second)
        third = self.offer("the third partner is asked at once")
        self.saw(third.to not in (first.to, second.to), "again another one")
        self.accepts(third, prospect)
        self.mail(lambda m: m.to == [prospect["email"]] and not m.subject, "the prospect hears who will call")
        self.saw(self.status(routed) == "accepted", "HQ's API says: accepted")

        alert = self.mail(lambda m: bool(_queue_link(m)), "HQ is alerted, for nobody covers Sylt")
        page = self.visitor.page(_queue_link(alert))
        self.saw(enquiries["nobody"]["fields"]["postcode"] in page, "its queue page shows the lead")
        self.saw(self.status(stranded) == "hq_queue", "HQ's API says: in the queue")

    # ------------------------------------------------------------ what people do

    def declines(self, offer: Mail) -> None:
        link = _offer_link(offer)
        self.saw('value="decline"' in self.visitor.page(link), "the second opens the page")
        reason = self.api.get("/v1/programme")["decline_reasons"][0]["id"]
        self.visitor.press(link, action="decline", reason=reason, text="")
        self.saw(True, f"and declines: {reason}")

    def accepts(self, offer: Mail, fields: dict[str, Any]) -> None:
        link = _offer_link(offer)
        self.saw(fields["name"] not in self.visitor.page(link), "the third sees no contact before accepting")
        self.visitor.press(link, action="accept")
        self.saw(fields["name"] in self.visitor.page(link), "accepts, and sees the contact")
        self.mail(lambda m: m.to == offer.to and bool(m.attachments), "and has it by mail, with the deadline as .ics")

    def status(self, lead: str) -> str:
        return self.api.get(f"/v1/leads/{lead}")["lead"]["status"]

    # ------------------------------------------------------------ what is seen

    def offer(self, step: str) -> Mail:
        known = {_offer_link(m) for m in self.mailbox.mails() if m.id in self._read}
        return self.mail(lambda m: bool(_offer_link(m)) and _offer_link(m) not in known, step)

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


def _offer_link(mail: Mail) -> str:
    return next((link for link in mail.links if "/o/" in link), "")


def _queue_link(mail: Mail) -> str:
    return next((link for link in mail.links if "/q/" in link), "")


def main() -> int:
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="partner-relay-") as folder:
        try:
            with Embedded(Path(folder)) as aws:
                print(f"{aws.base_url} in a throw-away folder", flush=True)
                journey = Journey(aws)
                journey.play()
        except (NotSeen, Refused, RuntimeError) as problem:
            print(f"\nNot seen: {problem}", file=sys.stderr)
            log = Path(folder) / "ministack.log"
            errors = [line for line in log.read_text().splitlines() if "ERROR" in line or "FAILED" in line]
            print("\n".join(errors[-10:]), file=sys.stderr)
            return 1
        print(f"\nAll {journey.steps} steps seen in {time.monotonic() - started:.0f} s.")
        return 0


if __name__ == "__main__":
    sys.exit(main())
