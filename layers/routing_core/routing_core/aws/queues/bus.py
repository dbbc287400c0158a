"""The event bus: every fact once it is committed, by ids only."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from routing_core.domain.events import CommitRecord, LeadEvent

SOURCE = "partner-relay"
PER_REQUEST = 10


class UndeliveredFacts(Exception):
    """The bus refused some entries. Whoever published tries all of them again: readers know a fact
    by its id.
    """


class EventBus:
    """Implements ports.Bus."""

    def __init__(self, client: Any, name: str):
        self._client = client
        self._name = name

    def publish(
        self, rows: Sequence[CommitRecord], partners: Sequence[tuple[str, Mapping[str, Any]]] = ()
    ) -> None:
        """Raises UndeliveredFacts if the bus did not take all of them."""
        entries = [entry for row in rows for entry in self._entries(row)]
        entries += [
            self._entry(kind, {"schema": 1, "kind": kind, **data}) for kind, data in partners
        ]
        refused: list[str] = []
        for start in range(0, len(entries), PER_REQUEST):
            answer = self._client.put_events(Entries=entries[start : start + PER_REQUEST])
            refused += [
                result["ErrorCode"] for result in answer["Entries"] if "ErrorCode" in result
            ]
        if refused:
            raise UndeliveredFacts(
                f"the bus did not take {len(refused)} of {len(entries)}: {sorted(set(refused))}"
            )

    def _entries(self, row: CommitRecord) -> list[dict[str, str]]:
        return [
            self._entry(
                event.kind,
                {
                    "schema": 1,
                    "fact": row.event_id(index),
                    "lead": row.lead,
                    "version": row.version,
                    "index": index,
                    "kind": event.kind,
                    "at": row.at.isoformat(),
                    **_about(event),
                },
            )
            for index, event in enumerate(row.events)
        ]

    def _entry(self, kind: str, detail: Mapping[str, Any]) -> dict[str, str]:
        return {
            "EventBusName": self._name,
            "Source": SOURCE,
            "DetailType": kind,
            "Detail": json.dumps(detail, separators=(",", ":")),
        }


def _about(event: LeadEvent) -> dict[str, Any]:
    """Give the ids by which a rule on the bus may choose: the partner and the offer, if there are
    any.
    """
    about = {"offer": event.offer_number, "partner": event.partner_id}
    return {name: value for name, value in about.items() if value is not None}
