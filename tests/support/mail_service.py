"""SES that takes no mail for a while, and the queue in which mail then waits, over moto."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from aws_lambda_powertools.utilities.batch.exceptions import BatchProcessingError

from tests.support.stack import put_back_messages, ses_refuses, ses_takes_all
from tests.support.triggers import Context
from tests.support.world import World

DAILY = ("TooManyRequestsException", "Daily message quota exceeded")
TOO_FAST = ("TooManyRequestsException", "Maximum sending rate exceeded")
SANDBOX = ("MessageRejected", "Email address is not verified. The following identities failed")
ILL_FORMED = ("BadRequestException", "Missing final '@domain'")
PAUSED = ("SendingPausedException", "Sending is paused for this account")


@contextmanager
def ses_says(code: str, message: str, to: str = "") -> Iterator[list[int]]:
    """SES refuses every mail, or those to one address, with an error of its own; yields how often
    it was asked.
    """
    asked = ses_refuses(code, message, to)
    try:
        yield asked
    finally:
        ses_takes_all()


def waiting_mail(world: World) -> list[dict[str, Any]]:
    """What was put back into the queue, oldest first, taken out of it as Lambda gets it."""
    found = list(put_back_messages())
    put_back_messages().clear()
    return [
        {
            "messageId": each.id,
            "body": each.body,
            "eventSource": "aws:sqs",
            "attributes": {},
            "messageAttributes": {
                name: {"stringValue": value["StringValue"], "dataType": value["DataType"]}
                for name, value in each.message_attributes.items()
            },
            "delay": each.delayed_until / 1_000 - each.sent_timestamp / 1_000,
        }
        for each in found
    ]


def try_mail(world: World, records: list[dict[str, Any]]) -> list[str]:
    """These messages to notify, as one batch; which of them failed."""
    from functions.notify.app import handler

    with world.clock():
        try:
            answer = handler({"Records": records}, Context())
        except BatchProcessingError:
            return [each["messageId"] for each in records]
    return [each["itemIdentifier"] for each in answer["batchItemFailures"]]


def mail_moves_again(world: World, after: timedelta = timedelta(0)) -> None:
    """What waits is tried, and what that leads to is delivered."""
    world.now += after
    try_mail(world, waiting_mail(world))
    world.deliver()
