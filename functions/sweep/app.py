"""What is done by the clock: rescues, erasure, digests, and imports that were decided."""

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from routing_core.aws.settings import SweepSettings, requires
from routing_core.aws.time_left import time_left
from routing_core.aws.wiring import wiring
from routing_core.present.mails.render import render_mail
from routing_core.service.hq.release_lists import release_lists
from routing_core.service.notifications.held_mails import flush_digests
from routing_core.service.upkeep.merged_before import look_through
from routing_core.service.upkeep.sweep import sweep
from routing_core.service.upkeep.vital_signs import longest_unowned

logger = Logger()
metrics = Metrics()
SPARED_MILLISECONDS = 20_000
"""Nothing is begun that could be done by the next run once no more time than that is left."""


@metrics.log_metrics
@requires(SweepSettings)
def handler(event: dict[str, Any], context: Any) -> None:
    """Do everything that is done by the clock. What fails now is done the next time."""
    now = datetime.now(UTC)
    has_time = time_left(context, SPARED_MILLISECONDS)
    wiring().pulse.send(now)
    swept = sweep(wiring().services, wiring().postponed, now, has_time=has_time)
    metrics.add_metric("Rescues", MetricUnit.Count, len(swept.rescued))
    metrics.add_metric("WakeFailures", MetricUnit.Count, len(swept.failed))
    metrics.add_metric("LongestOverdue", MetricUnit.Seconds, swept.behind.total_seconds())
    mended = wiring().rules.mended()
    if mended:
        metrics.add_metric("RulesOutsideBounds", MetricUnit.Count, len(mended))
        logger.warning("rules outside bounds", extra={"read_as_the_nearest": mended})
    under_pressure = wiring().rules.pressure().is_on(now)
    metrics.add_metric("UnderPressure", MetricUnit.Count, int(under_pressure))
    digests = flush_digests(wiring().mailing(render_mail, has_time), now)
    told = {
        "rescued": swept.rescued,
        "erased": swept.erased,
        "failed": swept.failed,
        "digests": digests,
    }
    logger.info("swept", extra=told)
    while has_time() and not wiring().partners.finish_import(now):
        logger.info("an import is being finished")
    listed = release_lists(wiring().services, wiring().lead_lists, now, has_time)
    if listed:
        logger.info("leads of lists", extra={"leads": listed})
    merged = look_through(wiring().services, wiring().walk, now) if has_time() else ()
    if merged:
        logger.info("once merged, now with HQ", extra={"leads": merged})
    # Last of all: what only measures may not keep anything from being done.
    unowned = longest_unowned(wiring().leads, now)
    metrics.add_metric("LongestUnowned", MetricUnit.Seconds, unowned.total_seconds())
