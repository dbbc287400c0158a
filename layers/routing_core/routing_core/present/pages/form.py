"""The hosted form: step 1 asks what and where, step 2 answers honestly and asks who.

An emergency is asked on one screen: step 1 holds what it needs more, shown as soon as an emergency
is chosen.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from routing_core.domain.enquiry.enquiry import HONEYPOT
from routing_core.domain.errors import Problem
from routing_core.present.lead_summary import answer_words, product_name, urgency_name
from routing_core.present.locale_context import LocaleContext, language_names
from routing_core.present.pages.coverage_answer import coverage_text, coverage_title, hotline_text
from routing_core.present.pages.form_fields import (
    FormField,
    choice_kind,
    defaults,
    emergencies,
    emergency_fields,
    step_fields,
)
from routing_core.present.pages.form_json import checks_json
from routing_core.present.pages.frame import page_in, render, title_with_problems
from routing_core.present.pages.summary import SummaryLine, in_page_order
from routing_core.present.problems import (
    by_field,
    field_name,
    missing_sentence,
    options_hint,
    town_choice,
)
from routing_core.service.kernel.views import FormView

COVERAGE_WORDS = ("coverage_title", "coverage_text", "hotline_text", "hotline_hours")
"""Names under which the template finds what is said of the place."""


@dataclass(frozen=True, slots=True)
class _Form:
    """One showing of the form: its fields, what is in them, and what is wrong there."""

    view: FormView
    locale: LocaleContext
    fields: tuple[FormField, ...]
    """The fields of this step, in order."""
    at_once: tuple[FormField, ...]
    """The fields that an emergency needs more, on step 1."""
    values: Mapping[str, str]
    """Holds what is filled in, by field; a town that several have is to be chosen again."""
    asked_town: str
    """The town as it was typed, where several have that name."""
    problems: tuple[Problem, ...]
    """Holds what is wrong, with the options called as the page calls them."""

    @property
    def all_fields(self) -> tuple[FormField, ...]:
        return (*self.fields, *self.at_once)

    @property
    def urgent(self) -> tuple[str, ...]:
        return emergencies(self.view.programme, self.view.form)


def form_page(view: FormView) -> str:
    """Draw one step of the form, with what was typed and what is wrong."""
    region = view.coverage.region if view.coverage else ""
    locale = LocaleContext.for_prospect(view.programme, view.language, view.now, region)
    form = _form(view, locale)
    errors = by_field(form.problems, locale.catalog)
    page = page_in(
        locale, view.programme, "form.html", _page_title(view, locale), ("send.js", "form.js")
    )

    def missing(field: FormField) -> str:
        return missing_sentence(field.name, locale.catalog, field.labels)

    return render(
        page,
        view=view,
        heading=_heading(view, locale),
        intro=locale.say(view.form.intro),
        fields=form.fields,
        at_once=form.at_once,
        urgent=form.urgent,
        emergency=form.values.get("urgency", "") in form.urgent,
        values=form.values,
        hidden=_hidden(form),
        more_open=_fold_is_open(form, errors),
        summary=_summary(form) if view.step == 2 else [],
        errors=errors,
        missing=missing,
        problems=_problem_summary(form),
        checks=_checks,
        consent=locale.say(view.form.consent.text),
        honeypot=HONEYPOT,
        challenge=json.dumps(dict(view.challenge)) if view.challenge else "",
        languages=language_names(view.programme),
        **_coverage(view, locale),
    )


def _form(view: FormView, locale: LocaleContext) -> _Form:
    fields = step_fields(view.programme, view.form, locale, view.step)
    at_once: tuple[FormField, ...] = ()
    if view.step == 1 and emergencies(view.programme, view.form):
        at_once = emergency_fields(view.form, locale)
    values = {**defaults(view.programme, view.form), **view.values}
    asked_town = values.get("asked_town", "")
    for problem in view.problems:
        if problem.code == "several_towns":
            towns = town_choice(problem, locale.catalog)
            fields = tuple(_town_to_choose(each, towns) for each in fields)
            asked_town = values.get("town", "")
            break
    problems = problems_by_labels(view.problems, (*fields, *at_once))
    return _Form(view, locale, fields, at_once, values, asked_town, problems)


def _town_to_choose(field: FormField, towns: tuple[tuple[str, str], ...]) -> FormField:
    """Make the town's field a choice, where several towns have the name that was typed."""
    if field.name != "town":
        return field
    return replace(field, kind=choice_kind(towns), options=towns, more=False)


def problems_by_labels(
    problems: Iterable[Problem], fields: Iterable[FormField]
) -> tuple[Problem, ...]:
    """Give the problems with the options called as the page calls them, not by their ids."""
    labels = {field.name: field.labels for field in fields}
    told = []
    for problem in problems:
        shown = labels.get(field_name(problem))
        if shown and "options" in dict(problem.hints):
            problem = replace(problem, hints=options_hint(shown))
        told.append(problem)
    return tuple(told)


def _heading(view: FormView, locale: LocaleContext) -> str:
    if view.step == 2:
        return locale.translate("form.step_two")
    return locale.say(view.form.title)


def _page_title(view: FormView, locale: LocaleContext) -> str:
    title = locale.say(view.form.title)
    if view.step == 2:
        step = locale.translate("form.step", n=2)
        title = f"{step}: {_heading(view, locale)} · {title}"
    return title_with_problems(title, view.problems, locale)


def _hidden(form: _Form) -> dict[str, str]:
    """Give what was answered and is not asked on this page, so that the next post has it."""
    shown = {field.name for field in form.all_fields}
    questions = [question.id for question in form.view.form.questions]
    carried = {}
    for name in ("country", "postcode", "product", "urgency", *questions):
        # Twice the same name in one post would be a list, which no single choice can be.
        if name not in shown and form.values.get(name):
            carried[name] = form.values[name]
    if form.asked_town:
        carried["asked_town"] = form.asked_town
    return carried


def _fold_is_open(form: _Form, errors: Mapping[str, str]) -> bool:
    """Tell whether the fold is open: something in it counts, or the postcode gives trouble."""
    if form.view.step == 1 and "postcode" in errors:
        return True  # the fold has the other way to say where it is
    folded = [field.name for field in form.fields if field.more]
    return any(form.values.get(name) or name in errors for name in folded)


def _problem_summary(form: _Form) -> list[SummaryLine]:
    """List what is wrong in the order of the page: the fold stands behind, the consent is last."""
    drawn = [field for field in form.fields if not field.more]
    folded = [field for field in form.fields if field.more]
    consent = FormField("consent", "box", form.locale.translate("form.consent"))
    in_order = [*drawn, *folded, *form.at_once, consent]
    return in_page_order(form.problems, in_order, form.locale.catalog)


def _checks(field: FormField) -> str:
    return json.dumps(checks_json(field))


def _coverage(view: FormView, locale: LocaleContext) -> dict[str, Any]:
    """Say how the place is covered; empty on step 1, where nobody knows the place yet."""
    # Every name is there also when it is empty: the template knows no undefined one.
    coverage, hotline = view.coverage, view.programme.hotline
    told: dict[str, Any] = dict.fromkeys(COVERAGE_WORDS, "")
    told["coverage"] = coverage
    if coverage:
        told["coverage_title"] = coverage_title(coverage, locale)
        told["coverage_text"] = coverage_text(coverage, locale)
        told["hotline_text"] = hotline_text(coverage, locale)
    if hotline:
        told["hotline_hours"] = locale.say(hotline.hours)
    return told


def _summary(form: _Form) -> list[str]:
    """Say step 1's answers in short, above step 2."""
    programme, values, locale = form.view.programme, form.values, form.locale
    parts = [
        product_name(programme, values.get("product", ""), locale),
        _place(form),
        urgency_name(programme, values.get("urgency", ""), locale),
    ]
    answered = [
        question
        for question in form.view.form.questions
        if question.step == 1 and values.get(question.id)
    ]
    parts += [answer_words(question, values[question.id], locale) for question in answered]
    return list(filter(None, parts))


def _place(form: _Form) -> str:
    """Say the place as it was typed, with its country where the form asks for that."""
    values = form.values
    place = values.get("postcode") or values.get("town", "")
    if len(form.view.form.countries) > 1 and values.get("country"):
        return f"{place}, {form.locale.country(values['country'])}"
    return place
