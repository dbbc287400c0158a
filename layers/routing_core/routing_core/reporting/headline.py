"""The few numbers of a period, compared over months, and with what was sent."""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from routing_core.reporting.hq_report import Headline, Restated
from routing_core.reporting.money import Money
from routing_core.reporting.period import Period
from routing_core.reporting.share import NO_TYPICAL, Share, Typical

COUNTS = (
    "received",
    "offers",
    "accepted",
    "declined",
    "lapsed",
    "contacted",
    "quoted",
    "won",
    "lost",
    "open_at_end",
)
"""The figures of a headline that are numbers."""
SHARES = ("acceptance", "sla", "contacted_in_a_day", "automatic", "promises")
"""Those that are shares."""


def sum_of_headlines(one: Headline, other: Headline) -> Headline:
    """Add up the headlines of two parts of the same period's leads."""
    counts = {name: getattr(one, name) + getattr(other, name) for name in COUNTS}
    shares: dict[str, Any] = {
        name: _sum(getattr(one, name), getattr(other, name)) for name in SHARES
    }
    return Headline(
        period=one.period, value=sum_of_money(one.value, other.value), **counts, **shares
    )


def _sum(one: Share, other: Share) -> Share:
    return Share(one.count + other.count, one.of + other.of)


def sum_of_money(one: Money, other: Money) -> Money:
    """Add up amounts currency by currency."""
    total = dict(one)
    for currency, amount in other.items():
        total[currency] = total.get(currency, Decimal(0)) + amount
    return total


def restated(sent: Headline, now: Headline) -> tuple[Restated, ...]:
    """Give the figures that are otherwise than they were sent."""
    before = dict(_figures(sent))
    after = dict(_figures(now))
    names = dict.fromkeys((*before, *after))
    found = (
        Restated(name, before.get(name, Decimal(0)), after.get(name, Decimal(0))) for name in names
    )
    return tuple(each for each in found if each.sent != each.now)


def _figures(headline: Headline) -> Iterator[tuple[str, Decimal]]:
    for name in COUNTS:
        yield name, Decimal(getattr(headline, name))
    for currency, amount in headline.value.items():
        yield f"value {currency}", amount


def headline_to_data(headline: Headline) -> dict[str, Any]:
    """Spell a headline for JSON."""
    period = headline.period
    data: dict[str, Any] = {
        "first_day": period.first_day.isoformat(),
        "next_day": period.next_day.isoformat(),
        "zone": period.zone,
        "value": {currency: str(amount) for currency, amount in headline.value.items()},
    }
    for name in COUNTS:
        data[name] = getattr(headline, name)
    for name in SHARES:
        share: Share = getattr(headline, name)
        data[name] = [share.count, share.of]
    took = headline.response_hours
    data["response_hours"] = [took.median, took.p90, took.cases, took.censored]
    return data


def headline_from_data(data: Mapping[str, Any]) -> Headline:
    """Read what ``headline_to_data`` wrote; earlier ones lack promises and answer times."""
    first_day = date.fromisoformat(data["first_day"])
    period = Period(first_day, date.fromisoformat(data["next_day"]), data["zone"])
    shares: dict[str, Any] = {name: Share(*data[name]) for name in SHARES if name in data}
    took = data.get("response_hours")
    return Headline(
        period=period,
        value={currency: Decimal(amount) for currency, amount in data["value"].items()},
        response_hours=Typical(*took) if took else NO_TYPICAL,
        **{name: data[name] for name in COUNTS},
        **shares,
    )
