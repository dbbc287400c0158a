"""The pages on which HQ imports a list of leads: upload, columns, errors, decision, progress."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple
from urllib.parse import urlencode

from routing_core.domain.errors import Problem
from routing_core.domain.lead_list import LeadList, ListMode, ListState, RowOutcome, WaitingRow
from routing_core.domain.on_behalf import ConsentWay
from routing_core.domain.programme.programme import Programme
from routing_core.formats.lead_columns import LEFT_OUT_COLUMN, field_names
from routing_core.formats.sheet_file import LARGEST_FILE, MOST_SHEET_ROWS
from routing_core.present.hq_desk.entry_words import entry_field_name, spoken_of
from routing_core.present.hq_desk.frame import DeskFrame, desk_locale, render_desk
from routing_core.present.lead_summary import product_name, urgency_name
from routing_core.present.locale_context import LocaleContext, language_names
from routing_core.present.pages.form import problems_by_labels
from routing_core.present.pages.form_fields import FormField, step_fields
from routing_core.present.pages.frame import known_notice, title_with_problems
from routing_core.present.pages.summary import SummaryLine
from routing_core.present.problems import by_field, problem_sentence
from routing_core.service.hq.import_leads import CheckedList
from routing_core.service.hq.list_settings import LIST_WAYS
from routing_core.service.hq.read_lead_list import MissingField, WrongCell
from routing_core.service.hq.release_lists import LIST_PACE
from routing_core.service.hq_desk.import_page import ImportPage, ImportsPage

IMPORT_PATH = "/hq/leads/import"
IMPORT_NOTICES = ("checked", "imported", "cancelled")
ROWS_SHOWN = 5
"""Rows of which the page shows how they are read."""
SHOWN_FIELDS = ("name", "phone", "email", "postcode", "town", "product", "urgency", "asked_at")
"""Fields by which a person sees whether the columns are right."""
SAID_FOR_ALL = ("product", "urgency", "language", "campaign")
"""Names what the page lets people say for all rows that lack it."""
SETTINGS_FIELDS = ("name", "file", "form", "consent_at")
"""Fields of the settings at which something may be wrong."""

Choice = tuple[str, str]
"""What may be chosen, and its label."""


class ImportRow(NamedTuple):
    """One of the last imports, as a row of a table."""

    path: str
    name: str
    when: str
    state: str
    rows: str
    waiting: str


class ColumnChoice(NamedTuple):
    """A column of a list, and what may be said of it."""

    place: int
    name: str
    example: str
    """What stands in its first row that is filled in."""
    chosen: str


class CellToMend(NamedTuple):
    """A wrong cell, as a field in which it is mended."""

    row: int
    field: str
    """The field's name, as people read it."""
    cell: str
    sentence: str
    name: str
    """The name it is sent under."""
    options: tuple[Choice, ...]
    """What may be chosen; empty where words are typed."""


@dataclass(frozen=True, slots=True)
class _Words:
    """What the pages of imports know of their reader and of the list."""

    programme: Programme
    locale: LocaleContext

    def settings(self) -> dict[str, Any]:
        """Give what may be chosen for a list as a whole."""
        programme, locale = self.programme, self.locale
        say = locale.translate
        products = [
            (each.id, product_name(programme, each.id, locale)) for each in programme.products
        ]
        urgencies = [
            (each.id, urgency_name(programme, each.id, locale)) for each in programme.urgencies
        ]
        return {
            "products": products,
            "urgencies": urgencies,
            "languages": language_names(programme),
            "ways": [(way.value, say(f"hq_entry.way.{way}")) for way in LIST_WAYS],
            "consent_ways": [(way.value, say(f"hq_entry.consent_way.{way}")) for way in ConsentWay],
            "modes": [(mode.value, say(f"hq_entry.mode.{mode}")) for mode in ListMode],
            "mode_hints": {mode.value: say(f"hq_entry.mode_hint.{mode}") for mode in ListMode},
        }


def imports_page(view: ImportsPage) -> str:
    """Draw where to upload a list, and the last imports."""
    programme = view.imports.services.programme
    locale = desk_locale(programme, view.visitor, view.imports.now)
    title = locale.translate("hq_entry.import.title")
    problems = spoken_of(view.problems)
    frame = DeskFrame(
        "import_leads.html",
        title_with_problems(title, problems, locale),
        "leads",
        view.visitor,
        programme,
        locale,
        ("file_size.js",),
    )
    return render_desk(
        frame,
        heading=title,
        values={"mode": ListMode.ROUTE.value, **view.values},
        errors=by_field(problems, locale.catalog),
        problems=_summary(problems, locale),
        recent=[_import_row(each, locale) for each in view.recent],
        largest_file=LARGEST_FILE,
        most_rows=locale.number(str(MOST_SHEET_ROWS)),
        **_Words(programme, locale).settings(),
    )


def _summary(problems: Sequence[Problem], locale: LocaleContext) -> list[SummaryLine]:
    """List what is wrong with a list as a whole, each with the way to its field."""
    lines = []
    for problem in problems:
        anchor = problem.field if problem.field in SETTINGS_FIELDS else ""
        lines.append(SummaryLine(anchor, "", problem_sentence(problem, locale.catalog)))
    return lines


def _import_row(imported: LeadList, locale: LocaleContext) -> ImportRow:
    return ImportRow(
        path=f"{IMPORT_PATH}/{imported.id}",
        name=imported.settings.name,
        when=locale.when(imported.created_at),
        state=locale.translate(f"hq_entry.state.{imported.state}"),
        rows=locale.number(str(imported.rows)),
        waiting=locale.number(str(imported.waiting)),
    )


def import_page(view: ImportPage) -> str:
    """Draw one import: what it would do while it is a draft, how far it has come after that."""
    programme = view.imports.services.programme
    locale = desk_locale(programme, view.visitor, view.imports.now)
    title = locale.translate("hq_entry.import.title_of", name=view.imported.settings.name)
    problems = spoken_of(view.problems)
    is_draft = view.imported.state is ListState.DRAFT
    frame = DeskFrame(
        "import_draft.html" if is_draft else "import_progress.html",
        title_with_problems(title, problems, locale),
        "leads",
        view.visitor,
        programme,
        locale,
        wide=is_draft,
    )
    fill = _draft(view, locale) if is_draft else _progress(view, locale)
    return render_desk(
        frame,
        heading=title,
        imported=view.imported,
        notice=known_notice(view.notice, IMPORT_NOTICES),
        errors=by_field(problems, locale.catalog),
        problems=_summary(problems, locale),
        **fill,
    )


# ── a draft ───────────────────────────────────────────────────────────────────────────────────────


def _draft(view: ImportPage, locale: LocaleContext) -> dict[str, Any]:
    checked = view.checked
    if checked is None:
        return {"checked": None}
    programme = view.imports.services.programme
    imported = view.imported
    settings = imported.settings
    form = programme.form(settings.form)
    is_past = settings.mode is ListMode.PAST
    fields = field_names(form, is_past=is_past) if form else ()
    choices = [(name, entry_field_name(name, form, locale)) for name in fields]
    check = checked.check
    values = {
        "product": settings.product,
        "urgency": settings.urgency,
        "language": settings.language,
        "campaign": settings.campaign,
        "way": settings.way.value,
        "all_agreed": "yes" if settings.all_agreed else "",
        "consent_way": settings.consent_way.value,
        "consent_by": settings.consent_by or view.visitor.called,
        "consent_at": settings.consent_at,
    }
    return {
        "checked": checked,
        "is_past": is_past,
        "counts": _draft_counts(checked, locale),
        "general": [
            *(_general(problem, view, locale) for problem in check.general),
            *(_missing(each, view, locale) for each in check.missing.values()),
        ],
        "columns": _columns(checked),
        "choices": choices,
        "values": {**values, **view.values},
        "asks_consent": not is_past and "consent" not in imported.columns,
        "cells": _cells_to_mend(checked, programme, locale),
        "more_cells": check.wrong_cells - len(check.wrong),
        "preview": _preview(checked, locale),
        "preview_fields": [entry_field_name(name, form, locale) for name in SHOWN_FIELDS],
        "new": len(checked.new),
        "new_told": locale.number(str(len(checked.new))),
        "is_right": check.is_right,
        **_Words(programme, locale).settings(),
    }


def _draft_counts(checked: CheckedList, locale: LocaleContext) -> list[Choice]:
    check = checked.check
    counted = {
        "rows": check.rows,
        "new": len(checked.new),
        "known": len(checked.known),
        "twice": check.twice,
        "wrong": check.wrong_rows,
    }
    return [
        (locale.translate(f"hq_entry.count.{name}"), locale.number(str(count)))
        for name, count in counted.items()
        if count or name in ("rows", "new")
    ]


def _general(problem: Problem, view: ImportPage, locale: LocaleContext) -> str:
    form = view.imports.services.programme.form(view.imported.settings.form)
    named = entry_field_name(problem.field, form, locale)
    return f"{named}: {problem_sentence(problem, locale.catalog)}"


def _missing(missing: MissingField, view: ImportPage, locale: LocaleContext) -> str:
    """Say what rows lack for which the list has no column."""
    problem = replace(missing.problem, field=missing.name, hints=())
    told = _general(spoken_of([problem])[0], view, locale)
    for_all = "no_column" if missing.name in SAID_FOR_ALL else "no_column_at_all"
    where = locale.translate(f"hq_entry.draft.{for_all}", n=len(missing.rows))
    return f"{told} {where}"


def _columns(checked: CheckedList) -> list[ColumnChoice]:
    choices = []
    for place, name in enumerate(checked.imported.header):
        filled = (cells[place] for _, cells in checked.sheet.rows if cells[place])
        example = next(filled, "")[:60]
        choices.append(ColumnChoice(place, name, example, checked.imported.columns[place]))
    return choices


def _cells_to_mend(
    checked: CheckedList, programme: Programme, locale: LocaleContext
) -> list[CellToMend]:
    form = programme.form(checked.imported.settings.form)
    fields: tuple[FormField, ...] = ()
    if form:
        first, second = (step_fields(programme, form, locale, step) for step in (1, 2))
        fields = (*first, *second)
    by_name = {field.name: field for field in fields}
    cells = []
    for wrong in checked.check.wrong:
        problem = problems_by_labels(spoken_of([wrong.problem]), fields)[0]
        sentence = problem_sentence(problem, locale.catalog)
        shown = by_name.get(wrong.field)
        cells.append(
            CellToMend(
                row=wrong.row,
                field=entry_field_name(wrong.field, form, locale),
                cell=wrong.cell,
                sentence=sentence,
                name=f"cell.{wrong.row}.{wrong.column}",
                options=_options(shown, wrong),
            )
        )
    return cells


def _options(field: FormField | None, wrong: WrongCell) -> tuple[Choice, ...]:
    """Give what may be chosen instead; what stands there comes first."""
    if field is None or not field.options or field.kind == "boxes":
        return ()
    return ((wrong.cell, wrong.cell or "—"), *field.options)


def _preview(checked: CheckedList, locale: LocaleContext) -> list[tuple[int, list[str]]]:
    return [(lead.row, _shown_cells(lead)) for lead in checked.check.leads[:ROWS_SHOWN]]


def _shown_cells(lead: WaitingRow) -> list[str]:
    return [lead.fields.get(name, "") for name in SHOWN_FIELDS]


# ── what was decided on ───────────────────────────────────────────────────────────────────────────


def _progress(view: ImportPage, locale: LocaleContext) -> dict[str, Any]:
    imported = view.imported
    dated = replace(locale, absolute_dates=True)
    counts: Mapping[str, int] = imported.counts
    shown = [
        (locale.translate(f"hq_entry.outcome.{outcome}"), locale.number(str(counts[outcome])))
        for outcome in RowOutcome
        if counts.get(outcome)
    ]
    if imported.waiting:
        waiting = locale.number(str(imported.waiting))
        shown.append((locale.translate("hq_entry.outcome.waiting"), waiting))
    return {
        "counts": shown,
        "settled": imported.settled,
        "state": imported.state.value,
        "state_name": locale.translate(f"hq_entry.state.{imported.state}"),
        "decided": locale.when_known(imported.decided_at),
        "finished": locale.when_known(imported.finished_at),
        "goes_on": dated.when_known(view.opens_at),
        "is_past": imported.settings.mode is ListMode.PAST,
        "pace": int(LIST_PACE.total_seconds() // 60),
        "leads_path": "/hq/leads?" + urlencode({"source": imported.settings.source}),
        "left_out": [
            name
            for name, column in zip(imported.header, imported.columns, strict=True)
            if column == LEFT_OUT_COLUMN and name
        ],
    }
