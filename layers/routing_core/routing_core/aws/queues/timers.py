"""Arm one-shot schedules: each wakes one lead at its next deadline, then deletes itself."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from routing_core.aws.settings import TimerSettings

SOONEST = timedelta(seconds=5)
"""No timer is set for earlier: Scheduler refuses a time that has passed by the time it looks."""


class SchedulerTimers:
    """Arms timers: ``ports.Timers`` with EventBridge Scheduler."""

    def __init__(self, client: Any, names: TimerSettings):
        self._client = client
        self._names = names

    def arm(self, lead: str, version: int, due: datetime, now: datetime, again: int = 0) -> None:
        """Arm a one-shot that wakes a lead when it is due; arming it twice is no error.

        ``again`` counts how often the timer of this version has come before its time.
        """
        name = f"{lead}.{version}"
        if again:
            name += f".{again}"
        at = whole_second(max(due, now + SOONEST))
        try:
            self._client.create_schedule(
                Name=name,
                GroupName=self._names.schedule_group,
                ScheduleExpression=f"at({at:%Y-%m-%dT%H:%M:%S})",
                ScheduleExpressionTimezone="UTC",
                FlexibleTimeWindow={"Mode": "OFF"},
                ActionAfterCompletion="DELETE",
                Target=self._target({"lead": lead, "version": version, "again": again}),
            )
        except ClientError as error:
            # Names are never reused, so a conflict means that it is armed.
            if error.response["Error"]["Code"] != "ConflictException":
                raise

    def _target(self, event: dict[str, Any]) -> dict[str, Any]:
        target: dict[str, Any] = {
            "Arn": self._names.wake_arn,
            "RoleArn": self._names.schedule_role_arn,
            "Input": json.dumps(event),
            "RetryPolicy": {"MaximumRetryAttempts": 10, "MaximumEventAgeInSeconds": 3600},
        }
        if self._names.schedule_dlq_arn:
            target["DeadLetterConfig"] = {"Arn": self._names.schedule_dlq_arn}
        return target


def whole_second(at: datetime) -> datetime:
    """Give an instant in UTC, rounded up to the second: no timer may come before its deadline."""
    at = at.astimezone(UTC)
    if at.microsecond == 0:
        return at
    return at.replace(microsecond=0) + timedelta(seconds=1)
