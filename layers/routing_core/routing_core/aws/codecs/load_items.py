"""A partner's load as a plain item and back; ``load_update`` writes what of it has changed."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from routing_core.aws.codecs.items import Item, instant
from routing_core.domain.figures import NAMES, Figures
from routing_core.domain.partner import Lapse, Load
from routing_core.domain.partner_plain import caps_from_plain


def load_key(partner: str) -> Item:
    return {"pk": f"PARTNER#{partner}", "sk": "LOAD"}


COUNTERS = ("d", "w", "m", "r")
"""First letters of the named counters: offers per day, week, month; early returns per month."""
PLACES_OF = "o:"
"""Begins the names of the counters of places by product."""
FIGURES = {name: f"f:{name}" for name in NAMES}
LAPSE_OF = "l:"
"""Begins the names of the lapses in a row, each an attribute named by its lead: commits add and
remove them without getting into each other's way.
"""


def lapse_to_text(lapse: Lapse) -> str:
    return f"{lapse.day.isoformat()} {lapse.person}{' unseen' if lapse.unseen else ''}"


def lapse_from_text(lead: str, text: str) -> Lapse:
    day, person, *unseen = text.split(" ")
    return Lapse(lead, person, date.fromisoformat(day), bool(unseen))


def load_from_item(item: Mapping[str, Any]) -> Load:
    made = {k: int(v) for k, v in item.items() if k[0] in COUNTERS and k[1:2].isdigit()}
    lapsed = tuple(
        lapse_from_text(name.removeprefix(LAPSE_OF), text)
        for name, text in item.items()
        if name.startswith(LAPSE_OF)
    )
    return Load(
        partner=item["pk"].removeprefix("PARTNER#"),
        active=bool(item.get("active", False)) and not item.get("pause", False),
        links=int(item.get("links", 1)),
        people={person: int(generation) for person, generation in item["people"].items()}
        if "people" in item
        else None,
        revoked=int(item.get("revoked", 0)),
        ended={person: int(times) for person, times in item.get("ended", {}).items()},
        caps=caps_from_plain(item.get("caps", {})),
        places=int(item.get("places", 0)),
        made=made,
        last_offered=instant(item.get("last_offered")),
        lapses=int(item.get("lapses", 0)) + len(lapsed),
        unseen=int(item.get("unseen", 0)) + len([lapse for lapse in lapsed if lapse.unseen]),
        lapsed=lapsed,
        paused_by_lapses=bool(item.get("pause", False)),
        products={
            k.removeprefix(PLACES_OF): int(v)
            for k, v in item.items()
            if k.startswith(PLACES_OF) and int(v) > 0
        },
        turn=int(item.get("turn", 0)),
        figures=Figures(
            **{name: int(item[short]) for name, short in FIGURES.items() if short in item}
        ),
        seq=int(item.get("seq", 0)),
    )
