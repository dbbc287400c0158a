"""The page on which a list of partners is imported: what it would do, or what is wrong in it."""

from typing import Any

from routing_core.domain.values.sentence import Sentence
from routing_core.formats.sheet_file import LARGEST_FILE
from routing_core.present.hq_desk.frame import DeskFrame, desk_locale, render_desk
from routing_core.present.hq_desk.partners.form import field_name_told
from routing_core.present.hq_desk.partners.words import value_told
from routing_core.present.locale_context import LocaleContext
from routing_core.present.problems import problem_sentence
from routing_core.present.told import sentence_told
from routing_core.service.hq.import_partners import Imported
from routing_core.service.hq_desk.partner_import import MistakenCell, PartnerImportView
from routing_core.service.hq_desk.partner_rights import PARTNERS_URL

MOST_ROWS_SHOWN = 500
"""Rows of a table that the page shows; of more it says how many there are."""


def partner_import_page(view: PartnerImportView) -> str:
    """Draw the page."""
    programme, visitor = view.programme, view.visitor
    locale = desk_locale(programme, visitor, view.now)
    title = locale.translate("hq_partners.import.title")
    scripts = ("file_size.js",)
    frame = DeskFrame(
        "partner_import.html", title, "partners", visitor, programme, locale, scripts, wide=True
    )
    would = view.would
    changes = would.changes if would else ()
    left_out = would.changes_left_out if would else 0
    return render_desk(
        frame,
        view=view,
        url=PARTNERS_URL,
        largest_file=LARGEST_FILE,
        added=view.names[:MOST_ROWS_SHOWN],
        added_more=max(len(view.names) - MOST_ROWS_SHOWN, 0),
        changes=[_change(each, locale) for each in changes[:MOST_ROWS_SHOWN]],
        changes_more=max(len(changes) - MOST_ROWS_SHOWN, 0) + left_out,
        wrong=[_wrong(each, locale) for each in view.wrong],
        warnings=_warnings(would, locale) if would else [],
    )


def _warnings(would: Imported, locale: LocaleContext) -> list[str]:
    return [sentence_told(each.message, locale.catalog) for each in would.warnings]


def _change(change: Any, locale: LocaleContext) -> dict[str, str]:
    return {
        "partner": change["partner"],
        "field": field_name_told(change["field"], locale),
        "before": value_told(change["from"], locale),
        "after": value_told(change["to"], locale),
    }


def _wrong(wrong: MistakenCell, locale: LocaleContext) -> dict[str, str]:
    problem = wrong.problem
    sentence = sentence_told(problem.message, locale.catalog)
    if not isinstance(problem.message, Sentence):
        sentence = problem_sentence(problem, locale.catalog)
    return {
        "row": wrong.row,
        "column": wrong.column or ("" if wrong.row else problem.field),
        "cell": wrong.cell,
        "message": sentence,
    }
