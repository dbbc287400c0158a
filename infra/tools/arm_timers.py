"""Arms the timer of every open lead, many at a time: after a restore.

Timers that are armed are for versions that leads may reach once more with another deadline, and a
name is taken once. So they are cleared away first.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any, TypeVar

from botocore.exceptions import ClientError

from infra.tools.stack import Target
from routing_core.aws.queues.timers import SchedulerTimers
from routing_core.aws.settings import TimerSettings
from routing_core.domain.lead import Lead

Each = TypeVar("Each")
AT_ONCE = 10
"""So many calls are under way at a time, as many as a client has connections."""
_TIMER = re.compile(r"[^.]+\.\d+(\.\d+)?")
"""The name of a lead's timer; other schedules of the group have no dot in theirs."""


def timer_settings(there: Target) -> TimerSettings:
    """Read from the outbox what its timers call, as they are armed on every other day."""
    settings = there.client("lambda").get_function_configuration(
        FunctionName=there.resource("OutboxFunction")
    )["Environment"]["Variables"]
    return TimerSettings(
        schedule_group=settings["SCHEDULE_GROUP"],
        schedule_role_arn=settings["SCHEDULE_ROLE_ARN"],
        wake_arn=settings["WAKE_ARN"],
        schedule_dlq_arn=settings.get("SCHEDULE_DLQ_ARN", ""),
    )


def clear_timers(scheduler: Any, group: str) -> int:
    """Delete the timers of all leads, and return how many there were.

    The list is read again until it names none that was not seen: it may not tell all at once, as
    that of the embedded AWS.
    """

    def delete(name: str) -> None:
        try:
            scheduler.delete_schedule(Name=name, GroupName=group)
        except ClientError as error:
            # It has fired meanwhile.
            if error.response["Error"]["Code"] != "ResourceNotFoundException":
                raise

    deleted: set[str] = set()
    while names := set(_timers(scheduler, group)) - deleted:
        _side_by_side(delete, names)
        deleted |= names
    return len(deleted)


def _timers(scheduler: Any, group: str) -> Iterator[str]:
    """Yield the names of the timers that are armed."""
    for page in scheduler.get_paginator("list_schedules").paginate(GroupName=group):
        for each in page["Schedules"]:
            if _TIMER.fullmatch(each["Name"]):
                yield each["Name"]


def arm_timers(timers: SchedulerTimers, leads: Iterable[Lead], now: datetime) -> int:
    """Arm the timer of each lead that has a deadline, and return how many have one."""

    def arm(lead: Lead) -> None:
        if lead.due:
            timers.arm(lead.id, lead.version, lead.due, now)

    with_deadline = [lead for lead in leads if lead.due]
    _side_by_side(arm, with_deadline)
    return len(with_deadline)


def _side_by_side(work: Callable[[Each], None], those: Iterable[Each]) -> None:
    """Do something with each, some at a time; raise what any of them raises."""
    with ThreadPoolExecutor(AT_ONCE) as threads:
        for _ in threads.map(work, those):
            pass
