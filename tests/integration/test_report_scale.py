"""A report's requests grow as is said: counted at a small size, so that a large one is known."""

from __future__ import annotations

import json

from tests.benchmarks.report_run import (
    EVENTS_A_STATE,
    HISTORY_LIMIT,
    STATE_LIMIT,
    Size,
    counted_runs,
    expected,
    most_list_queries,
)
from tests.support.world import World

A_MILLION = Size(leads=1_000_000, partners=10_000, known=1_000_000)


def test_requests_grow_with_leads_and_partners_as_is_said(world: World) -> None:
    size = Size(leads=450, partners=55, known=450)
    (_, first, _), (_, second, states) = counted_runs(world, size.leads, size.partners)
    for task, requests in expected(size).items():
        for what, count in requests.items():
            assert second[task].requests[what] == count, (task, what)
    listed = second["gather"].requests["Query read-model"]
    assert 0 < listed <= most_list_queries(size)
    assert states == size.states
    # The first report reads the table itself: a page at a time, and not lead by lead.
    assert first["gather"].requests["Query leads"] == 0
    assert first["gather"].requests["Scan leads"] == first["gather"].calls
    for count in (*first.values(), *second.values()):
        assert count.largest_state < STATE_LIMIT


def test_a_million_leads_and_ten_thousand_partners_fit_an_execution() -> None:
    """Slices and batches are what Step Functions passes on, and each state writes events."""
    part = {"run": "2026-10.12", "part": 0, "cursor": "", "number": 1000}
    known = {**part, "slice": {"kind": "known", "first": 1_000_000, "last": 1_005_000}}
    assert len(json.dumps([known] * (A_MILLION.known_slices + 4))) < STATE_LIMIT
    batch = {"run": "2026-10.12", "batch": 1000}
    assert len(json.dumps([batch] * A_MILLION.batches)) < STATE_LIMIT
    assert EVENTS_A_STATE * A_MILLION.states < HISTORY_LIMIT
