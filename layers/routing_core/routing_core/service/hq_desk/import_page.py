"""Somebody at HQ imports a list of leads, step by step, and follows it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from routing_core.domain.errors import InvalidInput, NotFound, Problem
from routing_core.domain.hq_people import HqPerson, Right
from routing_core.domain.lead_list import LeadList, ListState
from routing_core.formats.sheet_file import read_sheet_file
from routing_core.service.hq.import_leads import CheckedList, ListImports, ListUpload
from routing_core.service.hq.list_settings import read_list_settings
from routing_core.service.hq.release_lists import goes_on_at, release_list

RECENT_IMPORTS = 20
"""Imports that the first page lists."""
_COLUMN = re.compile(r"column\.(?P<column>[0-9]{1,3})")
_CELL = re.compile(r"cell\.(?P<row>[0-9]{1,6})\.(?P<column>[0-9]{1,3})")


@dataclass(frozen=True, slots=True)
class ImportsPage:
    """The page on which lists are uploaded, with the imports of before."""

    imports: ListImports
    visitor: HqPerson
    recent: tuple[LeadList, ...]
    values: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportPage:
    """The page of one import: what it would do, or how far it has come."""

    imports: ListImports
    visitor: HqPerson
    imported: LeadList
    opens_at: datetime | None = None
    """When HQ opens next: before that none of its leads has its turn. None while HQ is open."""
    checked: CheckedList | None = None
    """What it would do, as long as it is a draft that is still kept."""
    notice: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    """What was said of the list, if something was wrong with that."""
    problems: tuple[Problem, ...] = ()


def view_imports(imports: ListImports, visitor: HqPerson) -> ImportsPage:
    """Show where to upload a list, and the last imports. Raises NotAllowed."""
    visitor.need(Right.ACT_ON_LEADS)
    recent = imports.lists.recent(RECENT_IMPORTS)
    return ImportsPage(imports, visitor, tuple(each for each in recent if _is_for(each, visitor)))


def upload_list(
    imports: ListImports, visitor: HqPerson, said: Mapping[str, str], content: bytes, token: str
) -> LeadList:
    """Keep what was uploaded. Raises NotAllowed, or InvalidInput for what is wrong with it."""
    visitor.need(Right.ACT_ON_LEADS)
    problems: list[Problem] = []
    settings = sheet = None
    try:
        settings = read_list_settings(imports.services.programme, said, imports.now)
    except InvalidInput as error:
        problems += error.problems
    try:
        sheet = read_sheet_file(content)
    except InvalidInput as error:
        problems += error.problems
    if settings is None or sheet is None:
        raise InvalidInput(problems)
    upload = ListUpload(sheet, settings, visitor.actor, token, visitor.regions)
    return imports.start(upload)


def view_import(
    imports: ListImports, visitor: HqPerson, list_id: str, notice: str = ""
) -> ImportPage:
    """Show what an import would do, or how far it has come. Raises NotAllowed or NotFound."""
    imported = _open(imports, visitor, list_id)
    checked = None
    if imported.state is ListState.DRAFT and imports.lists.file(list_id) is not None:
        checked = imports.check(imported)
    opens_at = goes_on_at(imports.services.programme, imported, imports.now)
    return ImportPage(imports, visitor, imported, opens_at, checked, notice)


def act_on_import(
    imports: ListImports, visitor: HqPerson, list_id: str, form: Mapping[str, str]
) -> str:
    """Do what a button of an import's page says, and give the notice.

    Actions: ``action`` = change | mend | decide | cancel. Raises NotAllowed, NotFound, Gone,
    InvalidInput, or VersionConflict.
    """
    imported = _open(imports, visitor, list_id)
    match form.get("action"):
        case "change":
            _change(imports, imported, form)
            return "checked"
        case "mend":
            imports.mend(imported, _cells(form))
            return "checked"
        case "decide":
            decided = imports.decide(imports.check(imported))
            release_list(imports.services, imports.lists, decided.id, imports.now)
            return "imported"
        case "cancel":
            imports.cancel(imported, visitor.actor)
            return "cancelled"
    raise InvalidInput([Problem("action", "unknown_option", "is none of this page's")])


def _open(imports: ListImports, visitor: HqPerson, list_id: str) -> LeadList:
    """Read an import that the visitor may see: their own, or anybody's for whoever sees it all."""
    visitor.need(Right.ACT_ON_LEADS)
    return import_seen_by(imports, visitor, list_id)


def import_seen_by(imports: ListImports, visitor: HqPerson, list_id: str) -> LeadList:
    """Read an import that somebody may see. Raises NotFound."""
    imported = imports.one(list_id)
    if not _is_for(imported, visitor):
        raise NotFound(f"there is no import {list_id}")
    return imported


def _is_for(imported: LeadList, visitor: HqPerson) -> bool:
    return visitor.regions is None or imported.by == visitor.actor


def _change(imports: ListImports, imported: LeadList, form: Mapping[str, str]) -> None:
    """Take what is said of the list as a whole and of its columns."""
    before = imported.settings
    said = {"name": before.name, "form": before.form, "mode": before.mode.value, **form}
    settings = read_list_settings(imports.services.programme, said, imports.now)
    columns = list(imported.columns)
    for name, value in form.items():
        found = _COLUMN.fullmatch(name)
        if found and int(found["column"]) < len(columns):
            columns[int(found["column"])] = value
    imports.change(imported, replace(settings, name=before.name), columns)


def _cells(form: Mapping[str, str]) -> dict[tuple[int, int], str]:
    cells: dict[tuple[int, int], str] = {}
    for name, value in form.items():
        found = _CELL.fullmatch(name)
        if found:
            cells[int(found["row"]), int(found["column"])] = value.strip()
    return cells
