"""One-shot schedules that nudge: each wakes one lead at its next deadline, then deletes itself."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from routing_core.aws.settings import TimerSettings

SOONEST = timedelta(seconds=5)


class SchedulerTimers:
    """Implements ports.Timers with EventBridge Scheduler. Names are never reused, so a conflict
    means it is armed.
    """

    def __init__(self, client: Any, names: TimerSettings):
        self._client = client
        self._names = names

    def arm(self, lead: str, version: int, due: datetime, now: datetime, again: int = 0) -> None:
        name = f"{lead}.{version}" + (f".{again}" if again else "")
        target: dict[str, Any] = {
            "Arn": self._names.wake_arn,
            "RoleArn": self._names.schedule_role_arn,
            "Input": json.dumps({"lead": lead, "version": version, "again": again}),
            "RetryPolicy": {"MaximumRetryAttempts": 10, "MaximumEventAgeInSeconds": 3600},
        }
        if self._names.schedule_dlq_arn:
            target["DeadLetterConfig"] = {"Arn": self._names.schedule_dlq_arn}
        try:
            self._client.create_schedule(
                Name=name,
                GroupName=self._names.schedule_group,
                ScheduleExpression=f"at({whole_second(max(due, now + SOONEST)):%Y-%m-%dT%H:%M:%S})",
                ScheduleExpressionTimezone="UTC",
                FlexibleTimeWindow={"Mode": "OFF"},
                ActionAfterCompletion="DELETE",
                Target=target,
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConflictException":
                raise


def whole_second(at: datetime) -> datetime:
    """Rounded up: a timer must not come before its deadline."""
    at = at.astimezone(UTC)
    return at if at.microsecond == 0 else at.replace(microsecond=0) + timedelta(seconds=1)
