"""The event bus: every fact once it is committed, by ids only."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from routing_core.domain.events import CommitRecord

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
                fact.kind,
                {
                    "schema": 1,
                    "fact": row.fact_id(index),
                    "lead": row.lead,
                    "version": row.version,
                    "index": index,
                    "kind": fact.kind,
                    "at": row.at.isoformat(),
                    **{k: v for k, v in fact.data.items() if k in ("partner", "offer")},
                },
            )
            for index, fact in enumerate(row.facts)
        ]

    def _entry(self, kind: str, detail: Mapping[str, Any]) -> dict[str, str]:
        return {
            "EventBusName": self._name,
            "Source": SOURCE,
            "DetailType": kind,
            "Detail": json.dumps(detail, separators=(",", ":")),
        }
