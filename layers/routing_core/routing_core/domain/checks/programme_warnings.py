"""What a programme may say, but probably does not mean."""

from collections.abc import Iterator, Sequence
from itertools import product as every

from routing_core.domain.checks.programme_checks import missing_words
from routing_core.domain.checks.routing_warnings import routing_warnings
from routing_core.domain.programme.document import Rule, Window, pick
from routing_core.domain.programme.programme import Programme

SHORTEST_MINUTES = 10


def warnings(programme: Programme) -> list[str]:
    """In words for who saves the programme."""
    said = []
    for place, rule in enumerate(programme.offers):
        minutes = _minutes(rule.window)
        if minutes < SHORTEST_MINUTES:
            said.append(
                f"offers[{place}].window is {minutes:g} min: timers keep time to about a minute, "
                f"so windows under {SHORTEST_MINUTES} min end noticeably late"
            )
        if programme.calendar.round_up_minutes > minutes:
            said.append(
                f"offers[{place}].window is {minutes:g} min, but deadlines are rounded up to "
                f"{programme.calendar.round_up_minutes:g} min: partners get up to that much"
            )
        if _minutes(rule.total) < minutes:
            said.append(
                f"offers[{place}].total is shorter than one window: no second partner will be asked"
            )
    said += _held_emergencies(programme)
    if not programme.fallback.backup_partner:
        said.append("fallback.backup_partner is empty: what nobody takes goes straight to HQ")
    if not any(programme.calendar.response_hours.model_dump().values()):
        said.append("calendar.response_hours are empty: response hours count as plain hours")
    said += _never_asked(programme)
    said += _never_used(programme)
    said += routing_warnings(programme)
    for language in programme.languages[1:]:
        missing = [problem.field for problem in missing_words("", programme, language)]
        if missing:
            said.append(f"words in {language!r} are missing at {', '.join(missing[:5])}"
                        + (f" and {len(missing) - 5} more places" if len(missing) > 5 else ""))  # fmt: skip
    return said


def _never_asked(programme: Programme) -> Iterator[str]:
    products = {product for form in programme.forms for product in form.products}
    for product in programme.products:
        if product.id not in products:
            yield f"product {product.id} is on no form: nobody can ask for it"
    urgencies = {urgency for form in programme.forms for urgency in form.urgencies}
    for urgency in programme.urgencies:
        if urgency.id not in urgencies:
            yield f"urgency {urgency.id} is on no form: nobody can choose it"


def _held_emergencies(programme: Programme) -> Iterator[str]:
    for urgency in programme.urgencies:
        rules = [
            pick(programme.offers, product=product.id, urgency=urgency.id)
            for product in programme.products
        ]
        if urgency.emergency and any(rule.closed == "hold" for rule in rules):
            yield f"urgency {urgency.id} is an emergency, and waits until a partner opens: closed is hold"


def _never_used(programme: Programme) -> Iterator[str]:
    """Rules that another one precedes for everything the forms can ask. The general rule may be so:
    it is needed.
    """
    asked = {pair for form in programme.forms for pair in every(form.products, form.urgencies)}
    lists: Sequence[tuple[str, Sequence[Rule], Sequence[str | None]]] = (
        ("offers", programme.offers, programme.partner_types),
        ("contact", programme.contact, programme.partner_types),
        ("promise", programme.promise, (None,)),
        ("fallback.backup", programme.fallback.backup, (None, *programme.partner_types)),
    )
    for name, rules, types in lists:
        used = [
            pick(rules, partner_type=t, product=p, urgency=u)
            for t in types
            for p, u in sorted(asked)
        ]
        for place, rule in enumerate(rules):
            if rule.when.stated() and not any(rule is each for each in used):
                why = (
                    "a promise is made before any partner is chosen"
                    if rule.when.partner_type and None in types
                    else "no form asks for this, or more specific rules come first"
                )
                yield f"{name}[{place}] is never used: {why}"


def _minutes(window: Window) -> float:
    """Roughly: a working day as one of eight hours."""
    return window.minutes or (window.response_hours or 0) * 60 or (window.working_days or 0) * 480
