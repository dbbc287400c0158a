"""The editor of the rules: the text, what is wrong with it line by line, what it would do."""

from dataclasses import dataclass
from datetime import datetime

from routing_core.domain.errors import Problem
from routing_core.domain.hq_people import HqPerson
from routing_core.domain.values.sentence import Sentence
from routing_core.formats.yaml_places import line_of
from routing_core.present.explain.trial import trial_sentences
from routing_core.present.hq_desk.frame import DeskFrame, desk_locale, render_desk
from routing_core.present.hq_desk.rules.form_page import meanwhile_told, problem_told
from routing_core.present.hq_desk.rules.rules_page import differences_told
from routing_core.present.locale_context import LocaleContext
from routing_core.present.rule_places import place_told
from routing_core.present.told import sentence_told
from routing_core.service.hq_desk.rule_editor import RuleEditor

FIELDS_OF_EDITOR = ("comment", "starts_at", "reference")
"""A problem of one of these stands at its field, any other at its line of the text."""
LONGEST_LINE = 120
"""Letters of a line of the text that are shown beside what is wrong with it."""


@dataclass(frozen=True, slots=True)
class LineProblem:
    """Something wrong with the text, at its line."""

    place: str
    """Says which line it is; empty for what is about the whole."""
    field: str
    """Names the part of the rules it is about; empty where nobody can tell."""
    text: str
    """Says what is wrong."""
    code: str
    """The line itself, without what is left of it."""


def editor_page(editor: RuleEditor, visitor: HqPerson, now: datetime) -> str:
    """Draw the editor with everything that is known of the draft."""
    locale = desk_locale(editor.programme, visitor, now)
    title = locale.translate("hq_rules.editor.title")
    at_fields = [each for each in editor.problems if each.field in FIELDS_OF_EDITOR]
    in_text = [each for each in editor.problems if each.field not in FIELDS_OF_EDITOR]
    differences = None
    if editor.proposal:
        differences = differences_told(editor.programme, editor.proposal, locale)
    return render_desk(
        DeskFrame("rule_editor.html", title, "rules", visitor, editor.programme, locale, wide=True),
        editor=editor,
        kept=locale.when(editor.draft.saved_at) if editor.is_kept else "",
        lines=[_at_line(each, editor.draft.text, locale) for each in in_text],
        typed=dict.fromkeys(FIELDS_OF_EDITOR, "") | dict(editor.typed),
        errors=dict.fromkeys(FIELDS_OF_EDITOR, "")
        | {each.field: problem_told(each, locale) for each in at_fields},
        differences=differences,
        doubts=[_doubt(each, editor.draft.text, locale) for each in editor.warnings],
        trial=trial_sentences(editor.tried, locale.language) if editor.tried else (),
        tried=editor.tried.lead.reference if editor.tried else "",
        both_changed=place_told(editor.both_changed, locale.catalog),
        **meanwhile_told(editor, locale),
    )


def _at_line(problem: Problem, text: str, locale: LocaleContext) -> LineProblem:
    is_of_parser = problem.field.startswith(("line ", "("))
    path = "" if is_of_parser else problem.field
    return _line_problem(
        line_of(text, problem.field), path, problem_told(problem, locale), text, locale
    )


def _doubt(warning: str, text: str, locale: LocaleContext) -> LineProblem:
    """Give what is doubtful, at the line that it is about."""
    path = str(warning.fill.get("at", "")) if isinstance(warning, Sentence) else ""
    line = line_of(text, path) if path else None
    return _line_problem(line, path, sentence_told(warning, locale.catalog), text, locale)


def _line_problem(
    line: int | None, path: str, said: str, text: str, locale: LocaleContext
) -> LineProblem:
    field = place_told(path, locale.catalog) if path else ""
    if line is None:
        return LineProblem("", field, said, "")
    lines = text.splitlines()
    code = lines[line - 1].strip()[:LONGEST_LINE] if line <= len(lines) else ""
    return LineProblem(locale.translate("hq_rules.editor.line", n=line), field, said, code)
