"""Reports: the tasks of the state machine that makes them, and the clock that begins it."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools import Logger

from functions.reports import sending, tasks
from routing_core.aws.settings import ReportsSettings, requires

logger = Logger()
Task = Callable[[Mapping[str, Any], datetime, Any], dict[str, Any]]
"""Takes the event, the time and the context of the invocation."""
TASKS: Mapping[str, Task] = {
    "nudge": tasks.nudge,
    "begin": tasks.begin,
    "gather": tasks.gather,
    "make": tasks.make,
    "mail": sending.mail,
    "send": sending.send,
    "finish": sending.finish,
    "fail": tasks.fail,
}
"""Name → what is done, as the state machine and the schedule ask for it."""


@requires(ReportsSettings)
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Do one task."""
    task = event["task"]
    answer = TASKS[task](event, datetime.now(UTC), context)
    told: dict[str, Any] = {"task": task}
    told |= {name: event[name] for name in ("run", "number", "part", "batch") if name in event}
    logger.info("report", extra=told)
    return answer
