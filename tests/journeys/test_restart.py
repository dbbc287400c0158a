"""The plug is pulled: what was acknowledged is there, timers fire, nothing is said twice, new enquiries arrive."""

from __future__ import annotations

import socket

import pytest

from tests.embedded import Stack, eventually, needs_local_python
from tests.journeys.cast import REMINDED, clocks, inbox, installer
from tests.journeys.conftest import add_partners
from tests.journeys.life import Life

PARTNERS = [
    installer("verl", "33415", tier=1),
    installer("rietberg", "33397", tier=1),
    installer("delbrueck", "33397"),
]
FIRST = ("0#partner#offer", "1#prospect#receipt")
"""The mails of an enquiry's first commit."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_after_kill_9_everything_goes_on(tmp_path_factory: pytest.TempPathFactory) -> None:
    needs_local_python()
    with Stack(tmp_path_factory.mktemp("restart"), port=free_port()) as stack:
        stack.use_sample("dach-heating", clocks)
        add_partners(stack, PARTNERS)
        before = Life(stack)
        calm, timed = before.enquire("33415"), before.enquire("33397", REMINDED)
        before.offer_link("verl", "33415")
        before.offer_link("rietberg", "33397")
        eventually(lambda: _saved(stack, calm.lead, timed.lead), what="leads, timers and mails on the disk")

        stack.kill()
        stack.start()
        life = Life(stack)

        assert life.lead(calm.lead)["status"] == "offered"
        assert calm.name in life.accept("verl", "33415"), "the link in the old mail still opens it"
        fresh = life.enquire("33415")
        life.mail(fresh.email, "has arrived")
        eventually(lambda: len(life.mails(inbox("verl"), "33415 · answer by")) == 2, what="the offer after the restart")
        life.until_fact(timed.lead, "offer.expired", within=60)  # the timer from before has fired
        assert [partner for partner, _ in life.offers(timed.lead)][:2] == ["rietberg", "delbrueck"]
        assert len(life.mails(calm.email, "has arrived")) == 1, "the events seen again made no second mail"
        offers = [mail for mail in life.mails(inbox("rietberg"), "33397 · answer by") if "left" not in mail.subject]
        assert len(offers) == 1


def _saved(stack: Stack, *leads: str) -> bool:
    """State is written every two seconds: are the leads on the disk, their timers, and that their mails were sent?"""
    rows = (stack.data / "state/dynamodb.json").read_text()
    timers = (stack.data / "state/scheduler.json").read_text()
    mails = [
        f'"MAIL#{lead}:1:{mail}"}}, "sk": {{"S": "MAIL"}}, "state": {{"S": "sent"}}' for lead in leads for mail in FIRST
    ]
    return all(lead in timers for lead in leads) and all(mail in rows for mail in mails)
