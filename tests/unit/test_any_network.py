"""What holds for any network at all: invented partners, loads, enquiries and programmes, against a
plain scan.
"""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from routing_core.domain.calendar.business_time import ResponseHours
from routing_core.domain.figures import Figures
from routing_core.domain.partner import (
    Absence,
    Caps,
    ExtraOpen,
    Load,
    Partner,
    Person,
    period_keys,
)
from routing_core.domain.programme.areas import Region
from routing_core.domain.programme.routing_settings import Performance
from routing_core.domain.programme.rules import Condition, RoutingRule
from routing_core.domain.territory.gazetteer import Gazetteer, Point
from routing_core.domain.territory.territory import Territory
from routing_core.routing.decide.decision import decide, shortlist
from routing_core.routing.decide.eligibility import REASONS, local_day
from routing_core.routing.decide.record import loads_of, record_of
from routing_core.routing.decide.situation import Situation
from routing_core.routing.index.network import Network
from routing_core.routing.index.snapshot import pack, unpack
from routing_core.routing.policy import Enquiry, Policy
from tests.support.builders import a_programme, working_in
from tests.support.deciding import a_load, decided, order, raw_size
from tests.support.few import examples
from tests.support.reference import AREAS, reference_decision, where

IDS = ["a", "b", "c", "d", "e", "f"]
REGIONS = {
    "north": Region(country="XX", postcodes=["0*", "100-149"]),
    "centre": Region(country="XX", postcodes=["333", "334", "33*"]),
    "all": Region(country="XX", postcodes=["0*", "000-999"]),
    "abroad": Region(country="YY", postcodes=["3*"]),
}


def mostly(usual: Any, *rare: Any) -> st.SearchStrategy[Any]:
    """A network where nobody is eligible shows little. (In the middle: Hypothesis likes the ends of
    a list.)
    """
    often = [usual] * 8 * len(rare)
    return st.sampled_from([*often, *rare, *often])


few = st.integers(0, 3)
days = st.dates(date(2026, 11, 23), date(2026, 11, 27))
moments = st.datetimes(
    datetime(2026, 11, 24),
    datetime(2026, 11, 26),
    timezones=st.just(UTC),
).map(lambda at: at.replace(microsecond=at.microsecond // 1000 * 1000))
codes = st.sampled_from(["099", "100", "149", "330", "333", "334", "999"])
postcodes = (
    st.just("333") | codes | st.sampled_from(["", "33", "3333", "33A", "33!", "33 3", "unknown"])
)
territories = st.builds(
    lambda entry, rank, kind: Territory.parse(
        f"not {entry}" if kind == "not" else entry + (f" rank {rank}" if rank > 1 else "") + kind
    ),
    st.sampled_from(
        ["XX", "YY", "region north", "region centre", "region all", "region abroad", "region gone"]
    )
    | st.just("*")
    | codes.map(lambda code: f"XX {code}")
    | codes.map(lambda code: f"XX {code[:2]}*")
    | codes.map(lambda code: f"XX {code[:1]}*")
    | st.tuples(codes, codes).map(lambda ends: f"XX {min(ends)}-{max(ends)}")
    | codes.map(lambda code: f"XX 30km {code}")
    | codes.map(lambda code: f"XX 90km {code}")
    | codes.map(lambda code: f"XX 150km {code}")
    | st.just("area box"),
    st.integers(1, 3),
    st.sampled_from(["", "", "", "not", "not", " backup"]),
)


def parsed_takes(*texts: str) -> tuple[Condition, ...]:
    return tuple(map(Condition.parse, texts))


MORNINGS = ResponseHours.parse(
    {day: ["05:00-12:00", "22:00-24:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
)
CLOSED = ResponseHours.parse({})
DONE = (
    Figures(offers=2, answers=2, declined=2),
    Figures(offers=20, answers=18, declined=3, lapsed=2, used=4_000, won=5, lost=4, value=70_000),
    Figures(offers=9, answers=4, lapsed=5, used=3_000, won=1, lost=6, value=300, returned=2),
)
PLACES = Gazetteer(
    {f"XX {code}": Point(*place) for code in map(str, range(100, 1000)) if (place := where(code))}
)


def profiles(partner_id: str) -> st.SearchStrategy[Partner]:
    email = f"{partner_id}@example.com"
    return st.builds(
        Partner,
        id=st.just(partner_id),
        name=st.just(partner_id),
        contact=st.just(Person(email)),
        country=st.just("XX"),
        time_zone=st.sampled_from(
            ["Europe/Berlin", "Pacific/Auckland", "America/Denver", "Mars/Base"]
        ),
        language=st.sampled_from(["de", "en"]),
        territories=st.lists(territories, min_size=1, max_size=8).map(tuple),
        products=mostly(frozenset({"p", "q"}), frozenset({"q"}), frozenset()),
        tier=st.integers(1, 2),
        languages=mostly(frozenset({"de", "en"}), frozenset(), frozenset({"en"})),
        tags=mostly(frozenset({"x", "y"}), frozenset({"x"}), frozenset()),
        certificates=mostly({"c": None}, {}, {"c": date(2026, 11, 24)}, {"c": date(2026, 11, 25)}),
        absences=mostly(
            (),
            (Absence(date(2026, 11, 25), date(2026, 11, 25)),),
            (Absence(date(2026, 11, 20), date(2026, 11, 23)),),
        ),
        specialisations=mostly(frozenset({"s"}), frozenset()),
        type=mostly("installer", "planner"),
        weight=mostly(1, 0, 3, 5),
        lead_filters=mostly(
            (),
            *(
                parsed_takes(*t)
                for t in (["area at least 50"], ["weekday in mon, tue"], ["colour is red"])
            ),
        ),
        postcode=mostly("333", "334", "999", "149", "", "099"),
        response_hours=mostly(None, MORNINGS, CLOSED),
        paused=mostly(False, True),
        confirmed_email=mostly(email, "", "other@example.com"),
        bounced=mostly(False, True),
    )


def load_of(partner_id: str) -> st.SearchStrategy[Load]:
    cap = st.sampled_from([None, None, 2, 3])
    periods = days.flatmap(lambda day: st.sampled_from(period_keys(day)))
    periods |= st.tuples(periods, st.sampled_from(["p", "q"])).map(":".join)
    return st.builds(
        Load,
        partner=st.just(partner_id),
        active=mostly(True, False),
        caps=st.builds(
            Caps,
            open=st.none() | st.integers(0, 4),
            day=cap,
            week=cap,
            month=cap,
            paced=mostly(False, True),
            products=mostly({}, {"p": 2}),
            product_offers=mostly({}, {"p": {"day": 2, "month": 3}}, {"q": {"week": 1}}),
        ),
        extra_open=st.none() | st.builds(ExtraOpen, st.integers(1, 3), days),
        open_count=few,
        made=st.dictionaries(periods, few, max_size=8),
        last_offered=st.none() | moments,
        products=mostly({}, {"p": 1}, {"p": 2, "q": 5}),
        pass_value=st.integers(0, 4).map(lambda turns: turns * 400_000_000),
        figures=mostly(Figures(), *DONE),
        seq=few,
    )


networks = st.tuples(*map(profiles, IDS)).map(list)
loads_of_some = st.builds(
    lambda loads, missing: {
        partner: load for partner, load in loads.items() if partner not in missing
    },
    st.fixed_dictionaries({partner: load_of(partner) for partner in [*IDS, "stranger"]}),
    mostly((), ("a",), ("b", "c")),
)
enquiries = st.builds(
    Enquiry,
    country=mostly("XX", "YY", "", "nowhere"),
    postcode=postcodes,
    product=mostly("p", "q", "unknown"),
    urgency=st.sampled_from(["emergency", "soon", "unknown"]),
    language=mostly("de", "en", "fr", ""),
    tried=mostly(frozenset(), {"a"}, {"b", "c"}, {"stranger"}).map(frozenset),
    preferred=st.none() | st.sampled_from([*IDS, "stranger"]),
    seed=st.sampled_from(["", "lead-1"]),
    score=mostly(None, 10, 80),
    answers=mostly(
        {}, {"area": "50"}, {"area": "49.5", "colour": "blue"}, {"colour": "red", "wish": "s"}
    ),
)
RULES = [
    "require certificate c or d when area at least 50",
    "require tag x when score at least 80",
    "require specialisation s when urgency is emergency",
    "require type installer when colour in red, blue",
    "require language en when area between 0 and 49.5",
    "forbid tag y when colour is red",
    "forbid type planner",
    "prefer tag x",
    "prefer tag y or z when urgency is not soon",
    "prefer specialisation answer wish",
]
ORDERS = [
    ("served_before", "preferred", "territory", "rank", "tier", "load", "last_offered"),
    ("weight",),
    ("preferred", "weight", "tier"),
    ("load", "territory"),
    ("tier", "last_offered"),
    ("distance",),
    ("territory", "distance", "load"),
    ("performance", "distance"),
    ("tier", "exploration"),
]
FOR_ALL = frozenset(
    (kind, *what)
    for kind in ("installer", "planner")
    for what in (("p", "soon"), ("q", "emergency"))
)
policies = st.builds(
    Policy,
    version=few,
    match_language=st.booleans(),
    certificates=st.sampled_from([{}, {"p": "c"}]),
    product_tags=st.sampled_from([{}, {"p": frozenset({"x"})}]),
    urgency_tags=st.sampled_from([{}, {"emergency": frozenset({"y"})}]),
    rules=st.lists(st.sampled_from(RULES), max_size=3, unique=True).map(
        lambda texts: tuple(map(RoutingRule.parse, texts))
    ),
    order=st.sampled_from(ORDERS),
    back=st.sampled_from(["in_line", "keep", "accrue"]),
    performance=st.sampled_from(
        [Performance(), Performance(of=["conversion", "returns"], prior=3, newcomers=0)]
    ),
    top_tier_from=mostly(None, 75),
    skips_closed=st.sampled_from([frozenset(), FOR_ALL, FOR_ALL - {("planner", "p", "soon")}]),
    calendar=st.sampled_from([None, a_programme().hq_calendar]),
)


def compiled(partners: list[Partner]) -> Network:
    return Network.compile("n", partners, REGIONS, PLACES, AREAS)


any_case = given(
    enquiry=enquiries, partners=networks, policy=policies, loads=loads_of_some, now=moments
)
thoroughly = settings(
    max_examples=examples(100), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


@settings(thoroughly, max_examples=examples(300))
@any_case
def test_the_index_and_a_plain_scan_over_all_partners_decide_the_same(
    enquiry, partners, policy, loads, now
):
    decision = decide(Situation(enquiry, compiled(partners), policy, now, loads))
    ranked, excluded = reference_decision(enquiry, partners, REGIONS, policy, loads, now)
    assert order(decision) == ranked
    assert {reason: set(partners) for reason, partners in decision.excluded.items()} == excluded


@thoroughly
@given(
    case=st.data(),
    enquiry=enquiries,
    partners=networks,
    policy=policies,
    loads=loads_of_some,
    now=moments,
)
def test_the_order_in_which_partners_and_loads_are_given_does_not_matter(
    case, enquiry, partners, policy, loads, now
):
    other_partners = case.draw(st.permutations(partners))
    other_loads = dict(case.draw(st.permutations(list(loads.items()))))
    one = decide(Situation(enquiry, compiled(partners), policy, now, loads))
    other = decide(Situation(enquiry, compiled(other_partners), policy, now, other_loads))
    assert other == one


@thoroughly
@any_case
def test_a_decision_from_a_stored_snapshot_is_the_same_decision(
    enquiry, partners, policy, loads, now
):
    network = compiled(partners)
    packed, body = pack(network)
    assert decide(Situation(enquiry, unpack(body), policy, now, loads)) == decide(
        Situation(enquiry, packed, policy, now, loads)
    )
    undrawn = Network.compile(
        "n", partners, REGIONS
    )  # documents are older than coordinates and outlines
    from_json = Network.from_document(json.loads(json.dumps(undrawn.to_document())))
    assert decide(Situation(enquiry, from_json, policy, now, loads)) == decide(
        Situation(enquiry, undrawn, policy, now, loads)
    )


@thoroughly
@any_case
def test_a_short_shortlist_leaves_out_nobody_who_comes_before_one_it_names(
    enquiry, partners, policy, loads, now
):
    static = replace(
        policy,
        skips_closed=frozenset(),
        order=tuple(
            name for name in policy.order if name in ("served_before", "preferred", "rank", "tier")
        )
        or ("tier",),
    )
    network = compiled(partners)
    everybody = {partner.id: a_load(partner.id) for partner in partners}
    ranked, _ = reference_decision(enquiry, partners, REGIONS, static, everybody, now)
    decision = decide(Situation(enquiry, network, static, now, everybody))
    keys = {candidate.partner: candidate.keys for candidate in decision.ranked}
    for limit in range(1, len(ranked) + 1):
        listed = [
            name
            for name in shortlist(Situation(enquiry, network, static, now), limit)
            if name in keys
        ]
        assert len(listed) == limit
        assert [keys[name] for name in listed] == [keys[name] for name in ranked[:limit]]


@thoroughly
@any_case
def test_nobody_is_offered_a_lead_who_must_not_be(enquiry, partners, policy, loads, now):
    network = compiled(partners)
    decision = decide(Situation(enquiry, network, policy, now, loads))
    for candidate in decision.ranked:
        partner, load = network.partners[candidate.partner], loads[candidate.partner]
        assert partner.active
        assert load.active
        assert partner.id not in enquiry.tried
        cap = load.open_cap(local_day(partner, now))
        assert cap is None or load.open_count < cap
    named = [partner for partners in decision.excluded.values() for partner in partners]
    assert sorted([*order(decision), *named]) == sorted(
        network.covering(enquiry.country, enquiry.postcode)
    )
    for candidate in decision.backups:
        assert candidate.partner in decision.excluded["backup"]
        assert loads[candidate.partner].active
    assert list(decision.excluded) == [reason for reason in REASONS if reason in decision.excluded]


@thoroughly
@any_case
def test_a_record_is_json_and_bounded_whatever_is_decided(enquiry, partners, policy, loads, now):
    network = compiled(partners)
    decision = decide(Situation(enquiry, network, policy, now, loads))
    record = record_of(decision, network)
    assert json.loads(json.dumps(record)) == record
    assert raw_size(record) < 8_000
    assert record["chosen"] == decision.chosen


@settings(thoroughly, max_examples=examples(300))
@any_case
def test_a_decision_is_made_again_from_its_record(enquiry, partners, policy, loads, now):
    network = compiled(partners)
    record = json.loads(
        json.dumps(record_of(decide(Situation(enquiry, network, policy, now, loads)), network))
    )
    considered = shortlist(Situation(enquiry, network, policy, now), record["limit"])
    again = decide(
        Situation(enquiry, network, policy, now, loads_of(record, considered, network)),
        record["limit"],
    )
    assert json.loads(json.dumps(record_of(again, network))) == record


@given(country=st.text(max_size=5), postcode=st.text(max_size=15), product=st.text(max_size=5))
@pytest.mark.slow
def test_any_text_at_all_is_decided_on(country, postcode, product):
    enquiry = Enquiry(country, postcode, product, product, product, seed=postcode)
    decided(working_in("p1", "DE", "DE 80*"), enquiry=enquiry)
