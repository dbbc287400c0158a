"""A thousand enquiries a second for an hour against the limits of a new AWS account: which is reached first?

The requests of one enquiry (posted, offered, opened, accepted, called; every mail, timer and event) are counted on the
real handlers over moto, not estimated; what Lambda takes for each invocation is assumed (``SECONDS``). Printed with
`make bench-load`: needed per second, the limit, and from how many enquiries a second on it must be raised.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import pytest

from tests.faults.calls import trouble
from tests.stack import resources
from tests.world import World, a_programme, a_world, munich

RATE, HOUR = 1000, 3600
SECONDS = {"request": 0.1, "outbox": 0.15, "notify": 0.25, "wake": 0.15}
"""Of a warm function with 1769 MB; assumed, to be replaced by your own figures."""
STREAM_BATCH = 10
"""Event rows in one call of the outbox under such a load."""


@dataclass(frozen=True)
class Quota:
    """``limit`` per second in eu-central-1 for a new account, unless the unit says otherwise; ``source``: the title of
    AWS's own page, read in 2026, and its name there. Outside its sandbox SES sets a rate for each account."""

    name: str
    source: str
    limit: float
    needed: float
    """For one enquiry."""
    unit: str = "/s"

    @property
    def reached_at(self) -> float:
        return self.limit / self.needed


def life_of_one(world: World) -> tuple[Counter[str], Counter[str]]:
    """Calls to AWS and invocations of one enquiry in warm functions."""
    world.use(a_programme(), munich(1), munich(2))
    world.post_lead("warm", email="warm@posteo.de", phone="")
    world.deliver()
    seen = len(world.published), len(world.rows())
    with trouble() as counted:
        lead = world.post_lead("one").json()["lead"]
        world.deliver()
        path = world.offer_link(lead)
        world.press(path, action="accept")
        world.deliver()
        world.press(path, action="contacted")
        world.deliver()
    facts, rows = len(world.published) - seen[0], len(world.rows()) - seen[1]
    wakes = sum(entry["DetailType"] == "capacity.freed" for entry in world.published[seen[0] :])
    invoked = Counter({"request": 5, "outbox": rows, "notify": facts - wakes, "wake": wakes + rows})
    return Counter(counted.calls), invoked


def route_limit(route: str) -> float:
    stages = (r["Properties"] for r in resources().values() if r["Type"] == "AWS::ApiGatewayV2::Stage")
    settings = next(stage["RouteSettings"] for stage in stages if "RouteSettings" in stage)
    return float(settings[route]["ThrottlingRateLimit"])


def quotas(calls: Counter[str], invoked: Counter[str], units: int) -> list[Quota]:
    times = invoked | {"outbox": invoked["outbox"] / STREAM_BATCH}
    busy = sum(times[kind] * seconds for kind, seconds in SECONDS.items())
    timers = calls["scheduler.CreateSchedule"]
    told = invoked["notify"] + invoked["wake"] - timers
    posts, pages = route_limit("POST /v1/forms/{form}/leads"), route_limit("POST /o/{token}")
    bus, timer, ours = "Amazon EventBridge quotas", "Quotas for Amazon EventBridge Scheduler", "template.yaml"
    tables, fresh = "Quotas in Amazon DynamoDB", "DynamoDB on-demand capacity mode"
    hot = "Best practices for designing and using partition keys effectively in DynamoDB"
    return [
        Quota("our own: posts of enquiries", f"{ours}: RouteSettings", posts, 1),
        Quota("our own: partners' buttons", f"{ours}: RouteSettings", pages, 2),
        Quota("SES mails, in the sandbox", "Service quotas in Amazon SES: Sending rate", 1, calls["sesv2.SendEmail"]),
        Quota("Lambda at the same time", "Lambda quotas: Concurrent executions", 1000, busy, " at once"),
        Quota("API Gateway requests", "Amazon API Gateway quotas: Throttle quota", 10_000, invoked["request"]),
        Quota("DynamoDB writes of a table", f"{tables}: table-level write throughput", 40_000, units),
        Quota("DynamoDB writes of a new table", f"{fresh}: Initial throughput; grows by itself", 4_000, units),
        Quota("EventBridge puts", f"{bus}: PutEvents throttle limit", 2_400, calls["events.PutEvents"]),
        Quota("EventBridge invocations", f"{bus}: Invocations throttle limit", 4_500, told),
        Quota("Scheduler creates", f"{timer}: CreateSchedule request rate", 5_000, timers),
        Quota("Scheduler fires", f"{timer}: Invocations throttle limit", 1_000, timers),
        Quota("schedules that wait", f"{timer}: Number of schedules", 10_000_000 / HOUR, timers, " for an hour"),
        Quota("enquiries of one partner", f"{hot}: 1,000 write units, 2 each", 500, 1),
    ]


def report(rate: int = RATE) -> list[str]:
    with pytest.MonkeyPatch.context() as environment, a_world(environment) as world:
        calls, invoked = life_of_one(world)
        units = write_units(calls)
    lines = [
        f"One enquiry: {', '.join(f'{n} {call}' for call, n in sorted(calls.items()))}",
        f"Invocations: {', '.join(f'{n} {kind}' for kind, n in invoked.items())}",
        "",
        f"{rate:,} enquiries a second for an hour ({rate * HOUR:,} in all); limits in the order they are reached:",
        f"{'':32}{'needed':>10}{'limit':>10}{'reached at':>13}",
    ]
    for quota in sorted(quotas(calls, invoked, units), key=lambda quota: quota.reached_at):
        needed = quota.needed * rate
        verdict = "enough" if needed <= quota.limit else f"raise {needed / quota.limit:.1f} times: {quota.source}"
        line = f"{quota.name:32}{needed:10,.0f}{quota.limit:10,.0f}{quota.reached_at:11,.1f}/s  {verdict}"
        lines.append(line + (f" ({quota.unit.strip()})" if quota.unit != "/s" else ""))
    return lines


TRANSACTION = 8
"""Write units of a commit on average: see `make bench-requests`."""


def write_units(calls: Counter[str]) -> int:
    """Of the table of leads: commits, and one for each row of a mail that is leased or marked."""
    single = sum(calls[f"dynamodb.{name}"] for name in ("PutItem", "UpdateItem", "DeleteItem"))
    return calls["dynamodb.TransactWriteItems"] * TRANSACTION + single


if __name__ == "__main__":
    print("\n".join(report()))
