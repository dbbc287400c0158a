"""What a message of the queue asks for waits where mail cannot leave, and is begun only in time."""

from collections.abc import Callable
from datetime import datetime

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from routing_core.aws.queues.mail_queue import WaitingEvent, has_patience
from routing_core.aws.wiring import wiring
from routing_core.service.kernel.mail_delays import MailDelayed, MailHindrance
from routing_core.service.kernel.time_budget import HasTime

logger = Logger()
metrics = Metrics()


def send_or_wait(
    waiting: WaitingEvent, now: datetime, has_time: HasTime, send: Callable[[], None]
) -> None:
    """Have a message sent, or put it back while mail cannot leave.

    Raises MailDelayed once the patience with it is over, and whatever else ``send`` raises.
    """
    # What is left of a batch whose mails had to wait for their turns: not begun and cut off.
    if not has_time():
        _put_back(waiting, MailHindrance.RATE, now)
        return
    try:
        send()
    except MailDelayed as delayed:
        if not has_patience(waiting, delayed.hindrance, now):
            raise
        _put_back(waiting, delayed.hindrance, now)


def _put_back(waiting: WaitingEvent, hindrance: MailHindrance, now: datetime) -> None:
    """Let an event come again later, and measure how long it has waited."""
    wiring().mail_queue.put_back(waiting, hindrance)
    waited = (now - waiting.since).total_seconds()
    metrics.add_metric("MailWaits", MetricUnit.Seconds, waited)
    metrics.flush_metrics()
    logger.warning("mail waits", extra={"why": hindrance.value, "tries": waiting.tries + 1})
