"""Takes a filtered list of leads away as files, step by step, however long it is.

A step is one request: it reads the list on from where the last one stopped and writes one file, of
so many leads as a request has time for. Each file is whole by itself, and sorted by itself where the
order is not that of receipt.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from routing_core.domain.activity import ActivityKind
from routing_core.domain.errors import InvalidInput, NotFound
from routing_core.domain.hq_people import HqPerson, Right
from routing_core.domain.lead import LeadStatus
from routing_core.domain.lead_order import in_order
from routing_core.domain.lead_row import LeadRow, LeadSort
from routing_core.domain.partner import Partner
from routing_core.domain.programme.programme import Programme
from routing_core.domain.territory.town_names import shown_towns
from routing_core.routing.index.network import Network
from routing_core.service.hq_desk.lead_desk import LeadDesk
from routing_core.service.hq_desk.lead_list import exactly
from routing_core.service.hq_desk.lead_query import LeadQuery, read_lead_query
from routing_core.service.kernel.export_store import (
    ExportFile,
    ExportKind,
    ExportMoved,
    ExportStore,
    LeadExport,
)
from routing_core.service.kernel.read_model import MOST_ON_PAGE, LogEntry
from routing_core.service.kernel.services import Services

MOST_IN_FILE = 20_000
"""A file has so many leads at most: writing more of them takes longer than a request may."""
RECHECKED_AT_ONCE = 500
"""So many leads are looked at once more together before they are written."""
EXPORT_ID = re.compile(r"[0-9]{8}T[0-9]{6}Z-[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class ExportView:
    """What the page of an export shows."""

    programme: Programme
    now: datetime
    export: LeadExport
    query: LeadQuery
    partners: Mapping[str, Partner]
    notice: str = ""


WriteFile = Callable[[ExportView, Sequence[LeadRow]], bytes]
"""Writes leads as a file of the export's kind, in the reader's words."""


@dataclass(frozen=True, slots=True)
class ExportDesk:
    """What exports work with."""

    desk: LeadDesk
    store: ExportStore
    write: WriteFile
    token: str
    """Random, and of this request alone: it makes names nobody's guess, and nobody else's."""


def begin_export(
    desk: ExportDesk,
    person: HqPerson,
    asked: Mapping[str, str],
    now: datetime,
) -> LeadExport:
    """Begin an export of what a list's address asks for.

    It is noted in the activity log. Raises NotAllowed, and InvalidInput for a filter that cannot
    be meant.
    """
    person.need(Right.EXPORT)
    kind = ExportKind.XLSX if asked.get("kind") == ExportKind.XLSX.value else ExportKind.CSV
    moment = now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    query = _query(desk, person, asked, now)
    if query.problems:
        raise InvalidInput(query.problems)
    export = LeadExport(f"{moment}-{desk.token}", person.actor, kind, query.values, now)
    desk.store.save(export)
    entry = LogEntry(now, person.actor, ActivityKind.LEADS_EXPORTED, about=export.id)
    desk.desk.services.activity.note(entry)
    return export


def view_export(desk: ExportDesk, person: HqPerson, export_id: str, now: datetime) -> ExportView:
    """Show how far an export of one's own has come. Raises NotFound and NotAllowed."""
    person.need(Right.EXPORT)
    export = desk.store.get(export_id) if EXPORT_ID.fullmatch(export_id) else None
    if export is None or export.by != person.actor:
        raise NotFound("there is no such export, or none any more")
    services = desk.desk.services
    query = _query(desk, person, export.asked, now)
    partners = services.rules.network().partners
    return ExportView(services.programme, now, export, query, partners)


def go_on(
    desk: ExportDesk,
    person: HqPerson,
    export_id: str,
    now: datetime,
    has_time: Callable[[], bool],
) -> ExportView:
    """Write the next file of an export; nothing once it is done.

    Raises NotFound, NotAllowed, and ExportMoved if another press of the button was faster: then
    the file of that one counts, and this one's is taken back.
    """
    view = view_export(desk, person, export_id, now)
    export = view.export
    if export.is_done:
        return view
    rows: list[LeadRow] = []
    read_by = view.query.sort if view.query.sort.is_by_receipt else LeadSort.NEWEST
    query, cursor, looked = view.query, export.cursor, export.looked_back_to
    wanted = replace(query.wanted, text=query.search)
    exact = exactly(desk.desk, person, query)
    while True:
        if exact:
            rows, cursor = list(exact[0].rows), ""
            break
        page = desk.desk.read_model.page(wanted, now, read_by, cursor, MOST_ON_PAGE)
        rows += page.rows
        cursor, looked = page.cursor, page.looked_back_to or looked
        if not cursor or len(rows) >= MOST_IN_FILE or not has_time():
            break
    files = export.files
    if rows or not (files or cursor):
        # Also of nothing there is a file: it says what was asked for and that nothing is there.
        files = (*files, _written(desk, view, in_order(rows, query.sort)))
    new = files[len(export.files) :]
    export = replace(export, cursor=cursor, files=files, looked_back_to=looked, is_done=not cursor)
    try:
        desk.store.save(export)
    except ExportMoved:
        # Or the export was deleted meanwhile, with whoever was erased.
        for file in new:
            desk.store.discard(export, file.name)
        raise
    return replace(view, export=export)


def _written(desk: ExportDesk, view: ExportView, rows: Sequence[LeadRow]) -> ExportFile:
    """Write the next file of an export, without whoever was erased since the list was read.

    Whoever is erased before the file is announced is left out by the second look, and an erasure
    after that deletes the export.
    """
    name = f"{len(view.export.files) + 1}-{desk.token}"
    desk.store.announce(view.export, name, [row.id for row in rows])
    services = desk.desk.services
    erased = _erased_since(services, rows)
    network = services.rules.network()
    rows = [_with_town(row, network) for row in rows if row.id not in erased]
    desk.store.put_file(view.export, name, desk.write(view, rows))
    return ExportFile(name, len(rows))


def _erased_since(services: Services, rows: Sequence[LeadRow]) -> set[str]:
    """Name the leads of a list that are erased by now; the list may not know of it yet."""
    listed = [row.id for row in rows if row.status is not LeadStatus.ERASED]
    erased: set[str] = set()
    for first in range(0, len(listed), RECHECKED_AT_ONCE):
        found = services.leads.several(listed[first : first + RECHECKED_AT_ONCE])
        erased.update(lead.id for lead in found if lead.status is LeadStatus.ERASED)
    return erased


def _with_town(row: LeadRow, network: Network) -> LeadRow:
    """Give the row with the towns of its postcode, by HQ's list, where its sender named none."""
    if row.town or not row.postcode:
        return row
    return replace(row, town=shown_towns(network.towns(row.country, row.postcode)))


def link_to_file(
    desk: ExportDesk, person: HqPerson, export_id: str, typed: str, now: datetime
) -> str:
    """Give an address that opens a file of one's own export. Raises NotFound and NotAllowed."""
    export = view_export(desk, person, export_id, now).export
    numbers = {str(number): number for number in range(1, len(export.files) + 1)}
    if typed not in numbers:
        raise NotFound("there is no such file")
    return links_to_files(desk, export)[numbers[typed] - 1]


def links_to_files(desk: ExportDesk, export: LeadExport) -> Sequence[str]:
    """Give an address for each file of an export, in their order; it opens the file for a minute."""
    begin, end = f"leads-{export.made_at:%Y-%m-%d}", export.kind.value
    links = []
    for number, file in enumerate(export.files, 1):
        part = f"-{number}" if len(export.files) > 1 else ""
        links.append(desk.store.link(export, file.name, f"{begin}{part}.{end}"))
    return links


def _query(
    desk: ExportDesk, person: HqPerson, asked: Mapping[str, str], now: datetime
) -> LeadQuery:
    services = desk.desk.services
    partners = services.rules.network().partners
    return read_lead_query(asked, person, partners, services.programme.time_zone, now)
