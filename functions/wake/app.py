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
from routing_core.service.upkeep.wake_lead import wake_lead

logger = Logger()
LOOK_AT_ONCE = ("repeat.found", "first.ended")
"""Events of an enquiry whose timer would go off within a minute: nobody waits for that.

The timer stays, should the event be lost.
"""


@requires(WakeSettings)
def handler(event: dict[str, Any], context: Any) -> None:
    """Do what the nudge asks for. A failure brings it again."""
    now = datetime.now(UTC)
    kind = event.get("detail-type")
    if kind == "partner.bounced":
        pass_on_offers(event["detail"]["partner"], now)
    elif kind in LOOK_AT_ONCE:
        wake_at_once(event["detail"]["lead"], now)
    elif kind:
        try_who_waits(event["detail"], now, has_changed=kind == "partner.changed")
    else:
        wake_by_timer(event, now)


def pass_on_offers(partner: str, now: datetime) -> None:
    """Give the open offers of a partner whom no mail reaches to others."""
    leads = pass_on(wiring().services, partner, now)
    logger.info("passed on", extra={"partner": partner, "leads": leads})


def wake_at_once(lead_id: str, now: datetime) -> None:
    """Do what is due on one lead, without waiting for its timer."""
    woken = wake_lead(wiring().services, lead_id, now)
    logger.info("looked at", extra={"lead": lead_id, "status": woken and woken.status.value})


def try_who_waits(detail: dict[str, Any], now: datetime, *, has_changed: bool) -> None:
    """Try waiting leads again at partners who may take some now.

    If the partners' profiles ``has_changed``, also mind what is open at those who go on holiday.
    """
    services = wiring().services
    partners = detail.get("partners") or [detail["partner"]]
    told = {"partners": partners, "offered": retry_waiting(services, set(partners), now)}
    told["minded"] = mind_absences(services, partners, now) if has_changed else []
    logger.info("tried who waits", extra=told)


def wake_by_timer(timer: dict[str, Any], now: datetime) -> None:
    """Do what is due on the lead of a timer that went off."""
    lead = wake_lead(wiring().services, timer["lead"], now)
    logger.info("woken", extra={"lead": timer["lead"], "status": lead and lead.status.value})
    if lead and lead.due and lead.due > now and lead.version == timer["version"]:
        # Nothing was due yet, so nothing was committed: no stream record will arm the next timer.
        again = timer.get("again", 0) + 1
        wiring().timers.arm(lead.id, lead.version, lead.due, now, again=again)
