"""Saves what campaigns cost: checked as a whole, shown before, and over the version that was read.

A list takes the place of the costs of the months that it names; all other months stay as they are.
A cost of 0 is none: so a month is emptied. Reports that were made stay as they are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from routing_core.domain.activity import ActivityKind
from routing_core.domain.campaign_cost import CampaignCost, CostList
from routing_core.domain.errors import InvalidInput, NotAllowed, Problem, VersionConflict
from routing_core.domain.hq_people import HqPerson, Right
from routing_core.domain.programme.programme import Programme
from routing_core.formats.campaign_costs_csv import (
    CostsFile,
    read_campaign_costs,
    read_cost_documents,
)
from routing_core.service.kernel.read_model import LogEntry
from routing_core.service.reports.report_ports import ReportServices

_Name = tuple[date, str, str, str]
"""Month, source, campaign and currency: each has one cost."""


@dataclass(frozen=True, slots=True)
class CostChange:
    """A cost that would be another one."""

    month: date
    source: str
    campaign: str
    currency: str
    before: Decimal | None
    """None where there was none."""
    after: Decimal | None
    """None where there will be none."""


@dataclass(frozen=True, slots=True)
class CostPlan:
    """What a list of costs would do: checked as a whole, and nothing of it saved."""

    known: CostList
    """What is kept so far."""
    costs: tuple[CampaignCost, ...]
    """What would be kept."""
    months: tuple[date, ...]
    """The months that the list names."""
    changes: tuple[CostChange, ...]


@dataclass(frozen=True, slots=True)
class CostsView:
    """The page of costs: what is kept, what was sent, and what it would do."""

    programme: Programme
    visitor: HqPerson
    known: CostList
    now: datetime
    text: str = ""
    """The list that was sent."""
    plan: CostPlan | None = None
    problems: Sequence[Problem] = field(default=())
    moved: bool = False
    """Somebody else saved costs since what the list would do was shown."""


def plan_costs_text(reports: ReportServices, text: str) -> CostPlan:
    """Say what a list as a spreadsheet saves it would do. Raises InvalidInput."""
    file = read_campaign_costs(text, reports.services.programme.currency)
    return _plan(reports.costs.read(), file)


def plan_cost_documents(reports: ReportServices, documents: Sequence[Any]) -> CostPlan:
    """Say what the costs that a program sends would do. Raises InvalidInput."""
    file = read_cost_documents(documents, reports.services.programme.currency)
    return _plan(reports.costs.read(), file)


def _plan(known: CostList, file: CostsFile) -> CostPlan:
    if file.problems:
        raise InvalidInput(file.problems)
    months = {each.month for each in file.costs}
    stay = [each for each in known.costs if each.month not in months]
    told = [each for each in file.costs if each.amount]
    before, after = _by_name(known.costs), _by_name([*stay, *told])
    changes = tuple(
        CostChange(*name, before.get(name), after.get(name))
        for name in sorted(before.keys() | after.keys())
        if before.get(name) != after.get(name)
    )
    costs = tuple(
        CampaignCost(source, campaign, month, amount, currency)
        for (month, source, campaign, currency), amount in sorted(after.items())
    )
    return CostPlan(known, costs, tuple(sorted(months)), changes)


def _by_name(costs: Sequence[CampaignCost]) -> Mapping[_Name, Decimal]:
    return {(each.month, each.source, each.campaign, each.currency): each.amount for each in costs}


def check_version_of_costs(plan: CostPlan, seen: int | None) -> None:
    """Raise VersionConflict if the costs are not in the version that was seen; None: any is."""
    if seen is not None and seen != plan.known.version:
        raise VersionConflict(f"the costs are in version {plan.known.version} by now: read them")


def save_costs(reports: ReportServices, plan: CostPlan, by: str, now: datetime) -> CostList:
    """Keep what a list says, and note who did it; where nothing changes, nothing is kept.

    Raises VersionConflict if somebody else saved costs since the plan was made.
    """
    if not plan.changes:
        return plan.known
    saved = CostList(plan.costs, plan.known.version + 1, now, by)
    reports.costs.keep(saved)
    first, last = plan.changes[0].month, plan.changes[-1].month
    about = f"{first:%Y-%m}" if first == last else f"{first:%Y-%m} – {last:%Y-%m}"
    kind = ActivityKind.COSTS_SAVED
    entry = LogEntry(at=now, by=by, kind=kind, version=saved.version, about=about)
    reports.services.activity.note(entry)
    return saved


# ── HQ's page ─────────────────────────────────────────────────────────────────────────────────────


def view_costs(reports: ReportServices, person: HqPerson, now: datetime) -> CostsView:
    """Show what is kept. Raises NotAllowed for whoever may not make reports of the whole network."""
    _check_right(person)
    return CostsView(reports.services.programme, person, reports.costs.read(), now)


def check_costs(reports: ReportServices, person: HqPerson, text: str, now: datetime) -> CostsView:
    """Show what a list would do, or what is wrong with it. Raises NotAllowed."""
    _check_right(person)
    programme = reports.services.programme
    try:
        plan = plan_costs_text(reports, text)
    except InvalidInput as error:
        known = reports.costs.read()
        return CostsView(programme, person, known, now, text, problems=error.problems)
    return CostsView(programme, person, plan.known, now, text, plan)


def save_costs_as_person(reports: ReportServices, checked: CostsView, seen: str) -> bool:
    """Save a list that was checked; False if the costs are not in the version seen any more."""
    _check_right(checked.visitor)
    if checked.plan is None or seen != str(checked.known.version):
        return False
    try:
        save_costs(reports, checked.plan, checked.visitor.actor, checked.now)
    except VersionConflict:
        return False
    return True


def _check_right(person: HqPerson) -> None:
    person.need(Right.MAKE_REPORTS)
    if person.regions is not None:
        raise NotAllowed("costs are the whole network's: ask somebody who sees all of it")
