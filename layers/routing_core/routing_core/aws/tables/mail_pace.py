"""Keep all functions that send mail, together, below the rate that the mail service grants.

A token bucket that they share: each second has a row of its own, and each mail takes one of its
places by a conditional write. A second without a free place is waited out.
"""

import random
import time
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from routing_core.aws.tables.dynamo import condition_failed, serialize_item
from routing_core.aws.tables.mail_rows import MAIL
from routing_core.service.kernel.mail_delays import MailDelayed, MailHindrance

LONGEST_PAUSE = 2.0
"""A mail waits so many seconds for its turn within an invocation; then it is put back."""
ROWS_KEPT = 3_600
"""The row of a second is kept for so many seconds: DynamoDB deletes it some time after."""


class MailPace:
    """Hands out the places of each second."""

    def __init__(
        self,
        client: Any,
        table: str,
        per_second: int,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ):
        self._client = client
        self._table = table
        self._per_second = per_second
        self._clock = clock
        self._sleep = sleep

    def take_turn(self) -> None:
        """Wait until a mail may leave; raise MailDelayed if that takes too long."""
        latest = self._clock() + LONGEST_PAUSE
        while not self._takes_place(int(self._clock())):
            next_second = int(self._clock()) + 1
            if next_second > latest:
                raise MailDelayed(MailHindrance.RATE)
            # Who waited for the same second does not come back at the same instant.
            spread = random.uniform(0, 0.2)  # noqa: S311 - only spreads who comes back when
            self._sleep(max(0.0, next_second - self._clock()) + spread)

    def _takes_place(self, second: int) -> bool:
        values = {":one": 1, ":most": self._per_second, ":expires": second + ROWS_KEPT}
        try:
            self._client.update_item(
                TableName=self._table,
                Key=serialize_item({"pk": f"{MAIL}pace.{second}", "sk": "MAIL"}),
                UpdateExpression="SET expires = :expires ADD taken :one",
                ConditionExpression="attribute_not_exists(taken) OR taken < :most",
                ExpressionAttributeValues=serialize_item(values),
            )
        except ClientError as error:
            if not condition_failed(error):
                raise
            return False
        return True
