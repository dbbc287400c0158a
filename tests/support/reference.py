"""Routing as one would write it first: look at every partner, judge, sort.

Slow and plain on purpose, and written without the code it checks: territories are compared as text
and numbers, how specific they are is counted in postcodes. Only for countries with three-digit
postcodes.
"""

import math
import random
import statistics
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from routing_core.domain.calendar.business_time import Calendar
from routing_core.domain.partner import Load, Partner
from routing_core.domain.programme.areas import Region
from routing_core.domain.programme.rules import Condition
from routing_core.domain.territory.territory import Territory, TerritoryKind
from routing_core.routing.policy import Enquiry, Policy

LOAD_REASONS = (
    "inactive",
    "full",
    "product_full",
    "product_cap",
    "day_cap",
    "week_cap",
    "month_cap",
)
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


BOX = (48.2, 48.9, 11.1, 12.2)
"""The area ``box``: from which latitude and longitude to which."""
AREAS = {
    "box": {
        "type": "Polygon",
        "coordinates": [[[BOX[x], BOX[y]] for y, x in ((0, 2), (0, 3), (1, 3), (1, 2), (0, 2))]],
    }
}


def where(code: str) -> tuple[float, float] | None:
    """Latitude and longitude of postcodes from 100 on: nobody knows where the others are."""
    if len(code) < 3 or not code[:3].isdigit() or int(code[:3]) < 100:
        return None
    number = int(code[:3])
    return 47.6 + number % 37 * 0.043, 10.3 + number % 41 * 0.061


def km(one: tuple[float, float], other: tuple[float, float]) -> float:
    """By the angle between two directions from the middle of the earth."""

    def direction(place: tuple[float, float]) -> tuple[float, float, float]:
        lat, lon = map(math.radians, place)
        return math.cos(lat) * math.cos(lon), math.cos(lat) * math.sin(lon), math.sin(lat)

    a, b = direction(one), direction(other)
    return 2 * 6371 * math.asin(math.dist(a, b) / 2)


def shape(territory: Territory, country: str, code: str) -> float | None:
    """As many postcodes as an area of that size would have, were there a thousand in Germany; None:
    not there.
    """
    place = where(code) if country == "XX" else None
    if place is None:
        return None
    if territory.reach is TerritoryKind.AREA:
        south, north, west, east = BOX
        there = south < place[0] < north and west < place[1] < east
        size_ = (
            (north - south)
            * 111.2
            * (east - west)
            * 111.2
            * math.cos(math.radians((south + north) / 2))
        )
    else:
        far, _, middle = territory.value.partition("km ")
        centre = where(middle)
        there = (
            country == territory.country and centre is not None and km(centre, place) <= float(far)
        )
        size_ = math.pi * float(far) ** 2
    return 1000 * size_ / 350_000 if there else None


@cache
def size(entry: str) -> int:
    """How many postcodes an entry covers."""
    return sum(entry_covers(entry, code) for code in ALL_CODES)


def stated(territory: Territory, regions: Mapping[str, Region]) -> tuple[str, list[str]]:
    """Country and entries; the entry ``*`` is the whole country, ``**`` the whole world."""
    match territory.reach:
        case TerritoryKind.WORLD:
            return "", ["**"]
        case TerritoryKind.COUNTRY:
            return territory.country, ["*"]
        case TerritoryKind.REGION:
            region = regions.get(territory.value)
            return (region.country, region.postcodes) if region else ("", [])
        case TerritoryKind.PREFIX:
            return territory.country, [f"{territory.value}*"]
    return territory.country, [territory.value]


def all_of(territory: Territory, regions: Mapping[str, Region]) -> tuple[str, set[str]]:
    """Country and postcodes of what is stated by postcodes."""
    country, entries = stated(territory, regions)
    whole = entries == ["*"]
    return country, {
        code for code in ALL_CODES if whole or any(entry_covers(entry, code) for entry in entries)
    }


def lies_inside(one: Territory, other: Territory, regions: Mapping[str, Region]) -> bool:
    """Wholly, and is not the same; what is drawn only inside its country, the world, and a wider
    circle.
    """
    drawn = (TerritoryKind.RADIUS, TerritoryKind.AREA)
    if TerritoryKind.WORLD in (one.reach, other.reach):
        return one.reach is not other.reach and other.reach is TerritoryKind.WORLD
    if one.reach in drawn and other.reach in drawn:
        if TerritoryKind.AREA in (one.reach, other.reach) or one.country != other.country:
            return False
        (far, middle), (far2, middle2) = (each.value.split("km ") for each in (one, other))
        there, there2 = where(middle), where(middle2)
        apart = km(there, there2) if there and there2 else math.inf
        return float(far) < float(far2) and apart + float(far) <= float(far2)
    if one.reach in drawn:
        return (one.country, set(ALL_CODES)) == all_of(other, regions)
    country, codes = all_of(one, regions)
    if other.reach in drawn:
        known = [code for code in codes if where(code)] if country == "XX" else []
        return all(shape(other, country, code) is not None for code in known)
    return all_of(other, regions)[0] == country and codes < all_of(other, regions)[1]


def best_territory(
    partner: Partner, country: str, postcode: str, regions: Mapping[str, Region]
) -> tuple[float, int, Territory] | None:
    """(postcodes covered, rank, entry) of the entry that counts: with the fewest; first an ordinary
    one, then a backup's; then the best rank. Those are left out that lie not wholly inside what is
    taken away there.
    """
    code = postcode.replace(" ", "").upper()
    if len(code) < 3 or not code.isalnum() or code.isalpha():
        code = ""  # no postcode: only the whole country covers it
    found, away = [], []
    for territory in partner.territories:
        country_of, entries = stated(territory, regions)
        if territory.reach in (TerritoryKind.RADIUS, TerritoryKind.AREA):
            drawn = shape(territory, country, code)
            if drawn is None:
                continue
            codes = drawn
        elif entries == ["**"]:
            codes = 1001
        elif country_of == country and any(entry_covers(entry, code) for entry in entries):
            codes = min(1000, sum(map(size, entries)))
        else:
            continue
        if territory.excluded:
            away.append(territory)
        else:
            found.append((codes, territory.backup, territory.rank, str(territory), territory))
    left = [each for each in found if all(lies_inside(each[-1], taken, regions) for taken in away)]
    if not left:
        return None
    codes, _, rank, _, territory = min(left, key=lambda f: f[:4])
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
        "certificate": {
            name for name, last in partner.certificates.items() if last is None or today <= last
        },
        "type": {partner.type},
    }


def says(enquiry: Enquiry, field: str, today: date) -> str:
    if field in ("product", "urgency", "language", "country", "region"):
        return str(getattr(enquiry, field))
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


def applying(
    policy: Policy, enquiry: Enquiry, verb: str, today: date
) -> list[tuple[str, set[str]]]:
    """What the rules with this verb ask of partners for this enquiry: (kind, any of these)."""
    found: list[tuple[str, set[str]]] = []
    for rule in policy.rules:
        facts = [(says(enquiry, condition.field, today), condition) for condition in rule.when]
        if rule.verb != verb or not all(
            said and agrees(said, condition) for said, condition in facts
        ):
            continue
        wanted = {says(enquiry, rule.answer, today)} - {""} if rule.answer else set(rule.values)
        if wanted:
            found.append((rule.kind, wanted))
    return found


def reason_against(
    partner: Partner,
    load: Load | None,
    enquiry: Enquiry,
    policy: Policy,
    today: date,
    hq_today: date,
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
    required: dict[str, list[set[str]]] = {
        kind: [] for kind in ("product", "specialisation", "language", "tag", "certificate", "type")
    }
    for kind, wanted in applying(policy, enquiry, "require", hq_today):
        required[kind].append(wanted)
    required["product"].append({enquiry.product})
    if policy.match_language and enquiry.language:
        required["language"].append({enquiry.language})
    for tags in (
        policy.product_tags.get(enquiry.product, ()),
        policy.urgency_tags.get(enquiry.urgency, ()),
    ):
        required["tag"] += [{tag} for tag in tags]
    if enquiry.product in policy.certificates:
        required["certificate"].append({policy.certificates[enquiry.product]})
    for kind, all_wanted in required.items():
        if any(not wanted & has[kind] for wanted in all_wanted):
            return kind
    if any(wanted & has[kind] for kind, wanted in applying(policy, enquiry, "forbid", hq_today)):
        return "forbidden"
    for condition in partner.lead_filters:
        if (said := says(enquiry, condition.field, today)) and not agrees(said, condition):
            return "not_taken"
    if partner.id in enquiry.tried:
        return "tried"
    if load is None or not load.active:
        return "inactive"
    most = load.caps.open
    if most is not None and load.extra_open and today <= load.extra_open.until:
        most += load.extra_open.more
    if most is not None and load.open_count >= most:
        return "full"
    if load.products.get(enquiry.product, 0) >= load.caps.products.get(enquiry.product, 10**9):
        return "product_full"
    of_product = load.caps.product_offers.get(enquiry.product, {})
    monday = today - timedelta(days=today.weekday())
    week = f"w{monday.isocalendar().year}-{monday.isocalendar().week:02d}"
    for name, period in (
        ("day", f"d{today.isoformat()}"),
        ("week", week),
        ("month", f"m{today.isoformat()[:7]}"),
    ):
        if (
            name in of_product
            and load.made.get(f"{period}:{enquiry.product}", 0) >= of_product[name]
        ):
            return "product_cap"
    pace_day = (
        -(-load.caps.month // 10) if load.caps.paced and load.caps.month is not None else None
    )
    pace_week = (
        -(-load.caps.month * 3 // 10) if load.caps.paced and load.caps.month is not None else None
    )
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


def is_open(partner: Partner, calendar: Calendar, now: datetime) -> bool:
    try:
        local = now.astimezone(ZoneInfo(partner.time_zone))
    except KeyError:
        local = now.astimezone(UTC)
    away = any(absence.first <= local.date() <= absence.last for absence in partner.absences)
    hours = (partner.response_hours or calendar.hours).blocks[local.weekday()]
    clock = local.time().replace(tzinfo=None)
    return not away and any(
        opens <= clock and (clock < closes or not closes.hour) for opens, closes in hours
    )


AVERAGES = {"acceptance": 0.7, "speed": 0.5, "conversion": 0.3, "value": 0.5, "returns": 0.95}


def performance(load: Load, policy: Policy) -> float:
    """How much better than the average, who counts for as many offers as the prior says; two
    decimals.
    """
    done, rules = load.figures, policy.performance
    worth = done.won * done.value / (done.value + done.won * rules.order_value) if done.won else 0
    open_ones = still_open(load)
    good_of = {
        "acceptance": (
            done.offers - open_ones - done.declined - done.lapsed,
            done.offers,
            open_ones,
        ),
        "speed": (done.answers - done.used / 1000, done.answers, 0),
        "conversion": (done.won, done.won + done.lost, 0),
        "value": (worth, done.won, 0),
        "returns": (done.offers - open_ones - done.returned, done.offers, open_ones),
    }
    against = []
    for name in rules.of:
        good, of, not_known = good_of[name]
        average = AVERAGES[name]
        against.append((good + (not_known + rules.prior) * average) / (of + rules.prior) / average)
    found = round(sum(against) / len(against), 2)
    return 1.0 if done.offers < rules.newcomers and found < 1 else found


def pace(partner: Partner, load: Load, now: datetime) -> list[float]:
    """Offers per place today, this week and this month."""
    day = today_of(partner, now)
    week = day.isocalendar()
    names = f"d{day.isoformat()}", f"w{week.year}-{week.week:02}", f"m{day.isoformat()[:7]}"
    return [
        load.made.get(name, 0) / (10 if load.caps.open is None else max(load.caps.open, 1))
        for name in names
    ]


def still_open(load: Load) -> int:
    ended_badly = load.figures.declined + load.figures.lapsed + load.figures.returned
    return max(0, min(load.open_count, load.figures.offers - ended_badly))


def drawn_chance(partner: Partner, load: Load, enquiry: Enquiry) -> float:
    refused = load.figures.declined + load.figures.lapsed
    half = still_open(load) / 2
    taken = max(load.figures.offers - refused - still_open(load), 0)
    return round(
        random.Random(f"{enquiry.seed}:{partner.id}").betavariate(
            taken + half + 1, refused + half + 1
        ),
        6,
    )


def far(partner: Partner, enquiry: Enquiry) -> float:
    """Unknown is further than anything."""
    code = enquiry.postcode.replace(" ", "").upper()
    code = code if len(code) >= 3 and code.isalnum() and not code.isalpha() else ""
    home, there = where(partner.postcode), where(code) if enquiry.country == "XX" else None
    return km(home, there) if home and there else math.inf


def reference_decision(
    enquiry: Enquiry,
    partners: Iterable[Partner],
    regions: Mapping[str, Region],
    policy: Policy,
    loads: Mapping[str, Load],
    now: datetime,
) -> tuple[list[str], dict[str, set[str]]]:
    """Who may be offered the enquiry, best first; and who may not, by reason."""
    eligible: list[tuple[Partner, Load, Any, int, int]] = []
    excluded: dict[str, set[str]] = {}
    hq_today = now.astimezone(
        ZoneInfo(policy.calendar.time_zone) if policy.calendar else UTC
    ).date()
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
        assert load is not None, "nobody without a load is eligible"
        codes, rank, _ = covered
        has = what_it_has(partner, today_of(partner, now))
        eligible.append(
            (partner, load, codes, rank, sum(bool(wanted & has[kind]) for kind, wanted in wishes))
        )
    if policy.calendar and any(is_open(partner, policy.calendar, now) for partner, *_ in eligible):
        skipped = {
            partner.id
            for partner, *_ in eligible
            if (partner.type, enquiry.product, enquiry.urgency) in policy.skips_closed
            and not is_open(partner, policy.calendar, now)
        }
        excluded |= {"closed": skipped} if skipped else {}
        eligible = [each for each in eligible if each[0].id not in skipped]
    names = list(policy.order)
    if (
        policy.top_tier_from is not None
        and enquiry.score is not None
        and enquiry.score >= policy.top_tier_from
    ):
        names.insert(1 if names[0] == "served_before" else 0, "tier")
    shares = [
        load.open_count / (10 if load.caps.open is None else max(load.caps.open, 1))
        for _, load, *_ in eligible
    ]
    back = [
        policy.back == "in_line"
        and any(0 < (today_of(partner, now) - gone.last).days <= 28 for gone in partner.absences)
        for partner, *_ in eligible
    ]
    of_the_others = [share for share, is_back in zip(shares, back, strict=True) if not is_back]
    usual = statistics.median(of_the_others) if of_the_others else 0
    paces = [pace(partner, load, now) for partner, load, *_ in eligible]
    means = [math.fsum(of_all) / len(paces) for of_all in zip(*paces, strict=True)]
    held_back = [
        is_back
        or (
            policy.back == "in_line"
            and share < 0.8 * usual
            and any(mine > 1.5 * mean for mine, mean in zip(own, means, strict=True))
        )
        for share, is_back, own in zip(shares, back, paces, strict=True)
    ]
    line = max(
        [
            load.pass_value - STRIDE // partner.weight
            for partner, load, *_ in eligible
            if load.pass_value
        ]
        or [0]
    )

    def sorted_by(place: int) -> list[Any]:
        partner, load, codes, rank, met = eligible[place]
        own = STRIDE // partner.weight
        turn = max(
            load.pass_value, line - (own if policy.back == "keep" and load.pass_value else 0)
        )
        values = {
            "served_before": 0 if partner.id == enquiry.preferred else 1,
            "preferred": -met,
            "territory": codes,
            "rank": rank,
            "tier": partner.tier,
            "distance": far(partner, enquiry),
            "performance": -performance(load, policy),
            "exploration": -drawn_chance(partner, load, enquiry),
            "weight": load.pass_value if policy.back == "accrue" and load.pass_value else turn,
            "load": max(shares[place], usual) if held_back[place] else shares[place],
            "last_offered": (1, load.last_offered) if load.last_offered else (0, now),
        }
        return [*(values[name] for name in names), values["last_offered"], partner.id]

    return [
        eligible[place][0].id for place in sorted(range(len(eligible)), key=sorted_by)
    ], excluded
