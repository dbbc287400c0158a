"""HQ attaches files to a lead, opens and removes them.

Which files there are stands in the lead's context, so that erasing the lead forgets them; whoever
keeps the read model then deletes what was kept of them.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256

from routing_core.domain.draft import Draft
from routing_core.domain.errors import Gone, NotFound, RelayError
from routing_core.domain.events import FileAttached, FileRemoved, LeadEvent
from routing_core.domain.file_checks import clean_file_name, files_are_full, kind_of_file
from routing_core.domain.hq_people import HqPerson, Right
from routing_core.domain.lead import Context, Lead, LeadStatus
from routing_core.domain.lead_file import MOST_FILES, LeadFile, SentFile
from routing_core.service.kernel.file_store import FileStore
from routing_core.service.kernel.ports import Change
from routing_core.service.kernel.retry import retry_on_conflict
from routing_core.service.kernel.services import Services


@dataclass(frozen=True, slots=True)
class FileDesk:
    """The first argument of the use cases of leads' files."""

    services: Services
    store: FileStore


@dataclass(frozen=True, slots=True)
class OpenedFile:
    """A file to hand out."""

    file: LeadFile
    content: bytes


Files = tuple[LeadFile, ...]


def list_files(services: Services, person: HqPerson, lead_id: str) -> Files:
    """List the files of a lead, the first one first. Raises NotFound."""
    return _seen(services, person, lead_id)[1].files


def open_file(desk: FileDesk, person: HqPerson, lead_id: str, file_id: str) -> OpenedFile:
    """Open a file of a lead. Raises NotFound for what is not there, or not theirs to see."""
    _, context = _seen(desk.services, person, lead_id)
    return opened_file(desk.store, lead_id, context, file_id)


def opened_file(store: FileStore, lead_id: str, context: Context, file_id: str) -> OpenedFile:
    """Open a file of a lead for whoever may see its context. Raises NotFound."""
    file = next((each for each in context.files if each.id == file_id), None)
    content = store.get(lead_id, file) if file else None
    if file is None or content is None:
        raise NotFound("there is no such file")
    return OpenedFile(file, content)


def new_file(sent: SentFile, file_id: str, by: str, now: datetime) -> LeadFile:
    """Tell what is kept of a file that was sent. Raises InvalidInput for one that is not taken."""
    kind = kind_of_file(sent.content)
    return LeadFile(
        id=file_id,
        name=clean_file_name(sent.name, kind),
        kind=kind,
        size=len(sent.content),
        at=now,
        by=by,
        digest=sha256(sent.content).hexdigest()[:32],
    )


def attach_file(
    desk: FileDesk, person: HqPerson, lead_id: str, file: LeadFile, content: bytes
) -> LeadFile:
    """Attach a file to a lead and give it; the same one again changes nothing.

    Raises NotFound, NotAllowed, InvalidInput, or Gone for a lead that was erased.
    """
    person.need(Right.ACT_ON_LEADS)
    _, context = _seen(desk.services, person, lead_id)
    if known := _same(context.files, file):
        return known
    # First the content: there is never a file to be seen that cannot be opened.
    desk.store.put(lead_id, file, content)
    try:
        files = _commit(
            desk.services,
            (person, lead_id, file.at),
            FileAttached(by=person.actor, file=file.id),
            lambda files: _with(files, file),
        )
    except RelayError:
        desk.store.discard(lead_id, file)
        raise
    kept = _same(files, file) or file
    if kept.id != file.id:
        desk.store.discard(lead_id, file)
    return kept


def remove_file(
    desk: FileDesk, person: HqPerson, lead_id: str, file_id: str, now: datetime
) -> Files:
    """Remove a file from a lead, and give those that are left; one that is gone already is no error.

    Raises NotFound, NotAllowed, or Gone for a lead that was erased.
    """
    person.need(Right.ACT_ON_LEADS)
    event = FileRemoved(by=person.actor, file=file_id)
    return _commit(
        desk.services,
        (person, lead_id, now),
        event,
        lambda files: tuple(each for each in files if each.id != file_id),
    )


def _commit(
    services: Services,
    where: tuple[HqPerson, str, datetime],
    event: LeadEvent,
    changed: Callable[[Files], Files],
) -> Files:
    """Change which files a lead has, and give them; what changes nothing commits nothing."""
    person, lead_id, now = where

    def work(_: bool) -> Files:
        lead, context = _seen(services, person, lead_id)
        if lead.status is LeadStatus.ERASED:
            raise Gone("of a lead that was erased nothing more is kept")
        files = changed(context.files)
        if files != context.files:
            draft = Draft(lead)
            draft.add_event(event)
            services.commit(Change(draft, context=replace(context, files=files)), now=now)
        return files

    return retry_on_conflict(work)


def _with(files: Files, file: LeadFile) -> Files:
    if _same(files, file):
        return files
    if len(files) >= MOST_FILES:
        raise files_are_full()
    return (*files, file)


def _same(files: Files, file: LeadFile) -> LeadFile | None:
    return next((each for each in files if each.is_same_as(file)), None)


def _seen(services: Services, person: HqPerson, lead_id: str) -> tuple[Lead, Context]:
    """Read a lead, and then what came with it: who writes in between has a higher version."""
    lead = services.lead(lead_id)
    context = services.leads.context(lead_id) if person.sees(lead) else None
    if context is None:
        raise NotFound(f"there is no lead {lead_id}")
    return lead, context
