"""Say what a programme may state, but probably does not mean."""

from collections.abc import Collection, Iterator, Sequence
from itertools import product as every_pair
from typing import NamedTuple

from routing_core.domain.checks.routing_warnings import routing_warnings
from routing_core.domain.checks.text_checks import missing_words
from routing_core.domain.programme.document import Rule, Window, most_specific_rule
from routing_core.domain.programme.offer_rules import OfferRule
from routing_core.domain.programme.programme import Programme
from routing_core.domain.values.sentence import worded

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
        english = "{at} is empty: what nobody takes goes straight to HQ"
        warnings.append(worded("doubt.no_backup", english, at="fallback.backup_partner"))
    if not any(programme.calendar.response_hours.model_dump().values()):
        english = "{at} are empty: response hours count as plain hours"
        warnings.append(worded("doubt.no_hours", english, at="calendar.response_hours"))
    warnings += _never_asked(programme)
    warnings += _never_used(programme)
    warnings += routing_warnings(programme)
    warnings += _missing_translations(programme)
    return warnings


def _short_windows(path: str, rule: OfferRule, programme: Programme) -> Iterator[str]:
    minutes = _minutes(rule.window)
    round_up = programme.calendar.round_up_minutes
    if minutes < SHORTEST_MINUTES:
        english = (
            "{at} is {minutes:g} min: timers keep time to about a minute, "
            "so windows under {least} min end noticeably late"
        )
        at = f"{path}.window"
        yield worded("doubt.short", english, at=at, minutes=minutes, least=SHORTEST_MINUTES)
    if round_up > minutes:
        english = (
            "{at} is {minutes:g} min, but deadlines are rounded up to "
            "{rounded:g} min: partners get up to that much"
        )
        at = f"{path}.window"
        yield worded("doubt.rounded", english, at=at, minutes=minutes, rounded=round_up)
    if _minutes(rule.total) < minutes:
        english = "{at} is shorter than one window: no second partner will be asked"
        yield worded("doubt.short_total", english, at=f"{path}.total")


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
            english = (
                "urgency {urgency} is an emergency, and waits until a partner opens: closed is hold"
            )
            yield worded("doubt.held", english, urgency=urgency.id)


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
            english = "product {product} is on no form: nobody can ask for it"
            yield worded("doubt.no_form", english, product=product.id)
    for urgency in programme.urgencies:
        if urgency.id not in urgencies:
            english = "urgency {urgency} is on no form: nobody can choose it"
            yield worded("doubt.no_form_urgency", english, urgency=urgency.id)


# ── rules that are never picked ───────────────────────────────────────────────────────────────────


_MORE_SPECIFIC = "no form asks for this, or more specific rules come first"
_BEFORE_ANY_PARTNER = "a promise is made before any partner is chosen"


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
            why = worded("doubt.why.specific", _MORE_SPECIFIC)
            if rule.when.partner_type and None in each.partner_types:
                why = worded("doubt.why.promise", _BEFORE_ANY_PARTNER)
            at = f"{each.name}[{index}]"
            yield worded("doubt.never_used", "{at} is never used: {why}", at=at, why=why)


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
        if others > 0:
            english = "words in {language!r} are missing at {places} and {others} more places"
            yield worded(
                "doubt.many_missing", english, language=language, places=named, others=others
            )
            continue
        english = "words in {language!r} are missing at {places}"
        yield worded("doubt.missing", english, language=language, places=named)
