"""What campaigns cost, for machines."""

from decimal import Decimal
from typing import Any

from routing_core.domain.campaign_cost import CampaignCost, CostList
from routing_core.service.reports.campaign_costs import CostChange, CostPlan

MOST_COST_CHANGES = 5_000
"""Told in one answer, which may have 6 MB."""


def cost_list_json(known: CostList) -> dict[str, Any]:
    """Give all costs; amounts are texts, so that no cent is lost. It can be saved again as it is."""
    return {
        "version": known.version,
        "saved_at": known.saved_at.isoformat() if known.saved_at else None,
        "costs": [_cost(each) for each in known.costs],
    }


def saved_costs_json(plan: CostPlan, version: int, dry_run: bool) -> dict[str, Any]:
    """Give what a list did, or would do."""
    return {
        "version": version,
        "dry_run": dry_run,
        "months": [f"{month:%Y-%m}" for month in plan.months],
        "changes": [_change(each) for each in plan.changes[:MOST_COST_CHANGES]],
        "changes_left_out": max(len(plan.changes) - MOST_COST_CHANGES, 0),
    }


def _cost(each: CampaignCost) -> dict[str, str]:
    return {
        "month": f"{each.month:%Y-%m}",
        "source": each.source,
        "campaign": each.campaign,
        "cost": str(each.amount),
        "currency": each.currency,
    }


def _change(each: CostChange) -> dict[str, str | None]:
    return {
        "month": f"{each.month:%Y-%m}",
        "source": each.source,
        "campaign": each.campaign,
        "currency": each.currency,
        "from": _amount(each.before),
        "to": _amount(each.after),
    }


def _amount(amount: Decimal | None) -> str | None:
    return None if amount is None else str(amount)
