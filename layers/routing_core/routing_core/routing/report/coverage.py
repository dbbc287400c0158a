"""What the report on a network's coverage tells: gaps, thin spots and overlaps, and whom no enquiry
can reach.

``survey.cover`` makes it.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

NO_TERRITORY = "no_territory"
"""Why a partner is out of reach whose territory lies where no form asks, or nowhere."""
AWAY = frozenset({"unconfirmed", "bounced", "paused", "lapsed", "absent"})
"""Why somebody is not asked who else would be. ``lapsed``: paused because offers were left
unanswered.
"""


class Kind(StrEnum):
    GAP = "gap"
    """Nobody, except perhaps the programme's backup partner, who takes what nobody else does."""
    THIN = "thin"
    """One partner only."""
    OVERLAP = "overlap"
    """Two or more come first alike. Whom a narrower entry, a better rank or tier puts before all
    others there, by the criteria with which the programme's order begins, overlaps with nobody.
    """


class Need(NamedTuple):
    """What somebody there may ask for, beside the product."""

    urgency: str
    language: str
    weekdays: tuple[str, ...] = ()
    """On which somebody asks; empty: on any."""


class KeptOut(NamedTuple):
    """A partner whom routing does not ask, and why."""

    partner: str
    reason: str
    until: date | None = None
    """The last day of an absence."""

    @property
    def away(self) -> bool:
        """Would be asked, were it not for this."""
        return self.reason in AWAY


@dataclass(frozen=True, slots=True)
class Spot:
    """One area and product. ``needs``: the urgencies, languages and weekdays for which this is so;
    ``always``: for all.
    """

    kind: Kind
    country: str
    area: str
    """As a territory is written: ``DE 97*``, ``DE 42000-44999``."""
    region: str
    """The narrowest of the programme's regions around it; empty if none is."""
    product: str
    needs: tuple[Need, ...]
    always: bool
    partners: tuple[str, ...]
    """Who could be asked, backups of the place too, by name; the order in which they are depends on
    the day. Where nobody else is left, the backup partners of those who are kept out for now.
    """
    kept_out: tuple[KeptOut, ...] = ()
    """Who covers the area and is not asked, each with the reason nearest to being asked: in a gap
    everybody, those first who need only come back; in a thin spot those alone.
    """
    backup: str = ""
    """In a gap: the programme's backup partner, if that one is asked there after all; empty if
    nobody is.
    """

    @property
    def waits(self) -> bool:
        """A gap that is smaller once somebody is back."""
        return self.kind is Kind.GAP and any(out.away for out in self.kept_out)


@dataclass(frozen=True, slots=True)
class Coverage:
    at: datetime
    spots: tuple[Spot, ...]
    """By product as the programme lists them, then by area. Where one is first and another second
    nothing is said.
    """
    unreachable: tuple[KeptOut, ...]
    """Partners whom no enquiry of any form reaches, and what keeps the nearest one away."""
    lost: tuple[tuple[str, str], ...] = ()
    """Partners with an entry that covers nothing: a radius around a place that nobody knows, a
    region or area that the programme does not name.
    """
    in_order: frozenset[str] = frozenset()
    """Products for which somewhere one partner is first and others are second."""

    def of(self, kind: Kind) -> tuple[Spot, ...]:
        return tuple(spot for spot in self.spots if spot.kind is kind)

    def without_anybody(self) -> tuple[str, ...]:
        """Products for which there is nobody at all, whatever the place, urgency and language."""
        served = {spot.product for spot in self.spots if spot.kind is not Kind.GAP} | self.in_order
        return tuple(
            dict.fromkeys(spot.product for spot in self.spots if spot.product not in served)
        )
