"""Which of a snapshot's leads a report is about."""

from dataclasses import dataclass, fields
from itertools import compress

import numpy as np

from routing_core.reporting.columns import Selectors, as_numbers, like
from routing_core.reporting.period import Period
from routing_core.reporting.snapshot import TABLES, Snapshot
from routing_core.reporting.texts import LeadIds


@dataclass(frozen=True, slots=True)
class ReportScope:
    """What leads must be like to be counted; an empty set asks for nothing."""

    period: Period | None = None
    """Another period than the snapshot's, inside of what it knows."""
    products: frozenset[str] = frozenset()
    urgencies: frozenset[str] = frozenset()
    regions: frozenset[str] = frozenset()
    sources: frozenset[str] = frozenset()
    campaigns: frozenset[str] = frozenset()
    partners: frozenset[str] = frozenset()
    """Only leads that any of these was offered, and of partners only these."""

    @property
    def is_everything(self) -> bool:
        """Tell whether no lead is left out."""
        return not any(getattr(self, each.name) for each in fields(self) if each.name != "period")


EVERYTHING = ReportScope()
"""Leaves nothing out."""
_COLUMN_OF = {
    "products": "product",
    "urgencies": "urgency",
    "regions": "region",
    "sources": "source",
    "campaigns": "campaign",
}


def narrowed(snapshot: Snapshot, scope: ReportScope) -> Snapshot:
    """Give a snapshot with the leads that the scope asks for; the very same if it asks nothing."""
    if scope.is_everything:
        return snapshot
    chosen = np.ones(len(snapshot), np.bool_)
    for name, column in _COLUMN_OF.items():
        wanted = getattr(scope, name)
        if wanted:
            column_numbers = as_numbers(getattr(snapshot.leads, column))
            chosen &= np.isin(column_numbers, _numbers(snapshot, wanted))
    if scope.partners:
        chosen &= _asked(snapshot, scope.partners)
    return with_leads(snapshot, chosen)


def _numbers(snapshot: Snapshot, texts: frozenset[str]) -> list[int]:
    return [number for number, text in enumerate(snapshot.texts.texts) if text in texts]


def _asked(snapshot: Snapshot, partners: frozenset[str]) -> Selectors:
    """Say of each lead whether any of the partners was offered it."""
    offers = snapshot.offers
    is_theirs = np.isin(as_numbers(offers.partner), _numbers(snapshot, partners))
    asked = np.zeros(len(snapshot), np.bool_)
    asked[as_numbers(offers.lead)[is_theirs]] = True
    return asked


def with_leads(snapshot: Snapshot, chosen: Selectors) -> Snapshot:
    """Give a snapshot with the chosen leads alone."""
    kept = Snapshot(
        snapshot.period,
        snapshot.created,
        snapshot.programme,
        LeadIds(compress(snapshot.ids, chosen.tolist())),
        snapshot.texts,
        snapshot.leads.taken(chosen),
    )
    new_rows = np.cumsum(chosen) - 1
    for name in TABLES:
        if name != "leads":
            table = getattr(snapshot, name)
            rows = table.taken(chosen[as_numbers(table.lead)])
            rows.lead = like(rows.lead, new_rows[as_numbers(rows.lead)])
            setattr(kept, name, rows)
    return kept
