"""Gathers what a report knows of its leads, in parts that each fit one invocation.

A period's leads are those of the snapshot before it (open at its end, or ended in its period and
perhaps opened again since) and those that were received in the period. Where there is no snapshot
before it, the whole table is read: that happens once. A lead of the snapshot before it that cannot
be read any more stays as that knew it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from routing_core.domain.calendar.business_time import Calendar
from routing_core.domain.lead_row import LeadFilter, LeadSort
from routing_core.domain.programme.programme import Programme
from routing_core.reporting.gathered import GatheringRules, report_lead
from routing_core.reporting.period import Period
from routing_core.reporting.report_lead import ENDED_STAGES, LeadStage, ReportLead
from routing_core.reporting.report_schedule import named_period
from routing_core.reporting.snapshot import Snapshot
from routing_core.routing.index.network import Network
from routing_core.service.kernel.read_model import MOST_ON_PAGE, ReadModel
from routing_core.service.reports.report_ports import LeadHistories, LeadHistory, ReportServices
from routing_core.service.reports.report_run import ReportRun, RunState
from routing_core.service.reports.stored_snapshots import (
    as_last_known,
    leads_before,
    snapshot_before,
)

SCAN_SEGMENTS = 4
"""The table is read by so many at once."""
TIME_SLICES = 4
"""The leads of a period are listed by so many at once."""
KNOWN_A_SLICE = 5_000
"""So many leads of the snapshot before are read anew in one slice."""
LEADS_A_PART = 5_000
"""A part has about so many leads: two thousand are read in half a minute."""


@dataclass(frozen=True, slots=True)
class Gathering:
    """What gathering reads from."""

    reports: ReportServices
    histories: LeadHistories
    read_model: ReadModel
    has_time: Callable[[], bool] = lambda: True
    """Tells whether another page can be read before the invocation ends."""


@dataclass(frozen=True, slots=True)
class GatheredPart:
    """What one invocation has gathered."""

    leads: int
    cursor: str
    """Goes on where it ended; empty if the slice is done."""


def begin_gathering(reports: ReportServices, run: ReportRun) -> list[dict[str, Any]]:
    """Note that a report is begun, and say in which slices its leads are gathered."""
    version, _ = reports.services.rules.programme()
    reports.runs.note(run.id, RunState.GATHERING, programme=version)
    return list(_slices(reports, run))


def _slices(reports: ReportServices, run: ReportRun) -> Iterator[dict[str, Any]]:
    before = leads_before(reports, run)
    if before is None:
        for segment in range(SCAN_SEGMENTS):
            yield {"kind": "scan", "segment": segment}
        return
    for first in range(0, len(before), KNOWN_A_SLICE):
        yield {"kind": "known", "first": first, "last": first + KNOWN_A_SLICE}
    period = run_period(run)
    length = (period.end - period.start) / TIME_SLICES
    for number in range(TIME_SLICES):
        since = period.start + number * length
        yield {
            "kind": "received",
            "since": since.isoformat(),
            "until": (since + length).isoformat(),
        }


def run_period(run: ReportRun) -> Period:
    """Give the period that a report is about."""
    return named_period(run.period_name, run.zone)


def part_name(run: ReportRun, number: int, part: int) -> str:
    """Name a part of a slice; another attempt gathers parts of its own."""
    return f"{run.id}/{run.attempt}/{number:04}-{part:04}"


def gather_part(
    gathering: Gathering, run: ReportRun, part: Mapping[str, Any], now: datetime
) -> GatheredPart:
    """Gather the leads of a slice from a cursor on, and store them as a part.

    ``part`` holds the ``slice``, its ``number``, the number of the ``part`` and the ``cursor``.
    """
    reports = gathering.reports
    programme = reports.services.rules.programme_version(run.programme)
    rules = gathering_rules(programme, reports.services.rules.network())
    histories, cursor = _read(gathering, run, part, now)
    period = run_period(run)
    concerned = []
    unread = set(_known_ids(reports, run, part["slice"]))
    has_live = False
    for history in histories:
        unread.discard(history.lead.id)
        lead = _row(history, rules, now)
        if concerns(lead, period):
            concerned.append(lead)
            has_live = has_live or not history.is_past
    if unread:
        kept = as_last_known(snapshot_before(reports, run), unread)
        concerned += [lead for lead in kept if concerns(lead, period)]
    if has_live and not run.live:
        reports.runs.note(run.id, RunState.GATHERING, live=True)
    snapshot = Snapshot.of(period, now, run.programme, concerned)
    name = part_name(run, part["number"], part["part"])
    reports.files.put_part(name, snapshot.to_bytes())
    return GatheredPart(len(snapshot), cursor)


def gathering_rules(programme: Programme, network: Network) -> GatheringRules:
    """Give what the programme and the network say, as far as reports need it."""

    def calendar_of(partner: str) -> Calendar | None:
        known = network.partners.get(partner)
        return known.calendar(programme.hq_calendar) if known else None

    def weight_of(partner: str) -> int:
        known = network.partners.get(partner)
        return known.weight if known else 0

    neutral = frozenset(each.id for each in programme.return_reasons if each.neutral)
    return GatheringRules(programme.currency, neutral, calendar_of, weight_of)


def concerns(lead: ReportLead, period: Period) -> bool:
    """Tell whether a report on the period has anything to say of the lead.

    It came before the period's end, and it was open when the period began or something happened to
    it since.
    """
    if not lead.steps or lead.steps[0].at >= period.end:
        return False
    if lead.received_at >= period.start or lead.steps[-1].at >= period.start:
        return True
    return lead.stage not in (*ENDED_STAGES, LeadStage.SETTLED_REPEAT, LeadStage.SPAM)


def _row(history: LeadHistory, rules: GatheringRules, now: datetime) -> ReportLead:
    return report_lead(history.lead, history.records, history.context, rules, now)


# ── reading ───────────────────────────────────────────────────────────────────────────────────────


def _read(
    gathering: Gathering, run: ReportRun, part: Mapping[str, Any], now: datetime
) -> tuple[Iterable[LeadHistory], str]:
    wanted, cursor = part["slice"], part["cursor"]
    if wanted["kind"] == "scan":
        segment = wanted["segment"]
        scanned = gathering.histories.scan(segment, SCAN_SEGMENTS, cursor, LEADS_A_PART)
        return scanned.histories, scanned.cursor
    if wanted["kind"] == "known":
        return gathering.histories.of(_known_ids(gathering.reports, run, wanted)), ""
    ids, cursor = _received(gathering, wanted, cursor, now)
    return gathering.histories.of(ids), cursor


def _known_ids(reports: ReportServices, run: ReportRun, wanted: Mapping[str, Any]) -> Sequence[str]:
    """Name the leads of the snapshot before that a slice reads anew; none for other slices."""
    if wanted["kind"] != "known":
        return ()
    before = leads_before(reports, run) or ()
    return before[wanted["first"] : wanted["last"]]


def _received(
    gathering: Gathering, part: Mapping[str, Any], cursor: str, now: datetime
) -> tuple[Sequence[str], str]:
    """List the leads that were received in a stretch of time, from a cursor on."""
    wanted = LeadFilter(
        received_from=datetime.fromisoformat(part["since"]),
        received_to=datetime.fromisoformat(part["until"]),
    )
    ids: list[str] = []
    while True:
        page = gathering.read_model.page(wanted, now, LeadSort.OLDEST, cursor, MOST_ON_PAGE)
        ids += [row.id for row in page.rows]
        cursor = page.cursor
        if not cursor or len(ids) >= LEADS_A_PART or not gathering.has_time():
            return ids, cursor
