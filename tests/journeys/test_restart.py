"""The plug is pulled: what was acknowledged is there, timers fire, nothing is said twice, new
enquiries arrive.
"""

from __future__ import annotations

import socket
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress

import httpx
import pytest

from tests.journeys.cast import EMPTY_AREAS, REMINDED, clocks, inbox, installer, person
from tests.journeys.conftest import add_partners
from tests.journeys.life import Enquiry, Life
from tests.support.embedded import Stack, eventually, needs_local_python

PARTNERS = [
    installer("verl", "33415", tier=1),
    installer("rietberg", "33397", tier=1),
    installer("delbrueck", "33397"),
]
FIRST = ("0#partner#offer", "1#prospect#receipt")
"""The mails of an enquiry's first commit."""
LEASED = 240
"""Seconds: a mail that somebody was sending when the plug was pulled leaves when the queue brings
it again, after three minutes as on AWS: its lease is on the disk like everything else.
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_after_kill_9_everything_goes_on(tmp_path_factory: pytest.TempPathFactory) -> None:
    needs_local_python()
    with Stack(tmp_path_factory.mktemp("restart"), port=free_port()) as stack:
        stack.use_sample("dach-heating", clocks, without=EMPTY_AREAS)
        add_partners(stack, PARTNERS)
        before = Life(stack)
        calm, timed = before.enquire("33415"), before.enquire("33397", REMINDED)
        before.offer_link("verl", "33415")
        before.offer_link("rietberg", "33397")
        eventually(
            lambda: _saved(stack, calm.lead, timed.lead), what="leads, timers and mails on the disk"
        )

        stack.kill()
        stack.start()
        life = Life(stack)

        assert life.lead(calm.lead)["status"] == "offered"
        assert calm.name in life.accept("verl", "33415"), "the link in the old mail still opens it"
        fresh = life.enquire("33415")
        life.mail(fresh.email, "We have received your enquiry")
        eventually(
            lambda: len(life.mails(inbox("verl"), "33415 · answer by")) == 2,
            what="the offer after the restart",
        )
        life.until_fact(timed.lead, "offer.expired", within=60)  # the timer from before has fired
        assert [partner for partner, _ in life.offers(timed.lead)][:2] == ["rietberg", "delbrueck"]
        assert len(life.mails(calm.email, "We have received your enquiry")) == 1, (
            "the events seen again made no second mail"
        )
        offers = [
            mail
            for mail in life.mails(inbox("rietberg"), "33397 · answer by")
            if "Reminder" not in mail.subject
        ]
        assert len(offers) == 1


def test_killed_at_ten_points_of_its_way_an_enquiry_still_arrives(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """What was acknowledged is there after each; every step is taken once."""
    needs_local_python()
    with Stack(tmp_path_factory.mktemp("ten"), port=free_port()) as stack:
        stack.use_sample("dach-heating", clocks, without=EMPTY_AREAS)
        add_partners(stack, PARTNERS)
        enquiry = Life(stack).enquire("33397")
        lead = enquiry.lead
        for number, step in enumerate(STEPS):
            eventually(
                lambda: _nobody_is_sending(stack),
                LEASED,
                f"an end of what was being sent before {number}",
            )
            stack.kill()
            stack.start()
            life = Life(stack)
            assert len(life.facts(lead)) >= number, (
                f"killed before step {number}, and something is gone"
            )
            step(life, enquiry)
        facts = Counter(life.facts(lead))
        once = {kind: facts[kind] for kind in ONCE}
        assert once == dict.fromkeys(ONCE, 1), facts
        assert (facts["offer.made"], facts["contact.attempted"], facts["lead.noted"]) == (2, 1, 1)
        assert life.lead(lead)["status"] == "won"
        for to in (enquiry.email, inbox("rietberg"), inbox("delbrueck")):
            life.mail(to)


def test_what_was_acknowledged_before_kill_9_is_there(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """As README says. Four people post until nobody answers any more: the last answers were just
    before the end.
    """
    needs_local_python()
    with Stack(tmp_path_factory.mktemp("acknowledged"), port=free_port()) as stack:
        stack.use_sample("dach-heating", clocks, without=EMPTY_AREAS)
        add_partners(stack, PARTNERS)
        Life(stack).enquire("33397")  # from now on everything is warm
        acknowledged: list[tuple[float, str]] = []
        asking = [
            threading.Thread(target=_post_until_the_end, args=(stack.base_url, acknowledged))
            for _ in range(4)
        ]
        for each in asking:
            each.start()
        eventually(
            lambda: acknowledged and acknowledged[-1][0] - acknowledged[0][0] > 5,
            what="answers for 5 seconds",
        )
        stack.kill()
        for each in asking:
            each.join()
        stack.start()
        leads = [lead for _, lead in acknowledged]
        assert len(leads) > 5, "hardly anybody was answered"
        assert [stack.hq("GET", f"/v1/leads/{lead}").status_code for lead in leads] == [200] * len(
            leads
        )


def _post_until_the_end(base_url: str, acknowledged: list[tuple[float, str]]) -> None:
    """Whether they are routed does not matter here, so they come without a key and are held."""
    with httpx.Client(base_url=base_url, timeout=20) as browser, suppress(httpx.HTTPError):
        while True:
            answer = browser.post("/v1/forms/enquiry/leads", json=person("33397"))
            if answer.status_code == 201:
                acknowledged.append((time.monotonic(), answer.json()["lead"]))


def _second(life: Life, **form: str) -> None:
    link = life.offer_link("delbrueck", "33397", within=LEASED)
    page = life.browser.open(link)
    life.browser.press(page.form(form.pop("action")), **form)


Step = Callable[[Life, Enquiry], object]
STEPS: tuple[Step, ...] = (
    lambda life, enquiry: life.mail(enquiry.email, "We have received your enquiry", within=LEASED),
    lambda life, _: life.offer("rietberg", "33397", within=LEASED),
    lambda life, _: life.decline("rietberg", "33397"),
    lambda life, _: life.offer("delbrueck", "33397", within=LEASED),
    lambda life, _: _second(life, action="accept"),
    lambda life, enquiry: life.mail(enquiry.email, within=LEASED),
    lambda life, _: _second(life, action="attempt"),
    lambda life, enquiry: life.browser.press(
        life.browser.open(enquiry.status_url).form("note"), text="The dog is friendly."
    ),
    lambda life, _: _second(life, action="contacted"),
    lambda life, _: _second(life, action="won", value="12500"),
)
ONCE = ("lead.received", "offer.declined", "offer.accepted", "lead.contacted", "lead.won")


def _saved(stack: Stack, *leads: str) -> bool:
    """Writes are on the disk at once, timers within two seconds: are the timers there, and have the
    mails been sent?
    """
    timers = (stack.data / "state/scheduler.json").read_text()
    mails = [f"{lead}:1:{mail}" for lead in leads for mail in FIRST]
    return all(lead in timers for lead in leads) and all(_sent(stack, mail) for mail in mails)


def _nobody_is_sending(stack: Stack) -> bool:
    """Else each of the ten would wait three minutes for the mail that was being sent."""
    pages = (
        stack.client("dynamodb")
        .get_paginator("scan")
        .paginate(TableName=stack.outputs["LeadsTable"])
    )
    rows = [row for page in pages for row in page["Items"] if row["sk"]["S"] == "MAIL"]
    # What became of a message stands in rows of its own, which have no state.
    return all(row["state"]["S"] != "leased" for row in rows if "state" in row)


def _sent(stack: Stack, mail: str) -> bool:
    key = {"pk": {"S": f"MAIL#{mail}"}, "sk": {"S": "MAIL"}}
    row = stack.client("dynamodb").get_item(TableName=stack.outputs["LeadsTable"], Key=key)
    return "Item" in row and row["Item"]["state"]["S"] == "sent"
