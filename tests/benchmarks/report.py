"""How long the figures of a month take, and how much memory: against pandas in the same run.

make bench-report                                   100,000 leads, 2,000 partners
make bench-report LEADS=10000 PARTNERS=200

A made-up month: most leads came in it, some were open before; windows lapse, leads come back, some
go on after the month's end and before the snapshot is made. Pandas gets the same columns as frames,
made outside of what is measured, and computes the same figures of partners and of the network; both
must say the same. Times are the least of some rounds, interleaved.
"""

import gc
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from math import isclose
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from routing_core.domain.offer import OfferKind
from routing_core.reporting.figures import hq_report
from routing_core.reporting.hq_report import HqReport
from routing_core.reporting.partner_reports import partner_reports
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
from routing_core.reporting.texts import Texts

if TYPE_CHECKING:
    from tests.benchmarks.report_pandas import Frames

ROUNDS = 5
MONTH = Period.month(2026, 10, "Europe/Berlin")
CREATED = datetime(2026, 11, 1, 3, tzinfo=UTC)
BEFORE = timedelta(days=40)
"""So long before the month the first leads came that are open in it."""
LEAST_AREAS = 8000
AREAS_A_PARTNER = 4
"""Three partners are near each area: so hardly any partner is near none."""
PRODUCTS = ("heat-pump", "boiler", "solar", "service")
SOURCES = ("google", "fair", "newsletter", "")
DECLINES = ("too-far", "no-capacity", "wrong-product")


class MadeUpMonth:
    """Makes up leads, always the same for the same numbers."""

    def __init__(self, leads: int, partners: int) -> None:
        self.dice = Random(1)
        self.leads = leads
        self.partners = [f"partner-{number:05d}" for number in range(partners)]
        areas = max(LEAST_AREAS, AREAS_A_PARTNER * partners)
        self.areas = [f"{self.dice.randrange(1000, 99999):05d}" for _ in range(areas)]
        self.partners_of = {area: self.dice.sample(self.partners, 3) for area in self.areas}

    def report_leads(self) -> Iterator[ReportLead]:
        span = MONTH.end - MONTH.start
        for number in range(self.leads):
            at = MONTH.start + span * self.dice.random()
            if self.dice.random() < 0.15:
                at = MONTH.start - BEFORE * self.dice.random()
            lead = self.one(f"{number:016x}", at)
            is_of_month = lead.steps[-1].at >= MONTH.start or lead.stage < LeadStage.WON
            yield lead if is_of_month else self.one(f"{number:016x}", MONTH.start)

    def one(self, name: str, at: datetime) -> ReportLead:
        dice = self.dice
        steps = [Step(at, LeadStage.OFFERED)]
        offers: list[ReportOffer] = []
        entitlements: list[Entitlement] = []
        owner, contacted, value, reason = "", None, None, ""
        now = at
        area = dice.choice(self.areas)
        nearby = self.partners_of[area]
        for hop, partner in enumerate(dice.sample(nearby, len(nearby)), 1):
            entitlements += [Entitlement(now, each, 333) for each in nearby]
            offer, now = self._offer(hop, partner, now)
            offers.append(offer)
            if offer.end is OfferEnd.ACCEPTED and now < CREATED:
                owner = offer.partner
                break
        if owner:
            steps.append(Step(now, LeadStage.ACCEPTED, owner))
            accepted, last = now, len(offers) - 1
            for stage, chance, days in (
                (LeadStage.CONTACTED, 0.85, 1.5),
                (LeadStage.QUOTED, 0.6, 6.0),
                (LeadStage.WON, 0.5, 9.0),
            ):
                now += timedelta(days=dice.expovariate(1 / days))
                if now >= CREATED:
                    break
                if dice.random() > chance:
                    steps.append(Step(now, LeadStage.LOST, owner))
                    reason = dice.choice(DECLINES)
                    break
                steps.append(Step(now, stage, owner))
                contacted = contacted or now
            by = accepted + timedelta(days=1)
            kept = Kept.MISSED if by < CREATED else Kept.OPEN
            if contacted and contacted <= by:
                kept = Kept.MET
            quoted = next((step.at for step in steps if step.stage is LeadStage.QUOTED), None)
            offers[last] = _accepted(offers[last], by, kept, contacted, quoted)
            if steps[-1].stage is LeadStage.WON:
                value = Decimal(dice.randrange(100_000, 3_000_000)) / 100
        elif now < CREATED:
            steps.append(Step(now, LeadStage.WAITING))
        return ReportLead(
            id=name,
            country="DE",
            area=area,
            product=dice.choice(PRODUCTS),
            urgency="soon",
            received_at=at,
            source=dice.choice(SOURCES),
            campaign=f"c{dice.randrange(20)}",
            steps=tuple(steps),
            offers=tuple(offers),
            owner=owner,
            first_contact_at=contacted,
            value=value,
            currency="EUR",
            reason=reason,
            by_hand=dice.random() < 0.1,
            nobody_left=None if owner else len(offers),
            promises=(Promise(at + timedelta(days=1), Kept.MET if owner else Kept.MISSED),),
            entitlements=tuple(entitlements),
        )

    def _offer(self, number: int, partner: str, at: datetime) -> tuple[ReportOffer, datetime]:
        dice = self.dice
        window = 4 * 3600
        taken = int(dice.expovariate(1 / 5000))
        chance = dice.random()
        end, response = OfferEnd.LAPSED, None
        if taken < window and chance < 0.9:
            end, response = (OfferEnd.ACCEPTED if chance < 0.6 else OfferEnd.DECLINED), taken
        decided = at + timedelta(seconds=4 * (window if response is None else taken))
        known = decided < CREATED
        offer = ReportOffer(
            number=number,
            partner=partner,
            kind=OfferKind.ROUTED,
            made_at=at,
            until=at + timedelta(seconds=4 * window),
            window=window,
            end=end if known else OfferEnd.PENDING,
            decided_at=decided if known else None,
            response=response if known else None,
            seen=response is not None or dice.random() < 0.5,
            reason=dice.choice(DECLINES) if end is OfferEnd.DECLINED else "",
        )
        return offer, decided


def _accepted(
    offer: ReportOffer,
    by: datetime,
    kept: Kept,
    contacted: datetime | None,
    quoted: datetime | None,
) -> ReportOffer:
    return replace(
        offer,
        after=AfterAccept.KEPT,
        contact_by=by,
        contact=kept,
        contacted_at=contacted,
        quoted_at=quoted,
    )


def least(works: Sequence[Callable[[], object]]) -> list[float]:
    """Milliseconds of processor time, of interleaved rounds the least of each."""
    times: list[list[float]] = [[] for _ in works]
    for _ in range(ROUNDS):
        for taken, work in zip(times, works, strict=True):
            gc.collect()
            began = time.process_time()
            work()
            taken.append(time.process_time() - began)
    return [min(taken) * 1000 for taken in times]


def memory(stored: Path) -> tuple[float, float, float]:
    """Megabytes above what the imports take: at most while reading, held then, at most computing.

    Of a process of its own, which first reads the stored snapshot. All that is resident counts,
    also what Python and the system keep of what was given back; numpy is among the imports.
    """
    code = f"""
import sys
sys.path[:0] = [".", "layers/routing_core"]
from pathlib import Path
from routing_core.reporting.figures import hq_report
from routing_core.reporting.snapshot import Snapshot

def most():
    return int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) / 1024

bare = most()
snapshot = Snapshot.from_bytes(Path({str(stored)!r}).read_bytes())
reading = most()
Path("/proc/self/clear_refs").write_text("5")  # the most from here on: reading is done
held = most()
hq_report(snapshot)
print(reading - bare, held - bare, most() - bare)
"""
    told = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    reading, held, computing = map(float, told.stdout.split())
    return reading, held, computing


def agree(report: HqReport, frames: "Frames", told: Mapping[str, Any], texts: Texts) -> None:
    """Fail if the two do not say the same."""
    assert told["open_at_start"] == report.reconciliation.open_at_start
    assert told["open_at_end"] == report.reconciliation.open_at_end
    assert told["cohort"]["received"] == report.activity.received
    assert told["cohort"]["accepted"] == report.cohorts[0].accepted
    assert tuple(told["automatic"]) == (report.automatic.count, report.automatic.of)
    for hours, share in report.speed.within.items():
        assert tuple(told["speed"][hours]) == (share.count, share.of)
    assert isclose(told["speed_hours"]["median"] / 3600, report.speed.hours.median or 0)
    assert isclose(told["forecast"], report.forecast.won)
    for took, counted in zip(report.velocity.days.values(), told["velocity"], strict=False):
        assert isclose(took.median or 0, counted["median"])
    table = told["partners"]
    assert len(table) >= len([each for each in report.partners if each.offers.made])
    for each in report.partners[::50]:
        row = table.loc[texts.known(each.partner)]
        assert row["made"] == each.offers.made
        assert row["met"] == each.sla.count
        assert row["conversions"] == each.conversion.count
        assert isclose(row["entitled"], each.entitled)
        if each.response_hours.median is not None:
            assert isclose(row["response"] / 3600, each.response_hours.median)
        if each.contact_hours.median is not None:
            assert isclose(row["contact"] / 3600, each.contact_hours.median)


def main(leads: int, partners: int) -> None:
    made_up = MadeUpMonth(leads, partners)
    snapshot = Snapshot.of(MONTH, CREATED, 1, made_up.report_leads())
    with TemporaryDirectory() as folder:
        stored = Path(folder) / "snapshot"
        stored.write_bytes(snapshot.to_bytes())
        size = stored.stat().st_size
        reading, held, computing = memory(stored)
    print(
        f"{len(snapshot):,} leads, {partners:,} partners: {len(snapshot.offers):,} offers,"
        f" {len(snapshot.steps):,} steps; the snapshot is {size / 1e6:.1f} MB in gzip"
    )
    report = hq_report(snapshot)
    own = least([lambda: list(partner_reports(snapshot, report))])[0]
    try:
        from tests.benchmarks.report_pandas import Frames, figures
    except ModuleNotFoundError:
        print("pandas is not here: make bench-report brings it")
        print(f"figures of HQ's report: {least([lambda: hq_report(snapshot)])[0]:,.0f} ms")
        return
    frames = Frames(snapshot)
    agree(report, frames, figures(frames), snapshot.texts)
    ours, theirs = least([lambda: hq_report(snapshot), lambda: figures(frames)])
    print(f"all figures of HQ's report      {ours:8,.0f} ms   (goal 300)")
    print(
        f"the same with pandas            {theirs:8,.0f} ms   {theirs / ours:.1f} times as long (goal 8)"
    )
    print(f"all partners' reports from them {own:8,.0f} ms")
    print(
        f"memory above the interpreter    {computing:8,.0f} MB   (goal 40): {held:.0f} to hold the"
        f" snapshot, {computing - held:.0f} to compute; {reading:.0f} while it is read"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
