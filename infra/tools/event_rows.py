"""Event rows that are told again: every fact of a commit is in its row, and every reader of facts
is idempotent.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

Row = dict[str, Any]
"""As DynamoDB's low-level client gives it: ``{"pk": {"S": …}}``."""


def in_order(items: Iterable[Row], since: datetime) -> list[Row]:
    """The event rows among them that were committed since then, each lead's in the order of its
    versions.
    """
    horizon = text(since)
    rows = (
        i
        for i in items
        if i["sk"]["S"].startswith("EVENT#") and i.get("at", {}).get("S", "") >= horizon
    )
    return sorted(rows, key=lambda row: (row["pk"]["S"], row["sk"]["S"]))


def text(at: datetime) -> str:
    """As the rows have it, so that it compares."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
