"""All figures of a period for HQ, from its snapshot and what is remembered of earlier reports."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Self

import numpy as np

from routing_core.domain.campaign_cost import CampaignCost
from routing_core.reporting import gaps_and_reasons, lead_figures
from routing_core.reporting.coded_values import coded
from routing_core.reporting.columns import Numbers, how_many
from routing_core.reporting.forecast import (
    TrackRecord,
    added_records,
    forecast,
    forecast_check,
)
from routing_core.reporting.headline import (
    headline_from_data,
    headline_to_data,
    restated,
    sum_of_headlines,
)
from routing_core.reporting.hq_report import (
    ANSWER_BINS,
    LONGER,
    Cohort,
    Headline,
    HqReport,
    PeriodActivity,
    Restated,
)
from routing_core.reporting.notable import (
    most_notable,
    notable_of_network,
    notable_of_partner,
)
from routing_core.reporting.outlook import Forecast, Velocity
from routing_core.reporting.partner_tally import (
    SECONDS_AN_HOUR,
    OwnerTally,
    PartnerTally,
    hours_of,
    partner_figures,
)
from routing_core.reporting.period_view import PeriodView
from routing_core.reporting.report_lead import LeadStage
from routing_core.reporting.scope import EVERYTHING, ReportScope, narrowed, with_leads
from routing_core.reporting.share import Share
from routing_core.reporting.snapshot import Snapshot
from routing_core.reporting.velocity import velocity

REPRINTED = (30, 60, 90)
"""Days after which a cohort is shown again."""
A_DAY_OF_SPEED = 24


@dataclass(frozen=True, slots=True)
class Remembered:
    """What later reports need of one that was sent, beside its snapshot."""

    headline: Headline
    forecast: Forecast
    record: TrackRecord

    def to_data(self) -> dict[str, Any]:
        """Spell it for JSON."""
        return {
            "headline": headline_to_data(self.headline),
            "forecast": _forecast_to_data(self.forecast),
            "record": self.record.to_data(),
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """Read what ``to_data`` wrote."""
        return cls(
            headline_from_data(data["headline"]),
            _forecast_from_data(data["forecast"]),
            TrackRecord.from_data(data["record"]),
        )


_AMOUNTS = ("value", "value_low", "value_high")
_NUMBERS = ("open", "won", "won_low", "won_high", "currency", "based_on")


def _forecast_to_data(made: Forecast) -> dict[str, Any]:
    data = {name: getattr(made, name) for name in _NUMBERS}
    return data | {name: str(getattr(made, name)) for name in _AMOUNTS}


def _forecast_from_data(data: Mapping[str, Any]) -> Forecast:
    numbers = {name: data[name] for name in _NUMBERS}
    amounts: dict[str, Any] = {name: Decimal(data[name]) for name in _AMOUNTS}
    return Forecast(**numbers, **amounts)


@dataclass(frozen=True, slots=True)
class EarlierReports:
    """What is known of earlier reports, and what HQ told of costs."""

    months: Sequence[Remembered] = ()
    """Of earlier periods as they were sent, the oldest first; twelve are a trend."""
    snapshots: Sequence[Snapshot] = ()
    """The snapshots of the last periods, the oldest first: three serve cohorts to 90 days."""
    costs: Sequence[CampaignCost] = field(default=())


NO_EARLIER_REPORTS = EarlierReports()
"""Nothing is known of them: this is the first."""


def hq_report(
    snapshot: Snapshot,
    scope: ReportScope = EVERYTHING,
    earlier: EarlierReports = NO_EARLIER_REPORTS,
    currency: str = "EUR",
) -> HqReport:
    """Give all figures of a period; ``currency`` is the one in which orders are forecast."""
    chosen = narrowed(snapshot, scope)
    period = scope.period or snapshot.period
    # Of a period that is not over nothing is known beyond the instant of the snapshot.
    view = PeriodView.of(chosen, period, min(period.end, snapshot.created))
    # What leads say comes before offers are counted, whose counts stay until the end: so never is
    # the memory of both needed at once.
    pace, expected = _outlook(view, earlier, currency)
    line = lead_figures.reconciliation(view)
    speed = lead_figures.speed_to_lead(view)
    promises = lead_figures.promises_kept(view)
    gaps = gaps_and_reasons.gaps(view)
    campaigns = gaps_and_reasons.campaign_returns(view, earlier.costs)
    cohorts = _cohorts(view, earlier, scope)
    changes = _restated(chosen, scope, earlier)
    last = earlier.months[-1].forecast if earlier.months else None
    decline_reasons = gaps_and_reasons.why_declined(view)
    lost_reasons = gaps_and_reasons.why_lost(view)
    return_reasons = gaps_and_reasons.why_returned(view)
    won_since = lead_figures.ended_leads(view, LeadStage.WON)
    lost_since = lead_figures.ended_leads(view, LeadStage.LOST)
    owners = OwnerTally.of(view)
    tally = PartnerTally(view)
    answers = tally.waited
    response_hours, answered_after = hours_of(answers), _answered_after(answers)
    of_partners = partner_figures(view, tally, owners)
    if scope.partners:
        of_partners = tuple(each for each in of_partners if each.partner in scope.partners)
    activity = lead_figures.activity(view, tally, owners)
    headline = replace(
        _headline(view, activity, tally.sla, speed.within[A_DAY_OF_SPEED]),
        promises=promises,
        response_hours=response_hours,
    )
    notable = list(notable_of_network(gaps, _waiting(view, line.open_at_end), promises, speed))
    for each in of_partners:
        notable += notable_of_partner(each, tally.sla)
    return HqReport(
        period=view.period,
        created=snapshot.created,
        programme=snapshot.programme,
        headline=headline,
        notable=most_notable(notable),
        reconciliation=line,
        activity=activity,
        cohorts=cohorts,
        funnel=lead_figures.funnel(cohorts[0]),
        partners=of_partners,
        response_hours=response_hours,
        answered_after=answered_after,
        speed=speed,
        automatic=headline.automatic,
        promises=promises,
        sla=tally.sla,
        gaps=gaps,
        decline_reasons=decline_reasons,
        lost_reasons=lost_reasons,
        return_reasons=return_reasons,
        unfair=tally.unfair,
        ages=lead_figures.stage_ages(view, owners.overdue.total()),
        velocity=pace,
        forecast=expected,
        last_forecast=forecast_check(view, last) if last and last.based_on else None,
        campaigns=campaigns,
        won_since=won_since,
        lost_since=lost_since,
        trend=(*(month.headline for month in earlier.months), headline),
        restated=changes,
    )


def _outlook(view: PeriodView, earlier: EarlierReports, currency: str) -> tuple[Velocity, Forecast]:
    """Tell how fast leads go on and what the open ones will bring, by all that has ended."""
    known = added_records((*(month.record for month in earlier.months), TrackRecord.of(view)))
    return velocity(view, known, currency), forecast(view, known, currency)


def remembered(report: HqReport, snapshot: Snapshot) -> Remembered:
    """Give what later reports need of one over a whole snapshot, to be stored beside it."""
    view = PeriodView.of(snapshot, report.period)
    return Remembered(report.headline, report.forecast, TrackRecord.of(view))


def _waiting(view: PeriodView, open_leads: int) -> Share:
    return Share(view.count(LeadStage.WAITING), open_leads)


def _answered_after(answers: Numbers) -> Mapping[int, int]:
    """Count the answers by the bin in which their response hours lie."""
    times = answers[answers % 2 == 0]
    counts: dict[int, int] = {}
    before = 0
    for hours in ANSWER_BINS:
        up_to = how_many(times <= coded(hours * SECONDS_AN_HOUR, censored=False))
        counts[hours] = up_to - before
        before = up_to
    counts[LONGER] = len(times) - before
    return counts


# ── cohorts, headlines, and what is otherwise now ─────────────────────────────────────────────────


def _cohorts(view: PeriodView, earlier: EarlierReports, scope: ReportScope) -> tuple[Cohort, ...]:
    """Give the period's own cohort, and those of earlier periods as they stand later."""
    found = [lead_figures.own_cohort(view)]
    if scope.period is not None:
        return tuple(found)
    known = [narrowed(each, scope) for each in earlier.snapshots[-len(REPRINTED) :]]
    for back, days in zip(range(1, len(known) + 1), REPRINTED, strict=False):
        following = known[len(known) - back :]
        snapshots = (*following, view.snapshot)
        found.append(lead_figures.cohort(snapshots, following[0].period, days))
    return tuple(found)


def _headline(view: PeriodView, activity: PeriodActivity, sla: Share, in_a_day: Share) -> Headline:
    offers = activity.offers
    return Headline(
        period=view.period,
        received=activity.received,
        offers=offers.made,
        accepted=offers.accepted,
        declined=offers.declined,
        lapsed=offers.lapsed,
        contacted=activity.contacted,
        quoted=activity.quoted,
        won=activity.won,
        lost=activity.lost,
        open_at_end=lead_figures.open_leads(view),
        value=activity.value,
        acceptance=offers.acceptance,
        sla=sla,
        contacted_in_a_day=in_a_day,
        automatic=lead_figures.automatic_share(view),
    )


def headline_of(view: PeriodView) -> Headline:
    """Give the few numbers of a period alone."""
    tally = PartnerTally(view)
    activity = lead_figures.activity(view, tally, OwnerTally.of(view))
    speed = lead_figures.speed_to_lead(view)
    return _headline(view, activity, tally.sla, speed.within[A_DAY_OF_SPEED])


def _restated(
    chosen: Snapshot, scope: ReportScope, earlier: EarlierReports
) -> tuple[Restated, ...]:
    """Compare the last report as it was sent with what is known now of its period.

    A lead that this period still knows tells it itself; of the others nothing has changed since.
    """
    if not earlier.months or not earlier.snapshots or scope != EVERYTHING:
        return ()
    sent = earlier.months[-1].headline
    last = earlier.snapshots[-1]
    if last.period != sent.period:
        return ()
    known = frozenset(chosen.ids)
    others = with_leads(last, np.array([lead not in known for lead in last.ids], np.bool_))
    now = sum_of_headlines(
        headline_of(PeriodView.of(others, sent.period)),
        headline_of(PeriodView.of(chosen, sent.period)),
    )
    return restated(sent, now)
