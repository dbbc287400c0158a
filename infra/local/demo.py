"""Plays the journey of a lead by itself, over HTTP and mail only: `make demo`.

One partner lets the window lapse after a reminder, one declines with a reason, the third accepts; a
second enquiry, from a place that nobody covers, reaches the HQ queue. Meanwhile the report on last
month is made, of enquiries that HQ brings in from its old system. Exits 0 only if all of it was
seen, and within a minute.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
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
"""The time that each partner has to answer."""
MOST_SECONDS = 60
"""The time that all of it may take, from an empty folder to the last step."""
PATIENCE_SECONDS = 40
"""The time that a mail or a report may take: a window, and more for a busy machine."""
SECONDS_TO_KNOW_PARTNERS = 20
"""The time after which every warm function has looked for a new network."""
INVALID = 422
"""The status of something that names what there is not."""
PAST_ENQUIRIES = (
    "asked_at;postcode;product;urgency;partner;outcome;value;accepted_at;closed_at",
    "{month}-02 09:14;80331;heat-pump;soon;altstadt-waerme;won;18400;{month}-02 11:00;{month}-20",
    "{month}-05 17:40;81541;heat-pump;planning;isar-haustechnik;lost;;{month}-06 08:30;{month}-24",
    "{month}-11 12:05;80333;boiler;soon;altstadt-waerme;won;9600;{month}-11 15:45;{month}-27",
)
"""Last month's enquiries as an old system exports them; ``{month}`` is a month like 2026-10."""


class NotSeen(AssertionError):
    """A step of the journey did not happen in time."""


def short_windows(programme: dict[str, Any]) -> None:
    """Make the windows of a programme short enough to watch, and let a machine type."""
    # Deadlines are rounded up to a time that people say: seconds would become minutes.
    programme["calendar"]["round_up_minutes"] = 0
    for rule in programme["offers"]:
        rule["window"] = {"minutes": WINDOW_MINUTES}
        rule["total"] = {"minutes": 30}
        rule["on_lapse"] = "retract"  # else the first may still accept while the third is asked
        rule.pop("waves", None)  # one after the other, as the journey tells it
        rule["partners"] = max(3, rule.get("partners", 3))
    for rule in programme["fallback"]["backup"]:
        rule["window"] = {"minutes": WINDOW_MINUTES}
    programme["reminders"] = {"at": [0.5], "min_gap_minutes": 0, "second_contact_from": 0.85}
    programme["hq"]["digests"] = []
    for form in programme["forms"]:
        form["time_trap_seconds"] = 0  # the demo types faster than a person


class Journey:
    """The way of two leads, as everybody sees it who has to do with them."""

    def __init__(self, aws: Embedded) -> None:
        """Play on an embedded AWS in which nothing is stored yet."""
        self.api = api_of(aws)
        self.visitor = Api(aws.base_url)
        self.mailbox = Mailbox(aws.data / "mails")
        self.steps = 0
        """The number of steps that were seen."""
        self._read: set[str] = set()
        """The ids of the mails that a step was about: none is asked for twice."""

    def play(self) -> None:
        """Play it to the end. Raise NotSeen with the step that did not happen."""
        put = seed(self.api, "dach-heating", short_windows)
        enquiries = put["enquiries"]
        routed = visit(self.visitor, enquiries["routed"])["lead"]
        stranded = visit(self.visitor, enquiries["nobody"])["lead"]
        zone = ZoneInfo(put["programme"]["time_zone"])
        self.timeline = Timeline(self.api, self.mailbox, {"Munich": routed, "Sylt": stranded}, zone)

        first_of_month = datetime.now(UTC).astimezone(zone).replace(day=1)
        month = f"{first_of_month - timedelta(days=1):%Y-%m}"
        self._ask_for_report(month)  # it is made while partners let their time pass
        self._find_an_owner(routed, enquiries["routed"]["fields"])
        self._reach_hq(stranded, enquiries["nobody"]["fields"]["postcode"])
        self._read_report(month)

    def _find_an_owner(self, lead: str, prospect: dict[str, Any]) -> None:
        """See an enquiry lapse with one, be declined by the next, and be accepted by a third."""
        self.mail(lambda mail: mail.to == [prospect["email"]], "the customer has a receipt")
        first = self.offer(prospect, "the first partner is asked")
        asked = _link(first, "/o/")
        self.mail(lambda mail: mail.to == first.to and _link(mail, "/o/") == asked, "and reminded")
        second = self.offer(prospect, "the window ends, and the second partner is asked")
        self.declines(second)
        third = self.offer(prospect, "the third partner is asked at once")
        self.saw(len({*first.to, *second.to, *third.to}) == 3, "they are three partners")
        self.accepts(third, prospect)
        self.mail(lambda mail: mail.to == [prospect["email"]], "the customer hears who will call")
        self.saw(self.status(lead) == "accepted", "HQ's API says: accepted")

    def _reach_hq(self, lead: str, postcode: str) -> None:
        """See an enquiry that no partner can take in HQ's queue."""
        alert = self.mail(
            lambda mail: postcode in mail.subject and bool(_link(mail, "/q/")),
            "HQ is alerted: no partner for Sylt",
        )
        self.saw(
            postcode in self.visitor.page(_link(alert, "/q/")), "its queue page shows the lead"
        )
        self.saw(self.status(lead) == "hq_queue", "HQ's API says: in the queue")

    def _ask_for_report(self, month: str) -> None:
        """Bring in what HQ's old system knows of a month, and ask for the report on it."""
        rows = "\r\n".join(PAST_ENQUIRIES).format(month=month).encode()
        address = "/v1/leads/import?name=old-system&mode=past"
        kept = json.loads(self._once_partners_are_known(address, rows))["kept"]
        self.saw(kept == len(PAST_ENQUIRIES) - 1, f"HQ imports {kept} enquiries of {month}")
        asked = self.api.send("POST", "/v1/reports", {"period": month, "send": True})
        self.saw(asked["period"] == month, "and asks for the report on that month")

    def _once_partners_are_known(self, address: str, rows: bytes) -> bytes:
        """Send a list that names partners, and give the answer. Raise Refused if it stays wrong.

        A warm function goes on for seconds with the network that it has read, before the sample's.
        """
        deadline = time.monotonic() + SECONDS_TO_KNOW_PARTNERS
        while True:
            try:
                return self.api.call("POST", address, rows, "text/csv")
            except Refused as refused:
                if refused.status != INVALID or time.monotonic() > deadline:
                    raise
                time.sleep(0.5)

    def _read_report(self, month: str) -> None:
        """See the report on a month reach HQ, and its figures."""
        self.mail(
            lambda mail: any(link.endswith(f"/hq/reports/{month}") for link in mail.links),
            f"HQ has the report on {month} by email",
        )
        line = self.report(month)["reconciliation"]
        told = (line["received"], line["won"], line["lost"])
        self.saw(told == (3, 2, 1), "HQ's API says: of 3 received 2 were won and 1 was lost")

    # ------------------------------------------------------------ what people do

    def declines(self, offer: Mail) -> None:
        """Decline an offer on its page, with the programme's first reason."""
        link = _link(offer, "/o/")
        self.saw('value="decline"' in self.visitor.page(link), "the second opens the page")
        reason = self.api.get("/v1/programme")["decline_reasons"][0]["id"]
        self.visitor.press(link, action="decline", reason=reason, text="")
        self.saw(True, f"and declines: {reason}")

    def accepts(self, offer: Mail, fields: dict[str, Any]) -> None:
        """Accept an offer on its page.

        ``fields``: what the customer typed; who it is shows only after accepting.
        """
        link = _link(offer, "/o/")
        self.saw(
            fields["name"] not in self.visitor.page(link),
            "the third sees no contact before accepting",
        )
        self.visitor.press(link, action="accept")
        self.saw(fields["name"] in self.visitor.page(link), "accepts, and sees the contact")
        self.mail(
            lambda mail: mail.to == offer.to and bool(mail.attachments),
            "and has it by email, with the deadline as .ics",
        )

    def status(self, lead: str) -> str:
        """Ask HQ's API for a lead's status."""
        return str(self.api.get(f"/v1/leads/{lead}")["lead"]["status"])

    def report(self, month: str) -> dict[str, Any]:
        """Wait until the report on a month is sent, and give its figures. Raise NotSeen."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            report = self.api.get(f"/v1/reports/{month}")
            if report["run"]["state"] == "done":
                figures: dict[str, Any] = report["figures"]
                return figures
            time.sleep(0.2)
        raise NotSeen(f"the report on {month} is sent")

    # ------------------------------------------------------------ what is seen

    def offer(self, prospect: dict[str, Any], step: str) -> Mail:
        """Wait for the next offer of a prospect's enquiry: a mail with a link not seen before."""
        known = {_link(mail, "/o/") for mail in self.mailbox.mails() if mail.id in self._read}

        def is_new_offer(mail: Mail) -> bool:
            link = _link(mail, "/o/")
            return prospect["postcode"] in mail.subject and link != "" and link not in known

        return self.mail(is_new_offer, step)

    def mail(self, wanted: Callable[[Mail], bool], step: str) -> Mail:
        """Wait for a wanted mail, and give the oldest that no step was about yet. Raise NotSeen."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            self.timeline.look()
            for mail in reversed(self.mailbox.mails()):
                if mail.id not in self._read and wanted(mail):
                    self._read.add(mail.id)
                    self.saw(True, step)
                    return mail
            time.sleep(0.2)
        raise NotSeen(step)

    def saw(self, happened: bool, step: str) -> None:
        """Print a step that happened. Raise NotSeen if it did not."""
        if not happened:
            raise NotSeen(step)
        self.steps += 1
        print(f"          ✓ {step}", flush=True)


def _link(mail: Mail, kind: str) -> str:
    """Find the first link of a kind in a mail, such as ``/o/``; empty if there is none."""
    return next((link for link in mail.links if kind in link), "")


def main() -> int:
    """Play the journey in a folder that is thrown away, and give the exit code."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="partner-relay-") as folder:
        with Embedded(Path(folder)) as aws:
            print(f"{aws.base_url} in a temporary folder", flush=True)
            journey = Journey(aws)
            try:
                journey.play()
            except (NotSeen, Refused) as problem:
                last_errors = errors(aws.client("logs"))[-5:]
                print(f"\nNot seen: {str(problem)[:200]}", *last_errors, sep="\n", file=sys.stderr)
                return 1
        took = time.monotonic() - started
        print(f"\nAll {journey.steps} steps seen in {took:.0f} s.")
        if took > MOST_SECONDS:
            print(f"That is more than the allowed {MOST_SECONDS} s.", file=sys.stderr)
            return 1
        return 0


if __name__ == "__main__":
    sys.exit(main())
