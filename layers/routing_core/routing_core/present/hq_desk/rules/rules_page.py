"""The pages that tell the rules: those in force, every version, and what changed between two."""

from dataclasses import dataclass
from datetime import datetime

from routing_core.domain.hq_people import HqPerson, Right
from routing_core.domain.programme.programme import Programme
from routing_core.domain.rule_version import PlannedRules, RuleVersion
from routing_core.present.explain.who_at_hq import who_at_hq
from routing_core.present.hq_desk.frame import DeskFrame, desk_locale, render_desk
from routing_core.present.hq_desk.rules.difference import RuleDifference, programme_difference
from routing_core.present.hq_desk.rules.programme_told import programme_sections
from routing_core.present.locale_context import LocaleContext
from routing_core.service.hq_desk.rule_desk import Comparison, RulesView, VersionsView

FORMS_OF_SECTION = {
    "vendor": ("hotline",),
    "calendar": ("days",),
    "offers": ("offers", "partners"),
    "reminders": ("reminders",),
    "contact": ("contact",),
    "mails": ("texts",),
}
"""Below these sections stand the small forms that change them without any YAML."""
NOTICES_OF_RULES = ("saved", "planned", "rolled_back", "called_off", "dropped")
"""What a button of these pages did, as the address names it."""


@dataclass(frozen=True, slots=True)
class VersionLine:
    """One version as the list shows it."""

    number: int
    saved: str
    """Says when it was saved."""
    author: str
    comment: str
    state: str
    """Says that it is in force, waits, or was called off; empty for an earlier one."""
    is_in_force: bool
    compare_url: str
    """The page that tells what it changed; empty for the first one."""


def rules_page(view: RulesView, visitor: HqPerson, now: datetime, notice: str = "") -> str:
    """Draw the rules in force in sentences, section by section."""
    locale = desk_locale(view.programme, visitor, now)
    title = locale.translate("hq_rules.page.title")
    told = notice if notice in NOTICES_OF_RULES else ""
    return render_desk(
        DeskFrame("rules.html", title, "rules", visitor, view.programme, locale, wide=True),
        sections=programme_sections(view.programme, locale.language, now),
        forms=FORMS_OF_SECTION,
        version=version_line(view.version, view.number, view.plan, view.programme, locale),
        plan=plan_sentence(view.plan, locale),
        plan_number=view.plan.number if view.plan else 0,
        may_change=visitor.may(Right.CHANGE_RULES),
        notice=locale.translate(f"hq_rules.notice.{told}") if told else "",
    )


def versions_page(
    view: VersionsView, programme: Programme, visitor: HqPerson, now: datetime
) -> str:
    """Draw the list of versions, from which two can be chosen to be compared."""
    locale = desk_locale(programme, visitor, now)
    title = locale.translate("hq_rules.versions.title")
    lines = [
        version_line(each, view.number, view.plan, programme, locale) for each in view.versions
    ]
    return render_desk(
        DeskFrame("rule_versions.html", title, "rules", visitor, programme, locale),
        lines=lines,
        in_force=view.number,
        older_than=view.older_than,
    )


def difference_page(told: Comparison, view: RulesView, visitor: HqPerson, now: datetime) -> str:
    """Draw what changed between two versions, with the button that goes back to the older."""
    locale = desk_locale(view.programme, visitor, now)
    fill = {"older": told.older.number, "newer": told.newer.number}
    title = locale.translate("hq_rules.difference.title", **fill)
    both = (told.older, told.newer)
    lines = [version_line(each, view.number, view.plan, view.programme, locale) for each in both]
    return render_desk(
        DeskFrame("rule_difference.html", title, "rules", visitor, view.programme, locale),
        lines=lines,
        differences=differences_told(told.before, told.after, locale),
        in_force=view.number,
        plan_number=view.plan.number if view.plan else 0,
        may_change=visitor.may(Right.CHANGE_RULES),
    )


def differences_told(
    before: Programme, after: Programme, locale: LocaleContext
) -> tuple[RuleDifference, ...]:
    """Give what changed from one programme to another in the reader's language."""
    return programme_difference(before, after, locale.language, locale.now)


def version_line(
    version: RuleVersion,
    in_force: int,
    plan: PlannedRules | None,
    programme: Programme,
    locale: LocaleContext,
) -> VersionLine:
    """Tell who made a version, when, and whether it is in force."""
    comment = version.comment
    if version.back_to:
        comment = locale.translate("hq_rules.versions.back_to", n=version.back_to)
    compare = ""
    if version.number > 1:
        # What was planned was made of what was in force then; the one before it shows that.
        compare = f"/hq/rules/difference?from={version.number - 1}&to={version.number}"
    return VersionLine(
        number=version.number,
        saved=locale.when(version.saved_at),
        author=who_at_hq(version.by, locale, programme)
        or locale.translate("hq_rules.versions.nobody"),
        comment=comment,
        state=_state(version, in_force, plan, locale),
        is_in_force=version.number == in_force,
        compare_url=compare,
    )


def _state(
    version: RuleVersion, in_force: int, plan: PlannedRules | None, locale: LocaleContext
) -> str:
    if version.number == in_force:
        return locale.translate("hq_rules.versions.in_force")
    if plan and plan.number == version.number:
        return locale.translate("hq_rules.versions.planned", when=locale.when(plan.starts_at))
    if version.called_off:
        return locale.translate("hq_rules.versions.called_off")
    return ""


def plan_sentence(plan: PlannedRules | None, locale: LocaleContext) -> str:
    """Say which version comes into force when; empty if none waits."""
    if plan is None:
        return ""
    when = locale.when(plan.starts_at)
    return locale.translate("hq_rules.page.plan", n=plan.number, when=when)
