"""What a million enquiries cost, and a month in which nothing happens: `make bench-cost`.

Requests are counted while the real handlers run over moto, by the consumer programme as it is
shipped: an enquiry is posted, accepted and called, with every mail, timer and event that this leads
to, and a timer that finds nothing to do. A month without enquiries is the template's schedules, each
counted as a sweep. Prices stand in ``prices.yaml``. Last come the limits of a new account that a
thousand enquiries a second would meet. Assumed are the seconds of an invocation, the bytes that are
kept and logged, and what Lambda asks of queues while they are empty.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra.local.package import ROOT
from tests.benchmarks.quotas import SECONDS, Step, report, steps
from tests.benchmarks.requests import billed
from tests.faults.calls import trouble
from tests.support.stack import resources
from tests.support.world import World, a_world

PRICES = yaml.safe_load(Path(__file__).with_name("prices.yaml").read_text("utf-8"))
REGIONS = ("eu-central-1", "us-east-1")
MONTH = 30 * 24 * 60
"""Minutes."""
MOST_IDLE = 1.0
"""Dollars of requests and storage in a month without enquiries."""
UNITS_A_READ = 4
"""Assumed of a request that reads: a few items of up to 4 KB, strongly consistent."""
BYTES = {"kept of a lead": 12_000, "logged of an invocation": 700, "kept by an idle stack": 50e6}
"""Assumed: with its events and rows of lists; a line of ours and three of Lambda's."""
POLLS_A_MINUTE = 5 * 3
"""Lambda asks a queue with five pollers, each waiting up to 20 seconds for a message."""
SWEEP_SECONDS = 0.6
"""Assumed of a sweep that finds nothing."""
READS = ("GetItem", "BatchGetItem", "Query", "Scan", "TransactGetItems")
GIGABYTES = 1.0
"""Memory of a function, by the template's ``Globals``."""

Amounts = Counter[str]
"""How much of what prices.yaml names."""


def of_calls(calls: Counter[str], times: float) -> Amounts:
    """Give what requests cost by themselves: reads, mails, events, queues, secrets."""
    found: Amounts = Counter()
    for name, count in calls.items():
        service, _, action = name.partition(".")
        many = count * times / 1e6
        if service == "dynamodb" and action in READS:
            found["million read units"] += many * UNITS_A_READ
        elif service in QUEUED:
            found[QUEUED[service]] += many
        elif name == "scheduler.CreateSchedule":
            found["million timers"] += many
    return found


QUEUED = {
    "sesv2": "million mails",
    "events": "million events",
    "sqs": "million queue requests",
    "secretsmanager": "million reads of secrets",
}


def of_step(step: Step, times: float) -> Amounts:
    found = of_calls(step.calls, times)
    invoked = sum(step.invoked.values()) * times
    found["million write units"] += step.units * times / 1e6
    found["million invocations"] += invoked / 1e6
    found["million traces"] += invoked / 1e6
    found["million HTTP requests"] += step.invoked["request"] * times / 1e6
    busy = sum(step.invoked[kind] * seconds for kind, seconds in SECONDS.items())
    found["million gigabyte-seconds"] += busy * GIGABYTES * times / 1e6
    found["gigabyte of logs"] += invoked * BYTES["logged of an invocation"] / 1e9
    # Each mail waits in a queue: put there by the bus, received and deleted by Lambda.
    found["million queue requests"] += step.invoked["notify"] * 3 * times / 1e6
    return found


def of_a_million(played: dict[str, Step]) -> Amounts:
    found: Amounts = Counter()
    for step in played.values():
        for what, much in of_step(step, 1e6).items():
            found[what] += much
    kept = BYTES["kept of a lead"] * 1e6 / 1e9
    found["gigabyte-month of a table"] += kept
    found["gigabyte-month of point-in-time recovery"] += kept
    return found


def scheduled(resource: dict[str, Any]) -> float:
    """Give how often a schedule of the template runs in a month."""
    rate = re.fullmatch(
        r"rate\((\d+) (minute|hour|day)s?\)", resource["Properties"]["ScheduleExpression"]
    )
    assert rate is not None, resource
    return MONTH / (int(rate[1]) * {"minute": 1, "hour": 60, "day": 1440}[rate[2]])


def of_an_idle_month(swept: Counter[str], units: int) -> Amounts:
    """Every schedule is counted as a sweep: that asks for the most."""
    schedules = [r for r in resources().values() if r["Type"] == "AWS::Scheduler::Schedule"]
    runs = sum(scheduled(each) for each in schedules)
    found = of_calls(swept, runs)
    found["million write units"] += units * runs / 1e6
    found["million invocations"] += runs / 1e6
    found["million traces"] += runs / 1e6
    found["million gigabyte-seconds"] += runs * SWEEP_SECONDS * GIGABYTES / 1e6
    found["million timers"] += runs / 1e6
    found["gigabyte of logs"] += runs * BYTES["logged of an invocation"] / 1e9
    queues = [
        each
        for each in resources().values()
        if each["Type"] == "AWS::Lambda::EventSourceMapping" and "Queue" in str(each["Properties"])
    ]
    found["million queue requests"] += len(queues) * POLLS_A_MINUTE * MONTH / 1e6
    kept = BYTES["kept by an idle stack"] / 1e9
    found["gigabyte-month of a table"] += kept
    found["gigabyte-month of point-in-time recovery"] += kept
    return found


def metrics() -> set[str]:
    """Give our own metrics by name; an hour without a value is not paid, so that it may be less."""
    named = set()
    for path in (ROOT / "functions").rglob("*.py"):
        named |= set(re.findall(r'add_metric\(\s*"(\w+)"', path.read_text("utf-8")))
    return named


def of_the_stack_itself() -> Amounts:
    """What is there costs by the month, whether anything happens or not."""
    kinds = Counter(each["Type"] for each in resources().values())
    return Counter(
        {
            "alarm-month": kinds["AWS::CloudWatch::Alarm"]
            + kinds["AWS::CloudWatch::CompositeAlarm"],
            "dashboard-month": kinds["AWS::CloudWatch::Dashboard"],
            "metric-month": len(metrics()),
            "secret-month": kinds["AWS::SecretsManager::Secret"],
        }
    )


def dollars(amounts: Amounts, region: str) -> float:
    return sum(much * PRICES[what][region] for what, much in amounts.items())


def table(title: str, amounts: Amounts) -> None:
    print(f"\n{title}")
    for what, much in sorted(
        amounts.items(), key=lambda each: -each[1] * PRICES[each[0]]["us-east-1"]
    ):
        told = "".join(f"{much * PRICES[what][region]:16.2f}" for region in REGIONS)
        print(f"  {what:42}{much:14,.3f}{told}")
    print(f"  {'dollars':56}" + "".join(f"{dollars(amounts, region):16.2f}" for region in REGIONS))


def counted(world: World, act: Callable[[], None]) -> tuple[Counter[str], int]:
    act()  # what a warm function has read is not asked for again
    with trouble() as seen:
        act()
    with billed(world) as bill:
        act()
    return Counter(seen.calls), bill.units


def main() -> int:
    with pytest.MonkeyPatch.context() as environment, a_world(environment) as world:
        swept, units = counted(world, world.sweep)
        played = steps(world)
    print(f"prices as of {PRICES['written']}, read none without its page; {', '.join(REGIONS)}")
    table("a million enquiries, each accepted and called", of_a_million(played))
    print(f"\none sweep that finds nothing: {sum(swept.values())} requests, {units} write units")
    print("  " + ", ".join(f"{many} {call}" for call, many in sorted(swept.items())))
    idle = of_an_idle_month(swept, units)
    table("a month without enquiries: requests and storage", idle)
    table("and what the stack is: alarms, dashboard, metrics, secrets", of_the_stack_itself())
    met = max(dollars(idle, region) for region in REGIONS) <= MOST_IDLE
    print("", *report(), sep="\n")
    print(f"\ngoal for requests and storage: {MOST_IDLE:.2f} dollars: {'met' if met else 'MISSED'}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
