"""Rules of routing that never act, or that together leave nobody, in words for who saves the
programme.

What products, urgencies and ``match_language`` ask of partners is read as rules of the same form.
"""

from collections.abc import Iterator, Sequence
from itertools import chain, islice
from itertools import product as every
from typing import NamedTuple

from routing_core.domain.calendar.business_time import WEEKDAYS
from routing_core.domain.programme.forms import Form
from routing_core.domain.programme.programme import Programme
from routing_core.domain.programme.rules import Condition, Kind, RoutingRule, number_in

MOST = 1000
"""Ways in which one demand may come to nothing; so many are looked at."""


class _Demand(NamedTuple):
    """A rule, and where the programme states it."""

    where: str
    rule: RoutingRule


def routing_warnings(programme: Programme) -> Iterator[str]:
    stated = []
    for place, text in enumerate(programme.routing.rules):
        where, rule = f"routing.rules[{place}]", RoutingRule.parse(text)
        if not _can_be_asked([rule], programme):
            yield f"{where} is never used: no enquiry of any form can say all of this"
        elif rule.verb == "prefer" and "preferred" not in programme.routing.order:
            yield f"{where} is never used: preferred is not in routing.order"
        else:
            stated.append(_Demand(where, rule))
    demands = [*stated, *_built_in(programme)]
    yield from _without_effect(stated, demands)
    yield from _nobody_left(demands, programme)


def _built_in(programme: Programme) -> Iterator[_Demand]:
    """What is asked of partners by other fields than the rules."""

    def require(where: str, kind: Kind, value: str, field: str, says: str) -> _Demand:
        return _Demand(
            where, RoutingRule("require", kind, (value,), when=(Condition(field, "is", (says,)),))
        )

    for n, product in enumerate(programme.products):
        yield require(f"products[{n}]", "product", product.id, "product", product.id)
        if product.certificate:
            yield require(
                f"products[{n}].certificate",
                "certificate",
                product.certificate,
                "product",
                product.id,
            )
        for tag in product.required_tags:
            yield require(f"products[{n}].required_tags", "tag", tag, "product", product.id)
    for n, urgency in enumerate(programme.urgencies):
        for tag in urgency.required_tags:
            yield require(f"urgencies[{n}].required_tags", "tag", tag, "urgency", urgency.id)
    for language in programme.languages if programme.match_language else ():
        yield require("match_language", "language", language, "language", language)
    yield _Demand("partner_types", RoutingRule("require", "type", tuple(programme.partner_types)))


# ── rules that change nothing
# ─────────────────────────────────────────────────────────────────────────


def _without_effect(stated: Sequence[_Demand], demands: Sequence[_Demand]) -> Iterator[str]:
    """Where another rule, which holds whenever this one does, leaves it nothing to do."""
    for place, (where, rule) in enumerate(stated):
        for number, (elsewhere, other) in enumerate(demands):
            same = set(rule.when) == set(other.when) and (rule.verb, set(rule.values)) == (
                other.verb,
                set(other.values),
            )
            if number != place and not (same and number > place) and (why := _idle(rule, other)):
                yield f"{where} changes nothing: {why.format(elsewhere)}"
                break


def _idle(rule: RoutingRule, other: RoutingRule) -> str:
    """Why the rule changes nothing beside the other; empty if it does."""
    if (rule.kind, rule.answer) != (other.kind, other.answer) or not set(other.when) <= set(
        rule.when
    ):
        return ""
    narrower, wider = set(other.values) <= set(rule.values), set(rule.values) <= set(other.values)
    if other.verb == "require" and rule.verb != "forbid" and narrower:
        return "whoever is asked has it, by {}"
    if other.verb == "forbid" and rule.verb != "require" and wider:
        return "nobody who has it is asked, by {}"
    return ""


# ── rules that leave nobody
# ───────────────────────────────────────────────────────────────────────────


def _nobody_left(demands: Sequence[_Demand], programme: Programme) -> Iterator[str]:
    """Demands that one enquiry can meet with and no partner can; never more of them than it
    takes.
    """
    meant = [
        _Demand(where, rule) for where, each in demands for rule in _spelled_out(each, programme)
    ]
    found: dict[frozenset[str], str] = {}
    for demand in (each for each in meant if each.rule.verb == "require"):
        against = [
            [other for other in meant if _rules_out(other, value, demand)]
            for value in demand.rule.values
        ]
        for others in islice(every(*against), MOST):
            together = sorted({demand, *others}, key=meant.index)
            places = dict.fromkeys(where for where, _ in together)
            if frozenset(places) not in found and _can_be_asked(
                [rule for _, rule in together], programme
            ):
                found[frozenset(places)] = (
                    f"{' and '.join(places)} together leave nobody to ask{_when(together)}"
                )
    yield from (
        said for places, said in found.items() if not any(fewer < places for fewer in found)
    )


def _spelled_out(rule: RoutingRule, programme: Programme) -> Iterator[RoutingRule]:
    """A rule about an answer as one for each that can be chosen."""
    if not rule.answer:
        yield rule
        return
    for value in dict.fromkeys(
        chain(*(_said(form, programme).get(rule.answer, ()) for form in programme.forms))
    ):
        yield RoutingRule(
            rule.verb,
            rule.kind,
            (value,),
            when=(*rule.when, Condition(rule.answer, "is", (value,))),
        )


def _rules_out(other: _Demand, value: str, demand: _Demand) -> bool:
    """Whether who has this, and so meets the demand, does not meet the other. Partners have one
    type each.
    """
    rule = other.rule
    if rule.kind != demand.rule.kind or other == demand:
        return False
    return value in rule.values if rule.verb == "forbid" else (
        rule.verb == "require" and rule.kind == "type" and value not in rule.values
    )  # fmt: skip


def _when(together: Sequence[_Demand]) -> str:
    conditions = dict.fromkeys(str(condition) for _, rule in together for condition in rule.when)
    return f" when {' and '.join(conditions)}" if conditions else ""


# ── what an enquiry can say
# ───────────────────────────────────────────────────────────────────────────


def _can_be_asked(rules: Sequence[RoutingRule], programme: Programme) -> bool:
    """Whether one enquiry of some form can meet the conditions of all of them."""
    return any(_can_say(_said(form, programme), rules) for form in programme.forms)


def _said(form: Form, programme: Programme) -> dict[str, Sequence[str]]:
    """Field → what enquiries of the form may say there; nothing named where it may be anything."""
    said: dict[str, Sequence[str]] = {
        "product": form.products,
        "urgency": form.urgencies,
        "country": form.countries,
        "language": programme.languages,
        "region": list(programme.regions),
        "weekday": WEEKDAYS,
        "score": (),
    }
    for question in form.questions:
        said[question.id] = (
            ("yes", "no")
            if question.kind == "yes_no"
            else [option.id for option in question.options]
        )
    return said


def _can_say(said: dict[str, Sequence[str]], rules: Sequence[RoutingRule]) -> bool:
    wanted: dict[str, list[Condition]] = {rule.answer: [] for rule in rules if rule.answer}
    for condition in chain(*(rule.when for rule in rules)):
        wanted.setdefault(condition.field, []).append(condition)
    return wanted.keys() <= said.keys() and all(
        any(
            all(each.holds({name: value}) for each in together)
            for value in said[name] or _tries(together)
        )
        for name, together in wanted.items()
        if together
    )


def _tries(together: Sequence[Condition]) -> Iterator[str]:
    """Of what may be anything: the ends of what is asked for, what lies beside them, and all words
    at once.
    """
    values = [value for condition in together for value in condition.values]
    yield from (*values, " ".join((*values, "else")))
    for number in (each for each in map(number_in, values) if each is not None):
        yield from (str(number - 1), str(number + 1))
