"""Routing as one would write it first: look at every partner, judge, sort.

Slow and plain on purpose, and written without the code it checks: territories are compared as text and
numbers, how specific they are is counted in postcodes. Only for countries with three-digit postcodes.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from routing_core.domain.partner import Load, Partner
from routing_core.domain.programme import Region
from routing_core.domain.rules import Condition
from routing_core.domain.territory import Reach, Territory
from routing_core.routing.policy import Enquiry, Policy

LOAD_REASONS = ("inactive", "full", "product_full", "day_cap", "week_cap", "month_cap")
STRIDE = 1_000_000_000
ALL_CODES = [f"{number:03d}" for number in range(1000)]


def entry_covers(entry: str, code: str) -> bool:
    """``entry`` as a region states it: ``803``, ``80*`` or ``800-819``."""
    if entry.endswith("*"):
        return code.startswith(entry[:-1])
    if "-" in entry:
        first, last = entry.split("-")
        return code.isdigit() and len(code) == len(first) and int(first) <= int(code) <= int(last)
    return code == entry


@cache
def size(entry: str) -> int:
    """How many postcodes an entry covers."""
    return sum(entry_covers(entry, code) for code in ALL_CODES)


def stated(territory: Territory, regions: Mapping[str, Region]) -> tuple[str, list[str]]:
    """Country and entries; the entry ``*`` is the whole country, ``**`` the whole world."""
    match territory.reach:
        case Reach.WORLD:
            return "", ["**"]
        case Reach.COUNTRY:
            return territory.country, ["*"]
        case Reach.REGION:
            region = regions.get(territory.value)
            return (region.country, region.postcodes) if region else ("", [])
        case Reach.PREFIX:
            return territory.country, [f"{territory.value}*"]
    return territory.country, [territory.value]


def best_territory(
    partner: Partner, country: str, postcode: str, regions: Mapping[str, Region]
) -> tuple[int, int, Territory] | None:
    """(postcodes covered, rank, entry) of the entry that counts: with the fewest; first the one that takes the place
    away, then an ordinary one, then a backup's; then the best rank. None if none covers it, or one takes it away."""
    code = postcode.replace(" ", "").upper()
    if len(code) < 3 or not code.isalnum() or code.isalpha():
        code = ""  # no postcode: only the whole country covers it
    found = []
    for territory in partner.territories:
        where, entries = stated(territory, regions)
        if entries == ["**"]:
            codes = 1001
        elif where == country and any(entry_covers(entry, code) for entry in entries):
            codes = min(1000, sum(map(size, entries)))
        else:
            continue
        kind = ["taken away", "ordinary", "backup"].index(
            "taken away" if territory.excluded else "backup" if territory.backup else "ordinary"
        )
        found.append((codes, kind, territory.rank, str(territory), territory))
    if not found or min(found)[1] == 0:
        return None
    codes, _, rank, _, territory = min(found, key=lambda f: f[:4])
    return codes, rank, territory


def today_of(partner: Partner, now: datetime) -> date:
    try:
        return now.astimezone(ZoneInfo(partner.time_zone)).date()
    except KeyError:
        return now.astimezone(UTC).date()


def what_it_has(partner: Partner, today: date) -> dict[str, set[str]]:
    return {
        "product": set(partner.products),
        "specialisation": set(partner.specialisations),
        "language": set(partner.languages or {partner.language}),
        "tag": set(partner.tags),
        "certificate": {name for name, last in partner.certificates.items() if last is None or today <= last},
        "type": {partner.type},
    }


def says(enquiry: Enquiry, field: str, today: date) -> str:
    if field in ("product", "urgency", "language", "country", "region"):
        return getattr(enquiry, field)
    if field == "score":
        return "" if enquiry.score is None else str(enquiry.score)
    if field == "weekday":
        return f"{today:%a}".lower()
    return enquiry.answers.get(field, "")


def agrees(said: str, condition: Condition) -> bool:
    """Not written for text among numbers: the generated cases have none."""
    first = condition.values[0]
    match condition.op:
        case "is":
            return said == first
        case "is not":
            return said != first
        case "in":
            return said in condition.values
        case "at least":
            return float(said) >= float(first)
        case "at most":
            return float(said) <= float(first)
        case "between":
            return float(first) <= float(said) <= float(condition.values[1])
    return first in said.split()


def applying(policy: Policy, enquiry: Enquiry, verb: str, today: date) -> list[tuple[str, set[str]]]:
    """What the rules with this verb ask of partners for this enquiry: (kind, any of these)."""
    found = []
    for rule in policy.rules:
        facts = [(says(enquiry, condition.field, today), condition) for condition in rule.when]
        if rule.verb != verb or not all(said and agrees(said, condition) for said, condition in facts):
            continue
        wanted = {says(enquiry, rule.answer, today)} - {""} if rule.answer else set(rule.values)
        if wanted:
            found.append((rule.kind, wanted))
    return found


def reason_against(
    partner: Partner, load: Load | None, enquiry: Enquiry, policy: Policy, today: date, hq_today: date
) -> str | None:
    if partner.confirmed_email != partner.contact.email:
        return "unconfirmed"
    if partner.bounced:
        return "bounced"
    if partner.paused:
        return "paused"
    for absence in partner.absences:
        if absence.first <= today <= absence.last:
            return "absent"
    if partner.weight == 0:
        return "no_share"
    has = what_it_has(partner, today)
    required = {kind: [] for kind in ("product", "specialisation", "language", "tag", "certificate", "type")}
    for kind, wanted in applying(policy, enquiry, "require", hq_today):
        required[kind].append(wanted)
    required["product"].append({enquiry.product})
    if policy.match_language and enquiry.language:
        required["language"].append({enquiry.language})
    for tags in (policy.product_tags.get(enquiry.product, ()), policy.urgency_tags.get(enquiry.urgency, ())):
        required["tag"] += [{tag} for tag in tags]
    if enquiry.product in policy.certificates:
        required["certificate"].append({policy.certificates[enquiry.product]})
    for kind, all_wanted in required.items():
        if any(not wanted & has[kind] for wanted in all_wanted):
            return kind
    if any(wanted & has[kind] for kind, wanted in applying(policy, enquiry, "forbid", hq_today)):
        return "forbidden"
    for condition in partner.takes:
        if (said := says(enquiry, condition.field, today)) and not agrees(said, condition):
            return "not_taken"
    if partner.id in enquiry.tried:
        return "tried"
    if load is None or not load.active:
        return "inactive"
    if load.caps.open is not None and load.places >= load.caps.open:
        return "full"
    if load.products.get(enquiry.product, 0) >= load.caps.products.get(enquiry.product, 10**9):
        return "product_full"
    pace_day = -(-load.caps.month // 10) if load.caps.paced and load.caps.month is not None else None
    pace_week = -(-load.caps.month * 3 // 10) if load.caps.paced and load.caps.month is not None else None
    monday = today - timedelta(days=today.weekday())
    week = f"w{monday.isocalendar().year}-{monday.isocalendar().week:02d}"
    for reason, cap, period in (
        ("day_cap", load.caps.day, f"d{today.isoformat()}"),
        ("day_cap", pace_day, f"d{today.isoformat()}"),
        ("week_cap", load.caps.week, week),
        ("week_cap", pace_week, week),
        ("month_cap", load.caps.month, f"m{today.isoformat()[:7]}"),
    ):
        if cap is not None and load.made.get(period, 0) >= cap:
            return reason
    return None


def reference_decision(
    enquiry: Enquiry,
    partners: Iterable[Partner],
    regions: Mapping[str, Region],
    policy: Policy,
    loads: Mapping[str, Load],
    now: datetime,
) -> tuple[list[str], dict[str, set[str]]]:
    """Who may be offered the enquiry, best first; and who may not, by reason."""
    eligible, excluded = [], {}
    hq_today = now.astimezone(ZoneInfo(policy.calendar.time_zone) if policy.calendar else UTC).date()
    wishes = applying(policy, enquiry, "prefer", hq_today)
    for partner in partners:
        covered = best_territory(partner, enquiry.country, enquiry.postcode, regions)
        if covered is None:
            continue
        load = loads.get(partner.id)
        reason = reason_against(partner, load, enquiry, policy, today_of(partner, now), hq_today)
        if covered[2].backup and reason in (None, *LOAD_REASONS):
            reason = "backup"
        if reason:
            excluded.setdefault(reason, set()).add(partner.id)
            continue
        codes, rank, _ = covered
        has = what_it_has(partner, today_of(partner, now))
        eligible.append((partner, load, codes, rank, sum(bool(wanted & has[kind]) for kind, wanted in wishes)))
    names = list(policy.order)
    if policy.top_tier_from is not None and enquiry.score is not None and enquiry.score >= policy.top_tier_from:
        names.insert(1 if names[0] == "served_before" else 0, "tier")
    shares = [load.places / (10 if load.caps.open is None else load.caps.open) for _, load, *_ in eligible]
    back = [
        policy.back == "in_line"
        and any(0 < (today_of(partner, now) - gone.last).days <= 7 for gone in partner.absences)
        for partner, *_ in eligible
    ]
    of_the_others = [share for share, is_back in zip(shares, back, strict=True) if not is_back]
    usual = sum(of_the_others) / len(of_the_others) if of_the_others else 0
    line = max([load.turn - STRIDE // partner.weight for partner, load, *_ in eligible if load.turn] or [0])

    def sorted_by(place: int) -> list[Any]:
        partner, load, codes, rank, met = eligible[place]
        own = STRIDE // partner.weight
        turn = max(load.turn, line - (own if policy.back == "keep" and load.turn else 0))
        values = {
            "served_before": 0 if partner.id == enquiry.preferred else 1,
            "preferred": -met,
            "territory": codes,
            "rank": rank,
            "tier": partner.tier,
            "weight": load.turn if policy.back == "accrue" and load.turn else turn,
            "load": max(shares[place], usual) if back[place] else shares[place],
            "last_offered": (1, load.last_offered) if load.last_offered else (0, now),
        }
        return [*(values[name] for name in names), values["last_offered"], partner.id]

    return [eligible[place][0].id for place in sorted(range(len(eligible)), key=sorted_by)], excluded
