"""Routing as one would write it first: look at every partner, judge, sort.

Slow and plain on purpose, and written without the code it checks: territories are compared as text and
numbers, how specific they are is counted in postcodes. Only for countries with three-digit postcodes.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from routing_core.domain.partner import Load, Partner
from routing_core.domain.programme import Region
from routing_core.domain.territory import Reach, Territory
from routing_core.routing.policy import Enquiry, Policy

LOAD_REASONS = ("inactive", "full", "day_cap", "week_cap", "month_cap")
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


def reason_against(partner: Partner, load: Load | None, enquiry: Enquiry, policy: Policy, today: date) -> str | None:
    if partner.confirmed_email != partner.contact.email:
        return "unconfirmed"
    if partner.bounced:
        return "bounced"
    if partner.paused:
        return "paused"
    for absence in partner.absences:
        if absence.first <= today <= absence.last:
            return "absent"
    if enquiry.product not in partner.products:
        return "product"
    spoken = partner.languages or {partner.language}
    if policy.match_language and enquiry.language and enquiry.language not in spoken:
        return "language"
    for tags in (
        policy.product_tags.get(enquiry.product, set()),
        policy.urgency_tags.get(enquiry.urgency, set()),
    ):
        if not partner.tags.issuperset(tags):
            return "tag"
    needed = policy.certificates.get(enquiry.product)
    if needed and needed not in partner.certificates:
        return "certificate"
    if needed and (last_day := partner.certificates[needed]) and today > last_day:
        return "certificate"
    if partner.id in enquiry.tried:
        return "tried"
    if load is None or not load.active:
        return "inactive"
    if load.caps.open is not None and load.places >= load.caps.open:
        return "full"
    monday = today - timedelta(days=today.weekday())
    week = f"w{monday.isocalendar().year}-{monday.isocalendar().week:02d}"
    for reason, cap, period in (
        ("day_cap", load.caps.day, f"d{today.isoformat()}"),
        ("week_cap", load.caps.week, week),
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
    for partner in partners:
        covered = best_territory(partner, enquiry.country, enquiry.postcode, regions)
        if covered is None:
            continue
        load = loads.get(partner.id)
        reason = reason_against(partner, load, enquiry, policy, today_of(partner, now))
        if covered[2].backup and reason in (None, *LOAD_REASONS):
            reason = "backup"
        if reason:
            excluded.setdefault(reason, set()).add(partner.id)
            continue
        codes, rank, _ = covered
        places = 10 if load.caps.open is None else load.caps.open
        eligible.append(
            (
                0 if partner.id == enquiry.preferred else 1,
                codes,
                rank,
                partner.tier,
                load.places / places,
                (1, load.last_offered) if load.last_offered else (0, now),
                partner.id,
            )
        )
    return [entry[-1] for entry in sorted(eligible)], excluded
