"""What is kept of a decision: all that is needed to make it again, in less than eight kilobytes."""

import json
import zlib
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from routing_core.domain.figures import Figures
from routing_core.domain.partner import Absence, Caps
from routing_core.routing.decide.decision import Decision, decide
from routing_core.routing.decide.record import load_rows, loads_of, outcome_in, record_of
from routing_core.routing.decide.situation import Situation
from routing_core.routing.decide.stride import STRIDE
from routing_core.routing.index.network import Network
from routing_core.routing.policy import Policy
from tests.support.builders import NOON, a_partner
from tests.support.deciding import ENQUIRY, POLICY, a_load, raw_size


def test_the_record_names_versions_loads_candidates_and_exclusions():
    loads = {
        "a": a_load(
            "a", open_count=1, caps=Caps(open=4), seq=7, made={"d2026-11-25": 2, "d2026-11-24": 9}
        )
    }
    network = Network.compile("n1", [a_partner("a"), a_partner("b", paused=True)], {})
    record = record_of(decide(Situation(ENQUIRY, network, POLICY, NOON, loads)), network)
    assert len(record.pop("inputs")) == 16
    assert record == {
        "schema": 3,
        "at": "2026-11-25T11:00:00+00:00",
        "network_version": "n1",
        "policy_version": 3,
        "limit": 90,
        "chosen": "a",
        "eligible": 1,
        "shortlisted": 1,
        "beyond": 0,
        "ranked": [
            {
                "partner": "a",
                "keys": {
                    "served_before": False,
                    "territory": "DE 80*",
                    "rank": 1,
                    "tier": 2,
                    "load": "1/4",
                    "last_offered": None,
                },
            }
        ],
        "excluded": {"paused": {"count": 1, "examples": ["b"]}},
        "loads": [[8, 1, 0, 2, 0, 0, {"caps": [4, None, None, None]}]],
    }


def a_crowd(id_of: Any, size: int = 1500) -> dict[str, Any]:
    """Over a thousand partners, among them some for every reason."""
    states: list[dict[str, Any]] = [
        {},
        {},
        {},
        {"confirmed_email": ""},
        {"bounced": True},
        {"paused": True},
        {"absences": (Absence(NOON.date(), NOON.date()),)},
        {"products": frozenset()},
        {"languages": frozenset({"fr"})},
        {"tags": frozenset({"odd"})},
    ]
    partners = [
        a_partner(id_of(number), caps=Caps(open=100), **states[number % 10])
        for number in range(size)
    ]
    loads = {
        partner.id: a_load(
            partner.id, open_count=number % 9, caps=partner.caps, seq=10**6, last_offered=NOON
        )
        for number, partner in enumerate(partners)
    }
    network = Network.compile("n1", partners, {})
    return record_of(decide(Situation(ENQUIRY, network, POLICY, NOON, loads)), network)


def test_a_record_of_a_crowd_names_twenty_candidates_and_five_examples_and_counts_the_rest():
    record = a_crowd(lambda number: f"partner-{number}")
    assert len(record["ranked"]) == 20
    assert record["eligible"] == record["shortlisted"] == len(record["loads"]) == 90
    assert record["beyond"] == 600 - 90
    assert record["excluded"]["paused"]["count"] == 150
    assert len(record["excluded"]["paused"]["examples"]) == 5
    assert raw_size(record) < 8_000
    assert len(zlib.compress(json.dumps(record).encode())) < 1_500


def test_a_record_stays_under_eight_kilobytes_with_the_longest_ids():
    record = a_crowd(lambda number: f"{number:_>40}")
    assert raw_size(record) < 8_000
    assert len(load_rows(record)) == 90
    assert record["excluded"]["paused"]["count"] == 150
    assert record["ranked"][0]["partner"] == record["chosen"]


@pytest.mark.slow
def test_a_record_grows_with_the_network_only_by_the_digits_of_what_it_counts():
    """So it is under eight kilobytes with 100,000 partners too: it was measured, at 7.1."""
    small, large = (a_crowd(lambda number: f"{number:_>40}", size) for size in (1500, 6000))
    assert large["excluded"]["paused"]["count"] == 4 * small["excluded"]["paused"]["count"]
    assert large["beyond"] == 2400 - 90
    assert abs(raw_size(large) - raw_size(small)) < 100


def a_busy_crowd(
    number: int, limit: int, **told: Any
) -> tuple[Network, Policy, Decision, dict[str, Any]]:
    """Loads of years, with everything a load can say, in numbers that do not repeat."""
    dice = Random(number)

    def many(most: int) -> int:
        return dice.randrange(most)

    caps = Caps(open=100, day=90, week=300, month=900, paced=True, products={"heat-pump": 50})
    partners = [a_partner(f"{n:_>40}", caps=caps) for n in range(number)]
    loads = {
        partner.id: a_load(
            partner.id,
            open_count=many(90),
            caps=replace(caps, open=99),
            seq=many(50_000),
            last_offered=NOON - timedelta(milliseconds=many(10**10)),
            made={"d2026-11-25": many(80), "w2026-48": many(250), "m2026-11": many(800)},
            products={"heat-pump": many(40), "boiler": many(40)},
            pass_value=many(2_000) * STRIDE,
            figures=Figures(*map(many, (2_000, 500, 300, 1_500, 10**6, 300, 500, 5 * 10**6, 50))),
        )
        for partner in partners
    }
    network = Network.compile("n1", partners, {})
    policy = replace(POLICY, order=("exploration", "weight", "performance", "load"))
    decision = decide(Situation(ENQUIRY, network, policy, NOON, loads), limit)
    return network, policy, decision, json.loads(json.dumps(record_of(decision, network, told)))


def test_a_record_with_every_load_at_its_fullest_and_the_longest_ids_is_packed_and_can_be_made_again():
    network, policy, decision, record = a_busy_crowd(1500, 90)
    assert raw_size(record) < 8_000
    assert (len(record["ranked"]), record["eligible"], len(load_rows(record))) == (10, 90, 90)
    assert "loads_left_out" not in record
    again = decide(
        Situation(ENQUIRY, network, policy, NOON, loads_of(record, decision.considered, network))
    )
    assert json.loads(json.dumps(record_of(again, network))) == record


def test_a_record_with_a_wave_of_forty_and_fifty_backups_passed_over_fits_too():
    offered, backups = (
        [f"{number:_>40}" for number in range(40)],
        [f"{number:B>40}" for number in range(50)],
    )
    told = {"offered": offered, "kind": "routed", "wave": 2, "passed_over": {"full": backups}}
    *_, record = a_busy_crowd(1500, 90, **told)
    assert raw_size(record) < 8_000
    assert outcome_in(record) == told
    assert len(load_rows(record)) + record.get("loads_left_out", 0) == 90


def test_where_a_long_search_saw_more_loads_than_fit_the_record_says_how_many_it_left_out():
    network, _, decision, record = a_busy_crowd(1500, 720)
    assert raw_size(record) < 8_000
    assert record["loads_left_out"] == 720 - len(load_rows(record)) > 0
    with pytest.raises(ValueError, match="zip"):
        loads_of(record, decision.considered, network)
