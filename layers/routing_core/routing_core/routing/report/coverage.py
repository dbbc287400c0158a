"""Holds what the report on a network's coverage says.

It names gaps, thin spots and overlaps, and whom no enquiry can reach. ``survey.survey_coverage``
makes it.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

NO_TERRITORY = "no_territory"
"""Says why a partner is out of reach whose territory lies where no form asks, or nowhere."""
AWAY = frozenset({"unconfirmed", "bounced", "paused", "lapsed", "absent"})
"""Names why somebody is not asked who else would be.

``lapsed``: paused because offers were left unanswered.
"""


class FindingKind(StrEnum):
    """What was found, by the word that the report and its texts use."""

    GAP = "gap"
    """Nobody, except perhaps the programme's backup partner, who takes what nobody else does."""
    THIN = "thin"
    """One partner only."""
    OVERLAP = "overlap"
    """Two or more come first alike.

    Whom a narrower entry, a better rank or tier puts before all others there, by the criteria with
    which the programme's order begins, overlaps with nobody.
    """


class Demand(NamedTuple):
    """What somebody there may ask for, beside the product."""

    urgency: str
    language: str
    weekdays: tuple[str, ...] = ()
    """Names the days on which somebody asks; empty: any."""


class KeptOut(NamedTuple):
    """A partner whom routing does not ask, and why."""

    partner: str
    reason: str
    until: date | None = None
    """Gives the last day of an absence."""

    @property
    def away(self) -> bool:
        """Tell whether the partner would be asked, were it not for this."""
        return self.reason in AWAY


@dataclass(frozen=True, slots=True)
class Finding:
    """What is so in one area for one product."""

    kind: FindingKind
    """Says what was found."""
    country: str
    """Names the country of the area."""
    area: str
    """States the area as a territory is written: ``DE 97*``, ``DE 42000-44999``."""
    region: str
    """Names the narrowest of the programme's regions around it; empty if none is."""
    product: str
    """Names the product asked for."""
    demands: tuple[Demand, ...]
    """Lists the urgencies, languages and weekdays for which this is so."""
    always: bool
    """Tells whether it is so for all that may be asked there."""
    partners: tuple[str, ...]
    """Names who could be asked, backups of the place too, by name.

    The order in which they are asked depends on the day. Where nobody else is left, these are the
    backup partners of those who are kept out for now.
    """
    kept_out: tuple[KeptOut, ...] = ()
    """Names who covers the area and is not asked, each with the reason nearest to being asked.

    In a gap it is everybody, those first who need only come back; in a thin spot those alone.
    """
    backup: str = ""
    """Names in a gap the programme's backup partner, if that one is asked there after all.

    It is empty if nobody is.
    """

    @property
    def waits(self) -> bool:
        """Tell whether it is a gap that is smaller once somebody is back."""
        return self.kind is FindingKind.GAP and any(out.away for out in self.kept_out)


class Served(NamedTuple):
    """What may be asked somewhere in a country and somebody could take."""

    product: str
    country: str
    demand: Demand


@dataclass(frozen=True, slots=True)
class CoverageReport:
    """How well a network covers what the programme's forms ask for."""

    at: datetime
    """Gives the instant for which this is so."""
    findings: tuple[Finding, ...]
    """Lists the findings, by product as the programme lists them, then by area.

    Where one partner is first and another second nothing is said.
    """
    unreachable: tuple[KeptOut, ...]
    """Names the partners whom no enquiry reaches, and what keeps the nearest one away.

    The enquiries of every form are looked at.
    """
    lost: tuple[tuple[str, str], ...] = ()
    """Names the partners with an entry that covers nothing, and the entry.

    It is a radius around a place that nobody knows, or a region or area that the programme does not
    name.
    """

    served: frozenset[Served] = frozenset()
    """Gives whatever somebody takes somewhere, whether or not there is a finding about it."""

    def of(self, kind: FindingKind) -> tuple[Finding, ...]:
        """List the findings of one kind."""
        return tuple(finding for finding in self.findings if finding.kind is kind)
