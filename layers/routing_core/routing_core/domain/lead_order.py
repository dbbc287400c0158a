"""The orders of lists in which no rows are stored: what a row is sorted by."""

from collections.abc import Iterable
from datetime import datetime

from routing_core.domain.lead_row import LeadRow, LeadSort

SortKey = tuple[int | str, ...]
"""Rows stand in the order of these; no two leads have the same."""


def in_order(rows: Iterable[LeadRow], sort: LeadSort) -> list[LeadRow]:
    """Sort rows."""
    return sorted(rows, key=lambda row: sort_key(row, sort))


def sort_key(row: LeadRow, sort: LeadSort) -> SortKey:
    """Give what a row is sorted by; of those that are alike, what was received last comes first."""
    received = _milliseconds(row.received_at)
    if sort is LeadSort.OLDEST:
        return received, row.id
    return *_first_of_all(row, sort), -received, row.id


def _first_of_all(row: LeadRow, sort: LeadSort) -> SortKey:
    match sort:
        case LeadSort.DUE:
            step = row.next_step
            # What nobody has to do anything about comes last.
            return (0, _milliseconds(step[1])) if step else (1, 0)
        case LeadSort.SCORE:
            return (-row.score,)
        case LeadSort.CHANGED:
            return (-_milliseconds(row.changed_at),)
        case LeadSort.POSTCODE:
            return int(not row.postcode), row.country, row.postcode
        case _:
            return ()


def _milliseconds(at: datetime) -> int:
    return round(at.timestamp() * 1000)
