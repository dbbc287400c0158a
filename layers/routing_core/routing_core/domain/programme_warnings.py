"""What a programme may say, but probably does not mean."""

from collections.abc import Iterator, Sequence
from itertools import product as every

from .business_time import WEEKDAYS
from .document import Rule, Window, pick
from .programme import Form, Programme
from .programme_checks import missing_words
from .rules import Condition, RoutingRule, number_in

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
            said.append(f"offers[{place}].total is shorter than one window: no second partner will be asked")
    said += _held_emergencies(programme)
    if not programme.fallback.backup_partner:
        said.append("fallback.backup_partner is empty: what nobody takes goes straight to HQ")
    if not any(programme.calendar.response_hours.model_dump().values()):
        said.append("calendar.response_hours are empty: response hours count as plain hours")
    said += _never_asked(programme)
    said += _never_used(programme)
    said += _never_said(programme)
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
        rules = [pick(programme.offers, product=product.id, urgency=urgency.id) for product in programme.products]
        if urgency.emergency and any(rule.closed == "hold" for rule in rules):
            yield f"urgency {urgency.id} is an emergency, and waits until a partner opens: closed is hold"


def _never_used(programme: Programme) -> Iterator[str]:
    """Rules that another one precedes for everything the forms can ask. The general rule may be so: it is needed."""
    asked = {pair for form in programme.forms for pair in every(form.products, form.urgencies)}
    lists: Sequence[tuple[str, Sequence[Rule], Sequence[str | None]]] = (
        ("offers", programme.offers, programme.partner_types),
        ("contact", programme.contact, programme.partner_types),
        ("promise", programme.promise, (None,)),
        ("fallback.backup", programme.fallback.backup, (None, *programme.partner_types)),
    )
    for name, rules, types in lists:
        used = [pick(rules, partner_type=t, product=p, urgency=u) for t in types for p, u in sorted(asked)]
        for place, rule in enumerate(rules):
            if rule.when.stated() and not any(rule is each for each in used):
                why = (
                    "a promise is made before any partner is chosen"
                    if rule.when.partner_type and None in types
                    else "no form asks for this, or more specific rules come first"
                )
                yield f"{name}[{place}] is never used: {why}"


def _never_said(programme: Programme) -> Iterator[str]:
    """Rules of routing whose conditions no enquiry can meet, because they exclude each other or stand on two forms."""
    for place, text in enumerate(programme.routing.rules):
        rule = RoutingRule.parse(text)
        if not any(_can_say(form, rule, programme) for form in programme.forms):
            yield f"routing.rules[{place}] is never used: no enquiry of any form can say all of this"


def _can_say(form: Form, rule: RoutingRule, programme: Programme) -> bool:
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
        said[question.id] = ("yes", "no") if question.kind == "yes_no" else [option.id for option in question.options]
    wanted: dict[str, list[Condition]] = {}
    for condition in rule.when:
        wanted.setdefault(condition.field, []).append(condition)
    return (wanted.keys() | ({rule.answer} if rule.answer else set())) <= said.keys() and all(
        any(all(each.holds({name: value}) for each in together) for value in said[name] or _tries(together))
        for name, together in wanted.items()
    )


def _tries(together: Sequence[Condition]) -> Iterator[str]:
    """Of what may be anything: the ends of what is asked for, what lies beside them, and all words at once."""
    values = [value for condition in together for value in condition.values]
    yield from (*values, " ".join((*values, "else")))
    for number in (each for each in map(number_in, values) if each is not None):
        yield from (str(number - 1), str(number + 1))


def _minutes(window: Window) -> float:
    """Roughly: a working day as one of eight hours."""
    return window.minutes or (window.response_hours or 0) * 60 or (window.working_days or 0) * 480
