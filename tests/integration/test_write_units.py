"""What a lead costs in the tables stays within its goals, also when everything is asked and
answered.
"""

import pytest

from tests.benchmarks.requests import COUNTS, missed
from tests.support.world import World


@pytest.mark.parametrize("case", COUNTS)
@pytest.mark.slow
def test_a_routed_lead_and_an_accept_cost_no_more_than_was_set_out(world: World, case: str) -> None:
    dear = {what: bill.lines for what, bill in COUNTS[case](world).items() if missed(what, bill)}
    assert dear == {}
