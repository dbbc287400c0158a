"""What the rules need by the clock: planned ones are noted, public holidays are written on.

HQ hears of what it must do itself.
"""

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools import Logger

from routing_core.aws.settings import CalendarsSettings, requires
from routing_core.aws.wiring import wiring
from routing_core.present.mails.render import render_mail
from routing_core.service.upkeep.renew_calendars import renew_calendars

logger = Logger()
NAMED_IN_LOG = 20
"""Partners named in one line of the log."""


@requires(CalendarsSettings)
def handler(event: dict[str, Any], context: Any) -> None:
    """Note that planned rules have come into force and, once a day, write holidays on.

    Raises RuntimeError if somebody's could not be, after all the others': an alarm tells of it.
    """
    now = datetime.now(UTC)
    begun = wiring().rules.settle(now)
    if begun:
        logger.info("planned rules have come into force", extra={"programme": begun})
    if event.get("only") == "plans":
        return
    renewed = renew_calendars(wiring().mailing(render_mail), now)
    logger.info("calendars", extra={"programme": renewed.programme, "partners": renewed.partners})
    if renewed.failed:
        some = renewed.failed[:NAMED_IN_LOG]
        raise RuntimeError(
            f"holidays of {len(renewed.failed)} partners could not be renewed: {some}"
        )
