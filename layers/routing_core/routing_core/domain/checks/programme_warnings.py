"""Say what a programme may state, but probably does not mean."""

from collections.abc import Collection, Iterator, Sequence
from itertools import product as every_pair
from typing import NamedTuple

from routing_core.domain.checks.routing_warnings import routing_warnings
from routing_core.domain.checks.text_checks import missing_words
from routing_core.domain.programme.document import Rule, Window, most_specific_rule
from routing_core.domain.programme.offer_rules import OfferRule
from routing_core.domain.programme.programme import Programme

SHORTEST_MINUTES = 10
"""Windows under this many minutes end noticeably late: timers keep time to about a minute."""
MOST_MISSING_NAMED = 5
"""This many places without words are named; the others are only counted."""
HOURS_OF_WORKING_DAY = 8
"""A working day counts as this many hours where lengths are only compared roughly."""


def programme_warnings(programme: Programme) -> list[str]:
    """Give the warnings in words for who saves the programme."""
    warnings: list[str] = []
    for index, rule in enumerate(programme.offers):
        warnings += _short_windows(f"offers[{index}]", rule, programme)
    warnings += _held_emergencies(programme)
    if not programme.fallback.backup_partner:
        warnings.append("fallback.backup_partner is empty: what nobody takes goes straight to HQ")
    if not any(programme.calendar.response_hours.model_dump().values()):
        warnings.append("calendar.response_hours are empty: response hours count as plain hours")
    warnings += _never_asked(programme)
    warnings += _never_used(programme)
    warnings += routing_warnings(programme)
    warnings += _missing_translations(programme)
    return warnings


def _short_windows(path: str, rule: OfferRule, programme: Programme) -> Iterator[str]:
    minutes = _minutes(rule.window)
    round_up = programme.calendar.round_up_minutes
    if minutes < SHORTEST_MINUTES:
        yield (
            f"{path}.window is {minutes:g} min: timers keep time to about a minute, "
            f"so windows under {SHORTEST_MINUTES} min end noticeably late"
        )
    if round_up > minutes:
        yield (
            f"{path}.window is {minutes:g} min, but deadlines are rounded up to "
            f"{round_up:g} min: partners get up to that much"
        )
    if _minutes(rule.total) < minutes:
        yield f"{path}.total is shorter than one window: no second partner will be asked"


def _minutes(window: Window) -> float:
    """Give the length of a window roughly: a working day as one of eight hours."""
    if window.minutes:
        return window.minutes
    if window.response_hours:
        return window.response_hours * 60
    working_days = window.working_days or 0
    return working_days * HOURS_OF_WORKING_DAY * 60


def _held_emergencies(programme: Programme) -> Iterator[str]:
    for urgency in programme.urgencies:
        if urgency.emergency and _waits_for_opening(urgency.id, programme):
            yield (
                f"urgency {urgency.id} is an emergency, and waits until a partner opens: "
                "closed is hold"
            )


def _waits_for_opening(urgency: str, programme: Programme) -> bool:
    for product in programme.products:
        rule = most_specific_rule(programme.offers, product=product.id, urgency=urgency)
        if rule.closed == "hold":
            return True
    return False


def _never_asked(programme: Programme) -> Iterator[str]:
    products: set[str] = set()
    urgencies: set[str] = set()
    for form in programme.forms:
        products.update(form.products)
        urgencies.update(form.urgencies)
    for product in programme.products:
        if product.id not in products:
            yield f"product {product.id} is on no form: nobody can ask for it"
    for urgency in programme.urgencies:
        if urgency.id not in urgencies:
            yield f"urgency {urgency.id} is on no form: nobody can choose it"


# ── rules that are never picked ───────────────────────────────────────────────────────────────────


class _RuleList(NamedTuple):
    """A list that is picked from, and for which types of partner that happens."""

    name: str
    rules: Sequence[Rule]
    partner_types: Sequence[str | None]
    """None stands for a time at which no partner is known yet."""


def _never_used(programme: Programme) -> Iterator[str]:
    """Find rules that another one precedes for everything the forms can ask.

    The general rule may be so: it is needed.
    """
    types = programme.partner_types
    lists = (
        _RuleList("offers", programme.offers, types),
        _RuleList("contact", programme.contact, types),
        _RuleList("promise", programme.promise, (None,)),
        _RuleList("fallback.backup", programme.fallback.backup, (None, *types)),
    )
    asked = _what_forms_ask(programme)
    for each in lists:
        used = _used(each, asked)
        for index, rule in enumerate(each.rules):
            if not rule.when.stated() or id(rule) in used:
                continue
            why = "no form asks for this, or more specific rules come first"
            if rule.when.partner_type and None in each.partner_types:
                why = "a promise is made before any partner is chosen"
            yield f"{each.name}[{index}] is never used: {why}"


def _what_forms_ask(programme: Programme) -> set[tuple[str, str]]:
    """Collect each product with each urgency that some form has."""
    asked: set[tuple[str, str]] = set()
    for form in programme.forms:
        asked.update(every_pair(form.products, form.urgencies))
    return asked


def _used(of_list: _RuleList, asked: Collection[tuple[str, str]]) -> set[int]:
    """Collect the rules that are picked for something, by identity: two may say the same."""
    used: set[int] = set()
    for product, urgency in asked:
        for partner_type in of_list.partner_types:
            rule = most_specific_rule(
                of_list.rules,
                partner_type=partner_type,
                product=product,
                urgency=urgency,
            )
            used.add(id(rule))
    return used


def _missing_translations(programme: Programme) -> Iterator[str]:
    # The first language is not looked at: words missing in it are an error, not a warning.
    for language in programme.languages[1:]:
        missing = [problem.field for problem in missing_words("", programme, language)]
        if not missing:
            continue
        named = ", ".join(missing[:MOST_MISSING_NAMED])
        others = len(missing) - MOST_MISSING_NAMED
        more = f" and {others} more places" if others > 0 else ""
        yield f"words in {language!r} are missing at {named}{more}"
