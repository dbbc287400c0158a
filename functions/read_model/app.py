"""The read model: what the leads stream brings becomes the rows that lists and searches read."""

from datetime import UTC, date, datetime
from itertools import chain
from typing import Any
from zoneinfo import ZoneInfo

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from routing_core.aws.settings import ReadModelSettings, requires
from routing_core.aws.tables.stream_news import StreamBatch, read_batch
from routing_core.aws.time_left import time_left
from routing_core.aws.wiring import wiring
from routing_core.domain.errors import NotFound
from routing_core.service.kernel.row_store import KeptRow
from routing_core.service.kernel.time_budget import HasTime
from routing_core.service.upkeep.keep_rows import LeadNews, RowKeeper
from routing_core.service.upkeep.vital_signs import time_to_owner

logger = Logger()
metrics = Metrics()


@requires(ReadModelSettings)
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer from which record on a lead's news failed: the stream brings those again."""
    now = datetime.now(UTC)
    batch = read_batch(event["Records"], now)
    if batch.unreadable:
        metrics.add_metric("UnreadableRows", MetricUnit.Count, batch.unreadable)
    failed = [*batch.newer, *keep(batch, now, time_left(context))]
    if batch.until and not failed:
        wiring().row_writes.beat(batch.until, now)
    if metrics.metric_set:
        metrics.flush_metrics()
    return {"batchItemFailures": [{"itemIdentifier": first} for first in failed]}


def keep(batch: StreamBatch, now: datetime, has_time: HasTime) -> list[str]:
    """Keep the news of each lead, and give the first record of each that failed or was not begun."""
    ports, store = wiring(), wiring().row_writes
    keeper = RowKeeper(
        store, ports.leads, ports.contact_secret, zone(), ports.exports, ports.lead_files
    )
    leads = [news.lead for _, news in batch.news if news.lead]
    kept = store.kept([(lead.received_at, lead.id) for lead in leads])
    failed: list[str] = []
    changed: set[date] = set()
    for first, news in batch.news:
        if not has_time():
            failed.append(first)
            continue
        try:
            changed |= keeper.keep(news, kept.get(news.lead_id))
            measure(news, kept.get(news.lead_id))
        except Exception:
            logger.exception("not kept", extra={"lead": news.lead_id})
            failed.append(first)
    store.close_days(now.astimezone(keeper.zone).date(), changed)
    return failed


def measure(news: LeadNews, kept: KeptRow | None) -> None:
    """Measure how soon a lead got its first owner, if it has just got one."""
    events = list(chain.from_iterable(commit.events for commit in news.commits))
    before = kept.row if kept else None
    took = time_to_owner(news.lead, before, events) if news.lead else None
    if took is not None:
        metrics.add_metric("SpeedToLead", MetricUnit.Seconds, took.total_seconds())


def zone() -> ZoneInfo:
    """Give the zone by which days begin: the programme's, or UTC while there is none."""
    try:
        return wiring().rules.programme()[1].zone
    except NotFound:
        return ZoneInfo("UTC")
