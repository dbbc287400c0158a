"""What the stack costs while nobody asks anything of it, from counted requests."""

from __future__ import annotations

from tests.benchmarks.cost import (
    MOST_IDLE,
    PRICES,
    REGIONS,
    counted,
    dollars,
    of_an_idle_month,
    of_the_stack_itself,
)
from tests.support.world import World


def test_a_month_without_enquiries_costs_less_than_a_dollar_of_requests_and_storage(
    world: World,
) -> None:
    swept, units = counted(world, world.sweep)
    idle = of_an_idle_month(swept, units)
    assert swept
    for region in REGIONS:
        assert 0.1 < dollars(idle, region) <= MOST_IDLE


def test_each_price_names_its_page_and_both_regions() -> None:
    prices = {name: price for name, price in PRICES.items() if name != "written"}
    assert prices
    for price in prices.values():
        assert set(price) == {"page", *REGIONS}
    assert of_the_stack_itself().keys() <= prices.keys()
