"""What one field of a programme alone cannot tell: whether its parts fit together."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from routing_core.domain.calendar.business_time import WEEKDAYS
from routing_core.domain.calendar.zones import zone_problem
from routing_core.domain.enquiry.enquiry import CONTACT_FIELDS, NEED_FIELDS, TECHNICAL_FIELDS
from routing_core.domain.errors import Problem
from routing_core.domain.offer import RELEASED
from routing_core.domain.programme.document import Rule, Text
from routing_core.domain.programme.forms import Form, Question
from routing_core.domain.programme.programme import Points, Programme
from routing_core.domain.programme.rules import (
    LEAD_FIELDS,
    NUMBER_OPS,
    Condition,
    RoutingRule,
    Verb,
)
from routing_core.domain.territory.gazetteer import MOST_POINTS, NOT_CLOSED, cells, outline
from routing_core.domain.territory.postcodes import is_country
from routing_core.domain.territory.territory import Territory, TerritoryKind
from routing_core.domain.values.clean import is_deceptive
from routing_core.domain.values.phones import e164
from routing_core.domain.values.spelled import folded, spellings

TAKEN = {*NEED_FIELDS, *CONTACT_FIELDS, *TECHNICAL_FIELDS}
"""Names of fields that questions therefore cannot have."""
POINT_VALUES = {
    "phone": ("valid", "missing"),
    "email": ("disposable", "freemail", "business"),
    "message": ("present", "missing"),
}


def check_references(programme: Programme) -> Iterator[Problem]:
    """Ids that nothing defines or two things share, lists without a general rule, words missing,
    order.
    """
    yield from missing_words("", programme, programme.languages[0])
    yield from _deceptive("", programme.model_dump(by_alias=True))
    yield from _duplicates("languages", programme.languages)
    yield from _duplicates("partner_types", programme.partner_types)
    for name in (
        "products",
        "urgencies",
        "forms",
        "decline_reasons",
        "lost_reasons",
        "return_reasons",
    ):
        yield from _duplicates(name, [part.id for part in getattr(programme, name)], ".id")
    for name in ("products", "urgencies"):
        yield from _spellings(
            name, {part.id: (part.name, part.also) for part in getattr(programme, name)}
        )
    for place, reason in enumerate(programme.decline_reasons):
        if reason.id == RELEASED:
            message = f"{RELEASED!r} means that a partner on holiday or paused gave it back: choose another name"
            yield Problem(f"decline_reasons[{place}].id", "taken", message)
    for name in ("offers", "contact", "promise"):
        yield from _rules(name, getattr(programme, name), programme)
    for number, form in enumerate(programme.forms):
        yield from _form(f"forms[{number}]", form, programme)
    yield from _rules("fallback.backup", programme.fallback.backup, programme)
    yield from _backups(programme)
    yield from _waves(programme)
    yield from _countries(programme)
    yield from _zones(programme)
    yield from _regions(programme)
    yield from _areas(programme)
    yield from _points(programme)
    if programme.hq.language not in programme.languages:
        yield _unknown("hq.language", programme.hq.language, programme.languages)
    for number, manager in enumerate(programme.hq.managers):
        for place, region in enumerate(manager.regions):
            if region not in programme.regions:
                yield _unknown(f"hq.managers[{number}].regions[{place}]", region, programme.regions)
    yield from _routing(programme)
    yield from _order(programme)


def _unknown(path: str, value: str, known: Iterable[str]) -> Problem:
    defined = ", ".join(known)
    return Problem(path, "unknown_id", f"{value!r} is not defined: use one of {defined}" if defined else
                   f"{value!r} is not defined, nor is any other")  # fmt: skip


def _duplicates(path: str, ids: Sequence[str], suffix: str = "") -> Iterator[Problem]:
    seen: set[str] = set()
    for place, name in enumerate(ids):
        if name in seen:
            yield Problem(
                f"{path}[{place}]{suffix}",
                "duplicate",
                f"{name!r} is there already: ids are unique",
            )
        seen.add(name)


def _zones(programme: Programme) -> Iterator[Problem]:
    """Only here, where a programme is saved: one that is stored is read with whatever zone it
    has.
    """
    zones = {"time_zone": programme.time_zone}
    zones |= {
        f"regions.{name}.time_zone": region.time_zone or "UTC"
        for name, region in programme.regions.items()
    }
    for path, zone in zones.items():
        if problem := zone_problem(zone):
            yield Problem(path, "unreal_zone", problem)


def _rules(path: str, rules: Sequence[Rule], programme: Programme) -> Iterator[Problem]:
    known = {
        "partner_type": programme.partner_types,
        "product": [p.id for p in programme.products],
        "urgency": [u.id for u in programme.urgencies],
    }
    for place, rule in enumerate(rules):
        for name, value in rule.when.stated().items():
            if value not in known[name]:
                yield _unknown(f"{path}[{place}].when.{name}", value, known[name])
    conditions = Counter(frozenset(rule.when.stated().items()) for rule in rules)
    if not conditions[frozenset()]:
        yield Problem(
            path,
            "no_general_rule",
            "needs one rule without `when`, for everything no other rule is for",
        )
    seen: set[frozenset[tuple[str, str]]] = set()
    for place, rule in enumerate(rules):
        stated = frozenset(rule.when.stated().items())
        if stated in seen:
            yield Problem(
                f"{path}[{place}].when",
                "duplicate",
                "the same conditions are there already: it never applies",
            )
        seen.add(stated)


def _spellings(
    path: str, known: Mapping[str, tuple[Mapping[str, str], Sequence[str]]]
) -> Iterator[Problem]:
    """A spelling that two go by would be read as neither."""
    told = spellings({name: (*label.values(), *also) for name, (label, also) in known.items()})
    for place, (name, (_, also)) in enumerate(known.items()):
        for number, spelling in enumerate(also):
            if told.get(folded(spelling)) != name:
                message = f"{spelling!r} is another one's name too: write a spelling that only this one goes by"
                yield Problem(f"{path}[{place}].also[{number}]", "ambiguous", message)


def _form(path: str, form: Form, programme: Programme) -> Iterator[Problem]:
    for name, known in (("products", programme.products), ("urgencies", programme.urgencies)):
        ids = [part.id for part in known]
        used = getattr(form, name)
        yield from (
            _unknown(f"{path}.{name}[{n}]", v, ids) for n, v in enumerate(used) if v not in ids
        )
        yield from _duplicates(f"{path}.{name}", used)
    yield from _duplicates(f"{path}.countries", form.countries)
    yield from _duplicates(f"{path}.questions", [q.id for q in form.questions], ".id")
    for place, question in enumerate(form.questions):
        here = f"{path}.questions[{place}]"
        if question.id in TAKEN:
            yield Problem(
                f"{here}.id",
                "taken",
                f"{question.id!r} is a field of every form: choose another name",
            )
        yield from _duplicates(f"{here}.options", [o.id for o in question.options], ".id")
        yield from _spellings(
            f"{here}.options", {o.id: (o.label, o.also) for o in question.options}
        )


def _countries(programme: Programme) -> Iterator[Problem]:
    named = [("country", programme.country)]
    named += [
        (f"regions.{name}.country", region.country) for name, region in programme.regions.items()
    ]
    for number, form in enumerate(programme.forms):
        named += [
            (f"forms[{number}].countries[{n}]", code) for n, code in enumerate(form.countries)
        ]
    for path, code in named:
        if not is_country(code):
            yield Problem(
                path, "unknown_country", f"{code!r} is not a country: use one like DE, AT or GB"
            )


def _regions(programme: Programme) -> Iterator[Problem]:
    for name, region in programme.regions.items():
        for place, area in enumerate(region.postcodes):
            here = f"regions.{name}.postcodes[{place}]"
            try:
                entry = Territory.parse(f"{region.country} {area}")
                entry.check()
            except ValueError as error:
                yield Problem(here, "invalid_territory", str(error))
                continue
            if entry.reach is TerritoryKind.RADIUS:
                yield Problem(
                    here,
                    "invalid_territory",
                    "is not a postcode: draw a circle under areas, or let partners name it",
                )
            if entry.rank != 1 or entry.backup:
                yield Problem(
                    here,
                    "invalid_territory",
                    "rank and backup are a partner's, not a region's: leave it out",
                )


def _areas(programme: Programme) -> Iterator[Problem]:
    for name, area in programme.areas.items():
        try:
            drawn = outline(area.geojson)
            if drawn.points > MOST_POINTS:
                raise ValueError(
                    f"has {drawn.points:,} points: simplify it to {MOST_POINTS:,} at most"
                )
            if not drawn.closed:
                raise ValueError(NOT_CLOSED)
            cells(drawn)
        except ValueError as error:
            yield Problem(f"areas.{name}.geojson", "invalid_area", str(error))


def _points(programme: Programme) -> Iterator[Problem]:
    questions = {q.id: q for form in programme.forms for q in form.questions}
    fixed: dict[str, Sequence[str]] = {
        **POINT_VALUES,
        "product": [p.id for p in programme.products],
        "urgency": [u.id for u in programme.urgencies],
        "country": sorted({c for form in programme.forms for c in form.countries}),
    }
    fixed |= {q.id: [o.id for o in q.options] for q in questions.values() if q.kind == "choice"}
    fixed |= {q.id: ["yes", "no"] for q in questions.values() if q.kind == "yes_no"}
    for number, points in enumerate(programme.qualification.points):
        here = f"qualification.points[{number}]"
        if points.field not in fixed and points.field not in questions:
            yield _unknown(
                f"{here}.field", points.field, [*fixed, *(q for q in questions if q not in fixed)]
            )
            continue
        yield from _point_values(here, points, fixed)
        if points.at_least is not None and (
            points.field not in questions or questions[points.field].kind != "number"
        ):
            yield Problem(
                f"{here}.at_least",
                "invalid",
                "compares numbers: use it with a question of kind number",
            )
    if programme.qualification.nurture_from > programme.qualification.offer_from:
        yield Problem("qualification.nurture_from", "invalid", "must not be above offer_from")


def _point_values(
    here: str, points: Points, known: Mapping[str, Sequence[str]]
) -> Iterator[Problem]:
    if (points.is_ is None) == (points.at_least is None):
        yield Problem(here, "invalid", "state exactly one of is, at_least")
    wanted = [points.is_] if isinstance(points.is_, str) else points.is_ or []
    for value in wanted:
        if points.field in known and value not in known[points.field]:
            yield _unknown(f"{here}.is", value, known[points.field])


def _backups(programme: Programme) -> Iterator[Problem]:
    rules = programme.fallback.backup
    for place, rule in enumerate(rules):
        yield from _duplicates(f"fallback.backup[{place}].order", rule.order)
    if programme.fallback.backup_partner and not any("programme" in rule.order for rule in rules):
        message = "is never asked: add programme to the order of fallback.backup, or leave it out"
        yield Problem("fallback.backup_partner", "contradiction", message)


def _waves(programme: Programme) -> Iterator[Problem]:
    for place, rule in enumerate(programme.offers):
        if not rule.waves:
            continue
        if rule.partners is not None:
            message = "leave it out: the waves say how many are asked"
            yield Problem(f"offers[{place}].partners", "contradiction", message)
        if "all" in rule.waves[:-1]:
            yield Problem(
                f"offers[{place}].waves", "invalid", "`all` comes last: nobody is left after it"
            )


def condition_problem(condition: Condition, programme: Programme) -> str:
    """Says why a condition can never hold in this programme; empty if it can."""
    name = condition.field
    question = _question(programme, name)
    if name not in LEAD_FIELDS and question is None:
        questions = dict.fromkeys(q.id for form in programme.forms for q in form.questions)
        return f"{name!r} is not a question on any form: use one of {', '.join((*LEAD_FIELDS, *questions))}"
    number = name == "score" or (question is not None and question.kind == "number")
    if condition.op in NUMBER_OPS and not number:
        return f"{name!r} is not a number: {condition.op} compares numbers"
    if condition.op in ("is", "is not", "in"):
        known = _known_values(programme, name, question)
        strange = (
            [] if known is None else [value for value in condition.values if value not in known]
        )
        if known is not None and strange:
            return f"{name!r} is never {strange[0]!r}: use one of {', '.join(known)}"
    return ""


def _question(programme: Programme, name: str) -> Question | None:
    """The question of that id; the last form's, where several ask it."""
    found = None
    for form in programme.forms:
        for question in form.questions:
            if question.id == name:
                found = question
    return found


def _known_values(
    programme: Programme, name: str, question: Question | None
) -> Sequence[str] | None:
    """What a field of an enquiry can say; None where that may be anything."""
    if question is not None and question.kind == "choice":
        return [option.id for option in question.options]
    if question is not None and question.kind == "yes_no":
        return ["yes", "no"]
    match name:
        case "product":
            return [product.id for product in programme.products]
        case "urgency":
            return [urgency.id for urgency in programme.urgencies]
        case "language":
            return programme.languages
        case "region":
            return list(programme.regions)
        case "weekday":
            return WEEKDAYS
    return None


def _routing(programme: Programme) -> Iterator[Problem]:
    """Rules nobody can read, that can never apply, or that contradict each other."""
    named: dict[str, Sequence[str]] = {
        "product": [p.id for p in programme.products],
        "type": programme.partner_types,
    }
    seen: dict[str, RoutingRule] = {}
    for place, text in enumerate(programme.routing.rules):
        here = f"routing.rules[{place}]"
        try:
            rule = RoutingRule.parse(text)
        except ValueError as error:
            yield Problem(here, "invalid_rule", str(error))
            continue
        for condition in rule.when:
            if problem := condition_problem(condition, programme):
                yield Problem(here, "unknown_id", problem)
        for value in rule.values:
            if rule.kind in named and value not in named[rule.kind]:
                yield _unknown(here, value, named[rule.kind])
        if rule.answer and (
            problem := condition_problem(Condition(rule.answer, "has", ("",)), programme)
        ):
            yield Problem(here, "unknown_id", problem)
        if str(rule) in seen:
            yield Problem(here, "duplicate", "is there already: write it once")
        opposite: Mapping[Verb, Verb] = {"require": "forbid", "forbid": "require"}
        if rule.verb in opposite and str(replace(rule, verb=opposite[rule.verb])) in seen:
            yield Problem(
                here,
                "contradiction",
                "an earlier rule says the opposite: nobody could ever be asked",
            )
        seen[str(rule)] = rule
    yield from _duplicates("routing.order", programme.routing.order)
    yield from _duplicates("routing.performance.of", programme.routing.performance.of)
    top = programme.qualification.top_tier_from
    if top is not None and top < programme.qualification.offer_from:
        yield Problem("qualification.top_tier_from", "invalid", "must not be below offer_from")


def _order(programme: Programme) -> Iterator[Problem]:
    if sorted(set(programme.reminders.at)) != programme.reminders.at:
        yield Problem("reminders.at", "invalid", "write each fraction once, the earliest first")
    if sorted(set(programme.afterwards.status_days)) != programme.afterwards.status_days:
        yield Problem(
            "afterwards.status_days", "invalid", "write each day once, the earliest first"
        )
    nurture = programme.qualification.nurture
    if nurture.close_after_days <= nurture.ask_after_days:
        yield Problem(
            "qualification.nurture.close_after_days", "invalid", "must come after ask_after_days"
        )
    if programme.hotline:
        try:
            e164(programme.hotline.phone, programme.country)
        except ValueError as error:
            yield Problem("hotline.phone", "invalid_phone", str(error))


def missing_words(path: str, part: object, language: str) -> Iterator[Problem]:
    """Every text the programme writes must exist in its first language."""
    for name, field in type(part).model_fields.items():  # type: ignore[attr-defined]
        value = getattr(part, name)
        here = f"{path}.{field.alias or name}".lstrip(".")
        if field.annotation == Text:
            if (value and not value.get(language, "").strip()) or (
                not value and field.is_required()
            ):
                yield Problem(
                    f"{here}.{language}", "required", f"the words in {language!r} are missing"
                )
        else:
            yield from _missing_within(here, value, language)


def _missing_within(here: str, value: object, language: str) -> Iterator[Problem]:
    if hasattr(type(value), "model_fields"):
        yield from missing_words(here, value, language)
    elif isinstance(value, list):
        for place, item in enumerate(value):
            yield from _missing_within(f"{here}[{place}]", item, language)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _missing_within(f"{here}.{key}", item, language)


def _deceptive(path: str, value: object) -> Iterator[Problem]:
    """Words that go into mail headers and pages must be what they look like."""
    if isinstance(value, str):
        if is_deceptive(value):
            yield Problem(
                path, "invalid_text", "contains control characters or ones that turn text around"
            )
    elif isinstance(value, Mapping):
        for key, part in value.items():
            yield from _deceptive(f"{path}.{key}".lstrip("."), part)
    elif isinstance(value, (list, tuple)):
        for place, part in enumerate(value):
            yield from _deceptive(f"{path}[{place}]", part)
