"""Time zones as people mean them: of a place (``Europe/Berlin``), or ``UTC``.

The database of zones also has abbreviations. ``EST`` is five hours behind UTC all year, which is an
hour wrong in New York from March to November; ``Etc/GMT+5`` is five hours *behind* as well. So
these are refused when something is saved, with the zone that was probably meant. What was stored
before is read as it always was.
"""

from difflib import get_close_matches
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from routing_core.domain.values.sentence import worded

PROBABLY_MEANT = {
    **dict.fromkeys(("EST", "EDT", "EST5EDT", "ET", "EASTERN"), "America/New_York"),
    **dict.fromkeys(("CST", "CDT", "CST6CDT", "CENTRAL"), "America/Chicago"),
    **dict.fromkeys(("MST", "MDT", "MST7MDT", "MOUNTAIN", "NAVAJO"), "America/Denver"),
    **dict.fromkeys(("PST", "PDT", "PST8PDT", "PACIFIC"), "America/Los_Angeles"),
    **dict.fromkeys(("AKST", "AKDT"), "America/Anchorage"),
    **dict.fromkeys(("HST", "HDT"), "Pacific/Honolulu"),
    **dict.fromkeys(("CET", "CEST", "MET", "MEST", "MEZ", "MESZ"), "Europe/Berlin"),
    **dict.fromkeys(("GMT", "BST", "GB", "GB-EIRE"), "Europe/London"),
    **dict.fromkeys(("WET", "WEST", "PORTUGAL"), "Europe/Lisbon"),
    **dict.fromkeys(("EET", "EEST"), "Europe/Athens"),
    **dict.fromkeys(
        ("Z", "UCT", "ZULU", "UNIVERSAL", "GREENWICH", "ETC/UTC", "ETC/UCT", "ETC/GMT"), "UTC"
    ),
    **dict.fromkeys(("JST", "JAPAN"), "Asia/Tokyo"),
    **dict.fromkeys(("AEST", "AEDT"), "Australia/Sydney"),
    **dict.fromkeys(("NZ", "NZST", "NZDT"), "Pacific/Auckland"),
    "IST": "Asia/Kolkata",
    "SGT": "Asia/Singapore",
    "SINGAPORE": "Asia/Singapore",
    "HONGKONG": "Asia/Hong_Kong",
    "EIRE": "Europe/Dublin",
    "POLAND": "Europe/Warsaw",
    "TURKEY": "Europe/Istanbul",
    "ISRAEL": "Asia/Jerusalem",
}
# So like must a name be to a zone to be taken for it (a ratio of difflib): "Europe/Berln" is.
_ALIKE = 0.88
_NO_PLACE = "{value!r} is not the time zone of a place, which would know its summer time"


def is_of_a_place(name: str) -> bool:
    """Tell whether a name is the zone of a place, with that place's summer time, or UTC."""
    if name == "UTC":
        return True
    region, _, place = name.partition("/")
    if not place or region in ("Etc", "SystemV", "posix", "right"):
        return False
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


@lru_cache(maxsize=256)
def probably_meant(name: str) -> str:
    """Guess the zone of a place that somebody has in mind; empty if there is no telling."""
    written = name.strip()[:60]
    known = PROBABLY_MEANT.get(written.upper())
    if known:
        return known
    places = sorted(zone for zone in available_timezones() if is_of_a_place(zone))
    wanted = written.casefold().replace(" ", "_")
    for zone in places:
        name = zone.casefold()
        # "berlin" is enough: the town alone.
        if wanted in (name, name.rpartition("/")[2]):
            return zone
    close = get_close_matches(written, places, n=1, cutoff=_ALIKE)
    return close[0] if close else ""


def zone_problem(name: str) -> str:
    """Say what is wrong with a zone and what is probably meant; empty for a good one."""
    if is_of_a_place(name):
        return ""
    meant = probably_meant(name)
    if meant:
        english = f"{_NO_PLACE}: did you mean {{meant}}?"
        return worded("zone_no_place_meant", english, value=name[:60], meant=meant)
    english = f"{_NO_PLACE}: use one like Europe/Berlin or America/Denver"
    return worded("zone_no_place", english, value=name[:60])
