"""Find routing rules that never act, or that together leave nobody to ask.

What products, urgencies and ``match_language`` ask of partners is read as rules of the same form.
Warnings are in words for who saves the programme.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from itertools import product as every_combination
from typing import NamedTuple

from routing_core.domain.calendar.business_time import WEEKDAYS
from routing_core.domain.programme.forms import Form
from routing_core.domain.programme.programme import Programme
from routing_core.domain.programme.rules import CapabilityKind, Condition, RoutingRule, number_in
from routing_core.domain.values.sentence import worded

MOST_COMBINATIONS = 1000
"""One demand may come to nothing in many ways; this many are looked at."""


class _Demand(NamedTuple):
    """A rule, and where the programme states it."""

    where: str
    rule: RoutingRule


def routing_warnings(programme: Programme) -> Iterator[str]:
    """Yield a warning for each rule without effect, and each set of rules that leaves nobody."""
    stated: list[_Demand] = []
    for index, text in enumerate(programme.routing.rules):
        where = f"routing.rules[{index}]"
        rule = RoutingRule.parse(text)
        if not _can_be_asked([rule], programme):
            english = "{at} is never used: no enquiry of any form can say all of this"
            yield worded("doubt.unsaid", english, at=where)
        elif rule.verb == "prefer" and "preferred" not in programme.routing.order:
            english = "{at} is never used: preferred is not in routing.order"
            yield worded("doubt.not_ordered", english, at=where)
        else:
            stated.append(_Demand(where, rule))
    demands = [*stated, *_built_in(programme)]
    yield from _without_effect(stated, demands)
    yield from _nobody_left(demands, programme)


def _built_in(programme: Programme) -> Iterator[_Demand]:
    """Yield what other fields than the rules ask of partners."""
    for index, product in enumerate(programme.products):
        where = f"products[{index}]"
        asked = Condition("product", "is", (product.id,))
        yield _required(where, "product", product.id, asked)
        if product.certificate:
            yield _required(f"{where}.certificate", "certificate", product.certificate, asked)
        for tag in product.required_tags:
            yield _required(f"{where}.required_tags", "tag", tag, asked)
    for index, urgency in enumerate(programme.urgencies):
        asked = Condition("urgency", "is", (urgency.id,))
        for tag in urgency.required_tags:
            yield _required(f"urgencies[{index}].required_tags", "tag", tag, asked)
    if programme.match_language:
        for language in programme.languages:
            spoken = Condition("language", "is", (language,))
            yield _required("match_language", "language", language, spoken)
    types = RoutingRule("require", "type", tuple(programme.partner_types))
    yield _Demand("partner_types", types)


def _required(where: str, kind: CapabilityKind, value: str, when: Condition) -> _Demand:
    return _Demand(where, RoutingRule("require", kind, (value,), when=(when,)))


# ── rules that change nothing ─────────────────────────────────────────────────────────────────────


def _without_effect(stated: Sequence[_Demand], demands: Sequence[_Demand]) -> Iterator[str]:
    """Find each rule that another one, which holds whenever it does, leaves nothing to do.

    ``demands`` begins with the stated ones.
    """
    for index, demand in enumerate(stated):
        for other_index, other in enumerate(demands):
            if other_index == index:
                continue
            if other_index > index and _say_the_same(demand.rule, other.rule):
                # Of two that say the same, only the later one is told to be idle.
                continue
            why = _why_idle(demand.rule, other)
            if why:
                at = demand.where
                yield worded("doubt.idle", "{at} changes nothing: {why}", at=at, why=why)
                break


def _say_the_same(one: RoutingRule, other: RoutingRule) -> bool:
    return (
        one.verb == other.verb
        and set(one.values) == set(other.values)
        and set(one.when) == set(other.when)
    )


def _why_idle(rule: RoutingRule, beside: _Demand) -> str:
    """Say why the rule changes nothing beside the other; empty if it does."""
    other = beside.rule
    is_of_the_same = (rule.kind, rule.answer) == (other.kind, other.answer)
    holds_whenever = set(other.when) <= set(rule.when)
    if not is_of_the_same or not holds_whenever:
        return ""
    is_narrower = set(other.values) <= set(rule.values)
    if other.verb == "require" and rule.verb != "forbid" and is_narrower:
        english = "whoever is asked has it, by {at}"
        return worded("doubt.why.has_it", english, at=beside.where)
    is_wider = set(rule.values) <= set(other.values)
    if other.verb == "forbid" and rule.verb != "require" and is_wider:
        english = "nobody who has it is asked, by {at}"
        return worded("doubt.why.has_it_not", english, at=beside.where)
    return ""


# ── rules that leave nobody ───────────────────────────────────────────────────────────────────────


def _nobody_left(demands: Sequence[_Demand], programme: Programme) -> Iterator[str]:
    """Find demands that one enquiry can meet with and no partner can.

    Never more of them are named than it takes.
    """
    meant: list[_Demand] = []
    for where, rule in demands:
        meant += [_Demand(where, each) for each in _spelled_out(rule, programme)]
    found: dict[frozenset[str], str] = {}
    for together in _contradictions(meant):
        places = list(dict.fromkeys(demand.where for demand in together))
        if frozenset(places) in found:
            continue
        if _can_be_asked([demand.rule for demand in together], programme):
            found[frozenset(places)] = _nobody(places, together)
    for places_together, warning in found.items():
        if not any(fewer < places_together for fewer in found):
            yield warning


def _spelled_out(rule: RoutingRule, programme: Programme) -> Iterator[RoutingRule]:
    """Yield a rule about an answer as one for each answer that can be chosen."""
    if not rule.answer:
        yield rule
        return
    answers: dict[str, None] = {}
    for form in programme.forms:
        answers |= dict.fromkeys(_sayable(form, programme).get(rule.answer, ()))
    for answer in answers:
        chosen = Condition(rule.answer, "is", (answer,))
        yield RoutingRule(rule.verb, rule.kind, (answer,), when=(*rule.when, chosen))


def _contradictions(meant: Sequence[_Demand]) -> Iterator[list[_Demand]]:
    """Yield each demand with others that rule out all who meet it, in the order they are stated."""
    for demand in meant:
        if demand.rule.verb != "require":
            continue
        against = [_ruling_out(value, demand, meant) for value in demand.rule.values]
        for others in islice(every_combination(*against), MOST_COMBINATIONS):
            yield sorted({demand, *others}, key=meant.index)


def _ruling_out(value: str, demand: _Demand, meant: Sequence[_Demand]) -> list[_Demand]:
    return [other for other in meant if _rules_out(other, value, demand)]


def _rules_out(other: _Demand, value: str, demand: _Demand) -> bool:
    """Tell whether who has this, and so meets the demand, does not meet the other."""
    rule = other.rule
    if rule.kind != demand.rule.kind or other == demand:
        return False
    if rule.verb == "forbid":
        return value in rule.values
    # A partner has one type, but may have all products, tags and languages there are.
    return rule.verb == "require" and rule.kind == "type" and value not in rule.values


def _nobody(places: Sequence[str], together: Sequence[_Demand]) -> str:
    """Say which demands leave nobody, and for which enquiries."""
    named = " and ".join(places)
    conditions: dict[str, None] = {}
    for demand in together:
        conditions |= dict.fromkeys(map(str, demand.rule.when))
    if not conditions:
        return worded("doubt.nobody", "{places} together leave nobody to ask", places=named)
    english = "{places} together leave nobody to ask when {conditions}"
    return worded("doubt.nobody_when", english, places=named, conditions=" and ".join(conditions))


# ── what an enquiry can say ───────────────────────────────────────────────────────────────────────


def _can_be_asked(rules: Sequence[RoutingRule], programme: Programme) -> bool:
    """Tell whether one enquiry of some form can meet the conditions of all rules."""
    return any(_can_say(_sayable(form, programme), rules) for form in programme.forms)


def _sayable(form: Form, programme: Programme) -> dict[str, Sequence[str]]:
    """Give what enquiries of the form may say in each field; nothing where it may be anything."""
    sayable: dict[str, Sequence[str]] = {
        "product": form.products,
        "urgency": form.urgencies,
        "country": form.countries,
        "language": programme.languages,
        "region": list(programme.regions),
        "weekday": WEEKDAYS,
        "score": (),
    }
    for question in form.questions:
        sayable[question.id] = question.closed_answers()
    return sayable


def _can_say(sayable: Mapping[str, Sequence[str]], rules: Sequence[RoutingRule]) -> bool:
    """Tell whether some words in each field meet all conditions on that field."""
    for field, conditions in _conditions_by_field(rules).items():
        if field not in sayable:
            return False
        if not conditions:
            continue
        words = sayable[field] or list(_tries(conditions))
        if not any(_all_hold(conditions, field, word) for word in words):
            return False
    return True


def _conditions_by_field(rules: Sequence[RoutingRule]) -> dict[str, list[Condition]]:
    """Group the conditions; the field that a rule takes its answer from is there too."""
    wanted: dict[str, list[Condition]] = {rule.answer: [] for rule in rules if rule.answer}
    for rule in rules:
        for condition in rule.when:
            wanted.setdefault(condition.field, []).append(condition)
    return wanted


def _all_hold(conditions: Sequence[Condition], field: str, word: str) -> bool:
    return all(condition.holds({field: word}) for condition in conditions)


def _tries(conditions: Sequence[Condition]) -> Iterator[str]:
    """Yield words worth a try where anything can be said.

    They are the values that are asked for, what lies beside the numbers, and all words at once.
    """
    values: list[str] = []
    for condition in conditions:
        values += condition.values
    yield from values
    yield " ".join((*values, "else"))
    for value in values:
        number = number_in(value)
        if number is not None:
            yield str(number - 1)
            yield str(number + 1)
