"""Finds the event rows that are told again.

Every event of a commit is in its row, and every reader of events is idempotent: to tell a row again
does no harm.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

Row = dict[str, Any]
"""An item as DynamoDB's low-level client gives it: ``{"pk": {"S": …}}``."""


def in_order(items: Iterable[Row], since: datetime) -> list[Row]:
    """Pick the event rows that were committed since then, each lead's in the order of its versions.

    ``items``: of any sort. ``since``: with a time zone.
    """
    horizon = stored_instant(since)
    rows = [item for item in items if _is_event_row(item) and _committed_at(item) >= horizon]
    return sorted(rows, key=_lead_and_version)


def stored_instant(at: datetime) -> str:
    """Write an instant as the rows have it, so that it can be compared with theirs as text."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _is_event_row(item: Row) -> bool:
    """Tell whether an item is the row of a commit."""
    return bool(item["sk"]["S"].startswith("EVENT#"))


def _committed_at(row: Row) -> str:
    """Give when a commit was made; empty if its row does not say so."""
    return str(row.get("at", {}).get("S", ""))


def _lead_and_version(row: Row) -> tuple[str, str]:
    """Give what rows are sorted by: the partition key names the lead, the sort key the version."""
    return row["pk"]["S"], row["sk"]["S"]
