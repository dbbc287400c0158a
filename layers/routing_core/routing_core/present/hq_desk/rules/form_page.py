"""The small forms of the rules: fields, each with the sentence that it changes."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Any

from routing_core.domain.errors import Problem
from routing_core.domain.hq_people import HqPerson
from routing_core.domain.programme.document import Rule
from routing_core.domain.values.sentence import Sentence
from routing_core.present.hq_desk.frame import DeskFrame, desk_locale, render_desk
from routing_core.present.hq_desk.rules.programme_told import RuleSection, programme_sections
from routing_core.present.hq_desk.rules.rules_page import differences_told, version_line
from routing_core.present.hq_desk.rules.teller import RuleTeller, case_key
from routing_core.present.locale_context import LocaleContext
from routing_core.present.mails.render import render_mail
from routing_core.present.problems import problem_sentence
from routing_core.present.rule_places import place_told
from routing_core.present.told import doubt_told, sentence_told
from routing_core.service.hq_desk.mail_preview import previewed_mails
from routing_core.service.hq_desk.rule_fields import UNITS, RuleField
from routing_core.service.hq_desk.rule_forms import RuleFormView

SENTENCE_OF = {
    "calendar.holiday_region": "calendar.holidays",
    "hotline.phone": "hotline",
    "hotline.hours": "hotline",
}
"""The sentence of a field has the name of its path, but for these."""
INPUT_OF = {"mail_subjects": "mail_subject", "mail_texts": "mail_text"}
"""The inputs of these parts have words of their own, whatever the mail and the language."""


@dataclass(frozen=True, slots=True)
class ShownField:
    """One field of a form, as the page draws it."""

    name: str
    kind: str
    label: str
    hint: str
    """Says how it is written; empty where that is plain."""
    sentence: str
    """What the rules in force say there."""
    value: str
    unit: str
    """The unit of a length of time; empty for anything else."""
    options: tuple[tuple[str, str], ...]
    """Value and words of each choice."""
    error: str
    under: str
    """The heading below which it stands: for which enquiries the rule is."""


def rule_form_page(view: RuleFormView, visitor: HqPerson, now: datetime) -> str:
    """Draw a form: what is in force or was typed, what is wrong, and what it would change."""
    locale = desk_locale(view.programme, visitor, now)
    title = locale.translate(f"hq_rules.form.{view.form}.title")
    fields = _fields(view, locale)
    groups = [(head, list(group)) for head, group in groupby(fields, lambda each: each.under)]
    at_fields = {each.name for each in fields}
    others = [each for each in view.problems if each.field not in at_fields]
    frame = DeskFrame("rule_form.html", title, "rules", visitor, view.programme, locale)
    return render_desk(
        frame,
        view=view,
        groups=groups,
        units=[(unit, locale.translate(f"hq_rules.unit.{unit}")) for unit in UNITS],
        warnings=[doubt_told(each, locale.catalog) for each in view.warnings],
        problems=problems_told(view.problems, fields, locale),
        errors={each.field: problem_told(each, locale) for each in others},
        differences=_differences(view, locale),
        previews=_previews(view, locale),
        **meanwhile_told(view, locale),
    )


def _differences(view: RuleFormView, locale: LocaleContext) -> Any:
    """Give what the form would change; None before that is known."""
    if view.proposal is None:
        return None
    return differences_told(view.programme, view.proposal, locale)


@dataclass(frozen=True, slots=True)
class MailDrawn:
    """A mail as it would be sent, in words alone."""

    heading: str
    language: str
    """The code of the language that it is written in."""
    subject: str
    text: str


def _previews(view: RuleFormView, locale: LocaleContext) -> list[MailDrawn]:
    """Draw the mails whose words would be others, in each language."""
    if view.form != "texts" or view.proposal is None:
        return []
    customer = locale.translate("hq_rules.mail_preview.name")
    drawn = []
    for mail, language, mail_view in previewed_mails(
        view.programme, view.proposal, customer, locale.now
    ):
        sent = render_mail(mail_view)
        name = locale.translate(f"hq_leads.mail.{mail}")
        called = locale.language_name(language)
        heading = locale.translate("hq_rules.mail_preview.heading", mail=name, language=called)
        drawn.append(MailDrawn(heading, language, sent.subject, sent.text.strip()))
    return drawn


def meanwhile_told(view: Any, locale: LocaleContext) -> dict[str, Any]:
    """Tell what somebody else has changed since the page was opened, and who it was."""
    if view.meanwhile is None:
        return {"meanwhile": (), "meanwhile_by": None}
    both = view.meanwhile
    newer = version_line(both.newer, view.number, None, view.programme, locale)
    changes = differences_told(both.before, both.after, locale)
    return {"meanwhile": changes, "meanwhile_by": newer}


def _fields(view: RuleFormView, locale: LocaleContext) -> list[ShownField]:
    errors = {each.field: problem_told(each, locale) for each in view.problems}
    sentences = _sentences(programme_sections(view.programme, locale.language, locale.now))
    teller = RuleTeller(view.programme, locale, view.programme)
    return [_shown(each, view, teller, sentences, errors) for each in view.fields]


def _shown(
    field: RuleField,
    view: RuleFormView,
    teller: RuleTeller,
    sentences: Mapping[str, str],
    errors: Mapping[str, str],
) -> ShownField:
    locale = teller.locale
    label = INPUT_OF.get(str(field.path[0]), field.label)
    words = f"hq_rules.input.{label}"
    fill = {"language": locale.language_name(field.language)}
    return ShownField(
        name=field.name,
        kind=field.kind,
        label=locale.translate(f"{words}.label", **fill),
        hint=locale.catalog.find(f"{words}.hint") or "",
        sentence=sentences.get(_sentence_key(field, view), ""),
        value=view.values.get(field.name, ""),
        unit=view.values.get(f"{field.name}-unit", ""),
        options=tuple((each, locale.translate(f"{words}.{each}")) for each in field.options),
        error=errors.get(field.name, ""),
        under=_under(field, view, teller),
    )


def _sentences(sections: tuple[RuleSection, ...]) -> dict[str, str]:
    texts: dict[str, str] = {}
    for section in sections:
        texts |= {each.key: each.text for each in section.sentences}
    return texts


def _rule(field: RuleField, view: RuleFormView) -> tuple[Rule, int] | None:
    """Give the rule of a list that the field belongs to, and how many there are."""
    name, *rest = field.path
    if not rest or not isinstance(rest[0], int):
        return None
    rules = getattr(view.programme, str(name))
    return rules[rest[0]], len(rules)


def _sentence_key(field: RuleField, view: RuleFormView) -> str:
    found = _rule(field, view)
    label = "partners" if field.label == "waves" else field.label
    if found:
        return f"{field.path[0]}[{case_key(found[0].when)}].{label}"
    if field.path[0] in INPUT_OF:
        # What stands there is in the field itself, word for word.
        return ""
    path = ".".join(str(step) for step in field.path if step != field.language)
    return SENTENCE_OF.get(path, path)


def _under(field: RuleField, view: RuleFormView, teller: RuleTeller) -> str:
    found = _rule(field, view)
    if found:
        return teller.case(found[0].when, found[1])
    if field.path[0] == "missed_contact":
        return teller.say("contact.under_missed")
    if field.path[0] in INPUT_OF:
        return teller.locale.translate(f"hq_leads.mail.{field.path[1]}")
    return ""


# ── what is wrong ─────────────────────────────────────────────────────────────────────────────────


def problem_told(problem: Problem, locale: LocaleContext) -> str:
    """Say what is wrong, in words of ours where there are any."""
    if isinstance(problem.message, Sentence):
        return sentence_told(problem.message, locale.catalog)
    own = locale.catalog.find(f"hq_rules.problem.{problem.code}")
    # The name of the field stands beside it already.
    return own or problem_sentence(replace(problem, field=""), locale.catalog).removeprefix(": ")


def problems_told(
    problems: tuple[Problem, ...], fields: list[ShownField], locale: LocaleContext
) -> list[tuple[str, str, str]]:
    """Give what is wrong for the summary: the field to jump to, its label, the sentence.

    Where several fields have one label, that of the group stands before it.
    """
    alike = Counter(each.label for each in fields)
    labels = {
        each.name: f"{each.under}: {each.label}"
        if each.under and alike[each.label] > 1
        else each.label
        for each in fields
    }
    labels |= {
        name: locale.translate(f"hq_rules.input.{name}.label") for name in ("comment", "starts_at")
    }
    lines = []
    for each in problems:
        is_here = each.field in labels
        label = labels.get(each.field) or place_told(each.field, locale.catalog)
        lines.append((each.field if is_here else "", label, problem_told(each, locale)))
    return lines
