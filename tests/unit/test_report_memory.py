"""How much memory a month takes, as Python counts it: each byte a lead is a megabyte a million."""

import tracemalloc

from routing_core.reporting.figures import hq_report
from routing_core.reporting.snapshot import Snapshot
from tests.benchmarks.report import CREATED, MONTH, MadeUpMonth

LEADS, PARTNERS = 10_000, 200
MOST_HELD = 380
"""Bytes a lead of a snapshot, with its steps, offers, promises and entitlements."""
MOST_TO_COMPUTE = 160
"""Bytes a lead of all that stands beside the snapshot at once, while figures are made of it."""


def test_a_month_is_held_and_counted_in_few_bytes_a_lead() -> None:
    made_up = MadeUpMonth(LEADS, PARTNERS)
    stored = Snapshot.of(MONTH, CREATED, 1, made_up.report_leads()).to_bytes()
    hq_report(Snapshot.from_bytes(stored))  # what is kept of a first time is not counted
    tracemalloc.start(1)
    try:
        snapshot = Snapshot.from_bytes(stored)
        held, _ = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        hq_report(snapshot)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held / LEADS <= MOST_HELD
    assert (most - held) / LEADS <= MOST_TO_COMPUTE
