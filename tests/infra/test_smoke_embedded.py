"""`make smoke` on the embedded AWS: it sees the whole journey, disturbs nobody, and takes everything
out again, also when it is stopped or killed.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from infra.local.deploy import STACK
from infra.tools.smoke import Journey
from infra.tools.smoke_guests import NAME, PARTNER
from infra.tools.stack import Target
from tests.support.embedded import ROOT, Stack, eventually

pytestmark = pytest.mark.embedded


@pytest.fixture
def used(stack: Stack) -> Stack:
    """A stack with rules and partners, on which no smoke test has left its partner."""
    stack.use_sample("dach-heating")
    return stack


def played(stack: Stack, **more: Any) -> tuple[bool, list[str]]:
    """Whether all of it was seen, and what was said."""
    said: list[str] = []
    seen = Journey(Target(STACK, stack.client), said.append, **more).run()
    return seen, said


def leads_of_it(stack: Stack) -> dict[str, str]:
    """The states of the enquiries that a smoke test has entered, by their ids."""
    page = stack.hq("GET", f"/v1/leads?source={PARTNER}").json()
    return {row["id"]: row["status"] for row in page["leads"]}


def assert_nothing_is_left(stack: Stack) -> None:
    eventually(
        lambda: set(leads_of_it(stack).values()) <= {"erased"}, what="every enquiry is erased"
    )
    assert stack.hq("GET", f"/v1/partners/{PARTNER}").json()["status"]["deactivated"]
    leads = stack.client("dynamodb").scan(TableName=stack.outputs["LeadsTable"])["Items"]
    assert f"bounce+{PARTNER}@" not in str(leads), "the customer is erased"
    keys = stack.client("dynamodb").scan(TableName=stack.outputs["PartnersTable"])["Items"]
    assert NAME.casefold() not in str([key for key in keys if key["pk"]["S"].startswith("KEY")])


def test_it_sees_all_of_it_and_leaves_nothing(used: Stack) -> None:
    rules = used.hq("GET", "/v1/programme").headers["ETag"]
    seen, said = played(used, patience=60)
    assert seen, "\n".join(said)
    assert said[-1].startswith("All of it was seen")
    assert used.hq("GET", "/v1/programme").headers["ETag"] == rules
    assert_nothing_is_left(used)
    people = {each["email"] for each in used.hq("GET", "/v1/people").json()["people"]}
    heard = {reader for mail in used.mails() if NAME in mail["text"] for reader in mail["to"]}
    assert heard, "somebody heard of it"
    others = {each for each in heard if not each.endswith("@simulator.amazonses.com")}
    assert others <= people, "no partner and no customer of ours hears of it"
    again, said = played(used, patience=60)
    assert again, "\n".join(said)
    assert_nothing_is_left(used)


def test_a_partner_of_ours_that_has_its_name_is_left_alone(used: Stack) -> None:
    ours = used.hq("GET", "/v1/partners/altstadt-waerme").json() | {"id": PARTNER, "name": "Ours"}
    if used.hq("GET", f"/v1/partners/{PARTNER}").status_code == 200:
        used.hq("POST", f"/v1/partners/{PARTNER}/reactivate").raise_for_status()
    used.hq("PUT", f"/v1/partners/{PARTNER}", json=ours).raise_for_status()
    before = used.hq("GET", f"/v1/partners/{PARTNER}").json()
    seen, said = played(used, patience=5)
    assert not seen
    assert any("called Ours" in line for line in said)
    assert used.hq("GET", f"/v1/partners/{PARTNER}").json() == before
    used.hq("PUT", f"/v1/partners/{PARTNER}", json=before | {"name": NAME}).raise_for_status()


def test_what_is_not_seen_fails_and_is_taken_out_too(used: Stack) -> None:
    seen, said = played(used, patience=-1)  # nothing may take any time
    assert not seen
    assert any("not seen within" in line for line in said), said
    assert said[-1].startswith("Not all of it was seen")
    assert_nothing_is_left(used)


class Running:
    """The command in a process of its own."""

    def __init__(self, stack: Stack, folder: Path) -> None:
        told = {"pid": os.getpid(), "endpoint": stack.endpoint}
        (folder / "running.json").write_text(json.dumps(told))
        self.process = subprocess.Popen(
            [sys.executable, "-m", "infra.tools.smoke", "--data", str(folder)],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'layers/routing_core'}"},
            stdout=subprocess.PIPE,
            text=True,
        )

    def until(self, said: str) -> None:
        """Read what it says up to a line with these words."""
        assert self.process.stdout
        for line in self.process.stdout:
            if said in line:
                return
        raise AssertionError(f"it never said {said}")

    def ended(self) -> int:
        assert self.process.stdout
        self.process.stdout.read()
        code = self.process.wait(60)
        self.process.stdout.close()
        return code


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_whoever_stops_it_finds_it_cleaned_up(
    used: Stack, tmp_path: Path, how: signal.Signals
) -> None:
    running = Running(used, tmp_path)
    running.until("entered and stored")
    running.process.send_signal(how)
    assert running.ended() == 1
    assert_nothing_is_left(used)


def test_what_a_killed_run_left_the_next_one_clears_away(used: Stack, tmp_path: Path) -> None:
    running = Running(used, tmp_path)
    running.until("entered and stored")
    running.process.kill()
    running.ended()
    eventually(lambda: "offered" in leads_of_it(used).values(), what="the enquiry in HQ's list")
    seen, said = played(used, patience=60)
    assert seen, "\n".join(said)
    assert any("1 enquiries of a run before" in line for line in said)
    assert_nothing_is_left(used)
