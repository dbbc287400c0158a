"""Erases in restored tables what was erased since the point that they were restored to.

There are two ledgers of it, both by ids and instants alone. HQ's activity log stands in the table of
lists and so outlives every restore, but follows the leads a moment behind. The rows of what was
committed stand in the table that was in use, up to the last call before the stack left it; they
also tell of whoever was erased because their time had come, and of files.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from infra.tools.restore_ground import Ground, scanned
from routing_core.aws.codecs.event_items import event_from_item
from routing_core.aws.codecs.value_codecs import instant_text
from routing_core.domain.draft import Draft
from routing_core.domain.events import CommitRecord, FileRemoved, LeadErased
from routing_core.service.kernel.ports import Change
from routing_core.service.kernel.read_model import LogEntry, LogFilter
from routing_core.service.kernel.retry import retry_on_conflict
from routing_core.service.upkeep.erase_lead import erase_in_time, erase_on_request

NOBODY = "restore"
"""The log names this as who erased somebody again whom nobody had asked to erase."""
TOLD = "begins_with(sk, :event) AND #at >= :since AND (contains(facts, :erased) OR contains(facts, :file))"


def erase_again(ground: Ground, now: datetime) -> int:
    """Erase again whoever was erased since the point; return how many are erased by this.

    What an enquiry had said in the notes of another one goes with it, as it did then.
    """
    services = ground.new.services
    erased = 0
    for lead_id, by in _erased_since(ground).items():
        lead = services.leads.get(lead_id)
        if lead is None or lead.contact is None:
            continue  # it came after the point, or is erased already
        if by or not erase_in_time(services, lead_id, now):
            erase_on_request(services, lead_id, by or NOBODY, now)
        erased += 1
    return erased


def _erased_since(ground: Ground) -> dict[str, str]:
    """Give the leads that were erased since the point, each with who asked for it.

    It is empty for those whose time had come.
    """
    erased: dict[str, str] = {}
    for row in _rows_since(ground):
        for event in row.events:
            if isinstance(event, LeadErased):
                erased[row.lead] = event.by or ""
    erased |= {entry.lead: entry.by for entry in _logged(ground)}
    return erased


def _logged(ground: Ground) -> Iterator[LogEntry]:
    """Yield the lines of the log about erasures since the point."""
    wanted = LogFilter(kinds=frozenset({LeadErased.kind}), since=ground.at)
    cursor = ""
    while True:
        page = ground.log.log(wanted, cursor)
        yield from page.entries
        cursor = page.cursor
        if not cursor:
            return


def _rows_since(ground: Ground) -> Iterator[CommitRecord]:
    """Yield what was committed since the point in the table that was in use, if it erased."""
    values = {
        ":event": "EVENT#",
        ":since": instant_text(ground.at),
        ":erased": LeadErased.kind,
        ":file": FileRemoved.kind,
    }
    table = ground.old.stores.leads_table
    for item in scanned(ground.dynamodb, table, TOLD, values):
        yield event_from_item(item)


def remove_files_again(ground: Ground, now: datetime) -> int:
    """Remove again which files were removed since the point; return how many they are.

    Their content goes first: whoever stops this in between finds the entry again, and it is done.
    """
    removed = 0
    for row in _rows_since(ground):
        for event in row.events:
            if isinstance(event, FileRemoved):
                removed += _removed(ground, row.lead, event, now)
    return removed


def _removed(ground: Ground, lead_id: str, event: FileRemoved, now: datetime) -> bool:
    """Remove a file from a lead; False if the lead has none of that id."""
    services = ground.new.services

    def work(_: bool) -> bool:
        lead = services.leads.get(lead_id)
        context = services.leads.context(lead_id)
        if lead is None or context is None:
            return False
        files = tuple(each for each in context.files if each.id != event.file)
        if files == context.files:
            return False
        ground.files.forget(lead_id, event.file)
        draft = Draft(lead)
        draft.add_event(event)
        services.commit(Change(draft, context=replace(context, files=files)), now=now)
        return True

    return retry_on_conflict(work)
