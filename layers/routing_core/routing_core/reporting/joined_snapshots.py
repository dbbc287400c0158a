"""Joins snapshots, column by column: a million leads never become a million objects."""

from collections.abc import Iterable

import numpy as np

from routing_core.reporting.scope import with_leads
from routing_core.reporting.snapshot import TABLES, Snapshot

_ORIGIN = ("source", "campaign", "touch")
"""The columns that say where a lead came from."""


def joined_snapshots(parts: Iterable[Snapshot]) -> Snapshot:
    """Join what was gathered in parts; of a lead that is in several the last counts.

    What erasure took from the later one (where it came from) is kept of the earlier. Raises
    ValueError without any part.
    """
    joining: _Joining | None = None
    for part in parts:
        if joining is None:
            joining = _Joining(part)
        joining.take(part)
    if joining is None:
        raise ValueError("there is no snapshot to join")
    return joining.done()


class _Joining:
    """A snapshot that grows by parts, and in which row each lead stands."""

    def __init__(self, first: Snapshot) -> None:
        self._whole = Snapshot(first.period, first.created, first.programme)
        self._row_of: dict[str, int] = {}
        self._is_latest = bytearray()
        """Says of each row whether no later part has its lead."""

    def take(self, part: Snapshot) -> None:
        """Add a part, which is newer than those before it."""
        whole = self._whole
        whole.period, whole.created, whole.programme = part.period, part.created, part.programme
        texts = np.array([whole.texts.number(text) for text in part.texts.texts])
        first_lead = len(whole.ids)
        for name in TABLES:
            getattr(whole, name).take_rows(getattr(part, name), texts, first_lead)
        self._is_latest += bytes([True]) * len(part.ids)
        for row, lead in enumerate(part.ids, first_lead):
            whole.ids.append(lead)
            earlier = self._row_of.get(lead)
            if earlier is not None:
                self._supersede(earlier, row)
            self._row_of[lead] = row

    def _supersede(self, earlier: int, later: int) -> None:
        """Let a later row stand for a lead, with where the lead came from if erasure took that."""
        self._is_latest[earlier] = False
        leads = self._whole.leads
        if leads.source[later] or leads.campaign[later]:
            return
        for name in _ORIGIN:
            column = getattr(leads, name)
            column[later] = column[earlier]

    def done(self) -> Snapshot:
        """Give the whole, in which each lead stands once."""
        whole = self._whole
        if not all(self._is_latest):
            whole = with_leads(whole, np.frombuffer(self._is_latest, np.bool_))
        whole.put_in_order()
        return whole
