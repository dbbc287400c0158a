"""A snapshot gives back the leads that were put into it."""

import gzip
import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from routing_core.domain.offer import OfferKind
from routing_core.reporting.figures import hq_report
from routing_core.reporting.joined_snapshots import joined_snapshots
from routing_core.reporting.partner_counts import OfferCounts
from routing_core.reporting.period import Period
from routing_core.reporting.report_lead import (
    AfterAccept,
    Entitlement,
    Kept,
    LeadStage,
    OfferEnd,
    Promise,
    ReportLead,
    ReportOffer,
    Step,
)
from routing_core.reporting.snapshot import Snapshot

STORED = Path(__file__).parents[1] / "samples" / "stored_before" / "snapshot_1.json.gz"
AT = datetime(2026, 10, 5, 8, tzinfo=UTC)
OCTOBER = Period.month(2026, 10, "Europe/Berlin")
OFFER = ReportOffer(
    number=1,
    partner="nord",
    kind=OfferKind.ROUTED,
    made_at=AT,
    until=AT + timedelta(hours=4),
    window=3 * 3600,
    end=OfferEnd.ACCEPTED,
    decided_at=AT,
    response=0,
    seen=True,
    after=AfterAccept.KEPT,
    contact_by=AT + timedelta(days=1),
    contact=Kept.MET,
    contacted_at=AT + timedelta(hours=1),
)
LEAD = ReportLead(
    id="0123456789abcdef",
    country="DE",
    area="80331",
    product="heat-pump",
    urgency="soon",
    received_at=AT,
    source="fair",
    campaign="spring",
    steps=(Step(AT, LeadStage.OFFERED), Step(AT, LeadStage.WON, "nord")),
    offers=(OFFER,),
    owner="nord",
    value=Decimal("1234.50"),
    currency="EUR",
    nobody_left=0,
    promises=(Promise(AT, Kept.MET),),
    entitlements=(Entitlement(AT, "nord", 333),),
)


def test_what_is_stored_is_read_again_row_by_row() -> None:
    bare = ReportLead(
        id="bare", country="DE", area="", product="p", urgency="u", received_at=AT, offers=()
    )
    leads = [bare, LEAD, replace(LEAD, id="another")]
    snapshot = Snapshot.of(OCTOBER, AT, 3, leads)
    stored = snapshot.to_bytes()
    read = Snapshot.from_bytes(stored)
    assert list(read.report_leads()) == leads
    assert (read.period, read.created, read.programme) == (OCTOBER, AT, 3)
    assert read.to_bytes() == stored
    assert Snapshot.ids_in(stored) == list(snapshot.ids)


def test_of_parts_that_are_joined_the_later_knows_better_but_where_an_erased_lead_came_from() -> (
    None
):
    first = Snapshot.of(OCTOBER, AT, 3, [LEAD, replace(LEAD, id="another")])
    erased = replace(LEAD, source="", campaign="", reason="price")
    second = Snapshot.of(OCTOBER.month_before(), AT, 4, [erased])
    # Of stored bytes columns are narrower than those into which they are joined.
    joined = joined_snapshots(Snapshot.from_bytes(part.to_bytes()) for part in (first, second))
    assert {lead.id: lead for lead in joined.report_leads()} == {
        LEAD.id: replace(erased, source="fair", campaign="spring"),
        "another": replace(LEAD, id="another"),
    }
    assert joined.offers.partner.tolist() == sorted(joined.offers.partner)
    assert joined.programme == 4


def stored_lines() -> list[bytes]:
    return gzip.decompress(Snapshot.of(OCTOBER, AT, 3, [LEAD]).to_bytes()).splitlines()


def test_a_snapshot_of_a_later_version_is_not_read_wrongly() -> None:
    head, *rest = stored_lines()
    later = json.dumps(json.loads(head) | {"schema": 3}).encode()
    with pytest.raises(ValueError, match="schema 3"):
        Snapshot.from_bytes(gzip.compress(b"\n".join([later, *rest])))


def test_what_the_first_schema_stored_makes_the_report_that_it_made_then() -> None:
    """Its rows stood by lead; the numbers were taken down when it was stored."""
    read = Snapshot.from_bytes(STORED.read_bytes())
    report = hq_report(read)
    line = report.reconciliation
    assert (line.open_at_start, line.received, line.won, line.lost) == (24, 57, 9, 26)
    assert report.activity.offers == OfferCounts(
        made=69, accepted=49, declined=11, lapsed_seen=6, lapsed_unseen=3
    )
    assert [each.cases for each in report.velocity.days.values()] == [64, 50, 50, 38]
    written = Snapshot.of(read.period, read.created, read.programme, read.report_leads())
    assert hq_report(written) == report
    assert hq_report(Snapshot.from_bytes(written.to_bytes())) == report


def test_what_an_older_version_did_not_store_is_nothing_and_what_a_newer_one_adds_is_left_out() -> (
    None
):
    lines = [line for line in stored_lines() if not line.startswith(b'["leads","not_called"')]
    lines += [b'["leads","mood","AAAA"]', b'["moods","mood","AAAA"]']
    read = Snapshot.from_bytes(gzip.compress(b"\n".join(lines)))
    assert list(read.report_leads()) == [LEAD]


def test_a_month_begins_and_ends_by_the_clock_of_its_zone() -> None:
    """October 2026 in Berlin has an hour more than its days: the clocks go back."""
    assert OCTOBER.end - OCTOBER.start == timedelta(days=31, hours=1)
    assert OCTOBER.holds(OCTOBER.start)
    assert not OCTOBER.holds(OCTOBER.end)
    assert Period.month_of(OCTOBER.end, "Europe/Berlin") == Period.month(2026, 11, "Europe/Berlin")
    assert Period.month_of(OCTOBER.end, "America/New_York").first_day == date(2026, 10, 1)
    january = Period.month(2026, 1, "UTC")
    assert january.month_before() == Period.month(2025, 12, "UTC")
    assert Period.month(2025, 12, "UTC").end == january.start
