"""What a report asks of AWS and how much memory its tasks take, by the real state machine over moto.

make bench-report-run                               2,000 leads, 50 partners
make bench-report-run LEADS=100000 PARTNERS=2000    long, and several GB: moto keeps all items

Leads of two months are put into the tables, one after the other; the first month's report scans
them, the second one's lists them. Every request is counted, and what a task is given and answers is
measured as what Step Functions has to pass on. How the counts grow is said by ``expected``, which a
test holds against what was counted: what it says of a million leads and ten thousand partners is
printed too.
"""

from __future__ import annotations

import json
import math
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from routing_core.aws import wiring as wiring_module
from routing_core.aws.codecs.event_items import event_to_item
from routing_core.aws.codecs.lead_items import lead_to_item
from routing_core.aws.codecs.row_items import MONTHS, row_to_item
from routing_core.aws.tables.dynamo import serialize_item
from routing_core.domain.events import CommitRecord, LeadReceived, OfferAccepted, OfferMade
from routing_core.domain.lead import LeadStatus
from routing_core.domain.lead_row import CameFrom, lead_row
from routing_core.domain.offer import OfferKind
from routing_core.service.kernel.row_store import KeptRow
from routing_core.service.reports.gather_leads import (
    KNOWN_A_SLICE,
    LEADS_A_PART,
    TIME_SLICES,
)
from routing_core.service.reports.report_run import PARTNERS_A_BATCH
from tests.support.asl import Machine
from tests.support.builders import a_lead
from tests.support.stack import dynamo_tables
from tests.support.world import World, a_programme, a_world, munich

SEPTEMBER = datetime(2026, 9, 2, 8, tzinfo=UTC)
OCTOBER = datetime(2026, 10, 2, 8, tzinfo=UTC)
A_MONTH = timedelta(days=28)
STATE_LIMIT = 256 * 1024
"""Step Functions passes so many bytes from state to state."""
EVENTS_A_STATE = 5
"""A task writes that it is entered, scheduled, started, done and left; the others write two."""
HISTORY_LIMIT = 25_000
"""An execution has so many events at most."""
SERVICES = ("dynamodb", "s3", "sesv2")


@dataclass
class TaskCount:
    """What one kind of task did in one run."""

    calls: int = 0
    requests: Counter[str] = field(default_factory=Counter)
    """Operation, and table where there is one → how often it was asked."""
    largest_state: int = 0
    """The most bytes that a call was given or answered with."""
    largest_file: int = 0
    """The most bytes that were stored at once."""
    seconds: float = 0.0
    """The most processor time that a call took."""
    megabytes: float = 0.0
    """The most memory that a call took above what was there before."""


class Counted:
    """Runs the tasks of the state machine, and counts what each asks for."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.tasks: defaultdict[str, TaskCount] = defaultdict(TaskCount)
        self._now_doing = ""
        for service in SERVICES:
            client = wiring_module._client(service)
            client.meta.events.register(f"provide-client-params.{service}", self._asked)

    def _asked(self, params: Mapping[str, Any], model: Any, **_: Any) -> None:
        if self._now_doing:
            what = f"{model.name} {params.get('TableName', '')}".strip()
            count = self.tasks[self._now_doing]
            count.requests[what] += 1
            count.largest_file = max(count.largest_file, len(params.get("Body", b"")))

    def call(self, event: dict[str, Any]) -> Any:
        """Do one task."""
        task = self._now_doing = event["task"]
        count = self.tasks[task]
        before, began = _memory_from_here(), time.process_time()
        answer = self.world.report_task(event)
        self._now_doing = ""
        count.calls += 1
        count.seconds = max(count.seconds, time.process_time() - began)
        count.megabytes = max(count.megabytes, _most_memory() - before)
        passed_on = max(len(json.dumps(event)), len(json.dumps(answer)))
        count.largest_state = max(count.largest_state, passed_on)
        return answer


def _memory_from_here() -> float:
    """Have Linux forget the most memory that there was, and give what there is."""
    Path("/proc/self/clear_refs").write_text("5")
    return _most_memory()


def _most_memory() -> float:
    told = Path("/proc/self/status").read_text()
    return int(told.split("VmHWM:")[1].split()[0]) / 1024


# ── what is reported ──────────────────────────────────────────────────────────────────────────────


def put_leads(world: World, first_day: datetime, leads: int, partners: int) -> None:
    """Put leads of one month where moto keeps them: each was offered to a partner, who took it."""
    tables = dynamo_tables()
    tables["read-model"].put_item(serialize_item({"pk": MONTHS, "sk": f"MONTH#{first_day:%Y-%m}"}))
    for number in range(leads):
        at = first_day + A_MONTH * number / leads
        lead = a_lead(id=f"{first_day:%m}{number:014d}", received_at=at, version=3)
        tables["leads"].put_item(serialize_item(lead_to_item(lead)))
        for record in _records(lead.id, at, f"munich-{number % partners}"):
            tables["leads"].put_item(serialize_item(event_to_item(record)))
        row = lead_row(lead, CameFrom(), at)
        tables["read-model"].put_item(serialize_item(row_to_item(KeptRow(row))))


def _records(lead: str, at: datetime, partner: str) -> Iterator[CommitRecord]:
    asked: dict[str, Any] = {"offer": 1, "partner": partner}
    until = at + timedelta(hours=4)
    made = OfferMade(**asked, offer_kind=OfferKind.ROUTED, until=until)
    taken = OfferAccepted(**asked, contact_by=at + timedelta(days=1))
    happened = (LeadReceived(next=LeadStatus.OFFERED), made, taken)
    for version, event in enumerate(happened, 1):
        yield CommitRecord(lead, version, at + timedelta(minutes=version), None, (event,))


def counted_runs(
    world: World, leads: int, partners: int
) -> Iterator[tuple[str, Mapping[str, TaskCount], int]]:
    """Make the reports of two months with so many leads each, one after the other.

    Yields what each is called, what its tasks did, and how many states were entered.
    """
    network = [munich(number) for number in range(partners)]
    world.now = SEPTEMBER
    world.use(a_programme(), *network)
    key = world.api_key("reports:write", "reports:read")
    months = ((SEPTEMBER, OCTOBER), (OCTOBER, OCTOBER + timedelta(days=31)))
    for month, now in months:
        put_leads(world, month, leads, partners)
        world.now = now
        period = f"{month:%Y-%m}"
        body = {"period": period}
        asked = world.http("POST", "/v1/reports", json_body=body, headers={"x-api-key": key})
        assert asked.status == 202, asked.body
        counted = Counted(world)
        machine = Machine("report", counted.call)
        machine.run({"run": period})
        yield period, counted.tasks, len(machine.steps)


# ── how it grows ──────────────────────────────────────────────────────────────────────────────────

ROWS_A_PAGE = 200
"""Leads are listed so many at a time, each page by a query to each of four shards."""
SHARDS = 4
MORE_A_PAGE = 2
"""Which months there are is asked too, and a shard that is used up once more."""


@dataclass(frozen=True, slots=True)
class Size:
    """How large a network's month is."""

    leads: int
    """Counts those received in the month."""
    partners: int
    known: int
    """Counts those that the report before knew, which are read anew."""

    @property
    def batches(self) -> int:
        """Count the batches of partners' reports."""
        return math.ceil(self.partners / PARTNERS_A_BATCH)

    @property
    def known_slices(self) -> int:
        """Count the slices in which the leads of the report before are read anew."""
        return math.ceil(self.known / KNOWN_A_SLICE)

    @property
    def received_parts(self) -> int:
        """Count the parts in which the leads of the month are gathered, a quarter of them a slice."""
        return TIME_SLICES * max(1, math.ceil(self.leads / TIME_SLICES / LEADS_A_PART))

    @property
    def parts(self) -> int:
        """Count all parts."""
        return self.known_slices + self.received_parts

    @property
    def states(self) -> int:
        """Count the states that an execution enters, each of which writes a handful of events."""
        slices = self.known_slices + TIME_SLICES
        return 2 * self.parts + slices + self.batches + 8


def expected(size: Size) -> dict[str, dict[str, int]]:
    """Say how often the second month's tasks ask for what grows with leads or partners."""
    return {
        # One query a lead, whose items stand together.
        "gather": {"Query leads": size.known + size.leads, "PutObject": size.parts},
        # The snapshot, HQ's figures, what is remembered of them, and the batches.
        "make": {"PutObject": 3 + size.batches},
        # A mail is noted before it leaves and when it has left; a batch is noted once.
        "send": {
            "GetObject": size.batches,
            "UpdateItem leads": 2 * size.partners,
            "UpdateItem partners": size.batches,
            "SendEmail": size.partners,
        },
        "finish": {"GetObject": 1, "SendEmail": 1},
    }


def most_list_queries(size: Size) -> int:
    """Say how many queries list the leads of the month at most."""
    pages = TIME_SLICES * math.ceil(size.leads / TIME_SLICES / ROWS_A_PAGE)
    return pages * (SHARDS + MORE_A_PAGE)


def main(leads: int, partners: int) -> int:
    failed = False
    with pytest.MonkeyPatch.context() as monkeypatch, a_world(monkeypatch) as world:
        for period, tasks, states in counted_runs(world, leads, partners):
            print(f"{period}: {leads:,} leads a month, {partners:,} partners, {states} states")
            for name, count in tasks.items():
                asked = ", ".join(f"{n:,} {what}" for what, n in sorted(count.requests.items()))
                print(
                    f"  {name:8} {count.calls:4} calls  at most {count.seconds:6.1f} s,"
                    f" {count.megabytes:5.0f} MB, {count.largest_state:,} bytes of state,"
                    f" {count.largest_file:,} stored at once"
                )
                print(f"           {asked}", flush=True)
                failed |= count.largest_state > STATE_LIMIT
    whole = Size(1_000_000, 10_000, known=1_000_000)
    print(
        f"a million leads and ten thousand partners: {whole.parts:,} parts, {whole.states:,} states"
    )
    for name, requests in expected(whole).items():
        print(f"  {name:8} " + ", ".join(f"{n:,} {what}" for what, n in requests.items()))
    print(f"  and at most {most_list_queries(whole):,} queries that list leads")
    print(f"events of the execution, about: {EVENTS_A_STATE * whole.states:,} of {HISTORY_LIMIT:,}")
    failed |= EVENTS_A_STATE * whole.states > HISTORY_LIMIT
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2])))
