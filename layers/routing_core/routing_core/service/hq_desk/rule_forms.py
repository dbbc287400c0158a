"""The small forms of the rules: the commonest changes without any YAML, one path at a time."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from routing_core.domain.checks.programme_warnings import programme_warnings
from routing_core.domain.errors import InvalidInput, NotFound, Problem, VersionConflict
from routing_core.domain.hq_people import Right
from routing_core.domain.programme.mail_texts import MAILS_WITH_OWN_TEXT
from routing_core.domain.programme.programme import Programme
from routing_core.domain.values.clean import whole_number
from routing_core.formats.yaml_following import yaml_following
from routing_core.service.hq.save_programme import Saved, checked
from routing_core.service.hq_desk.rule_desk import (
    Comparison,
    RuleChange,
    RuleDesk,
    compare_versions,
    keep_rules,
    saved_before,
)
from routing_core.service.hq_desk.rule_editor import (
    RuleEditor,
    check_draft,
    keep_draft,
    text_in_force,
)
from routing_core.service.hq_desk.rule_fields import (
    RuleField,
    field_at,
    put_at,
    read_field,
    read_rule_start,
    shown_values,
)
from routing_core.service.kernel.rule_saving import PlanDiffers
from routing_core.service.kernel.services import Services


@dataclass(frozen=True, slots=True)
class RuleFormView:
    """A small form with what stands in it, and what it would change."""

    form: str
    """The name of the form: ``offers``."""
    fields: tuple[RuleField, ...]
    values: Mapping[str, str]
    """What stands in the inputs, by their names: as in force, or as typed."""
    number: int
    """The version in force, of which the change is made."""
    programme: Programme
    proposal: Programme | None = None
    """The rules as they would be; None before anything was sent, or while something is wrong."""
    warnings: tuple[str, ...] = ()
    """What is allowed but probably not meant, of what is proposed."""
    problems: tuple[Problem, ...] = ()
    meanwhile: Comparison | None = None
    """What somebody else has changed since the form was shown; None if nobody has."""

    @property
    def would_change(self) -> bool:
        """Tell whether the proposal is another than what is in force."""
        proposal = self.proposal
        return proposal is not None and _document(proposal) != _document(self.programme)


def _offers(programme: Programme) -> list[RuleField]:
    fields = []
    for place, _ in enumerate(programme.offers):
        fields.append(field_at("offers", place, "window", kind="length"))
        lapses = ("retract", "share")
        fields.append(field_at("offers", place, "on_lapse", kind="choice", options=lapses))
        fields.append(field_at("offers", place, "total", kind="length"))
    return fields


def _partners(programme: Programme) -> list[RuleField]:
    fields = []
    for place, _ in enumerate(programme.offers):
        fields.append(field_at("offers", place, "partners", kind="count", optional=True))
        fields.append(field_at("offers", place, "waves", kind="waves"))
    return fields


def _reminders(programme: Programme) -> list[RuleField]:
    return [
        field_at("reminders", "at", kind="percents"),
        field_at("reminders", "min_gap_minutes", kind="number"),
        field_at("reminders", "second_contact_from", kind="percent"),
    ]


def _days(programme: Programme) -> list[RuleField]:
    fields = [field_at("calendar", "holiday_region", kind="text")]
    if not programme.calendar.holiday_region:
        fields.append(field_at("calendar", "holidays", kind="dates"))
    fields.append(field_at("calendar", "closing_days", kind="dates"))
    return fields


def _contact(programme: Programme) -> list[RuleField]:
    fields = [
        field_at("contact", place, "window", kind="length")
        for place, _ in enumerate(programme.contact)
    ]
    fields.append(field_at("missed_contact", "remind_at", kind="percent"))
    fields.append(field_at("missed_contact", "retract_after", kind="length", optional=True))
    return fields


def _hotline(programme: Programme) -> list[RuleField]:
    hours = [
        field_at("hotline", "hours", code, kind="text", language=code)
        for code in programme.languages
    ]
    return [field_at("hotline", "phone", kind="text"), *hours]


def _texts(programme: Programme) -> list[RuleField]:
    fields = []
    for mail in MAILS_WITH_OWN_TEXT:
        for code in programme.languages:
            fields.append(field_at("mail_subjects", mail, code, kind="text", language=code))
            fields.append(field_at("mail_texts", mail, code, kind="paragraphs", language=code))
    return fields


RULE_FORMS: Mapping[str, Callable[[Programme], list[RuleField]]] = {
    "offers": _offers,
    "partners": _partners,
    "reminders": _reminders,
    "days": _days,
    "contact": _contact,
    "hotline": _hotline,
    "texts": _texts,
}
"""Each form has a name, and fields that hang on the rules in force."""


OF_EVERY_FORM = ("comment", "starts_at")
"""These inputs stand in each form: what is said of the change, and from when it counts."""


def view_rule_form(desk: RuleDesk, form: str) -> RuleFormView:
    """Show a form as the rules in force stand. Raises NotAllowed, or NotFound for no such form."""
    desk.person.need(Right.CHANGE_RULES)
    number, programme = desk.services.rules.programme()
    fields = _fields(form, programme)
    document = _document(programme)
    values: dict[str, str] = {}
    for each in fields:
        values |= shown_values(each, document)
    return RuleFormView(form, fields, values, number, programme)


def preview_rule_form(
    desk: RuleDesk, form: str, posted: Mapping[str, str], now: datetime
) -> RuleFormView:
    """Show what a form would change, with everything that was typed still in it."""
    shown = view_rule_form(desk, form)
    view = replace(
        shown, values=_typed(shown, posted), meanwhile=_meanwhile(desk.services, shown, posted)
    )
    try:
        proposal = checked(desk.services, _changed(view), now)
    except InvalidInput as error:
        problems = tuple(_at_field(problem, view.fields) for problem in error.problems)
        return replace(view, problems=problems)
    return replace(view, proposal=proposal, warnings=_new_warnings(shown.programme, proposal))


def _new_warnings(in_force: Programme, proposal: Programme) -> tuple[str, ...]:
    """Give what is doubtful about the proposal and was not about the rules in force.

    Whoever changes the hotline is not told what somebody may have meant elsewhere.
    """
    known = set(programme_warnings(in_force))
    return tuple(each for each in programme_warnings(proposal) if each not in known)


def save_rule_form(
    desk: RuleDesk, form: str, posted: Mapping[str, str], now: datetime
) -> RuleFormView | Saved:
    """Put in force what a form says, now or later; or show what is in the way of it."""
    # What an earlier press has saved, another instance may have done.
    desk.services.rules.look_again()
    view = preview_rule_form(desk, form, posted, now)
    if view.proposal and view.meanwhile:
        return saved_before(desk, view.proposal) or view
    if view.proposal is None or not view.would_change:
        return view
    try:
        change = RuleChange(
            document=_changed(view),
            replaces=view.number,
            comment=view.values["comment"],
            starts_at=read_rule_start(view.values["starts_at"], view.programme.time_zone),
        )
        return keep_rules(desk, change, now)
    except InvalidInput as error:
        return replace(view, problems=tuple(error.problems))
    except PlanDiffers as error:
        return replace(view, problems=(Problem("plan", "plan_differs", str(error)),))
    except VersionConflict:
        # Somebody saved in this very moment: what they changed is shown.
        desk.services.rules.look_again()
        return saved_before(desk, view.proposal) or preview_rule_form(desk, form, posted, now)


def draft_rule_form(
    desk: RuleDesk, form: str, posted: Mapping[str, str], now: datetime
) -> RuleFormView | RuleEditor:
    """Keep what a form says as a draft, to be tried before it counts; or show what is in the way.

    Another draft that is kept already stays until a button of the editor is pressed.
    """
    desk.services.rules.look_again()
    view = preview_rule_form(desk, form, posted, now)
    if view.proposal is None or view.meanwhile or not view.would_change:
        return view
    text = yaml_following(text_in_force(desk.services, view.number), view.proposal)
    typed = {name: view.values[name] for name in OF_EVERY_FORM}
    draft = {**typed, "text": text, "base": str(view.number)}
    return check_draft(desk, keep_draft(desk, draft, now), now)


def _fields(form: str, programme: Programme) -> tuple[RuleField, ...]:
    if form not in RULE_FORMS:
        raise NotFound(f"there is no form {form}")
    return tuple(RULE_FORMS[form](programme))


def _document(programme: Programme) -> dict[str, Any]:
    return programme.model_dump(mode="json", by_alias=True)


def _typed(view: RuleFormView, posted: Mapping[str, str]) -> dict[str, str]:
    return {name: posted.get(name, "").strip() for name in (*view.values, *OF_EVERY_FORM)}


def _changed(view: RuleFormView) -> dict[str, Any]:
    """Give the programme in force with what was typed. Raises InvalidInput naming the fields."""
    document = _document(view.programme)
    problems: list[Problem] = []
    for each in view.fields:
        try:
            put_at(document, each.path, read_field(each, view.values))
        except InvalidInput as error:
            problems += error.problems
    if problems:
        raise InvalidInput(problems)
    if view.form == "hotline":
        _tidy_hotline(document)
    if view.form == "texts":
        for part in ("mail_subjects", "mail_texts"):
            document[part] = _without_empty(document[part])
    return document


def _without_empty(texts: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    """Leave out languages without words, and mails without any."""
    kept = {}
    for mail, written in texts.items():
        said = {code: words for code, words in written.items() if words}
        if said:
            kept[mail] = said
    return kept


def _tidy_hotline(document: dict[str, Any]) -> None:
    """Leave out languages without words, and the whole hotline without a number."""
    hotline = document["hotline"]
    hotline["hours"] = {code: words for code, words in hotline["hours"].items() if words}
    if not hotline["phone"] and not hotline["hours"]:
        document["hotline"] = None


def _at_field(problem: Problem, fields: tuple[RuleField, ...]) -> Problem:
    """Say at which field a problem of the programme stands, if it is one of this form."""
    for each in fields:
        path = ""
        for step in each.path:
            path += f"[{step}]" if isinstance(step, int) else f".{step}"
        if problem.field == each.name or f".{problem.field}".startswith(path):
            return Problem(each.name, problem.code, problem.message, problem.hints)
    return problem


def _meanwhile(
    services: Services, view: RuleFormView, posted: Mapping[str, str]
) -> Comparison | None:
    """Compare the version that the form was made of with the one in force."""
    seen = whole_number(posted.get("replaces", "")) or 0
    if seen == view.number:
        return None
    return compare_versions(services, seen, view.number)
