"""Who plays: a programme whose products each live by a clock of their own, partners, people who
ask.
"""

from __future__ import annotations

from itertools import count
from typing import Any

CALM = "heat-pump"
"""Nothing ends by itself while the test runs."""
BRIEF = "brief"
"""Six seconds to answer, then the next partner."""
SHARED = "shared"
"""Six seconds alone; then the next is asked too, and the first may still accept."""
REMINDED = "reminded"
"""Eighteen seconds to answer, two reminders on the way."""
CHASED = "chased"
"""Six seconds from accepting to the first call, six more until the lead is taken back."""
PROMISED = "promised"
"""The prospect is told to hear within eight seconds; partners have longer."""
IN_WAVES = "in-waves"
"""Ten partners are asked at the same time, then everybody else."""
PRODUCTS = (CALM, BRIEF, SHARED, REMINDED, CHASED, PROMISED, IN_WAVES)

HQ = "vertrieb@firnwerk.example"
BACKUP = "firnwerk-service"
ORIGIN = "https://www.firnwerk.example"
TRAP = "trap"
"""A form that nobody fills in slowly enough."""

# Two-digit areas that are taken away from the sample's partners. Each is a region of its own, for
# HQ gets one alert a region.
EMPTY_AREAS = (
    "16",
    "25",
    "26",
    "29",
    "32",
    "33",
    "37",
    "42",
    "46",
    "47",
    "52",
    "53",
    "56",
    "57",
    "59",
    "62",
    "64",
)

WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_AND_NIGHT = {day: ["00:00-24:00"] for day in WEEK}

_numbers = count(1)


def clocks(programme: dict[str, Any]) -> None:
    """Turns the sample's programme into the one that all journeys share."""
    programme["regions"] |= {
        f"area-{area}": {"country": "DE", "name": {"en": f"Area {area}"}, "postcodes": [f"{area}*"]}
        for area in EMPTY_AREAS
    }
    own = PRODUCTS[1:]
    programme["products"] += [
        {"id": each, "name": {"en": each.title(), "de": each.title()}} for each in own
    ]
    form = programme["forms"][0]
    form["products"] += own
    form["origins"] = [ORIGIN]
    programme["forms"].append(form | {"id": TRAP, "time_trap_seconds": 300})
    # The stories are told at any hour and on any day: HQ never closes in them.
    programme["calendar"] |= {"response_hours": DAY_AND_NIGHT, "holiday_region": ""}
    form["time_trap_seconds"] = 0  # however fast the machine is, the stories are no robots
    total = {"total": {"minutes": 30}, "partners": 3}
    programme["offers"] = [
        {"window": {"minutes": 10}, "on_lapse": "retract", **total},
        {"when": {"product": BRIEF}, "window": {"minutes": 0.1}, "on_lapse": "retract", **total},
        {"when": {"product": SHARED}, "window": {"minutes": 0.1}, "on_lapse": "share", **total},
        {"when": {"product": REMINDED}, "window": {"minutes": 0.3}, "on_lapse": "retract", **total},
        {
            "when": {"product": IN_WAVES},
            "window": {"minutes": 10},
            "waves": [10, "all"],
            "total": {"minutes": 30},
        },
    ]
    programme["contact"] = [
        {"window": {"minutes": 30}},
        {"when": {"product": CHASED}, "window": {"minutes": 0.1}},
    ]
    programme["reminders"] = {"at": [0.5, 0.85], "min_gap_minutes": 0, "second_contact_from": 0.85}
    programme["lapses"] = {"unseen_to_hq": 2, "hq_after": {"minutes": 2}, "pause": 3, "days": 1}
    programme["missed_contact"] = {"remind_at": 0.5, "retract_after": {"minutes": 0.1}}
    programme["promise"] = [
        {"within": {"minutes": 15}},
        {"when": {"product": PROMISED}, "within": {"minutes": 8 / 60}},
    ]
    programme["fallback"] = {
        "backup_partner": BACKUP,
        "hq_hold": {"minutes": 0.25},
        "follow_up": {
            "retry_every": {"minutes": 0.2},
            "give_up_after": {"minutes": 0.4},
            "then": "apologise",
        },
    }


def installer(name: str, *places: str, **more: Any) -> dict[str, Any]:
    """A partner who may do everything, at any hour, in these postcodes of Germany."""
    return {
        "id": name,
        "name": name.replace("-", " ").title(),
        "contact": {"email": f"{name}@partners.example", "name": f"Chief of {name.title()}"},
        "country": "DE",
        "language": "en",
        "languages": ["en", "de"],
        "town": name.title(),
        "territories": [f"DE {place}" for place in places],
        "products": list(PRODUCTS),
        "certificates": ["f-gas"],
        "response_hours": "daily 00:00-24:00",
        "confirmed": True,
        **more,
    }


def inbox(name: str) -> str:
    return f"{name}@partners.example"


def person(place: str, product: str = CALM, **more: Any) -> dict[str, Any]:
    """What somebody fills in; nobody else has that address or telephone."""
    number = next(_numbers)
    return {
        "country": "DE",
        "postcode": place,
        "product": product,
        "urgency": "soon",
        "ownership": "owner",
        "name": f"Petra Prospect {number}",
        "email": f"petra.{number}@example.com",
        "phone": f"+49 30 23125 {number:03}",
        "message": "The cellar has a step.",
        "consent": "true",
        "language": "en",
        **more,
    }
