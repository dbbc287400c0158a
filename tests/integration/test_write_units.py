"""What a lead costs in the tables stays within its goals, also when everything is asked and answered."""

from tests.benchmarks.requests import counted, missed


def test_a_routed_lead_and_an_accept_cost_no_more_than_was_set_out() -> None:
    dear = [(name, what, bill.lines) for name, found in counted() for what, bill in found.items() if missed(what, bill)]
    assert dear == []
