"""A timer nudges: looks at one lead and does what is due. Freed capacity nudges too: whoever waits
is tried again; so does a partner whom no mail reaches: what they were offered is passed on; and an
enquiry of somebody known, which is compared with the earlier ones.
"""

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools import Logger

from routing_core.aws.settings import WakeSettings, requires
from routing_core.aws.wiring import wiring
from routing_core.service.placing.pass_on import pass_on
from routing_core.service.upkeep.mind_absences import mind_absences
from routing_core.service.upkeep.wake_lead import retry_waiting, wake_lead

logger = Logger()
LOOK_AT_ONCE = ("repeat.found", "first.ended")
"""An enquiry whose timer would go off within a minute: nobody waits for that. The timer stays,
should this be lost.
"""


@requires(WakeSettings)
def handler(event: dict[str, Any], context: Any) -> None:
    now = datetime.now(UTC)
    if event.get("detail-type") == "partner.bounced":
        partner = event["detail"]["partner"]
        logger.info(
            "passed on",
            extra={"partner": partner, "leads": pass_on(wiring().services, partner, now)},
        )
        return
    if event.get("detail-type") in LOOK_AT_ONCE:
        woken = wake_lead(wiring().services, event["detail"]["lead"], now)
        logger.info(
            "looked at",
            extra={"lead": event["detail"]["lead"], "status": woken and woken.status.value},
        )
        return
    if "detail" in event:
        partners = event["detail"].get("partners") or [event["detail"]["partner"]]
        offered = retry_waiting(wiring().services, set(partners), now)
        minded = (
            mind_absences(wiring().services, partners, now)
            if event["detail-type"] == "partner.changed"
            else []
        )
        logger.info(
            "tried who waits", extra={"partners": partners, "offered": offered, "minded": minded}
        )
        return
    lead = wake_lead(wiring().services, event["lead"], now)
    logger.info("woken", extra={"lead": event["lead"], "status": lead and lead.status.value})
    if lead and lead.due and lead.due > now and lead.version == event["version"]:
        # Nothing was due yet, so nothing was committed and no stream record will arm the next
        # timer.
        wiring().timers.arm(lead.id, lead.version, lead.due, now, again=event.get("again", 0) + 1)
