"""Publish every event once it is committed, by ids only."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from routing_core.domain.events import CommitRecord, LeadEvent

SOURCE = "partner-relay"
"""Rules on the bus know our events by this source."""
ENTRIES_PER_REQUEST = 10
"""EventBridge takes no more at once."""
PUBLISHED_SCHEMA = 1
"""Written with every event, for the day on which their shape changes."""


class UndeliveredEvents(Exception):
    """The bus refused some entries.

    Whoever published tries all of them again: readers know an event by its id.
    """


class EventBus:
    """Publishes events: ``ports.Bus``."""

    def __init__(self, client: Any, name: str):
        self._client = client
        self._name = name

    def publish(
        self, rows: Sequence[CommitRecord], partners: Sequence[tuple[str, Mapping[str, Any]]] = ()
    ) -> None:
        """Publish what commits made true, and what partners are concerned by, each with its kind.

        Raises UndeliveredEvents if the bus did not take all of them.
        """
        entries: list[dict[str, str]] = []
        for row in rows:
            entries += self._entries(row)
        for kind, data in partners:
            entries.append(self._entry(kind, {"schema": PUBLISHED_SCHEMA, "kind": kind, **data}))
        refused = self._put(entries)
        if refused:
            reasons = sorted(set(refused))
            raise UndeliveredEvents(
                f"the bus did not take {len(refused)} of {len(entries)}: {reasons}"
            )

    def _put(self, entries: Sequence[Mapping[str, str]]) -> list[str]:
        refused: list[str] = []
        for start in range(0, len(entries), ENTRIES_PER_REQUEST):
            some = entries[start : start + ENTRIES_PER_REQUEST]
            # The call succeeds even if entries are refused: each has to be looked at.
            results = self._client.put_events(Entries=some)["Entries"]
            refused += [result["ErrorCode"] for result in results if "ErrorCode" in result]
        return refused

    def _entries(self, row: CommitRecord) -> list[dict[str, str]]:
        entries: list[dict[str, str]] = []
        for index, event in enumerate(row.events):
            detail = {
                "schema": PUBLISHED_SCHEMA,
                "fact": row.event_id(index),
                "lead": row.lead,
                "version": row.version,
                "index": index,
                "kind": event.kind,
                "at": row.at.isoformat(),
            }
            entries.append(self._entry(event.kind, detail | _about(event)))
        return entries

    def _entry(self, kind: str, detail: Mapping[str, Any]) -> dict[str, str]:
        return {
            "EventBusName": self._name,
            "Source": SOURCE,
            "DetailType": kind,
            "Detail": json.dumps(detail, separators=(",", ":")),
        }


def _about(event: LeadEvent) -> dict[str, Any]:
    # The ids by which a rule on the bus may choose; whoever needs more reads the lead.
    about = {"offer": event.offer_number, "partner": event.partner_id}
    return {name: value for name, value in about.items() if value is not None}
