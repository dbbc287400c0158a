"""Everything a story needs to happen: enquiries come in, mails arrive, links are opened, time
passes.
"""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64decode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Barrier
from typing import Any
from uuid import uuid4

import httpx

from infra.local.mailbox import Mail, Mailbox
from tests.journeys.browser import Browser, Page
from tests.journeys.cast import CALM, inbox, person
from tests.support.embedded import Stack, eventually


@dataclass(frozen=True)
class Enquiry:
    """One that was accepted at the door, and what its sender was told."""

    lead: str
    email: str
    phone: str
    name: str
    told: dict[str, Any]

    @property
    def status_url(self) -> str:
        return self.told["status_url"]


class Life:
    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.http: httpx.Client = stack.http
        self.browser = Browser(stack.http)
        self._mailbox = Mailbox(stack.data / "mails")

    # ── prospects ─────────────────────────────────────────────────────────────────────────────────

    def enquire(self, place: str, product: str = CALM, **more: Any) -> Enquiry:
        """A program posts a whole enquiry, and vouches for it with its key."""
        told = person(place, product, **more)
        answer = self.post(told)
        assert answer.status_code == 201, answer.text
        return Enquiry(
            answer.json()["lead"], told["email"], told["phone"], told["name"], answer.json()
        )

    def post(self, fields: dict[str, Any], key: str = "", **headers: str) -> httpx.Response:
        headers["Idempotency-Key"] = key or str(uuid4())
        headers.setdefault("X-Api-Key", self.stack.api_key)
        return self.http.post("/v1/forms/enquiry/leads", json=fields, headers=headers)

    def covered(self, place: str) -> int:
        """How many partners the form says there are."""
        asked = {"country": "DE", "postcode": place, "product": CALM, "urgency": "soon"}
        return self.http.get("/v1/forms/enquiry/coverage", params=asked).json()["partners"]

    def until_covered(self, place: str) -> None:
        """Warm functions look for a new network every few seconds."""
        eventually(lambda: self.covered(place), what=f"somebody for {place}")

    def lead_of(self, email: str) -> str:
        """Which lead a prospect's receipt is about."""
        return subject_of(link(self.mail(email, "We have received your enquiry"), "/s/"))

    # ── mail ──────────────────────────────────────────────────────────────────────────────────────

    def mails(self, to: str, about: str = "", **more: str) -> list[Mail]:
        """Newest first: mails to that address whose subject contains ``about``; ``link``: and that
        link to it.
        """

        def wanted(mail: Mail) -> bool:
            mine = to.lower() in map(str.lower, mail.to) and about in mail.subject
            return mine and (not more or any(more["link"] in each for each in mail.links))

        return list(filter(wanted, self._mailbox.mails()))

    def mail(self, to: str, about: str = "", within: float = 20, **more: str) -> Mail:
        what = f"a mail to {to} about {about or 'anything'} {more or ''}"
        try:
            return eventually(lambda: self.mails(to, about, **more), within, what)[0]
        except AssertionError as missing:
            came = [f"{mail.at:%H:%M:%S} {mail.subject}" for mail in self.mails(to)]
            raise AssertionError(f"{missing}; what came: {came}") from None

    # ── partners ──────────────────────────────────────────────────────────────────────────────────

    def offer(self, partner: str, place: str, within: float = 20) -> Page:
        """Opens the link of the offer mail, as soon as it is there."""
        return self.browser.open(self.offer_link(partner, place, within))

    def offer_link(self, partner: str, place: str, within: float = 20) -> str:
        mail = self.mail(inbox(partner), f"{place} · answer by", within, link="/o/")
        return link(mail, "/o/")

    def accept(self, partner: str, place: str) -> Page:
        page = self.offer(partner, place)
        return self.browser.press(page.form("accept"))

    def decline(self, partner: str, place: str, reason: str = "no-capacity") -> Page:
        page = self.offer(partner, place)
        return self.browser.press(page.form("decline"), reason=reason)

    # ── HQ ────────────────────────────────────────────────────────────────────────────────────────

    def lead(self, lead: str) -> dict[str, Any]:
        return self.document(lead)["lead"]

    def document(self, lead: str) -> dict[str, Any]:
        answer = self.stack.hq("GET", f"/v1/leads/{lead}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    def facts(self, lead: str) -> list[str]:
        return [each["kind"] for each in self.document(lead)["timeline"]]

    def offers(self, lead: str) -> list[tuple[str, str]]:
        """Partner and state of every offer, the first first."""
        return [(offer["partner"], offer["status"]) for offer in self.lead(lead)["offers"]]

    def until(self, lead: str, status: str, within: float = 20) -> dict[str, Any]:
        """The lead, once it has come to that state."""
        seen = ""

        def look() -> dict[str, Any] | None:
            nonlocal seen
            found = self.lead(lead)
            seen = found["status"]
            return found if seen == status else None

        try:
            return eventually(look, within, f"the lead becomes {status}")
        except AssertionError as late:
            raise AssertionError(f"{late}; it is {seen}: {self.facts(lead)}") from None

    def until_fact(self, lead: str, kind: str, within: float = 20) -> None:
        eventually(lambda: kind in self.facts(lead), within, f"the fact {kind}")

    def fate(self, lead: str, kind: str) -> str:
        """What became of the mail about a lead that said this; empty before it left."""
        mails = self.stack.hq("GET", f"/v1/leads/{lead}/mails").json()["mails"]
        return next((each["outcome"] for each in mails if each["kind"] == kind), "")

    def queue_page(self, lead: str) -> Page:
        """HQ's page of a lead, by the links HQ has: the alert's if there is one, else the
        queue's.
        """
        known = [each for mail in self._mailbox.mails() for each in mail.links if "/q/" in each]
        assert known, "HQ never got a link to its queue"
        queue = re.split(r"/leads/", known[0])[0]
        return self.browser.open(f"{queue}/leads/{lead}")

    # ── looking behind ────────────────────────────────────────────────────────────────────────────

    def tables(self) -> dict[str, list[str]]:
        """Everything both tables hold, for comparing before and after."""
        dynamodb = self.stack.client("dynamodb")
        found = {}
        for name in ("LeadsTable", "PartnersTable"):
            pages = dynamodb.get_paginator("scan").paginate(
                TableName=self.stack.outputs[name], ConsistentRead=True
            )
            found[name] = sorted(
                repr(sorted(item.items())) for page in pages for item in page["Items"]
            )
        return found

    def places(self, partner: str) -> int:
        key = {"pk": {"S": f"PARTNER#{partner}"}, "sk": {"S": "LOAD"}}
        item = self.stack.client("dynamodb").get_item(
            TableName=self.stack.outputs["PartnersTable"], Key=key, ConsistentRead=True
        )["Item"]
        return int(item["places"]["N"])


def link(mail: Mail, part: str) -> str:
    for each in mail.links:
        if part in each:
            return each
    raise AssertionError(f"no link with {part} in {mail.subject}: {mail.links}")


def subject_of(magic: str) -> str:
    """What a magic link is about: its token starts with the lead or the partner, signed but not
    secret.
    """
    payload = magic.rsplit("/", 1)[1].split(".")[1]
    return json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))[0]


def at_once(*work: Callable[[], Any]) -> list[Any]:
    """All of them at the same moment, each in a thread of its own; their results in order."""
    start = Barrier(len(work))

    def run(each: Callable[[], Any]) -> Any:
        start.wait()
        return each()

    with ThreadPoolExecutor(len(work)) as pool:
        return list(pool.map(run, work))
