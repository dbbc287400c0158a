"""Keeps the read model: what commits left behind becomes rows, marks of days and lines of the log.

All of it may come twice, late, or in parts, and is written in this order: lines of the log, marks
of days, lists of partners, and last the lead's row on the condition that its version is higher. So
whatever fails halfway is done again, and what was done to the end is not.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from routing_core.domain.events import (
    CommitRecord,
    FileRemoved,
    LeadReceived,
    OfferAccepted,
    OfferMade,
)
from routing_core.domain.hq_people import BY_LINK
from routing_core.domain.lead import Context, Lead, LeadStatus
from routing_core.domain.lead_row import WAVES, CameFrom, LeadRow, lead_row, lists_of
from routing_core.domain.offer import OfferKind
from routing_core.service.kernel.contact_search import search_keys
from routing_core.service.kernel.export_store import ExportStore
from routing_core.service.kernel.file_store import FileStore
from routing_core.service.kernel.ports import Leads
from routing_core.service.kernel.read_model import LogEntry, Speed
from routing_core.service.kernel.row_store import (
    ACCEPTED,
    CONTACTED,
    PLACED_ALONE,
    RECEIVED,
    KeptRow,
    RowStore,
)

NOT_HQ = frozenset({"prospect", "partner"})
"""Events name these too as who did it; HQ's log is about people and machines of HQ."""
CHOSEN_BY_PEOPLE = frozenset({OfferKind.ASSIGNED, OfferKind.HANDED})
"""Offers of these kinds no routing made."""
SPEEDS = (
    (timedelta(hours=1), Speed.HOUR),
    (timedelta(hours=24), Speed.DAY),
    (timedelta(hours=48), Speed.TWO_DAYS),
)


@dataclass(frozen=True, slots=True)
class LeadNews:
    """What there is to be kept of one lead: any part of it may be missing."""

    lead_id: str
    changed_at: datetime
    """The instant of the last commit in it."""
    lead: Lead | None = None
    """The lead in its newest version."""
    context: Context | None = None
    commits: tuple[CommitRecord, ...] = ()
    is_whole: bool = True
    """False where something of it could not be understood: then nothing more is read of it."""


@dataclass(frozen=True, slots=True)
class RowKeeper:
    """Writes what there is to be kept of leads."""

    store: RowStore
    leads: Leads
    """They are asked for what a batch of news has no part of."""
    contact_secret: bytes
    zone: ZoneInfo
    """The days of the figures begin by this clock."""
    exports: ExportStore | None = None
    """What leads were taken away as; whoever is erased is erased there too."""
    files: FileStore | None = None
    """What was attached to leads; it goes when it is removed, and with whoever is erased."""

    def keep(self, news: LeadNews, kept: KeptRow | None) -> frozenset[date]:
        """Write one lead's news over what is ``kept`` of it, and give the days that changed."""
        for entry_id, entry in log_entries(news.commits):
            self.store.note(entry_id, entry)
        self._forget_files(news)
        days = self._mark_events(news, kept)
        if news.lead is None or (kept and kept.row.version >= news.lead.version):
            return days
        row = lead_row(news.lead, self._came_from(news, kept), news.changed_at)
        if kept and row.status is not LeadStatus.ERASED:
            row = replace(row, extra=kept.row.extra)
        days |= self._mark_contact(row, kept.row if kept else None)
        listed = lists_of(news.lead)
        asked = frozenset(offer.partner for offer in news.lead.live_offers)
        for name in sorted(listed):
            self.store.list_under(name, row, asked if name == WAVES else frozenset())
        for name in sorted(kept.listed - listed if kept else ()):
            self.store.unlist(name, row)
        contact = search_keys(self.contact_secret, news.lead.contact)
        # Before the row: should it fail, the row is not kept either, and both are done again.
        if row.status is LeadStatus.ERASED:
            self._forget_erased(row)
        self.store.keep(KeptRow(row, contact))
        return days

    def _forget_erased(self, row: LeadRow) -> None:
        """Delete what is kept outside of the lead of whoever was erased."""
        if self.exports:
            self.exports.forget(row.id, row.received_at)
        if self.files:
            self.files.forget(row.id)

    def _forget_files(self, news: LeadNews) -> None:
        """Delete what was kept of files that were removed."""
        if self.files is None:
            return
        for commit in news.commits:
            for event in commit.events:
                if isinstance(event, FileRemoved):
                    self.files.forget(news.lead_id, event.file)

    def _came_from(self, news: LeadNews, kept: KeptRow | None) -> CameFrom:
        """Tell where the lead came from: by the news, by what is kept, else by its context.

        Who acted on it last is told by the newest commits, else by what is kept.
        """
        before = kept.row if kept else None
        handled_by = self._handled_by(news) or (before.handled_by if before else "")
        if before is not None and news.context is None:
            return CameFrom(before.source, before.campaign, handled_by)
        context = news.context or self.leads.context(news.lead_id) or Context()
        return replace(CameFrom.of(context), handled_by=handled_by)

    def _handled_by(self, news: LeadNews) -> str:
        """Name the person of HQ who did something in the newest of these commits; empty if none.

        The lead's image may come without what its commit made true, which is read then.
        """
        commits = {commit.version: commit for commit in news.commits}
        newest = news.lead.version if news.lead else 0
        if newest not in commits:
            read = self.leads.event(news.lead_id, newest)
            commits |= {newest: read} if read else {}
        for version in sorted(commits, reverse=True):
            if person := _person_in(commits[version]):
                return person
        return ""

    def _mark_events(self, news: LeadNews, kept: KeptRow | None) -> frozenset[date]:
        days: set[date] = set()
        for commit in news.commits:
            marks = frozenset(_marks(commit))
            if marks:
                day = self._day(commit.at)
                self.store.mark(day, news.lead_id, self._region(news, kept), marks)
                days.add(day)
        return frozenset(days)

    def _region(self, news: LeadNews, kept: KeptRow | None) -> str:
        """Name the region of a lead: by the news, by what is kept, else by the lead itself.

        It is empty for a lead that cannot be read: whoever sees the whole network has it counted.
        """
        if news.lead:
            return news.lead.region
        if kept:
            return kept.row.region
        if not news.is_whole:
            return ""
        lead = self.leads.get(news.lead_id)
        return lead.region if lead else ""

    def _mark_contact(self, row: LeadRow, before: LeadRow | None) -> frozenset[date]:
        """Mark the first contact, and take back the mark of one that was undone."""
        days: set[date] = set()
        mark = _contact_mark(row)
        was = _contact_mark(before) if before else None
        if before and was and mark != was and row.owner == before.owner:
            undone_at = before.contacted_at or before.received_at
            days.add(self._day(undone_at))
            self.store.unmark(self._day(undone_at), row.id, [was])
        if mark and row.contacted_at and mark != was:
            days.add(self._day(row.contacted_at))
            self.store.mark(self._day(row.contacted_at), row.id, row.region, [mark])
        return frozenset(days)

    def _day(self, at: datetime) -> date:
        return at.astimezone(self.zone).date()


def log_entries(commits: Sequence[CommitRecord]) -> Iterator[tuple[str, LogEntry]]:
    """Give a line of the log, with its id, for each thing that somebody at HQ did."""
    for commit in commits:
        for index, event in enumerate(commit.events):
            by = getattr(event, "by", None)
            if by and by not in NOT_HQ:
                yield (
                    commit.event_id(index),
                    LogEntry(
                        at=commit.at,
                        by=by,
                        kind=event.kind,
                        lead=commit.lead,
                        version=commit.version,
                        partner=event.partner_id or "",
                    ),
                )


def _person_in(commit: CommitRecord) -> str:
    """Name the person of HQ who did what a commit made true; empty if it was none."""
    by = (getattr(event, "by", "") or "" for event in commit.events)
    return next((each for each in by if each.startswith(f"{BY_LINK}:")), "")


def _marks(commit: CommitRecord) -> Iterator[str]:
    """Give what a commit marks its lead with on its day."""
    by_a_person = any(getattr(event, "by", None) for event in commit.events)
    for event in commit.events:
        if isinstance(event, LeadReceived):
            yield RECEIVED
        elif isinstance(event, OfferAccepted):
            yield f"{ACCEPTED}:{event.offer}"
        elif isinstance(event, OfferMade) and event.offer == 1:
            if not by_a_person and event.offer_kind not in CHOSEN_BY_PEOPLE:
                yield PLACED_ALONE


def _contact_mark(row: LeadRow) -> str | None:
    """Mark a first contact by how soon it was; None if there was none.

    A repeat that is attached to another enquiry was not called for itself.
    """
    if row.contacted_at is None or row.status is LeadStatus.ATTACHED:
        return None
    took = row.contacted_at - row.received_at
    speed = next((speed for longest, speed in SPEEDS if took <= longest), Speed.LATER)
    return f"{CONTACTED}:{speed.value}"
