"""Which of a snapshot's leads a report is about."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from itertools import accumulate, compress

from routing_core.reporting.columns import IntColumn
from routing_core.reporting.period import Period
from routing_core.reporting.snapshot import TABLES, Snapshot


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
    chosen = [True] * len(snapshot)
    for name, column in _COLUMN_OF.items():
        wanted = getattr(scope, name)
        if wanted:
            numbers = _numbers(snapshot, wanted)
            codes = getattr(snapshot.leads, column)
            chosen = [was and code in numbers for was, code in zip(chosen, codes, strict=True)]
    if scope.partners:
        asked = _asked(snapshot, scope.partners)
        chosen = [was and lead in asked for lead, was in enumerate(chosen)]
    return with_leads(snapshot, chosen)


def _numbers(snapshot: Snapshot, texts: frozenset[str]) -> frozenset[int]:
    known = (snapshot.texts.known(text) for text in texts)
    return frozenset(number for number in known if number is not None)


def _asked(snapshot: Snapshot, partners: frozenset[str]) -> frozenset[int]:
    """Give the rows of the leads that any of the partners was offered."""
    numbers = _numbers(snapshot, partners)
    offers = snapshot.offers
    is_theirs = [partner in numbers for partner in offers.partner]
    return frozenset(compress(offers.lead, is_theirs))


def with_leads(snapshot: Snapshot, chosen: Sequence[int]) -> Snapshot:
    """Give a snapshot with the chosen leads alone."""
    kept = Snapshot(
        snapshot.period,
        snapshot.created,
        snapshot.programme,
        list(compress(snapshot.ids, chosen)),
        snapshot.texts,
        snapshot.leads.chosen(chosen),
    )
    new_rows = [row - 1 for row in accumulate(map(int, chosen))]
    for name in TABLES:
        if name != "leads":
            table = getattr(snapshot, name)
            rows = table.chosen([chosen[lead] for lead in table.lead])
            rows.lead = _renumbered(rows.lead, new_rows)
            setattr(kept, name, rows)
    return kept


def _renumbered(leads: IntColumn, new_rows: Sequence[int]) -> IntColumn:
    renumbered = leads[:0]
    renumbered.extend(map(new_rows.__getitem__, leads))
    return renumbered
