"""Puts a year of made-up history beside a sample network: `make run` has it done in the background.

What it makes are the snapshots and reports of twelve months, as they would have been sent, and the
totals of each day, with which Today compares. It writes nothing else: no lead, no event, no load,
so that nobody is mailed and routing goes as it would without.

    python -m infra.local.on_layer infra.local.load_history --sample dach-heating
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files

from infra.local.history import (
    MadeUpYear,
    SampleNetwork,
    in_real_time,
    past_months,
    snapshots,
)
from infra.local.made_up_leads import PastLead
from infra.local.run import LOADED
from infra.local.seed import sample
from infra.tools.stack import Target, reachable, services_of, target, tool
from routing_core.aws.codecs.row_items import totals_to_item
from routing_core.aws.tables.cost_row import CostRow
from routing_core.aws.tables.dynamo import serialize_item
from routing_core.aws.tables.report_objects import ReportObjects
from routing_core.aws.tables.report_rows import ReportRows
from routing_core.domain.calendar.business_time import zone_of
from routing_core.domain.checks.programme_checks import read_programme
from routing_core.domain.events import (
    LeadContacted,
    LeadEvent,
    LeadReceived,
    OfferAccepted,
    OfferMade,
)
from routing_core.domain.offer import OfferKind
from routing_core.domain.programme.programme import Programme
from routing_core.formats.yaml_text import read_yaml
from routing_core.reporting.report_schedule import period_name
from routing_core.reporting.snapshot import Snapshot
from routing_core.service.kernel.read_model import DayFigures, Speed
from routing_core.service.kernel.row_store import (
    ACCEPTED,
    CONTACTED,
    PLACED_ALONE,
    RECEIVED,
    MarkedLead,
    figures_of_day,
)
from routing_core.service.reports.make_reports import make_reports
from routing_core.service.reports.report_files import (
    read_hq_report,
    read_partner_batch,
    snapshot_file,
)
from routing_core.service.reports.report_ports import ReportServices
from routing_core.service.reports.report_run import BY_CLOCK, ReportRun, RunState, SentBatch

SPEEDS = (
    (timedelta(hours=1), Speed.HOUR),
    (timedelta(hours=24), Speed.DAY),
    (timedelta(hours=48), Speed.TWO_DAYS),
)


def main() -> None:
    """Load the history of the sample that runs."""
    arguments = tool("Puts a year of made-up history beside the sample network that runs.")
    arguments.add_argument("--sample", required=True)
    options = arguments.parse_args()
    there = target(None, options.data, "")
    with reachable(None):
        now = datetime.now(UTC)
        load(there, options.sample, now)
    (options.data / LOADED).write_text(json.dumps({"until": now.isoformat()}))


def load(there: Target, name: str, now: datetime) -> None:
    """Make the year up and put it into what runs there."""
    services = services_of(there)
    dynamo = there.client("dynamodb")
    reports = ReportServices(
        services,
        ReportRows(dynamo, there.resource("PartnersTable")),
        ReportObjects(lambda: there.client("s3"), there.resource("Bucket")),
        CostRow(dynamo, there.resource("PartnersTable")),
    )
    table = there.resource("ReadModelTable")

    def put_day(day: DayFigures) -> None:
        item = totals_to_item(day) | {"leads": day.received}
        dynamo.put_item(TableName=table, Item=serialize_item(item))

    load_year(reports, put_day, sample(name)["places"], now)


def load_year(
    reports: ReportServices,
    put_day: Callable[[DayFigures], None],
    places: Mapping[str, bytes],
    now: datetime,
) -> None:
    """Make up a year of the network there is, and keep its reports and days.

    A report that is there already stays. ``places`` are the lists of places by country.
    """
    programme = reports.services.programme
    network = SampleNetwork(
        in_real_time(programme, usual_programme()),
        tuple(reports.services.partners.all()),
        {country: postcodes(table) for country, table in places.items()},
    )
    year = MadeUpYear(network, now)
    past = list(year.leads())
    for snapshot in snapshots(year, past, past_months(now, programme.time_zone)):
        keep_report(reports, snapshot)
    for day in days_of(past, programme, now):
        put_day(day)


def usual_programme() -> Programme:
    """Read the programme whose windows a real network has."""
    text = (
        files("routing_core.domain.programmes").joinpath("consumer-trade.yaml").read_text("utf-8")
    )
    return read_programme(read_yaml(text))


def postcodes(table: bytes) -> Sequence[str]:
    """Read the postcodes of a list of places."""
    rows = csv.DictReader(io.StringIO(table.decode("utf-8-sig")), delimiter=";")
    return [row["postcode"] for row in rows]


def keep_report(reports: ReportServices, snapshot: Snapshot) -> None:
    """Keep a month's report as if it had been made and sent when the month was over."""
    version, _ = reports.services.rules.programme()
    # Never as asked for: whoever looks after reports would go on with it, and mail it.
    run = ReportRun(
        id=period_name(snapshot.period),
        state=RunState.DONE,
        asked_at=snapshot.created,
        asked_by=BY_CLOCK,
        zone=snapshot.period.zone,
        programme=version,
    )
    if not reports.runs.ask(run) and read_hq_report(reports, run.id):
        return
    reports.files.keep(snapshot_file(run.id), snapshot.to_bytes())
    for batch in make_reports(reports, run, (), snapshot.created):
        sent = SentBatch(len(read_partner_batch(reports, run.id, batch)))
        reports.runs.note_batch(run.id, batch, sent)
    done_at = snapshot.created + timedelta(minutes=1)
    reports.runs.note(run.id, RunState.DONE, programme=version, finished_at=done_at)


# ── the totals of days ────────────────────────────────────────────────────────────────────────────


def days_of(past: Iterable[PastLead], programme: Programme, now: datetime) -> Iterator[DayFigures]:
    """Yield the figures of each day of the year that is over, in the programme's zone."""
    marked: dict[date, list[MarkedLead]] = {}
    zone = zone_of(programme.time_zone)
    for lead in past:
        for at, mark in _marks(lead):
            day = at.astimezone(zone).date()
            marked.setdefault(day, []).append(MarkedLead(lead.lead.region, (mark,)))
    today = now.astimezone(zone).date()
    for day, marks in sorted(marked.items()):
        if day < today:
            yield figures_of_day(day, marks)


def _marks(past: PastLead) -> Iterator[tuple[datetime, str]]:
    """Yield what a lead counts for, each once, and when."""
    came = past.lead.received_at
    seen: set[str] = set()
    for record in past.records:
        for event in record.events:
            name = _mark(event, record.at - came)
            kind = "contacted" if isinstance(event, LeadContacted) else name
            if kind and kind not in seen:
                seen.add(kind)
                yield record.at, name


def _mark(event: LeadEvent, wait: timedelta) -> str:
    """Name what an event counts for; empty if it counts for nothing."""
    if isinstance(event, LeadReceived):
        return RECEIVED
    if isinstance(event, OfferMade):
        return PLACED_ALONE if event.offer_kind is OfferKind.ROUTED else ""
    if isinstance(event, OfferAccepted):
        return ACCEPTED
    return f"{CONTACTED}:{_speed(wait)}" if isinstance(event, LeadContacted) else ""


def _speed(wait: timedelta) -> Speed:
    return next((speed for limit, speed in SPEEDS if wait <= limit), Speed.LATER)


if __name__ == "__main__":
    main()
