"""Words for whoever enters leads for other people: problems and fields as HQ reads them."""

from collections.abc import Iterable
from dataclasses import replace

from routing_core.domain.errors import Problem
from routing_core.domain.programme.forms import Form
from routing_core.present.locale_context import LocaleContext

OF_OTHERS = {"required": "missing_here", "consent_missing": "no_consent_here"}
"""Problem whose words speak to the customer → the one whose words speak of them."""


def spoken_of(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Give the problems in words that do not speak to the customer, who is not there."""
    return tuple(
        [replace(problem, code=OF_OTHERS.get(problem.code, problem.code)) for problem in problems]
    )


def entry_field_name(name: str, form: Form | None, locale: LocaleContext) -> str:
    """Say what a field of a list is called: one of ours, or a question of the form."""
    for question in form.questions if form else ():
        if question.id == name:
            return locale.say(question.short) or locale.say(question.label)
    return locale.catalog.find(f"hq_entry.field.{name}") or name
