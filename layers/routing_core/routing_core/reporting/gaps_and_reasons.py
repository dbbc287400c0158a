"""Where demand was not met, what campaigns brought, and the reasons that people gave."""

from collections import Counter
from collections.abc import Iterable
from decimal import Decimal

from routing_core.domain.campaign_cost import CampaignCost
from routing_core.reporting.columns import (
    IntColumn,
    Selectors,
    amounts_by,
    as_numbers,
    counts_of,
    rows_with,
)
from routing_core.reporting.hq_report import CampaignReturn, Gap, ReasonCount
from routing_core.reporting.money import Money, added_up
from routing_core.reporting.period_view import PeriodView
from routing_core.reporting.report_lead import AfterAccept, LeadStage, OfferEnd

_NOBODY = "0"
"""How a cell spells that there was nobody to ask at all."""


def gaps(view: PeriodView) -> tuple[Gap, ...]:
    """Give how demand was met in each part of the country, the worst first."""
    texts = view.snapshot.texts
    demand: Counter[tuple[str, ...]] = Counter()
    nobody: Counter[tuple[str, ...]] = Counter()
    refused: Counter[tuple[str, ...]] = Counter()
    for number, count in counts_of(as_numbers(view.snapshot.leads.cell)[view.came]).items():
        *where, left = texts[number].split("\t")
        cell = tuple(where)
        demand[cell] += count
        if left == _NOBODY:
            nobody[cell] += count
        elif left:
            refused[cell] += count
    found = [
        Gap(
            country=cell[0],
            area=cell[1],
            product=cell[2],
            demand=demand[cell],
            nobody=nobody[cell],
            refused=refused[cell],
        )
        for cell in demand
    ]
    found.sort(key=lambda gap: (-gap.nobody, -gap.refused, -gap.demand, gap.area, gap.product))
    return tuple(found)


def why_declined(view: PeriodView) -> tuple[ReasonCount, ...]:
    """Count why offers were turned down in the period."""
    offers = view.snapshot.offers
    was_declined = as_numbers(offers.end) == OfferEnd.DECLINED
    return _counted(view, offers.reason, view.happened(offers.decided) & was_declined)


def why_returned(view: PeriodView) -> tuple[ReasonCount, ...]:
    """Count why owners gave leads back in the period."""
    offers = view.snapshot.offers
    was_given_back = rows_with(
        as_numbers(offers.after), AfterAccept.RETURNED, AfterAccept.RETURNED_NEUTRAL
    )
    return _counted(view, offers.reason, view.happened(offers.let_go) & was_given_back)


def why_lost(view: PeriodView) -> tuple[ReasonCount, ...]:
    """Count why leads that a partner had were lost in the period."""
    was_lost = view.ended_inside & view.standing(LeadStage.LOST)
    return _counted(view, view.snapshot.leads.reason, was_lost)


def _counted(view: PeriodView, reasons: IntColumn, chosen: Selectors) -> tuple[ReasonCount, ...]:
    texts = view.snapshot.texts
    given = counts_of(as_numbers(reasons)[chosen])
    counts = [ReasonCount(texts[reason], n) for reason, n in given.items()]
    return tuple(sorted(counts, key=lambda each: (-each.count, each.reason)))


def campaign_returns(view: PeriodView, costs: Iterable[CampaignCost]) -> tuple[CampaignReturn, ...]:
    """Give what each campaign brought of the leads that came in the period, at their last touch."""
    leads, texts = view.snapshot.leads, view.snapshot.texts
    touches = as_numbers(leads.touch)[view.came]
    came = counts_of(touches)
    accepted = counts_of(touches[view.accepted[view.came] > 0])
    was_won = rows_with(view.stages[view.came], LeadStage.WON)
    columns = (touches, as_numbers(leads.value)[view.came], as_numbers(leads.currency)[view.came])
    touch_won, cents, currency = (column[was_won] for column in columns)
    won, value = counts_of(touch_won), amounts_by(touch_won, cents, currency)
    spent = _costs(view, costs)
    number_of = {tuple(texts[touch].split("\t")): touch for touch in came}
    found = []
    for names in sorted({*number_of, *spent}):
        touch = number_of.get(names, 0)
        found.append(
            CampaignReturn(
                source=names[0],
                campaign=names[1],
                leads=came[touch],
                accepted=accepted[touch],
                won=won[touch],
                value=added_up(value.get(touch, ()), texts),
                cost=spent.get(names, {}),
            )
        )
    return tuple(sorted(found, key=lambda each: (-each.leads, each.source, each.campaign)))


def _costs(view: PeriodView, costs: Iterable[CampaignCost]) -> dict[tuple[str, ...], Money]:
    """Add up what was spent in months that begin in the period."""
    spent: dict[tuple[str, ...], dict[str, Decimal]] = {}
    for cost in costs:
        if view.period.first_day <= cost.month < view.period.next_day:
            of_campaign = spent.setdefault((cost.source, cost.campaign), {})
            so_far = of_campaign.get(cost.currency, Decimal(0))
            of_campaign[cost.currency] = so_far + cost.amount
    return {**spent}
