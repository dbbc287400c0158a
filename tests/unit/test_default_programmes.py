"""The two programmes to start from: what they say, value by value, and that they show every rule
there is.
"""

import re
from collections.abc import Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any, get_args, get_origin

import pytest
from pydantic import BaseModel

import infra
from routing_core.domain import programmes
from routing_core.domain.checks.programme_checks import read_programme
from routing_core.domain.checks.programme_warnings import programme_warnings
from routing_core.domain.errors import InvalidInput
from routing_core.domain.programme.calendar_rules import Hours
from routing_core.domain.programme.document import Window, most_specific_rule
from routing_core.domain.programme.offer_rules import OfferRule
from routing_core.domain.programme.programme import Programme
from routing_core.domain.programme.reasons import Reason
from routing_core.formats.yaml_text import read_yaml

CONSUMER = """
response hours    mon 06:00-20:00, tue 06:00-20:00, wed 06:00-20:00, thu 06:00-20:00, fri 06:00-20:00, sat 08:00-14:00
working days      mon, tue, wed, thu, fri; deadlines rounded up to 30 minutes
digests to HQ     07:30, 16:00
emergency         only on-call; 30 minutes each, waves of 1, 3, all, then share; 240 minutes in all; closed: offer
soon              4 response hours each, 3 partners, then share; 2 working days in all; closed: offer
planning          1 working day each, 3 partners, then retract; 4 working days in all; closed: offer
reminders         at 50 %, 85 % of the window, 30 minutes apart; second contact from 85 %
first contact     emergency 120 minutes, soon 1 working day, planning 2 working days
missed contact    reminded at 75 %; taken back 1 working day after HQ was told
afterwards        status on day 7, 21, 45; quote 15; outcome 90
backup partners   of the partner, territory, programme; 3 at most
backup, emergency 30 minutes, then share
backup, soon      4 response hours, then retract
backup, planning  4 response hours, then retract
HQ's queue        1 working day
unplaced          tried every 1 working day, for 10 working days, then apologise; told every 3 working days
promise           emergency 30 minutes, soon 4 response hours, planning 1 working day
before accepting  postcode, town, region, distance, product, urgency, answers, language
                  answers to house, ownership, heating-age, call-back
decline           no-capacity (pause), too-far (territory), wrong-work, wrong-size,
                  known-customer (neutral, claim), other
lost              unreachable (neutral, unreached), price, competitor, not-feasible (neutral), postponed (neutral),
                  withdrew (neutral), not-genuine (neutral, junk), other
return            within 10 working days
                  unreachable (neutral, unreached, close, after 3 tries on 2 days, one after 17:00),
                  wrong-contact (neutral, unreached, review), withdrew (neutral, close), not-owner (neutral, review),
                  wrong-work (route), duplicate (neutral, review)
score             urgency is emergency 40, urgency is soon 25, urgency is planning 10, ownership is owner or buying 20,
                  ownership is tenant -30, heating-age at least 15 10, phone is valid 15, message is present 5,
                  email is disposable -40
                  from 30 offered, from 10 asked after 30 days, closed after 60; top tier: never
repeat            90 days, by email, phone
languages         must match
routing           no rules; served_before, preferred, territory, rank, tier, load, last_offered; back in_line
performance       acceptance, speed, conversion, value, returns; as if 10 more; newcomers 5; order 12000
ceilings          contact 6, client 12, postcode 30, in_all 300 an hour
retention         spam 1, unplaced 6, lost 12, won 24 months
reports           on day 1 from 04:00, months only
early return      10 minutes, 2 a month
lapses            2 unseen to the second contact, to HQ 4 response hours later, 3 on 2 days pause
late mail         waited for 12 hours, 1 in an emergency
forms             held back when filled in within 3 seconds; phone optional
"""

B2B = """
response hours    mon 08:00-18:00, tue 08:00-18:00, wed 08:00-18:00, thu 08:00-18:00, fri 08:00-18:00
working days      mon, tue, wed, thu, fri; deadlines rounded up to 30 minutes
digests to HQ     07:30, 16:00
hot               4 response hours each, 3 partners, then retract; 1 working day in all; closed: offer
normal            1 working day each, 3 partners, then retract; 4 working days in all; closed: offer
research          2 working days each, 3 partners, then retract; 6 working days in all; closed: offer
reminders         at 50 %, 85 % of the window, 30 minutes apart; second contact from 85 %
first contact     hot 1 working day, normal 2 working days, research 2 working days
missed contact    reminded at 75 %; taken back 2 working days after HQ was told
afterwards        status on day 14, 30, 60; quote 10; outcome 120
backup partners   of the partner, territory, programme; 3 at most
backup, hot       2 response hours, then as any partner
backup, normal    4 response hours, then retract
backup, research  4 response hours, then retract
HQ's queue        1 working day
unplaced          tried every 1 working day, for 2 working days, then hq; told every 3 working days
promise           hot 4 response hours, normal 1 working day, research 2 working days
before accepting  postcode, town, region, company, product, urgency, answers, language
                  answers to size, industry, role, budget, demo
decline           no-capacity (pause), too-far (territory), wrong-work, wrong-size, certificate, conflict (neutral),
                  known-customer (neutral, claim), other
lost              unreachable (neutral, unreached), price, competitor, no-project (neutral), postponed (neutral),
                  no-fit, not-genuine (neutral, junk), other
return            within 15 working days
                  unreachable (neutral, unreached, close, after 3 tries on 2 days, one after 17:00),
                  wrong-contact (neutral, unreached, review), withdrew (neutral, close), not-owner (neutral, review),
                  no-business (neutral, review), student-competitor (neutral, review), no-project (neutral, close),
                  wrong-work (route), duplicate (neutral, review)
score             demo is yes 25, urgency is hot 20, size at least 50 12, size at least 250 8, role is decides 15,
                  email is business 10, email is freemail or disposable -10, industry is manufacturing or logistics 10,
                  role is student -50
                  from 40 offered, from 20 asked after 30 days, closed after 90; top tier: from 75
repeat            180 days, by email, phone, domain
languages         must match
routing           no rules; served_before, preferred, territory, rank, tier, load, last_offered; back in_line
performance       acceptance, speed, conversion, value, returns; as if 10 more; newcomers 5; order 20000
ceilings          contact 6, client 12, postcode 30, in_all 300 an hour
retention         spam 1, unplaced 12, lost 24, won 36 months
reports           on day 1 from 04:00, months only
early return      10 minutes, 2 a month
lapses            2 unseen to the second contact, to HQ 4 response hours later, 3 on 2 days pause
late mail         waited for 12 hours, 1 in an emergency
forms             held back when filled in within 3 seconds; phone optional
"""

NAMES = ["consumer-trade.yaml", "b2b-resellers.yaml"]


def text(name: str) -> str:
    return files(programmes).joinpath(name).read_text("utf-8")


def document(name: str) -> dict[str, Any]:
    return read_yaml(text(name))


# What they say


def told(programme: Programme) -> list[tuple[str, str]]:
    """The rules of a programme, as the tables above word them."""
    hours = programme.calendar.response_hours
    fallback, score, early = programme.fallback, programme.qualification, programme.early_return
    measure, after = programme.routing.performance, programme.afterwards
    urgencies = [urgency.id for urgency in programme.urgencies]

    def by_urgency(rules: Any, field: str) -> str:
        return ", ".join(
            f"{u} {span(getattr(most_specific_rule(rules, urgency=u), field))}" for u in urgencies
        )

    def backup(urgency: str) -> str:
        rule = most_specific_rule(fallback.backup, urgency=urgency)
        return f"{span(rule.window)}, then {rule.on_lapse or 'as any partner'}"

    return [
        ("response hours", ", ".join(f"{day} {' '.join(h)}" for day, h in hours if h)),
        (
            "working days",
            f"{listed(programme.calendar.working_days)}; deadlines rounded up to"
            f" {programme.calendar.round_up_minutes:g} minutes",
        ),
        ("digests to HQ", listed(programme.hq.digests)),
        *(
            (
                u.id,
                tags(u.required_tags)
                + offering(most_specific_rule(programme.offers, urgency=u.id)),
            )
            for u in programme.urgencies
        ),
        (
            "reminders",
            f"at {listed(map(percent, programme.reminders.at))} of the window,"
            f" {programme.reminders.min_gap_minutes:g} minutes apart;"
            f" second contact from {percent(programme.reminders.second_contact_from)}",
        ),
        ("first contact", by_urgency(programme.contact, "window")),
        (
            "missed contact",
            f"reminded at {percent(programme.missed_contact.remind_at)};"
            f" taken back {span(programme.missed_contact.retract_after)} after HQ was told",
        ),
        (
            "afterwards",
            f"status on day {listed(after.status_days)}; quote {after.quote_days}; outcome {after.outcome_days}",
        ),
        *(
            ("backup partners", f"of the {listed(order)}; {partners} at most")
            for order, partners in dict.fromkeys(
                (tuple(rule.order), rule.partners) for rule in fallback.backup
            )
        ),
        *((f"backup, {u}", backup(u)) for u in urgencies),
        ("HQ's queue", span(fallback.hq_hold)),
        (
            "unplaced",
            f"tried every {span(fallback.follow_up.retry_every)}, for {span(fallback.follow_up.give_up_after)},"
            f" then {fallback.follow_up.then}; told every {span(fallback.follow_up.update_every)}",
        ),
        ("promise", by_urgency(programme.promise, "within")),
        ("before accepting", listed(programme.before_accept)),
        (
            "",
            "answers to "
            + listed(q.id for form in programme.forms for q in form.questions if q.before_accept),
        ),
        ("decline", listed(map(reason, programme.decline_reasons))),
        ("lost", listed(map(reason, programme.lost_reasons))),
        ("return", f"within {span(programme.return_within)}"),
        ("", listed(map(reason, programme.return_reasons))),
        ("score", listed(map(points, score.points))),
        (
            "",
            f"from {score.offer_from} offered, from {score.nurture_from} asked after"
            f" {score.nurture.ask_after_days} days, closed after {score.nurture.close_after_days};"
            f" top tier: {'never' if score.top_tier_from is None else f'from {score.top_tier_from}'}",
        ),
        ("repeat", f"{programme.repeat.window_days} days, by {listed(programme.repeat.by)}"),
        ("languages", "must match" if programme.match_language else "need not match"),
        (
            "routing",
            f"{listed(programme.routing.rules) or 'no rules'}; {listed(programme.routing.order)};"
            f" back {programme.routing.back}",
        ),
        (
            "performance",
            f"{listed(measure.of)}; as if {measure.prior} more; newcomers {measure.newcomers};"
            f" order {measure.order_value}",
        ),
        ("ceilings", listed(f"{name} {most}" for name, most in programme.ceilings) + " an hour"),
        (
            "retention",
            listed(f"{name} {months}" for name, months in programme.retention) + " months",
        ),
        (
            "reports",
            f"on day {programme.reports.day} from {programme.reports.hour},"
            f" {'weeks too' if programme.reports.weekly else 'months only'}",
        ),
        ("early return", f"{early.minutes:g} minutes, {early.per_month} a month"),
        (
            "lapses",
            f"{programme.lapses.unseen_to_hq} unseen to the second contact, to HQ {span(programme.lapses.hq_after)}"
            f" later, {programme.lapses.pause} on {programme.lapses.days} days pause",
        ),
        (
            "late mail",
            f"waited for {programme.late_mail.wait_hours:g} hours,"
            f" {programme.late_mail.emergency_wait_hours:g} in an emergency",
        ),
        *(
            (
                "forms",
                f"held back when filled in within {form.time_trap_seconds:g} seconds;"
                f" phone {'required' if form.phone_required else 'optional'}",
            )
            for form in programme.forms
        ),
    ]


def listed(parts: Any) -> str:
    return ", ".join(map(str, parts))


def span(window: Window | None) -> str:
    if window is None:
        return "never"
    ((unit, much),) = window.model_dump(exclude_none=True).items()
    unit = unit.replace("_", " ")
    return f"{much:g} {unit.removesuffix('s') if much == 1 else unit}"


def percent(part: float) -> str:
    return f"{part:.0%}".replace("%", " %")


def tags(required: list[str]) -> str:
    return f"only {listed(required)}; " if required else ""


def offering(rule: OfferRule) -> str:
    asked = f"waves of {listed(rule.waves)}" if rule.waves else f"{rule.partners} partners"
    return f"{span(rule.window)} each, {asked}, then {rule.on_lapse}; {span(rule.total)} in all; closed: {rule.closed}"


def reason(given: Any) -> str:
    facts = ["neutral"] if given.neutral else []
    facts += ["junk"] if getattr(given, "junk", False) else []
    facts += ["unreached"] if getattr(given, "unreached", False) else []
    facts += [given.then] if given.then else []
    if not isinstance(given, Reason) and given.needs:
        tries = given.needs
        facts.append(f"after {tries.attempts} tries on {tries.days} days, one after {tries.after}")
    return f"{given.id} ({listed(facts)})" if facts else given.id


def points(row: Any) -> str:
    wanted = [row.is_] if isinstance(row.is_, str) else row.is_
    compared = f"is {' or '.join(wanted)}" if wanted else f"at least {row.at_least:g}"
    return f"{row.field} {compared} {row.points}"


def as_written(table: str) -> list[tuple[str, str]]:
    """A table above, its broken lines joined. A cell ends where its line does not end with a
    comma.
    """
    rows: list[tuple[str, str]] = []
    for line in table.strip().splitlines():
        name, words = line[:18].strip(), line[18:]
        if rows and rows[-1][1].endswith(","):
            rows[-1] = (rows[-1][0], f"{rows[-1][1]} {words}")
        else:
            rows.append((name, words))
    return rows


@pytest.mark.parametrize(("name", "table"), [(NAMES[0], CONSUMER), (NAMES[1], B2B)])
def test_a_default_programme_says_what_the_table_says(name: str, table: str) -> None:
    assert told(read_programme(document(name))) == as_written(table)


def leaves(part: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where a value stands, and where an entry of a list that could be left out."""
    if isinstance(part, list):
        yield from ((*path, n) for n in range(len(part)))
    below = (
        part.items()
        if isinstance(part, dict)
        else enumerate(part)
        if isinstance(part, list)
        else ()
    )
    for key, value in below:
        if isinstance(value, dict | list):
            yield from leaves(value, (*path, key))
        elif isinstance(part, dict):
            yield (*path, key)


WORDS = {"because", "label", "id"}
OF_EACH_FIRM = {
    *(
        "schema",
        "name",
        "languages",
        "country",
        "time_zone",
        "currency",
        "brand",
        "hotline",
        "hq",
        "regions",
        "areas",
    ),
    *("partner_types", "products", "urgencies", "forms"),
}
OF_EACH_FIRM_TOO = {("calendar", "holiday_region"), ("fallback", "backup_partner")}


def changed(part: Any, path: tuple[Any, ...]) -> Any:
    """A copy of the document with one value changed, or one entry of a list left out."""
    key, *rest = path
    copy = part.copy()
    if rest:
        copy[key] = changed(part[key], tuple(rest))
    elif isinstance(part, list):
        del copy[key]
    else:
        copy[key] = another(part[key])
    return copy


def another(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, float):
        return value - 0.01
    return {"share": "retract", "retract": "share"}.get(
        value, "22:00" if ":" in str(value) else "other"
    )


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.slow
def test_no_value_can_be_changed_without_the_table_noticing(name: str) -> None:
    written = document(name)
    as_it_stands = told(read_programme(written))
    rules = {key: value for key, value in written.items() if key not in OF_EACH_FIRM}
    paths = [
        path for path in leaves(rules) if path not in OF_EACH_FIRM_TOO and not WORDS & set(path)
    ]
    assert len(paths) > 150
    unnoticed = []
    for path in paths:
        try:
            if told(read_programme(changed(written, path))) == as_it_stands:
                unnoticed.append(path)
        except InvalidInput:
            pass  # noticed when it is saved
    assert unnoticed == []


# That they are whole


@pytest.mark.parametrize("name", NAMES)
def test_the_default_programmes_are_valid_and_complete_in_both_languages(name: str) -> None:
    assert programme_warnings(read_programme(document(name))) == [
        "fallback.backup_partner is empty: what nobody takes goes straight to HQ"
    ]


SAMPLES = Path(infra.__file__).parent / "local" / "samples"
OTHERS = {"en": "another", "de": "weiteren|anderen"}
"""Words for the further partner who may get the contact details, where the first cannot help."""


@pytest.mark.parametrize(
    "name", [*NAMES, *sorted(each.name for each in SAMPLES.iterdir() if each.is_dir())]
)
def test_whoever_agrees_reads_that_more_than_one_partner_may_get_the_contact_details_in_turn(
    name: str,
) -> None:
    sample = SAMPLES / name / "programme.yaml"
    written = read_yaml(sample.read_text()) if sample.exists() else document(name)
    for form in read_programme(written).forms:
        for language, agreed in form.consent.text.items():
            assert re.search(OTHERS[language], agreed), agreed


UNITS = (Window, Hours)
"""Explained once at the head of the document, or by the days that are there."""


def fields(model: type[BaseModel], parts: list[Any], path: str = "") -> Iterator[tuple[str, bool]]:
    """Path of every field, and whether the document states it anywhere."""
    for name, field in model.model_fields.items():
        key = field.alias or name
        found = [part[key] for part in parts if isinstance(part, Mapping) and key in part]
        yield f"{path}{key}", bool(found)
        inner = model_in(field.annotation)
        if inner and not issubclass(inner, UNITS):
            yield from fields(
                inner, [*each_of(found, get_origin(field.annotation))], f"{path}{key}."
            )


def model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(filter(None, map(model_in, get_args(annotation))), None)


def each_of(found: list[Any], container: Any) -> Iterator[Any]:
    for value in found:
        if container is list:
            yield from value
        elif container is dict:
            yield from value.values()
        else:
            yield value


def comments(name: str) -> str:
    return "\n".join(re.findall(r"(?:^|\s)#\s(.*)", text(name), re.MULTILINE))


READ_FROM_OF_OLD = ("hq.emails", "hq.managers")
"""People were written so before they had roles: it is still read, and nobody begins with it."""


@pytest.mark.parametrize("name", NAMES)
def test_every_rule_there_is_stands_in_the_document_or_is_explained_beside_it(name: str) -> None:
    explained = comments(name)
    hidden = [
        path
        for path, stated in fields(Programme, [document(name)])
        if not stated and not re.search(rf"\b{path.rpartition('.')[2]}\b(:|  )", explained)
    ]
    hidden = [path for path in hidden if path not in READ_FROM_OF_OLD]
    assert hidden == []
