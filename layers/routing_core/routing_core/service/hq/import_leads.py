"""HQ imports a list of leads: uploaded, its columns named, checked, and decided on as a whole."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from routing_core.domain.activity import ActivityKind
from routing_core.domain.errors import Gone, InvalidInput, NotFound, Problem
from routing_core.domain.lead_list import (
    LeadList,
    ListMode,
    ListSettings,
    ListState,
    RowOutcome,
    SheetFile,
    WaitingRow,
)
from routing_core.formats.lead_columns import field_names, guess_columns, said_of_columns
from routing_core.service.hq.past_leads import no_names
from routing_core.service.hq.read_lead_list import (
    ListCheck,
    check_list,
    counted,
    list_lead_id,
    mended,
)
from routing_core.service.kernel.lead_lists import LeadLists
from routing_core.service.kernel.read_model import LogEntry
from routing_core.service.kernel.retry import retry_on_conflict
from routing_core.service.kernel.services import Services


@dataclass(frozen=True, slots=True)
class ListUpload:
    """A list as somebody uploads it."""

    sheet: SheetFile
    settings: ListSettings
    by: str
    """Names who imports it, as events do."""
    token: str
    """Tells two lists of one second apart."""
    regions: frozenset[str] | None = None
    """The regions whose leads that person may import; None = all."""


@dataclass(frozen=True, slots=True)
class CheckedList:
    """An import as it stands, and what it would do."""

    imported: LeadList
    sheet: SheetFile
    check: ListCheck
    known: frozenset[str]
    """The keys of rows that are leads already, from an earlier import of the same list."""

    @property
    def new(self) -> tuple[WaitingRow, ...]:
        """Give the rows of which it would make leads."""
        return tuple(lead for lead in self.check.leads if lead.key not in self.known)


@dataclass(frozen=True, slots=True)
class ListImports:
    """What the use cases of imports work with."""

    services: Services
    lists: LeadLists
    now: datetime

    def one(self, list_id: str) -> LeadList:
        """Read an import. Raises NotFound."""
        imported = self.lists.get(list_id)
        if imported is None:
            raise NotFound(f"there is no import {list_id}")
        return imported

    def prepared(self, upload: ListUpload) -> LeadList:
        """Make an import of what was uploaded, with a guess at its columns; nothing is stored."""
        settings = upload.settings
        form = self.services.programme.form(settings.form)
        if form is None:
            message = "is not one of the programme's forms"
            raise InvalidInput([Problem("form", "unknown_option", message)])
        columns = guess_columns(
            upload.sheet.header,
            form,
            self.lists.said_of_columns(),
            is_past=settings.mode is ListMode.PAST,
        )
        return LeadList(
            id=f"{self.now:%Y%m%d%H%M%S}-{upload.token}",
            by=upload.by,
            created_at=self.now,
            settings=settings,
            regions=upload.regions,
            header=upload.sheet.header,
            columns=columns,
            rows=len(upload.sheet.rows),
            version=0,
        )

    def start(self, upload: ListUpload) -> LeadList:
        """Keep what was uploaded, to be looked at and decided on. Raises InvalidInput (form)."""
        imported = replace(self.prepared(upload), version=1)
        self.lists.put_file(imported.id, upload.sheet, self.now)
        self.lists.save(imported, self.now)
        return imported

    def check(self, imported: LeadList) -> CheckedList:
        """Read every row of a draft. Raises Gone for one that was decided on or forgotten."""
        sheet = self.lists.file(imported.id)
        if sheet is None or imported.state is not ListState.DRAFT:
            raise Gone("this list was decided on already, or was left alone for too long")
        return self.checked(imported, sheet)

    def checked(self, imported: LeadList, sheet: SheetFile) -> CheckedList:
        """Read every row of a list, and find out which of them are leads already."""
        check = check_list(self.services, imported, sheet, self.now)
        ids = {list_lead_id(lead.key): lead.key for lead in check.leads}
        existing = self.lists.existing(list(ids))
        return CheckedList(imported, sheet, check, frozenset(ids[each] for each in existing))

    def change(
        self, imported: LeadList, settings: ListSettings, columns: Sequence[str]
    ) -> LeadList:
        """Say something else of a draft as a whole, or of its columns; it is stored at once."""
        self._need_draft(imported)
        form = self.services.programme.form(settings.form)
        allowed = field_names(form, is_past=settings.mode is ListMode.PAST) if form else ()
        said = [column if column in allowed else "" for column in columns]
        width = len(imported.header)
        changed = replace(
            imported,
            version=imported.version + 1,
            settings=settings,
            columns=tuple((*said, *[""] * width)[:width]),
        )
        self.lists.save(changed, self.now)
        return changed

    def mend(self, imported: LeadList, cells: Mapping[tuple[int, int], str]) -> LeadList:
        """Put other words into cells of a draft, by row and column."""
        self._need_draft(imported)
        sheet = self.lists.file(imported.id)
        if sheet is None:
            raise Gone("this list was left alone for too long: upload it again")
        changed = replace(imported, version=imported.version + 1)
        self.lists.put_file(imported.id, mended(sheet, cells), self.now)
        self.lists.save(changed, self.now)
        return changed

    def decide(self, checked: CheckedList) -> LeadList:
        """Let all rows of a list wait for their turn, or none.

        Raises InvalidInput with the cells that are wrong, or VersionConflict.
        """
        imported = checked.imported
        self._need_draft(imported)
        checked.check.need_right()
        leads = checked.new
        if imported.settings.mode is ListMode.PAST:
            leads = tuple(replace(lead, fields=no_names(lead.fields)) for lead in leads)
        known = {
            RowOutcome.KNOWN.value: len(checked.known),
            RowOutcome.TWICE.value: checked.check.twice,
        }
        decided = self.lists.decide(
            replace(
                imported,
                state=ListState.RUNNING,
                rows=checked.check.rows,
                counts=counted(known),
                decided_at=self.now,
            ),
            leads,
            self.now,
        )
        self.lists.remember_columns(said_of_columns(imported.header, imported.columns))
        self._note(decided, imported.by, "decided", len(leads))
        return decided

    def cancel(self, imported: LeadList, by: str) -> LeadList:
        """Cancel whatever still waits; what is in stays. Raises Gone where nothing waits.

        Cancelled twice it is as if once.
        """

        def work(_: bool) -> LeadList:
            known = self.one(imported.id)
            if known.state is ListState.CANCELLED:
                # Whoever cancelled it may have been cut off before all was cleared away.
                self.lists.clear(known.id)
                return known
            if known.state is not ListState.RUNNING:
                raise Gone("nothing of this list waits any more")
            there = self._in_already(known)
            waiting = known.waiting - there
            is_past = known.settings.mode is ListMode.PAST
            outcome = RowOutcome.KEPT if is_past else RowOutcome.ROUTED
            counts = counted(known.counts, cancelled=waiting, **{outcome.value: there})
            cancelled = replace(
                known,
                version=known.version + 1,
                state=ListState.CANCELLED,
                counts=counts,
                finished_at=self.now,
            )
            self.lists.finish(cancelled, self.now)
            self._note(cancelled, by, "cancelled", waiting)
            return cancelled

        return retry_on_conflict(work)

    def _in_already(self, imported: LeadList) -> int:
        """Count the rows that are leads and not counted yet: a run is under way, or was cut off."""
        ids: list[str] = []
        for number in range(imported.chunks):
            part = self.lists.part(imported.id, number)
            ids += [list_lead_id(each.key) for each in part.leads] if part else []
        return len(self.lists.existing(ids))

    def _note(self, imported: LeadList, by: str, code: str, leads: int) -> None:
        """Note in HQ's log that an import was decided on or cancelled, with its leads."""
        entry = LogEntry(
            at=self.now,
            by=by,
            kind=ActivityKind.LEADS_IMPORTED,
            about=imported.id,
            detail=f"{code} {leads}",
        )
        self.services.activity.note(entry)

    def _need_draft(self, imported: LeadList) -> None:
        if imported.state is not ListState.DRAFT:
            raise Gone("this list was decided on already")


def with_columns(imported: LeadList, said: str) -> LeadList:
    """Give the import with its columns as a program names them: fields in order, with commas."""
    if not said:
        return imported
    names = [name.strip() for name in said.split(",")]
    width = len(imported.header)
    return replace(imported, columns=tuple((*names, *[""] * width)[:width]))
