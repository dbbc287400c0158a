"""The page on which HQ enters an enquiry for its sender: the programme's form on one screen."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from routing_core.domain.errors import Problem
from routing_core.domain.on_behalf import EntryWay
from routing_core.present.hq_desk.entry_words import spoken_of
from routing_core.present.hq_desk.frame import DeskFrame, desk_locale, render_desk
from routing_core.present.locale_context import LocaleContext, language_names
from routing_core.present.pages.form import problems_by_labels
from routing_core.present.pages.form_fields import FormField, defaults, step_fields
from routing_core.present.pages.frame import title_with_problems
from routing_core.present.pages.summary import in_page_order
from routing_core.present.problems import by_field
from routing_core.service.hq_desk.new_lead import NewLeadPage

WAYS_ON_PAGE = (EntryWay.PHONE, EntryWay.FAIR, EntryWay.VISIT, EntryWay.MAIL)
"""How an enquiry may have reached whoever types it."""
NEW_LEAD_PATH = "/hq/leads/new"


def new_lead_page(view: NewLeadPage) -> str:
    """Draw the form with what was typed and what is wrong."""
    locale = desk_locale(view.programme, view.visitor, view.now)
    title = locale.translate("hq_entry.new.title")
    fields = _fields(view, locale)
    problems = problems_by_labels(spoken_of(view.problems), (*fields, *_own_fields(locale)))
    frame = DeskFrame(
        "new_lead.html",
        title_with_problems(title, problems, locale),
        "leads",
        view.visitor,
        view.programme,
        locale,
    )
    return render_desk(
        frame,
        view=view,
        heading=title,
        fields=fields,
        own=_own_fields(locale),
        values=_values(view, locale),
        errors=by_field(problems, locale.catalog),
        problems=in_page_order(problems, (*fields, *_own_fields(locale)), locale.catalog),
        consent=locale.say(view.form.consent.text),
        languages=language_names(view.programme),
        more_open=_fold_is_open(view, fields, problems),
        # Names that the drawing of a field knows, and that mean nothing on this page.
        urgent=(),
        missing=lambda field: "",
        checks=lambda field: "",
    )


def _fields(view: NewLeadPage, locale: LocaleContext) -> tuple[FormField, ...]:
    """List the fields of both steps, once each: who asks comes first, as on the phone."""
    need = step_fields(view.programme, view.form, locale, 1)
    names = {field.name for field in need}
    person = step_fields(view.programme, view.form, locale, 2)
    either = locale.translate("hq_entry.new.either")
    fields = [*need, *(field for field in person if field.name not in names)]
    for_hq = [_for_hq(field, view.form.phone_required, either) for field in fields]
    return tuple(_named_for_hq(field, locale) for field in for_hq)


def _named_for_hq(field: FormField, locale: LocaleContext) -> FormField:
    """Name the field for whoever writes about somebody else: not "Your name".

    The programme's own questions stay as they are: they are read out on the phone.
    """
    label = locale.catalog.find(f"hq_entry.field.{field.name}")
    return replace(field, label=label) if label else field


def _for_hq(field: FormField, phone_required: bool, either: str) -> FormField:
    """Give the field as HQ fills it in: of phone and address one is enough."""
    if field.name == "email" or (field.name == "phone" and not phone_required):
        return replace(field, required=False, hint=either, autocomplete="off", checks=())
    return replace(field, autocomplete="off", checks=())


def _own_fields(locale: LocaleContext) -> tuple[FormField, ...]:
    """List what is asked of how the enquiry came, beside the fields of the form."""

    def text(name: str, kind: str = "text", hint: str = "") -> FormField:
        label = locale.translate(f"hq_entry.new.{name}")
        return FormField(name, kind, label, hint=hint, autocomplete="off", longest=100)

    ways = [(way.value, locale.translate(f"hq_entry.way.{way}")) for way in WAYS_ON_PAGE]
    return (
        FormField("way", "cards", locale.translate("hq_entry.new.way"), True, options=tuple(ways)),
        text("source", hint=locale.translate("hq_entry.new.source_hint")),
        text("campaign"),
        text("consent_by"),
        text("consent_at", "datetime-local", locale.translate("hq_entry.new.consent_at_hint")),
        text("partner", hint=locale.translate("hq_entry.new.partner_hint")),
    )


def _values(view: NewLeadPage, locale: LocaleContext) -> dict[str, Any]:
    filled = {
        **defaults(view.programme, view.form),
        "way": EntryWay.PHONE.value,
        "consent_by": view.visitor.called,
        "language": locale.catalog.language,
    }
    return {**filled, **view.values}


def _fold_is_open(
    view: NewLeadPage, fields: Iterable[FormField], problems: Iterable[Problem]
) -> bool:
    """Tell whether something in the fold is filled in or wrong."""
    folded = {field.name for field in fields if field.more}
    is_filled = any(view.values.get(name) for name in folded)
    return is_filled or any(problem.field in folded for problem in problems)
