"""The hosted form: step 1 asks what and where, step 2 answers honestly and asks who."""

import json

from ...domain.enquiry import HONEYPOT
from ...service.views import FormView
from ..coverage import coverage_text, coverage_title, hotline_text
from ..facts import answer_words, product_name, urgency_name
from ..form_fields import defaults, step_fields
from ..problems import by_field, field_name, missing, sentence
from ..reader import Reader
from ..words import LANGUAGES, words
from .frame import render


def form_page(view: FormView) -> str:
    region = view.coverage.region if view.coverage else ""
    reader = Reader.prospect(view.programme, view.language, view.now, region)
    t = reader.t
    fields = step_fields(view.programme, view.form, reader, view.step)
    values = {**defaults(view.programme, view.form), **view.values}
    shown = {each.name for each in fields} | {"consent"}
    step_one = ("country", "postcode", "product", "urgency", *(q.id for q in view.form.questions if q.step == 1))
    hidden = {name: values[name] for name in step_one if name not in shown and values.get(name)}
    folded = [each.name for each in fields if each.more]
    errors = by_field(view.problems, t)
    no_postcode = view.step == 1 and "postcode" in errors  # who has trouble with it is shown the other way
    title = reader.say(view.form.title)
    coverage = view.coverage
    return render(
        "form.html",
        reader,
        view.programme,
        t,
        f"{t('form.error_prefix')} {title}" if view.problems else title,
        ("form.js",),
        view=view,
        heading=title,
        intro=reader.say(view.form.intro),
        fields=fields,
        values=values,
        hidden=hidden,
        more_open=no_postcode or any(values.get(name) or name in errors for name in folded),
        summary=_summary(view, values, reader) if view.step == 2 else [],
        errors=errors,
        missing=missing,
        problems=[(field_name(p) if field_name(p) in shown else "", sentence(p, t)) for p in view.problems],
        consent=reader.say(view.form.consent.text),
        honeypot=HONEYPOT,
        challenge=json.dumps(dict(view.challenge)) if view.challenge else "",
        coverage=coverage,
        coverage_title=coverage_title(coverage, reader) if coverage else "",
        coverage_text=coverage_text(coverage, reader) if coverage else "",
        hotline_text=hotline_text(coverage, reader) if coverage else "",
        hotline_hours=reader.say(view.programme.hotline.hours) if view.programme.hotline else "",
        languages=[
            (code, words(code)("common.language_name")) for code in view.programme.languages if code in LANGUAGES
        ],
    )


def _summary(view: FormView, values: dict[str, str], reader: Reader) -> list[str]:
    """Step 1's answers in short, above step 2."""
    place = values.get("postcode") or values.get("town", "")
    parts = [product_name(view.programme, values.get("product", ""), reader), place]
    if len(view.form.countries) > 1 and values.get("country"):
        parts[1] = f"{parts[1]}, {reader.country(values['country'])}"
    parts.append(urgency_name(view.programme, values.get("urgency", ""), reader))
    parts += [answer_words(q, values[q.id], reader) for q in view.form.questions if q.step == 1 and values.get(q.id)]
    return [part for part in parts if part]
