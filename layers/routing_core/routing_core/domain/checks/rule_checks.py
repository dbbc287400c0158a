"""Check a programme's rules: lists that are picked from, routing rules, conditions."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from routing_core.domain.calendar.business_time import WEEKDAYS
from routing_core.domain.checks.id_checks import duplicates, unknown_id
from routing_core.domain.errors import Problem
from routing_core.domain.programme.document import Rule
from routing_core.domain.programme.forms import Question
from routing_core.domain.programme.programme import Programme
from routing_core.domain.programme.rules import (
    LEAD_FIELDS,
    NUMBER_OPS,
    Condition,
    RoutingRule,
    Verb,
)
from routing_core.domain.values.sentence import said_by, worded

_OPPOSITE: Mapping[Verb, Verb] = {"require": "forbid", "forbid": "require"}


def wrong_rule_list(path: str, rules: Sequence[Rule], programme: Programme) -> Iterator[Problem]:
    """Find conditions on what is not defined or stands twice, and a list without a general rule."""
    known = {
        "partner_type": programme.partner_types,
        "product": [product.id for product in programme.products],
        "urgency": [urgency.id for urgency in programme.urgencies],
    }
    for index, rule in enumerate(rules):
        for name, value in rule.when.stated().items():
            if value not in known[name]:
                yield unknown_id(f"{path}[{index}].when.{name}", value, known[name])
    if all(rule.when.stated() for rule in rules):
        english = "needs one rule without `when`, for everything no other rule is for"
        message = worded("no_general_rule", english)
        yield Problem(path, "no_general_rule", message)
    yield from _same_conditions(path, rules)


def _same_conditions(path: str, rules: Sequence[Rule]) -> Iterator[Problem]:
    seen: set[frozenset[tuple[str, str]]] = set()
    for index, rule in enumerate(rules):
        stated = frozenset(rule.when.stated().items())
        if stated in seen:
            english = "the same conditions are there already: it never applies"
            message = worded("same_conditions", english)
            yield Problem(f"{path}[{index}].when", "duplicate", message)
        seen.add(stated)


# ── routing ───────────────────────────────────────────────────────────────────────────────────────


def wrong_routing(programme: Programme) -> Iterator[Problem]:
    """Find routing rules nobody can read, that can never apply, or that contradict each other."""
    earlier: set[str] = set()
    for index, text in enumerate(programme.routing.rules):
        path = f"routing.rules[{index}]"
        try:
            rule = RoutingRule.parse(text)
        except ValueError as error:
            yield Problem(path, "invalid_rule", said_by(error))
            continue
        yield from _wrong_routing_rule(path, rule, programme)
        yield from _met_before(path, rule, earlier)
        earlier.add(str(rule))
    yield from duplicates("routing.order", programme.routing.order)
    yield from duplicates("routing.performance.of", programme.routing.performance.of)
    top = programme.qualification.top_tier_from
    if top is not None and top < programme.qualification.offer_from:
        message = worded("below_offer_from", "must not be below offer_from")
        yield Problem("qualification.top_tier_from", "invalid", message)


def _wrong_routing_rule(path: str, rule: RoutingRule, programme: Programme) -> Iterator[Problem]:
    for condition in rule.when:
        problem = condition_problem(condition, programme)
        if problem:
            yield Problem(path, "unknown_id", problem)
    known = _known_capabilities(rule, programme)
    for value in rule.values:
        if known is not None and value not in known:
            yield unknown_id(path, value, known)
    if rule.answer:
        # `has` may be asked of every field, so that only an unknown one is a problem.
        problem = condition_problem(Condition(rule.answer, "has", ("",)), programme)
        if problem:
            yield Problem(path, "unknown_id", problem)


def _known_capabilities(rule: RoutingRule, programme: Programme) -> Sequence[str] | None:
    """Give what the programme defines of a kind; None for what only partners define."""
    if rule.kind == "product":
        return [product.id for product in programme.products]
    if rule.kind == "type":
        return programme.partner_types
    return None


def _met_before(path: str, rule: RoutingRule, earlier: set[str]) -> Iterator[Problem]:
    if str(rule) in earlier:
        message = worded("rule_there", "is there already: write it once")
        yield Problem(path, "duplicate", message)
    opposite = _OPPOSITE.get(rule.verb)
    if opposite and str(replace(rule, verb=opposite)) in earlier:
        english = "an earlier rule says the opposite: nobody could ever be asked"
        message = worded("opposite_rule", english)
        yield Problem(path, "contradiction", message)


# ── conditions ────────────────────────────────────────────────────────────────────────────────────


def condition_problem(condition: Condition, programme: Programme) -> str:
    """Say why a condition can never hold in this programme; empty if it can."""
    name = condition.field
    question = _question(programme, name)
    if name not in LEAD_FIELDS and question is None:
        fields = ", ".join((*LEAD_FIELDS, *_question_ids(programme)))
        english = "{value!r} is not a question on any form: use one of {options}"
        return worded("no_question", english, value=name, options=fields)
    if condition.op in NUMBER_OPS and not _is_number(name, question):
        english = "{value!r} is not a number: {op} compares numbers"
        return worded("not_a_number_question", english, value=name, op=condition.op)
    if condition.op in ("is", "is not", "in"):
        return _strange_value(condition, _known_values(programme, name, question))
    return ""


def _question_ids(programme: Programme) -> list[str]:
    """Name the questions of all forms, each once."""
    ids: dict[str, None] = {}
    for form in programme.forms:
        ids |= dict.fromkeys(question.id for question in form.questions)
    return list(ids)


def _question(programme: Programme, name: str) -> Question | None:
    """Give the question of that id; the last form's, where several ask it."""
    found = None
    for form in programme.forms:
        for question in form.questions:
            if question.id == name:
                found = question
    return found


def _is_number(name: str, question: Question | None) -> bool:
    if name == "score":
        return True
    return question is not None and question.kind == "number"


def _strange_value(condition: Condition, known: Sequence[str] | None) -> str:
    """Say which value the field never has; empty if it may have all of them."""
    if known is None:
        return ""
    for value in condition.values:
        if value not in known:
            english = "{field!r} is never {value!r}: use one of {options}"
            options = ", ".join(known)
            return worded(
                "never_says", english, field=condition.field, value=value, options=options
            )
    return ""


def _known_values(
    programme: Programme, name: str, question: Question | None
) -> Sequence[str] | None:
    """Give what a field of an enquiry can say; None where that may be anything."""
    if question is not None and question.kind in ("choice", "yes_no"):
        return question.closed_answers()
    known = {
        "product": [product.id for product in programme.products],
        "urgency": [urgency.id for urgency in programme.urgencies],
        "language": programme.languages,
        "region": list(programme.regions),
        "weekday": WEEKDAYS,
    }
    return known.get(name)
