"""What a report reads from a lead's event rows, one story at a time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing_core.domain.events import (
    AttachmentEnded,
    CommitRecord,
    LeadAssigned,
    LeadAttached,
    LeadContacted,
    LeadErased,
    LeadEvent,
    LeadQuarantined,
    LeadReceived,
    LeadRejected,
    LeadReturned,
    LeadUndone,
    LeadWon,
    OfferAccepted,
    OfferExpired,
    OfferMade,
    OfferReturned,
    OfferSeen,
    PromiseRenewed,
    RepeatFound,
)
from routing_core.domain.lead import LeadStatus
from routing_core.domain.offer import OfferKind
from routing_core.reporting.figures import hq_report
from routing_core.reporting.gathered import GatheringRules, report_lead
from routing_core.reporting.hq_report import HqReport
from routing_core.reporting.period import Period
from routing_core.reporting.report_lead import AfterAccept, Kept, LeadStage, OfferEnd, ReportLead
from routing_core.reporting.snapshot import Snapshot
from tests.support.builders import a_lead

OCTOBER = Period.month(2026, 10, "Europe/Berlin")
NOVEMBER = Period.month(2026, 11, "Europe/Berlin")
CREATED = OCTOBER.end + timedelta(hours=4)
MIDDAY = datetime(2026, 10, 14, 12, tzinfo=UTC)
RULES = GatheringRules("EUR", frozenset({"wrong-contact"}))


def told(*rows: tuple[datetime, LeadEvent] | tuple[datetime, LeadEvent, LeadEvent]) -> ReportLead:
    """Each row is a commit: its instant, and what it made true."""
    lead = a_lead("L1", received_at=rows[0][0], first_promise=None)
    records = [
        CommitRecord(lead.id, version, at, None, tuple(events))
        for version, (at, *events) in enumerate(rows, 1)
    ]
    return report_lead(lead, records, None, RULES, CREATED)


def report(lead: ReportLead, period: Period = OCTOBER) -> HqReport:
    return hq_report(Snapshot.of(period, CREATED, 1, [lead]))


def made(number: int = 1, partner: str = "nord", **other: Any) -> OfferMade:
    kind = other.pop("offer_kind", OfferKind.ROUTED)
    until = MIDDAY + timedelta(days=40)
    return OfferMade(offer=number, partner=partner, offer_kind=kind, until=until)


def accepted(at: datetime, number: int = 1, partner: str = "nord") -> OfferAccepted:
    return OfferAccepted(offer=number, partner=partner, contact_by=at + timedelta(hours=8))


RECEIVED = LeadReceived(next=LeadStatus.OFFERED)
WON = LeadWon(partner="nord", value="1000.00", currency="EUR")


@given(st.integers(1, 119), st.integers(-300, 300))
def test_what_is_undone_never_counts_on_whichever_side_of_the_months_end(
    after: int, second: int
) -> None:
    won_at = OCTOBER.end + timedelta(seconds=second)
    lead = told(
        (MIDDAY, made(), RECEIVED),
        (MIDDAY + timedelta(hours=1), accepted(MIDDAY)),
        (won_at, WON),
        (won_at + timedelta(seconds=after), LeadUndone(step=LeadStatus.WON, partner="nord")),
    )
    assert (lead.stage, lead.value, lead.first_contact_at) == (LeadStage.ACCEPTED, None, None)
    for period in (OCTOBER, NOVEMBER):
        figures = hq_report(Snapshot.of(period, CREATED, 1, [lead]))
        assert (figures.activity.won, figures.activity.value) == (0, {})
        assert figures.reconciliation.open_at_end == 1
        assert figures.reconciliation.coming == figures.reconciliation.going


@pytest.mark.parametrize(("before", "of_october"), [(1, 1), (0, 0), (-1, 0)])
def test_a_months_end_belongs_to_the_next_month(before: int, of_october: int) -> None:
    won_at = OCTOBER.end - timedelta(seconds=before)
    lead = told(
        (MIDDAY, made(), RECEIVED), (MIDDAY + timedelta(hours=1), accepted(MIDDAY)), (won_at, WON)
    )
    figures = report(lead)
    assert figures.activity.won == figures.reconciliation.won == of_october
    assert figures.reconciliation.open_at_end == 1 - of_october
    assert report(lead, NOVEMBER).activity.won == 1 - of_october


def test_what_is_held_at_the_door_counts_from_when_it_is_let_through() -> None:
    later = MIDDAY + timedelta(days=1)
    lead = told(
        (MIDDAY, LeadQuarantined(reason="too_fast")),
        (later, made(), RECEIVED),
    )
    line = report(lead).reconciliation
    assert (line.received, line.spam, line.open_at_end) == (1, 0, 1)
    rejected = told((MIDDAY, LeadQuarantined(reason="too_fast")), (later, LeadRejected()))
    line = report(rejected).reconciliation
    assert (line.received, line.rejected, line.spam) == (0, 0, 1)
    erased = told((MIDDAY, LeadQuarantined(reason="too_fast")), (later, LeadErased()))
    assert report(erased).reconciliation.spam == 1


def test_a_repeat_counts_once_it_goes_its_own_way() -> None:
    attached = (MIDDAY, RepeatFound(first="L0"), LeadReceived(next=LeadStatus.ATTACHED))
    joined = (MIDDAY + timedelta(minutes=1), LeadAttached(first="L0"))
    line = report(told(attached, joined)).reconciliation
    assert (line.received, line.repeats, line.open_at_end) == (0, 1, 0)
    goes = (MIDDAY + timedelta(days=2), AttachmentEnded(first="L0"), made())
    line = report(told(attached, joined, goes)).reconciliation
    assert (line.received, line.repeats, line.open_at_end) == (1, 1, 1)


def test_an_offer_that_lapsed_and_was_accepted_later_is_accepted_and_no_faster_for_it() -> None:
    lead = told(
        (MIDDAY, made(), RECEIVED),
        (MIDDAY + timedelta(hours=4), OfferExpired(offer=1, partner="nord", shared=True)),
        (MIDDAY + timedelta(hours=6), accepted(MIDDAY)),
    )
    (offer,) = lead.offers
    assert (offer.end, offer.response) == (OfferEnd.ACCEPTED, 6 * 3600)
    assert report(lead).activity.offers.acceptance.count == 1
    assert report(lead).activity.offers.lapsed == 0


def test_a_lead_accepted_by_mistake_was_never_theirs() -> None:
    lead = told(
        (MIDDAY, made(), RECEIVED),
        (MIDDAY + timedelta(hours=1), accepted(MIDDAY)),
        (
            MIDDAY + timedelta(hours=1, minutes=3),
            OfferReturned(offer=1, partner="nord"),
            made(2, "sued"),
        ),
    )
    assert [offer.end for offer in lead.offers] == [OfferEnd.MISTAKEN, OfferEnd.PENDING]
    assert [step.stage for step in lead.steps] == [LeadStage.OFFERED]
    assigned = LeadAssigned(partner="sued", by="link:1")
    mistake = OfferReturned(offer=1, partner="nord")
    by_hand = told(
        (MIDDAY, made(), RECEIVED),
        (MIDDAY + timedelta(hours=1), accepted(MIDDAY)),
        (MIDDAY + timedelta(hours=1, minutes=3), mistake),
        (MIDDAY + timedelta(hours=2), assigned, made(2, "sued", offer_kind=OfferKind.ASSIGNED)),
    )
    assert by_hand.by_hand, "nobody had had it before HQ gave it to somebody"
    figures = report(lead)
    assert (figures.activity.offers.mistaken, figures.activity.offers.acceptance.of) == (1, 0)
    assert figures.cohorts[0].accepted == 0


@pytest.mark.parametrize(
    ("again", "after"),
    [("nord", AfterAccept.PASSED_ON), ("sued", AfterAccept.RETURNED)],
)
def test_a_return_stands_unless_hq_gives_it_to_the_same_partner_again(
    again: str, after: AfterAccept
) -> None:
    lead = told(
        (MIDDAY, made(), RECEIVED),
        (MIDDAY + timedelta(hours=1), accepted(MIDDAY)),
        (
            MIDDAY + timedelta(days=1),
            LeadReturned(offer=1, partner="nord", reason="too-far", next="review"),
        ),
        (
            MIDDAY + timedelta(days=2),
            LeadAssigned(partner=again, by="link:1"),
            made(2, again, offer_kind=OfferKind.ASSIGNED),
        ),
    )
    assert lead.offers[0].after is after
    assert lead.by_hand is False, "somebody had it before HQ did anything"


def test_a_call_is_in_time_by_the_deadline_frozen_on_the_lead() -> None:
    took = MIDDAY + timedelta(hours=1)
    for late, kept in ((0, Kept.MET), (1, Kept.MISSED)):
        lead = told(
            (MIDDAY, made(), RECEIVED),
            (took, accepted(took)),
            (took + timedelta(hours=8, seconds=late), LeadContacted(partner="nord")),
        )
        assert lead.offers[0].contact is kept


def test_a_prospect_who_is_put_off_was_promised_too_much() -> None:
    lead = told(
        (MIDDAY, made(), RECEIVED),
        (MIDDAY + timedelta(hours=3), PromiseRenewed(until=MIDDAY + timedelta(days=1))),
        (MIDDAY + timedelta(hours=5), accepted(MIDDAY)),
    )
    assert [promise.kept for promise in lead.promises] == [Kept.MET]
    again = told(
        (MIDDAY, made(), RECEIVED),
        (MIDDAY + timedelta(hours=3), PromiseRenewed(until=MIDDAY + timedelta(days=1))),
        (MIDDAY + timedelta(hours=20), PromiseRenewed(until=MIDDAY + timedelta(days=2))),
    )
    assert [promise.kept for promise in again.promises] == [Kept.MISSED, Kept.MISSED]


def test_who_looked_is_known_though_nobody_answered() -> None:
    lead = told(
        (MIDDAY, made(), RECEIVED),
        (MIDDAY + timedelta(hours=1), OfferSeen(offer=1, partner="nord")),
        (MIDDAY + timedelta(hours=4), OfferExpired(offer=1, partner="nord", shared=False)),
    )
    offers = report(lead).activity.offers
    assert (offers.lapsed_seen, offers.lapsed_unseen) == (1, 0)
    assert lead.stage is LeadStage.WAITING
