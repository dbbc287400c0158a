"""The hosted form: step 1 asks what and where, step 2 answers honestly and asks who.

An emergency is asked on one screen: step 1 holds what it needs more, shown as soon as an emergency
is chosen.
"""

import json
from collections.abc import Iterable
from dataclasses import replace

from routing_core.domain.enquiry.enquiry import HONEYPOT
from routing_core.domain.errors import Problem
from routing_core.present.lead_summary import answer_words, product_name, urgency_name
from routing_core.present.locale_context import LocaleContext, languages
from routing_core.present.pages.coverage_answer import coverage_text, coverage_title, hotline_text
from routing_core.present.pages.form_fields import (
    CARDS,
    Field,
    defaults,
    emergencies,
    emergency_fields,
    step_fields,
)
from routing_core.present.pages.frame import render
from routing_core.present.pages.summary import in_page_order
from routing_core.present.problems import by_field, field_name, missing, to_choose_from, town_choice
from routing_core.service.kernel.views import FormView


def form_page(view: FormView) -> str:
    region = view.coverage.region if view.coverage else ""
    reader = LocaleContext.prospect(view.programme, view.language, view.now, region)
    t = reader.t
    urgent = emergencies(view.programme, view.form)
    fields = step_fields(view.programme, view.form, reader, view.step)
    at_once = emergency_fields(view.form, reader) if view.step == 1 and urgent else ()
    values = {**defaults(view.programme, view.form), **view.values}
    several = next((p for p in view.problems if p.code == "several_towns"), None)
    if several:
        fields = tuple(_to_choose_from(each, town_choice(several, t)) for each in fields)
    asked_town = values.get("town" if several else "asked_town", "")
    problems = _by_labels(view.problems, (*fields, *at_once))
    drawn = [field for field in fields if not field.more]
    folded = [field for field in fields if field.more]
    errors = by_field(problems, t)
    no_postcode = (
        view.step == 1 and "postcode" in errors
    )  # who has trouble with it is shown the other way
    consent = Field("consent", "box", t("form.consent"))
    title = reader.say(view.form.title)
    step_title = t("form.step_two") if view.step == 2 else title
    page_title = f"{t('form.step', n=2)}: {step_title} · {title}" if view.step == 2 else title
    coverage = view.coverage
    return render(
        "form.html",
        reader,
        view.programme,
        t,
        f"{t('form.error_prefix')} {page_title}" if view.problems else page_title,
        ("form.js",),
        view=view,
        heading=step_title,
        intro=reader.say(view.form.intro),
        fields=fields,
        at_once=at_once,
        urgent=urgent,
        emergency=values.get("urgency", "") in urgent,
        values=values,
        hidden=_carried(view, values, (*fields, *at_once))
        | ({"asked_town": asked_town} if asked_town else {}),
        more_open=no_postcode
        or any(values.get(field.name) or field.name in errors for field in folded),
        summary=_summary(view, values, reader) if view.step == 2 else [],
        errors=errors,
        missing=missing,
        problems=in_page_order(problems, [*drawn, *folded, *at_once, consent], t),
        checks=_checks,
        consent=reader.say(view.form.consent.text),
        honeypot=HONEYPOT,
        challenge=json.dumps(dict(view.challenge)) if view.challenge else "",
        coverage=coverage,
        coverage_title=coverage_title(coverage, reader) if coverage else "",
        coverage_text=coverage_text(coverage, reader) if coverage else "",
        hotline_text=hotline_text(coverage, reader) if coverage else "",
        hotline_hours=reader.say(view.programme.hotline.hours) if view.programme.hotline else "",
        languages=languages(view.programme),
    )


def _by_labels(problems: Iterable[Problem], fields: Iterable[Field]) -> list[Problem]:
    """The problems with the options called as the page calls them, not by their ids."""
    labels = {field.name: field.labels for field in fields}
    told = []
    for problem in problems:
        shown = labels.get(field_name(problem))
        if shown and "options" in dict(problem.hints):
            problem = replace(problem, hints=to_choose_from(shown))
        told.append(problem)
    return told


def _carried(view: FormView, values: dict[str, str], asked: Iterable[Field]) -> dict[str, str]:
    """What was answered and is not asked on this page, so that the next post has it."""
    shown = {field.name for field in asked}
    needed = (
        "country",
        "postcode",
        "product",
        "urgency",
        *(question.id for question in view.form.questions),
    )
    return {name: values[name] for name in needed if name not in shown and values.get(name)}


def _checks(field: Field) -> str:
    return json.dumps({check.country: [check.pattern, check.wrong] for check in field.checks})


def _to_choose_from(field: Field, towns: tuple[tuple[str, str], ...]) -> Field:
    """The field of the town, where several towns have the name that was typed."""
    if field.name != "town":
        return field
    return replace(
        field, kind="cards" if len(towns) <= CARDS else "select", options=towns, more=False
    )


def _summary(view: FormView, values: dict[str, str], reader: LocaleContext) -> list[str]:
    """Step 1's answers in short, above step 2."""
    place = values.get("postcode") or values.get("town", "")
    parts = [product_name(view.programme, values.get("product", ""), reader), place]
    if len(view.form.countries) > 1 and values.get("country"):
        parts[1] = f"{parts[1]}, {reader.country(values['country'])}"
    parts.append(urgency_name(view.programme, values.get("urgency", ""), reader))
    parts += [
        answer_words(q, values[q.id], reader)
        for q in view.form.questions
        if q.step == 1 and values.get(q.id)
    ]
    return [part for part in parts if part]
