"""A thousand enquiries a second for an hour against the limits of a new AWS account: which is met
first?

What happens to an enquiry (posted; opened and accepted; called; a timer that finds nothing to do)
is played once by the
real handlers over moto, by the consumer programme as it is shipped, with every mail, timer and
event it leads to: its
requests are counted. Then the hour is played second by second, and the time after it until the last
timers of the day.
Assumed are how long people take (``TAKE``) and what Lambda takes for an invocation (``SECONDS``).
Printed with
`make bench-load`.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate

import pytest

from tests.benchmarks.requests import HEATING, billed
from tests.faults.calls import trouble
from tests.support.stack import resources
from tests.support.world import World, a_world

RATE, HOUR, AFTER, SEED = 1000, 3600, 6 * 3600, 7
TAKE = {"accepted": 600, "called": 1800}
"""Seconds on average until a partner who was asked accepts, and until one who has accepted has
called.
"""
SECONDS = {"request": 0.1, "outbox": 0.15, "notify": 0.25, "wake": 0.15}
"""Of a warm function with 1769 MB; assumed, to be replaced by your own figures."""
STREAM_BATCH = 10
"""Event rows in one call of the outbox under such a load."""
HALF_HOUR = 1800
"""Deadlines are rounded up to it by the programme: many timers fire at one instant."""


@dataclass(frozen=True)
class Step:
    """What one step of one enquiry asks of AWS."""

    calls: Counter[str]
    invoked: Counter[str]
    units: int
    """Written to the tables."""
    timers: tuple[timedelta, ...]
    """How long each that it arms waits."""

    @property
    def busy(self) -> float:
        """Seconds of Lambda."""
        times = self.invoked | {"outbox": self.invoked["outbox"] / STREAM_BATCH}
        return sum(times[kind] * seconds for kind, seconds in SECONDS.items())


def steps(world: World) -> dict[str, Step]:
    """In warm functions, at a moment that is no half hour."""
    HEATING.move_in(world)
    world.advance(minutes=7)
    leads: dict[str, str] = {}

    def post(key: str) -> None:
        fields = {
            "submission_id": key,
            "email": f"{key}@posteo.de",
            "phone": "",
            "started": world.signed_start(key),
        }
        leads[key] = world.http(
            "POST", "/v1/forms/enquiry/leads", json_body=HEATING.enquiry | fields
        ).json()["lead"]

    def accept(key: str) -> None:
        world.http("GET", world.offer_link(leads[key]))
        world.press(world.offer_link(leads[key]), action="accept")

    def call(key: str) -> None:
        world.press(world.offer_link(leads[key]), action="contacted")

    post("warm")
    world.deliver()
    return {
        "posted": _counted(world, 1, post),
        "accepted": _counted(world, 3, accept),
        "called": _counted(world, 2, call),
        "fired": _counted(world, 0, lambda key: world.fire(f"{leads[key]}.1"), wakes=1),
    }


def _counted(world: World, requests: int, act: Callable[[str], None], wakes: int = 0) -> Step:
    """Once for the calls, and once for what is written: to reckon that takes calls of its own."""
    published, rows, armed = len(world.published), len(world.rows()), set(world.schedules())
    with trouble() as counted:
        act("one")
        world.deliver()
    told = Counter(entry["DetailType"] == "capacity.freed" for entry in world.published[published:])
    invoked = {
        "request": requests,
        "outbox": len(world.rows()) - rows,
        "notify": told[False],
        "wake": told[True] + wakes,
    }
    waits = [at - world.now for name, at in world.schedules().items() if name not in armed]
    with billed(world) as bill:
        act("another")
        world.deliver()
    return Step(Counter(counted.calls), Counter(invoked), bill.units, tuple(waits))


Seconds = list[float]


def an_hour(rate: int, played: Mapping[str, Step], now: datetime) -> dict[str, Seconds]:
    """How often each step is taken in each second of the hour and after it, and how many schedules
    wait.
    """
    chance, whole = random.Random(SEED), HOUR + AFTER
    posted = [
        max(0.0, chance.gauss(rate, rate**0.5)) if second < HOUR else 0.0 for second in range(whole)
    ]
    taken = {"posted": posted, "accepted": _later(posted, TAKE["accepted"])}
    taken["called"] = _later(taken["accepted"], TAKE["called"])
    fired, armed = [0.0] * whole, [0.0] * whole
    for name, times in taken.items():
        for wait in played[name].timers:
            rounded = (now + wait).timestamp() % HALF_HOUR == 0
            for second, many in enumerate(times):
                armed[second] += many
                at = second + round(wait.total_seconds())
                at = -(-at // HALF_HOUR) * HALF_HOUR if rounded else at
                if at < whole:
                    fired[at] += many
    waiting = accumulate(more - fewer for more, fewer in zip(armed, fired, strict=True))
    return taken | {"fired": fired, "waiting": list(waiting)}


def _later(before: Seconds, average: int) -> Seconds:
    """Each second the same share of those who have not yet."""
    left, after = 0.0, []
    for many in before:
        left += many
        after.append(left / average)
        left -= after[-1]
    return after


@dataclass(frozen=True)
class Quota:
    """``limit`` per second in eu-central-1 for a new account, unless the unit says otherwise;
    ``source``: the title of
    AWS's own page, read in 2026, and its name there. Outside its sandbox SES sets a rate for each
    account.
    """

    name: str
    source: str
    limit: float
    needed: Mapping[str, float]
    """By one of each step."""
    unit: str = "/s"

    def over(self, taken: Mapping[str, Seconds]) -> Seconds:
        """What is needed in each second."""
        parts = [
            [amount * many for many in taken[step]]
            for step, amount in self.needed.items()
            if amount
        ]
        return [sum(each) for each in zip(*parts, strict=True)]


def route_limit(route: str) -> float:
    stages = (
        r["Properties"] for r in resources().values() if r["Type"] == "AWS::ApiGatewayV2::Stage"
    )
    settings = next(stage["RouteSettings"] for stage in stages if "RouteSettings" in stage)
    return float(settings[route]["ThrottlingRateLimit"])


def quotas(played: Mapping[str, Step]) -> list[Quota]:
    def calls(name: str) -> dict[str, float]:
        return {step: float(each.calls[name]) for step, each in played.items()}

    def invoked(*kinds: str) -> dict[str, float]:
        return {
            step: float(sum(each.invoked[kind] for kind in kinds)) for step, each in played.items()
        }

    told = invoked("notify", "wake") | {"fired": 0.0}  # that one Scheduler wakes by itself
    units = {step: float(each.units) for step, each in played.items()}
    posts, pages = route_limit("POST /v1/forms/{form}/leads"), route_limit("POST /o/{token}")
    bus, timer, ours = (
        "Amazon EventBridge quotas",
        "Quotas for Amazon EventBridge Scheduler",
        "template.yaml",
    )
    tables, fresh = "Quotas in Amazon DynamoDB", "DynamoDB on-demand capacity mode"
    hot = "Best practices for designing and using partition keys effectively in DynamoDB"
    busy = {step: each.busy for step, each in played.items()}
    return [
        Quota("our own: posts of enquiries", f"{ours}: RouteSettings", posts, {"posted": 1}),
        Quota(
            "our own: partners' buttons",
            f"{ours}: RouteSettings",
            pages,
            {"accepted": 1, "called": 1},
        ),
        Quota(
            "SES mails, in the sandbox",
            "Service quotas in Amazon SES: Sending rate",
            1,
            calls("sesv2.SendEmail"),
        ),
        Quota(
            "Lambda at the same time",
            "Lambda quotas: Concurrent executions",
            1000,
            busy,
            " at once",
        ),
        Quota(
            "API Gateway requests",
            "Amazon API Gateway quotas: Throttle quota",
            10_000,
            invoked("request"),
        ),
        Quota(
            "DynamoDB writes of a table", f"{tables}: table-level write throughput", 40_000, units
        ),
        Quota(
            "DynamoDB writes of a new table",
            f"{fresh}: Initial throughput; grows by itself",
            4_000,
            units,
        ),
        Quota(
            "EventBridge puts", f"{bus}: PutEvents throttle limit", 2_400, calls("events.PutEvents")
        ),
        Quota("EventBridge invocations", f"{bus}: Invocations throttle limit", 4_500, told),
        Quota(
            "Scheduler creates",
            f"{timer}: CreateSchedule request rate",
            5_000,
            calls("scheduler.CreateSchedule"),
        ),
        Quota("Scheduler fires", f"{timer}: Invocations throttle limit", 1_000, {"fired": 1}),
        Quota(
            "schedules that wait",
            f"{timer}: Number of schedules",
            10_000_000,
            {"waiting": 1},
            " in all",
        ),
        Quota(
            "if all went to one partner",
            f"{hot}: 1,000 write units, 2 each; add partners",
            500,
            {"posted": 1},
        ),
    ]


def report(rate: int = RATE) -> list[str]:
    with pytest.MonkeyPatch.context() as environment, a_world(environment) as world:
        played = steps(world)
        taken = an_hour(rate, played, world.now)
    lines = [f"{rate:,} enquiries a second for an hour, second by second; of each"]
    for name, step in played.items():
        what = ", ".join(f"{n} {call}" for call, n in sorted(step.calls.items()))
        lines.append(f"  {name}: {what}; {step.units} write units, {len(step.timers)} timers")
    lines += [
        "",
        "limits, in the order in which a growing rate would meet them:",
        f"{'':32}{'at most':>12}{'limit':>12}{'first passed':>16}",
    ]
    judged = sorted(
        ((quota, quota.over(taken)) for quota in quotas(played)),
        key=lambda each: each[0].limit / max(each[1]),
    )
    for quota, needed in judged:
        most = max(needed)
        first = next((second for second, each in enumerate(needed) if each > quota.limit), None)
        passed = "never" if first is None else f"after {timedelta(seconds=first)}"
        verdict = (
            "enough" if first is None else f"raise {most / quota.limit:.1f} times: {quota.source}"
        )
        line = f"{quota.name:32}{most:12,.0f}{quota.limit:12,.0f}{passed:>16}  {verdict}"
        lines.append(line + (f" ({quota.unit.strip()})" if quota.unit != "/s" else ""))
    return lines


if __name__ == "__main__":
    print("\n".join(report()))
