"""Say conditions of rules in words: what a field is called, and what its values mean."""

from collections.abc import Iterable

from routing_core.domain.calendar.business_time import WEEKDAYS
from routing_core.domain.programme.rules import LEAD_FIELDS, Condition
from routing_core.present.hq_desk.rules.teller import RuleTeller

CONTACT_WORDS = ("phone", "email", "message")
"""Points may look at these parts of an enquiry, which have answers of their own."""


def condition_words(teller: RuleTeller, conditions: Iterable[Condition]) -> str:
    """Say several conditions, joined by ``and``."""
    return teller.all_of(_condition(teller, each) for each in conditions)


def _condition(teller: RuleTeller, condition: Condition) -> str:
    field = field_label(teller, condition.field)
    values = [value_label(teller, condition.field, each) for each in condition.values]
    op = condition.op.replace(" ", "_")
    if op == "between":
        return teller.say("op.between", field=field, least=values[0], most=values[1])
    return teller.say(f"op.{op}", field=field, value=teller.any_of(values))


def field_label(teller: RuleTeller, field: str) -> str:
    """Give what people call a field of an enquiry that a rule looks at."""
    if field in LEAD_FIELDS or field in CONTACT_WORDS:
        return teller.say(f"field.{field}")
    question = teller.question(field)
    return teller.question_label(question) if question else teller.quote(field)


def value_label(teller: RuleTeller, field: str, value: str) -> str:
    """Give what people call a value that a rule compares a field with."""
    locale = teller.locale
    names = {
        "product": teller.product,
        "urgency": teller.urgency,
        "region": teller.region,
        "country": locale.country,
        "language": locale.language_name,
    }
    if field in names:
        return names[field](value)
    if field == "weekday":
        return locale.weekday(value) if value in WEEKDAYS else value
    if field in CONTACT_WORDS:
        return locale.catalog.of_code(f"hq_rules.answer.{field}", value)
    return _answer(teller, field, value)


def _answer(teller: RuleTeller, field: str, value: str) -> str:
    question = teller.question(field)
    if question and question.kind == "yes_no" and value in ("yes", "no"):
        return teller.quote(teller.locale.translate(f"common.{value}"))
    for option in question.options if question else ():
        if option.id == value:
            return teller.name(option.short or option.label)
    number = teller.locale.number(value)
    return teller.quote(value) if number == value and not value.isdigit() else number
