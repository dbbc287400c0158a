"""Gathers the leads of days that no report tells of yet, such as those of the running month.

A request gathers as much as it has time for and stores it in parts; the next one goes on behind
them, until all is there. Which leads a part has is fixed by where it begins, so that two who count
the same days at once write the same parts.
"""

import gzip
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from routing_core.domain.errors import NotFound
from routing_core.domain.lead_row import LeadFilter, LeadRow, LeadSort
from routing_core.reporting.gathered import report_lead
from routing_core.reporting.period import Period
from routing_core.reporting.report_schedule import period_name
from routing_core.reporting.snapshot import Snapshot
from routing_core.service.kernel.read_model import MOST_ON_PAGE
from routing_core.service.reports.gather_leads import Gathering, concerns, gathering_rules
from routing_core.service.reports.report_files import latest_run
from routing_core.service.reports.report_ports import ReportServices
from routing_core.service.reports.stored_snapshots import as_last_known, read_snapshot

LOOKED_BACK_MONTHS = 12
"""The last report is looked for in so many months; before that, all leads are listed."""


@dataclass(frozen=True, slots=True)
class UnreportedDays:
    """Days whose leads are gathered anew."""

    period: Period
    as_of: datetime
    """The instant at which counting began: leads that came later are left out."""

    @property
    def until(self) -> datetime:
        """Give the instant before which leads were received."""
        return min(self.period.end, self.as_of)


@dataclass(frozen=True, slots=True)
class CountingGoesOn:
    """Not all leads have been read yet: whoever asks again with the same instant goes on."""

    leads: int
    """Counts those that have been read."""
    as_of: datetime


@dataclass(frozen=True, slots=True)
class _Progress:
    """How far gathering has come."""

    parts: int = 0
    leads: int = 0
    known: int = 0
    """Counts the leads of the snapshot before that have been read anew."""
    cursor: str = ""
    """Goes on with those that were received since."""
    done: bool = False


@dataclass(frozen=True, slots=True)
class _Before:
    """What is known from the last report before the days: empty where there is none."""

    run: str = "none"
    snapshot: Snapshot | None = None
    until: datetime | None = None
    """The end of its month; None: nothing is known."""

    @property
    def ids(self) -> Sequence[str]:
        """Give the leads that it knew."""
        return self.snapshot.ids if self.snapshot else ()


def gather_days(gathering: Gathering, days: UnreportedDays) -> list[Snapshot] | CountingGoesOn:
    """Give snapshots of the leads of these days, or say how far gathering has come."""
    before = _before(gathering.reports, days.period)
    folder = _folder(before, days)
    progress = _read_progress(gathering.reports, folder)
    is_first = True
    while not progress.done and (is_first or gathering.has_time()):
        progress = _next_part(gathering, days, before, progress)
        is_first = False
    # Whoever has read the last leads may have no time left to count: the next request has.
    if not progress.done or not gathering.has_time():
        return CountingGoesOn(progress.leads, days.as_of)
    files = gathering.reports.files
    return [
        Snapshot.from_bytes(files.part(_part_file(folder, number)))
        for number in range(progress.parts)
    ]


def _before(reports: ReportServices, period: Period) -> _Before:
    """Read of the last report before the days which leads it has."""
    month = Period.month(period.first_day.year, period.first_day.month, period.zone)
    for _ in range(LOOKED_BACK_MONTHS):
        month = month.month_before()
        run = latest_run(reports, period_name(month))
        snapshot = read_snapshot(reports, run.id) if run else None
        if run and snapshot:
            return _Before(run.id, snapshot, month.end)
    return _Before()


def _folder(before: _Before, days: UnreportedDays) -> str:
    first, after = days.period.first_day.isoformat(), days.period.next_day.isoformat()
    return f"figures/{before.run}/{first}/{after}/{days.as_of:%Y%m%dT%H%M%SZ}"


def _part_file(folder: str, number: int) -> str:
    return f"{folder}/{number:05}"


# ── one part after the other ──────────────────────────────────────────────────────────────────────


def _next_part(
    gathering: Gathering, days: UnreportedDays, before: _Before, progress: _Progress
) -> _Progress:
    """Read some more leads and store them, and then how far that is."""
    reports = gathering.reports
    ids, reached = _next_ids(gathering, days, before, progress)
    version, programme = reports.services.rules.programme()
    rules = gathering_rules(programme, reports.services.rules.network())
    read = [
        report_lead(each.lead, each.records, each.context, rules, days.as_of)
        for each in gathering.histories.of(ids)
    ]
    if progress.known < len(before.ids):
        unread = set(ids) - {lead.id for lead in read}
        read += as_last_known(before.snapshot, unread)
    concerned = [lead for lead in read if concerns(lead, days.period)]
    snapshot = Snapshot.of(days.period, days.as_of, version, concerned)
    folder = _folder(before, days)
    reports.files.put_part(_part_file(folder, progress.parts), snapshot.to_bytes())
    reached = replace(reached, parts=progress.parts + 1, leads=progress.leads + len(ids))
    text = json.dumps(asdict(reached), separators=(",", ":"))
    reports.files.put_part(_progress_file(folder), gzip.compress(text.encode(), mtime=0))
    return reached


def _next_ids(
    gathering: Gathering, days: UnreportedDays, before: _Before, progress: _Progress
) -> tuple[Sequence[str], _Progress]:
    """Name the leads that are read next: those of the last report, and then those since."""
    if progress.known < len(before.ids):
        known = progress.known + MOST_ON_PAGE
        return before.ids[progress.known : known], replace(progress, known=known)
    wanted = LeadFilter(received_from=before.until, received_to=days.until)
    page = gathering.read_model.page(
        wanted, days.as_of, LeadSort.OLDEST, progress.cursor, MOST_ON_PAGE
    )
    ids = [row.id for row in page.rows if not _was_over(row, days.period)]
    return ids, replace(progress, cursor=page.cursor, done=not page.cursor)


def _was_over(row: LeadRow, period: Period) -> bool:
    """Tell whether a lead had ended before the days, and is ended still."""
    return row.finished_at is not None and row.finished_at < period.start


def _progress_file(folder: str) -> str:
    return f"{folder}/progress"


def _read_progress(reports: ReportServices, folder: str) -> _Progress:
    try:
        stored = reports.files.part(_progress_file(folder))
    except NotFound:
        return _Progress()
    return _Progress(**json.loads(gzip.decompress(stored)))
