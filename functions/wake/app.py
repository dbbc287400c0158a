"""A nudge: looks at leads and does what is due.

A timer nudges for one lead, and so does an enquiry of somebody known, which is compared with the
earlier ones. Freed capacity nudges for whoever waits. A partner whom no mail reaches nudges too:
what they were offered is passed on.
"""

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools import Logger

from routing_core.aws.settings import WakeSettings, requires
from routing_core.aws.wiring import wiring
from routing_core.service.placing.pass_on import pass_on
from routing_core.service.placing.retry_leads import retry_waiting
from routing_core.service.upkeep.mind_absences import mind_absences
from routing_core.service.upkeep.wake_lead import FiredTimer, wake_by_timer, wake_lead

logger = Logger()
LOOK_AT_ONCE = ("repeat.found", "first.ended")
"""Events of an enquiry whose timer would go off within a minute: nobody waits for that.

The timer stays, should the event be lost.
"""


@requires(WakeSettings)
def handler(event: dict[str, Any], context: Any) -> None:
    """Do what the nudge asks for, and log what came of it. A failure brings it again."""
    nudge = event.get("detail", event)
    told = follow(event.get("detail-type", ""), nudge, datetime.now(UTC))
    logger.info("woken", extra={"lead": nudge.get("lead"), **told})


def follow(kind: str, nudge: dict[str, Any], now: datetime) -> dict[str, Any]:
    """Follow a nudge, which is an event of that kind, or of none a timer; tell what was done."""
    services = wiring().services
    if kind == "partner.bounced":
        return {"passed_on": pass_on(services, nudge["partner"], now)}
    if kind in LOOK_AT_ONCE:
        lead = wake_lead(services, nudge["lead"], now)
        return {"status": lead and lead.status.value}
    if kind:
        partners = nudge.get("partners") or [nudge["partner"]]
        offered = retry_waiting(services, set(partners), now)
        # Their profiles may say that they go on holiday: what is open there is minded.
        has_changed = kind == "partner.changed"
        minded = mind_absences(services, partners, now) if has_changed else []
        return {"partners": partners, "offered": offered, "minded": minded}
    timer = FiredTimer(nudge["lead"], nudge["version"], nudge.get("again", 0))
    lead = wake_by_timer(services, wiring().timers, timer, now)
    return {"status": lead and lead.status.value}
