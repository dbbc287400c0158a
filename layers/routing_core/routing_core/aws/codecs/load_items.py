"""Read a partner's LOAD: the item that commits change piece by piece.

Some of its attributes are named by what they count, each on its own, so that commits change them
without getting into each other's way:

    d2026-11-25, w2026-48, m2026-11   offers made in a day, week or month in the partner's zone
    m2026-11:boiler                   of these, the ones for one product
    r2026-11                          early returns of a month
    o:heat-pump                       offers held open of one product
    l:ABCD1234                        an offer of that lead that lapsed, in a row of lapses
    f:won                             one of the partner's figures
"""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from routing_core.aws.codecs.record_codec import RecordCodec, StoredField
from routing_core.aws.codecs.value_codecs import (
    FLAG,
    WHOLE_NUMBER,
    WHOLE_NUMBERS,
    Item,
    ValueCodec,
    instant_text,
    read_stored_instant,
)
from routing_core.domain.figures import NAMES, Figures
from routing_core.domain.partner import Lapse, Load
from routing_core.domain.partner_plain import (
    caps_from_plain,
    caps_to_plain,
    extra_from_plain,
    extra_to_plain,
)


class LoadAttribute(StrEnum):
    """The attributes of LOAD that commits change: what is read is what is written."""

    ACTIVE = "active"
    EXTRA_OPEN = "extra"
    LAPSES = "lapses"
    LAST_OFFERED = "last_offered"
    OPEN_COUNT = "places"
    WEIGHTED_ORDER = "turn"
    PAUSED = "pause"
    SEQUENCE = "seq"
    UNSEEN = "unseen"


COUNTERS = ("d", "w", "m", "r")
"""First letters of the counters by period; a digit follows."""
OPEN_OF_PRODUCT = "o:"
"""Begins the names of the counters of open offers by product."""
LAPSE_OF = "l:"
"""Begins the names of the lapses in a row, each named by its lead."""
FIGURE_OF = "f:"
"""Begins the names of the figures."""
FIGURES_CODEC = RecordCodec(
    Figures, *(StoredField(name, f"{FIGURE_OF}{name}", WHOLE_NUMBER) for name in NAMES)
)


def _read_last_offered(stored: str) -> datetime | None:
    # A commit that only looks whether it could make an offer leaves an empty text where nobody was
    # asked before.
    return read_stored_instant(stored) if stored else None


LOAD_CODEC = RecordCodec(
    Load,
    StoredField("links", "links", WHOLE_NUMBER),
    StoredField("people", "people", WHOLE_NUMBERS),
    StoredField("revoked", "revoked", WHOLE_NUMBER),
    StoredField("ended", "ended", WHOLE_NUMBERS),
    StoredField("caps", "caps", ValueCodec(caps_to_plain, caps_from_plain)),
    StoredField(
        "extra_open", LoadAttribute.EXTRA_OPEN, ValueCodec(extra_to_plain, extra_from_plain)
    ),
    StoredField("open_count", LoadAttribute.OPEN_COUNT, WHOLE_NUMBER),
    StoredField(
        "last_offered", LoadAttribute.LAST_OFFERED, ValueCodec(instant_text, _read_last_offered)
    ),
    StoredField("paused_by_lapses", LoadAttribute.PAUSED, FLAG),
    StoredField("pass_value", LoadAttribute.WEIGHTED_ORDER, WHOLE_NUMBER),
    StoredField("seq", LoadAttribute.SEQUENCE, WHOLE_NUMBER),
    beside=("partner", "active", "made", "products", "lapsed", "lapses", "unseen", "figures"),
)


def load_key(partner: str) -> Item:
    """Give the key of a partner's LOAD."""
    return {"pk": f"PARTNER#{partner}", "sk": "LOAD"}


def lapse_to_text(lapse: Lapse) -> str:
    """Give a lapse as the text of its attribute: ``2026-11-20 f00d unseen``.

    That is the day, a mark of whoever asked, and whether nobody looked at the offer.
    """
    text = f"{lapse.day.isoformat()} {lapse.person}"
    return f"{text} unseen" if lapse.unseen else text


def lapse_from_text(lead: str, text: str) -> Lapse:
    """Read a lapse from its attribute, which is named by the lead."""
    day, person, *unseen = text.split(" ")
    return Lapse(lead, person, date.fromisoformat(day), bool(unseen))


def load_from_item(item: Mapping[str, Any]) -> Load:
    """Read a partner's LOAD."""
    made: dict[str, int] = {}
    products: dict[str, int] = {}
    lapsed: list[Lapse] = []
    for name, stored in item.items():
        if name[0] in COUNTERS and name[1:2].isdigit():
            made[name] = int(stored)
        elif name.startswith(OPEN_OF_PRODUCT) and stored > 0:
            products[name.removeprefix(OPEN_OF_PRODUCT)] = int(stored)
        elif name.startswith(LAPSE_OF):
            lapsed.append(lapse_from_text(name.removeprefix(LAPSE_OF), stored))
    # Lapses counted before each was kept are a number only; those that are kept come on top of it.
    counted = int(item.get(LoadAttribute.LAPSES, 0))
    counted_unseen = int(item.get(LoadAttribute.UNSEEN, 0))
    unseen = [lapse for lapse in lapsed if lapse.unseen]
    return LOAD_CODEC.read(
        item,
        partner=item["pk"].removeprefix("PARTNER#"),
        # A pause by lapses stands here alone, committed with the lapse; the profile does not know
        # of it.
        active=bool(item.get(LoadAttribute.ACTIVE)) and LoadAttribute.PAUSED not in item,
        made=made,
        products=products,
        lapsed=tuple(lapsed),
        lapses=counted + len(lapsed),
        unseen=counted_unseen + len(unseen),
        figures=FIGURES_CODEC.read(item),
    )
