"""A list of partners imported on HQ's desk: shown as a table first, then saved just so.

The page carries the list itself and a digest of what it would do. If a partner has changed meanwhile
so that it would do something else, nothing is saved and the table is shown anew.
"""

import base64
import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from routing_core.domain.errors import InvalidInput, Problem, VersionConflict
from routing_core.domain.hq_people import HqPerson, Right
from routing_core.domain.programme.programme import Programme
from routing_core.domain.territory.countries import country_code
from routing_core.domain.values.sentence import worded
from routing_core.formats.partners_csv import LARGEST_LIST, Assumed
from routing_core.formats.sheet import plain_names, rows
from routing_core.service.hq.import_partners import Imported, ListPlan, plan_partners_csv, save_plan
from routing_core.service.hq.partner_list import visible_to
from routing_core.service.kernel.services import Services

_ROW = re.compile(r"rows? (?P<row>[0-9]+)")
CELL_SHOWN = 80
"""Characters of a wrong cell that are shown."""


@dataclass(frozen=True, slots=True)
class MistakenCell:
    """Something wrong with a list, and where."""

    problem: Problem
    row: str = ""
    """The number of the row as the spreadsheet shows it; empty for the whole file."""
    column: str = ""
    cell: str = ""
    """What stands there."""


@dataclass(frozen=True, slots=True)
class UploadedList:
    """A list as it was sent, and what was said beside it."""

    text: str
    country: str = ""
    """Where territories are that name no country."""
    zeros_are_right: bool = False

    @property
    def assumed(self) -> Assumed:
        """Give what is said of the list beside it."""
        return Assumed(country_code(self.country), self.zeros_are_right)

    def packed(self) -> str:
        """Give the list as a text for a hidden field."""
        return base64.b64encode(zlib.compress(self.text.encode(), 9)).decode()


@dataclass(frozen=True, slots=True)
class PartnerImportView:
    """The page: an empty one, or what a list would do."""

    programme: Programme
    visitor: HqPerson
    now: datetime
    sent: UploadedList | None = None
    would: Imported | None = None
    """What the list would do; None while there is none that can be read."""
    names: tuple[tuple[str, str, str], ...] = ()
    """Of those who would be added: id, name and town."""
    digest: str = ""
    wrong: tuple[MistakenCell, ...] = ()
    moved: bool = False
    """Tells that partners have changed since the table was shown, and nothing was saved."""


def unpacked_list(packed: str) -> str:
    """Give the list of a hidden field. Raises InvalidInput for what we did not pack."""
    try:
        data = base64.b64decode(packed.encode(), validate=True)
        text = zlib.decompressobj().decompress(data, LARGEST_LIST * 4).decode()
    except (ValueError, zlib.error) as error:
        message = worded("file.again", "could not be read again: choose the file anew")
        raise InvalidInput([Problem("file", "not_readable", message)]) from error
    return text


def empty_import(services: Services, visitor: HqPerson, now: datetime) -> PartnerImportView:
    """Show the page on which a list is sent. Raises NotAllowed."""
    visitor.need(Right.CHANGE_PARTNERS)
    return PartnerImportView(services.programme, visitor, now)


def unreadable_import(
    services: Services, visitor: HqPerson, error: InvalidInput, now: datetime
) -> PartnerImportView:
    """Show the page again for a file that cannot be read at all. Raises NotAllowed."""
    view = empty_import(services, visitor, now)
    return replace(view, wrong=tuple(map(MistakenCell, error.problems)))


def view_partner_import(
    services: Services, visitor: HqPerson, sent: UploadedList, now: datetime
) -> PartnerImportView:
    """Say what a list would do, or everything that is wrong with it. Raises NotAllowed."""
    view = replace(empty_import(services, visitor, now), sent=sent)
    try:
        plan = _plan(services, visitor, sent, now)
    except InvalidInput as error:
        return replace(view, wrong=tuple(_located(error.problems, sent.text)))
    created = [plan.rows[name] for name in plan.rows if name not in plan.known]
    return replace(
        view,
        would=plan.told(dry_run=True, finished=True),
        names=tuple((each.id, each.name, each.town) for each in created),
        digest=plan.digest,
    )


def save_import(
    services: Services, visitor: HqPerson, sent: UploadedList, digest: str, now: datetime
) -> Imported | PartnerImportView:
    """Save exactly what the table showed; the table anew if it would do something else by now.

    Where it would do nothing, that is told: the button was pressed before, and its answer lost.
    Raises NotAllowed.
    """
    visitor.need(Right.CHANGE_PARTNERS)
    try:
        plan = _plan(services, visitor, sent, now)
        if plan.does_nothing:
            return plan.told(dry_run=False, finished=True)
        if plan.digest == digest:
            return save_plan(services, plan, now, visitor.actor)
    except (InvalidInput, VersionConflict):
        pass
    return replace(view_partner_import(services, visitor, sent, now), moved=True)


def _plan(services: Services, visitor: HqPerson, sent: UploadedList, now: datetime) -> ListPlan:
    plan = plan_partners_csv(services, sent.text, now, sent.assumed)
    refuse_rows_outside(services, visitor, plan)
    return plan


def refuse_rows_outside(services: Services, visitor: HqPerson, plan: ListPlan) -> None:
    """Raise InvalidInput for a list with partners of none of the visitor's regions."""
    outside = [
        name
        for name, row in plan.rows.items()
        if not visible_to(visitor, row, services)
        or not visible_to(visitor, plan.known.get(name, row), services)
    ]
    if outside:
        message = worded("partner.outside", "is no partner of your regions")
        raise InvalidInput([Problem(name, "outside_regions", message) for name in outside[:100]])


def _located(problems: Iterable[Problem], text: str) -> Iterator[MistakenCell]:
    """Find the cell of each problem."""
    cells = {number: row for number, row in rows(text) if not isinstance(row, Problem)}
    names = plain_names(cells.get(1, []))
    for problem in problems:
        place = _ROW.match(problem.field)
        if place is None:
            yield MistakenCell(problem)
            continue
        row, column = place["row"], _column(problem.field)
        there = cells.get(int(row), [])
        cell = there[names.index(column)] if column in names[: len(there)] else ""
        yield MistakenCell(problem, row, column, cell[:CELL_SHOWN])


def _column(field: str) -> str:
    """Give the column of ``row 3, email``, or of ``rows 2, 3, 4 and 9 more, email``."""
    _, _, last = field.rpartition(", ")
    return "" if last[:1].isdigit() or last == field else last
