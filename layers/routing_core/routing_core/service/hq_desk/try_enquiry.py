"""Try an enquiry that nobody has sent: by a draft of the rules and by those in force, side by side.

Somebody at HQ types what an enquiry would say, without a person. Nothing is stored, nobody is
written to, and no load or turn changes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from routing_core.domain.checks.programme_checks import read_programme
from routing_core.domain.errors import InvalidInput, Problem
from routing_core.domain.hq_people import Right
from routing_core.domain.lifecycle.promises import promised_by
from routing_core.domain.programme.forms import Form
from routing_core.domain.programme.programme import Programme
from routing_core.formats.yaml_text import read_yaml
from routing_core.service.hq.try_programme import Proposal, Tried, try_programme
from routing_core.service.hq_desk.rule_desk import RuleDesk
from routing_core.service.intake.fill_form import text_by_field

OF_ENQUIRY = "enquiry."
"""The path of a problem begins like this where the enquiry is wrong, and not the rules."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of the enquiry under one set of rules."""

    tried: Tried | None
    """What the rules would do; None where they do not take such an enquiry."""
    problems: tuple[Problem, ...] = ()
    """What they do not take of it."""
    promised_by: datetime | None = None
    """When its sender would be promised to hear; None where they would be promised nothing."""


@dataclass(frozen=True, slots=True)
class TrialPage:
    """The page on which an enquiry is typed and tried."""

    number: int
    """The version in force."""
    programme: Programme
    """The rules in force."""
    draft: Programme | None
    """The draft that whoever has signed in has kept; None if there is none, or it is wrong."""
    draft_is_wrong: bool
    """There is a draft, and it cannot be tried before its errors are mended."""
    form: Form
    """The form whose fields are asked: the draft's, where there is one."""
    values: Mapping[str, str] = field(default_factory=dict)
    in_force: Trial | None = None
    """None before anything was tried."""
    drafted: Trial | None = None
    """None before anything was tried, or without a draft."""

    @property
    def rules(self) -> Programme:
        """Give the rules whose words and forms the page asks by."""
        return self.draft or self.programme

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Give what is wrong with the enquiry as it was typed."""
        leading = self.drafted or self.in_force
        return leading.problems if leading else ()


def view_trial(desk: RuleDesk, form: str) -> TrialPage:
    """Show the fields of a form, or of the first one. Raises NotAllowed."""
    page, _ = _opened(desk, form)
    return page


def try_typed(desk: RuleDesk, posted: Mapping[str, Any], now: datetime) -> TrialPage:
    """Try what was typed by the rules in force, and by the kept draft. Raises NotAllowed."""
    page, document = _opened(desk, str(posted.get("form") or ""))
    values = text_by_field(page.form, posted)
    asked = {**values, "form": page.form.id}
    drafted, draft_is_wrong = None, page.draft_is_wrong
    if document is not None:
        try:
            drafted = _trial(desk, Proposal(document), asked, now)
        except InvalidInput:
            # Only the checks of putting it in force see what is wrong with it.
            draft_is_wrong = True
    return TrialPage(
        number=page.number,
        programme=page.programme,
        draft=None if draft_is_wrong else page.draft,
        draft_is_wrong=draft_is_wrong,
        form=page.form,
        values=values,
        in_force=_trial(desk, Proposal(), asked, now),
        drafted=drafted,
    )


def _opened(desk: RuleDesk, form: str) -> tuple[TrialPage, Mapping[str, Any] | None]:
    """Give the page before anything is tried, and the document of the draft, if there is one."""
    desk.person.need(Right.CHANGE_RULES)
    number, programme = desk.services.rules.programme()
    kept = desk.drafts.read(desk.person.id)
    draft, document = None, None
    if kept:
        try:
            document = read_yaml(kept.text)
            draft = read_programme(document)
        except InvalidInput:
            document = None
    rules = draft or programme
    page = TrialPage(
        number=number,
        programme=programme,
        draft=draft,
        draft_is_wrong=kept is not None and draft is None,
        # A form that the rules do not have any more is no reason to lose what was typed.
        form=rules.form(form) or rules.forms[0],
    )
    return page, document


def _trial(desk: RuleDesk, proposal: Proposal, asked: Mapping[str, Any], now: datetime) -> Trial:
    """Try the enquiry by one set of rules. Raises InvalidInput where the rules are wrong."""
    try:
        tried = try_programme(desk.services, proposal, asked, "", now)
    except InvalidInput as error:
        if not all(each.field.startswith(OF_ENQUIRY) for each in error.problems):
            raise
        return Trial(None, error.problems)
    lead = tried.lead
    until = None
    if tried.qualified.outcome != "nurture":
        until = promised_by(tried.programme, lead.product, lead.urgency, now)
    return Trial(tried, promised_by=until)
