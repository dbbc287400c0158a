"""Who gets the lead: each exclusion, each ranking key, and the promises that hold for any network at all."""

import json
import zlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from random import Random
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from routing_core.domain.business_time import ResponseHours
from routing_core.domain.figures import Figures
from routing_core.domain.partner import Absence, Caps, Load, Partner, Person, period_keys
from routing_core.domain.places import Gazetteer, Point
from routing_core.domain.programme import Performance, Region
from routing_core.domain.rules import Condition, RoutingRule
from routing_core.domain.territory import Territory
from routing_core.routing.decision import BACKUPS, SHORTLIST, Decision, decide, eligible_now, shortlist
from routing_core.routing.eligibility import REASONS
from routing_core.routing.network import Network
from routing_core.routing.policy import Enquiry, Policy
from routing_core.routing.ranking import STRIDE
from routing_core.routing.record import load_rows, loads_of, record_of, told_beside
from routing_core.routing.snapshot import pack, unpack
from tests.builders import NOON, a_lead, a_partner, a_programme, programme_document
from tests.reference import AREAS, reference_decision, where

POLICY = Policy.of(a_programme(), version=3)
ENQUIRY = Enquiry("DE", "80331", "heat-pump", "soon", "de")


def working_in(partner_id: str, *territories: str, **changes: Any) -> Partner:
    return a_partner(partner_id, territories=tuple(map(Territory.parse, territories)), **changes)


def a_load(partner_id: str, **changes: Any) -> Load:
    return replace(Load(partner_id, active=True), **changes)


def decided(
    *partners: Partner,
    regions: Mapping[str, Region] = MappingProxyType({}),
    enquiry: Enquiry = ENQUIRY,
    policy: Policy = POLICY,
    loads: dict[str, Load] | None = None,
    now: datetime = NOON,
) -> Decision:
    """Everybody without a load of their own is active and idle."""
    idle = {partner.id: a_load(partner.id) for partner in partners}
    return decide(enquiry, Network.compile("n1", partners, regions), policy, idle | (loads or {}), now)


def order(decision: Decision) -> list[str]:
    return [candidate.partner for candidate in decision.ranked]


# Each exclusion


@pytest.mark.parametrize(
    ("reason", "changes"),
    [
        ("unconfirmed", {"confirmed_email": ""}),
        ("unconfirmed", {"contact": Person("new@example.com")}),
        ("bounced", {"bounced": True}),
        ("paused", {"paused": True}),
        ("absent", {"absences": (Absence(NOON.date(), NOON.date()),)}),
        ("product", {"products": frozenset({"boiler"})}),
        ("language", {"languages": frozenset({"fr"})}),
        ("language", {"languages": frozenset(), "language": "fr"}),
    ],
)
def test_a_profile_excludes_its_partner_for_its_reason(reason, changes):
    decision = decided(a_partner("p1", **changes))
    assert decision.chosen is None
    assert decision.excluded == {reason: ("p1",)}


@pytest.mark.parametrize(
    ("reason", "load"),
    [
        ("inactive", {"active": False}),
        ("full", {"caps": Caps(open=2), "places": 2}),
        ("full", {"caps": Caps(open=2), "places": 3}),
        ("full", {"caps": Caps(open=0)}),
        ("day_cap", {"caps": Caps(day=1), "made": {"d2026-11-25": 1}}),
        ("week_cap", {"caps": Caps(week=1), "made": {"w2026-48": 1}}),
        ("month_cap", {"caps": Caps(month=1), "made": {"m2026-11": 1}}),
    ],
)
def test_a_load_excludes_its_partner_for_its_reason(reason, load):
    decision = decided(a_partner("p1"), loads={"p1": a_load("p1", **load)})
    assert decision.chosen is None
    assert decision.excluded == {reason: ("p1",)}


def test_a_partner_without_a_load_takes_no_offers():
    network = Network.compile("n1", [a_partner("p1")], {})
    assert decide(ENQUIRY, network, POLICY, {}, NOON).excluded == {"inactive": ("p1",)}


def test_below_every_cap_a_partner_is_offered_the_lead():
    made = {"d2026-11-25": 1, "w2026-48": 2, "m2026-11": 3, "d2026-11-24": 9, "w2026-47": 9, "m2026-10": 9}
    load = a_load("p1", caps=Caps(open=2, day=2, week=3, month=4), places=1, made=made)
    assert decided(a_partner("p1"), loads={"p1": load}).chosen == "p1"


def test_who_was_tried_is_not_tried_again():
    lead = a_lead(language="de")
    decision = decided(a_partner("p1"), a_partner("p2"), enquiry=Enquiry.of(lead))
    assert decision.chosen == "p2"
    assert decision.excluded == {"tried": ("p1",)}


def test_of_several_reasons_the_first_in_the_stated_order_is_given():
    decision = decided(a_partner("p1", bounced=True, paused=True), loads={"p1": a_load("p1", active=False)})
    assert decision.excluded == {"bounced": ("p1",)}


def test_a_certificate_counts_through_its_last_day_where_the_partner_lives():
    policy = replace(POLICY, certificates={"heat-pump": "f-gas"})
    partners = [
        a_partner("none"),
        a_partner("ended", certificates={"f-gas": date(2026, 11, 24)}),
        a_partner("last-day", certificates={"f-gas": date(2026, 11, 25)}),
        a_partner("for-ever", certificates={"f-gas": None}),
    ]
    decision = decided(*partners, policy=policy)
    assert decision.excluded == {"certificate": ("ended", "none")}
    after_midnight_in_berlin = datetime(2026, 11, 25, 23, 30, tzinfo=UTC)
    decision = decided(*partners, policy=policy, now=after_midnight_in_berlin)
    assert decision.excluded == {"certificate": ("ended", "last-day", "none")}
    assert decision.chosen == "for-ever"


def test_a_programme_is_read_once_and_two_programmes_are_never_taken_for_one_another():
    one, other = a_programme(match_language=False), a_programme(match_language=True)
    assert Policy.of(one, 3) is Policy.of(one, 3)
    assert Policy.of(one, 3).version != Policy.of(one, 4).version
    many = [a_programme(match_language=bool(number % 2)) for number in range(20)]
    assert [Policy.of(each, 3).match_language for each in (*many, one, other)] == [False, True] * 11


def test_a_policy_reads_what_the_programme_requires():
    products = [dict(product) for product in programme_document()["products"]]
    products[0] |= {"certificate": "f-gas", "required_tags": ["certified"]}
    policy = Policy.of(a_programme(products=products, match_language=False), version=4)
    assert (policy.version, policy.match_language) == (4, False)
    assert policy.certificates == {"heat-pump": "f-gas"}
    assert policy.asked(ENQUIRY, NOON.date()).required["tag"] == (frozenset({"certified"}),)
    assert "tag" not in policy.asked(replace(ENQUIRY, product="boiler"), NOON.date()).required


def test_the_tags_of_product_and_urgency_are_both_required():
    policy = replace(
        POLICY,
        product_tags={"heat-pump": frozenset({"certified"})},
        urgency_tags={"emergency": frozenset({"on-call"})},
    )
    partners = [
        a_partner("neither"),
        a_partner("certified", tags=frozenset({"certified"})),
        a_partner("both", tags=frozenset({"certified", "on-call", "more"})),
    ]
    assert order(decided(*partners, policy=policy)) == ["both", "certified"]
    emergency = replace(ENQUIRY, urgency="emergency")
    assert order(decided(*partners, policy=policy, enquiry=emergency)) == ["both"]


def test_language_excludes_nobody_where_the_programme_does_not_match_it_or_none_was_named():
    french = a_partner("p1", languages=frozenset({"fr"}))
    assert decided(french, policy=replace(POLICY, match_language=False)).chosen == "p1"
    assert decided(french, enquiry=replace(ENQUIRY, language="")).chosen == "p1"


def test_absence_begins_and_ends_at_midnight_where_the_partner_lives():
    away = (Absence(date(2026, 11, 25), date(2026, 11, 25)),)
    denver = a_partner("p1", absences=away, time_zone="America/Denver")
    midnight = datetime(2026, 11, 25, 7, 0, tzinfo=UTC)
    assert decided(denver, now=midnight - timedelta(seconds=1)).chosen == "p1"
    assert decided(denver, now=midnight).excluded == {"absent": ("p1",)}
    assert decided(denver, now=midnight + timedelta(hours=24)).chosen == "p1"


def test_caps_count_the_partners_own_day():
    denver = a_partner("p1", time_zone="America/Denver")
    load = a_load("p1", caps=Caps(day=1), made={"d2026-11-24": 1})
    still_the_24th = datetime(2026, 11, 25, 6, 59, tzinfo=UTC)
    assert decided(denver, loads={"p1": load}, now=still_the_24th).excluded == {"day_cap": ("p1",)}
    assert decided(denver, loads={"p1": load}, now=still_the_24th + timedelta(minutes=1)).chosen == "p1"


def test_closed_offices_exclude_nobody():
    sunday_night = datetime(2026, 11, 29, 2, 0, tzinfo=UTC)
    assert decided(a_partner("p1"), now=sunday_night).chosen == "p1"


def test_who_does_not_cover_the_place_is_not_even_mentioned():
    decision = decided(working_in("p1", "DE 20*"))
    assert (decision.chosen, decision.excluded) == (None, {})


# Backup partners of a place


def test_a_backup_of_the_place_is_never_ranked_but_named_apart():
    partners = [working_in("p1", "DE 80*"), working_in("p2", "DE 80* backup")]
    decision = decided(*partners)
    assert order(decision) == ["p1"]
    assert [backup.partner for backup in decision.backups] == ["p2"]
    assert decision.excluded == {"backup": ("p2",)}
    assert record_of(decision, Network.compile("n1", partners, {}))["backups"] == ["p2"]


def test_backups_are_judged_and_ranked_like_everybody_else():
    partners = [
        working_in("country", "DE backup"),
        working_in("near", "DE 803* backup"),
        working_in("full", "DE 80331 backup"),
        working_in("paused", "DE 80331 backup", paused=True),
        working_in("second", "DE 803* rank 2 backup"),
    ]
    full = {"full": a_load("full", caps=Caps(open=1), places=1)}
    decision = decided(*partners, loads=full)
    assert [backup.partner for backup in decision.backups] == ["near", "second", "country"]
    assert decision.excluded.keys() == {"paused", "backup"}
    assert set(decision.excluded["backup"]) == {"country", "full", "near", "second"}


def test_the_loads_of_a_places_backups_are_read_with_the_shortlist():
    network = Network.compile("n1", [*many(200), *(working_in(f"b{n}", "DE backup") for n in range(9))], {})
    listed = shortlist(ENQUIRY, network, POLICY, NOON)
    assert len(listed) == SHORTLIST + BACKUPS
    assert all(partner.startswith("b") for partner in listed[SHORTLIST:])


def test_one_partner_may_be_backup_around_a_place_where_it_works_itself():
    partner = working_in("p1", "DE 8* backup", "DE 803*")
    assert decided(partner).chosen == "p1"
    elsewhere = decided(partner, enquiry=replace(ENQUIRY, postcode="81000"))
    assert (elsewhere.chosen, [b.partner for b in elsewhere.backups]) == (None, ["p1"])


# Each ranking key, the earlier one deciding against all later ones


def test_the_more_specific_territory_comes_first():
    assert order(
        decided(
            working_in("a", "DE", tier=1),
            working_in("b", "DE 80* rank 1"),
            working_in("c", "DE 80331 rank 9", tier=9),
            working_in("d", "DE 80000-81999"),
        )
    ) == ["c", "b", "d", "a"]


def test_a_region_stands_where_its_size_puts_it():
    regions = {
        "bavaria": Region(country="DE", postcodes=["80*", "81*", "82000-87999"]),
        "munich": Region(country="DE", postcodes=["80331-81929"]),
    }
    decision = decided(
        working_in("a", "DE"),
        working_in("b", "region bavaria"),
        working_in("c", "DE 80*"),
        working_in("d", "region munich"),
        regions=regions,
    )
    assert order(decision) == ["c", "d", "b", "a"]


def test_of_equally_specific_territories_the_better_rank_comes_first():
    assert order(decided(working_in("a", "DE 80* rank 2", tier=1), working_in("b", "DE 80000-80999"))) == [
        "b",
        "a",
    ]


def test_of_equal_ranks_the_better_tier_comes_first():
    loads = {"b": a_load("b", places=5)}
    assert order(decided(a_partner("a", tier=2), a_partner("b", tier=1), loads=loads)) == ["b", "a"]


def test_of_equal_tiers_who_has_more_room_relative_to_capacity_comes_first():
    loads = {
        "a": a_load("a", places=1, caps=Caps(open=2)),
        "b": a_load("b", places=4, caps=Caps(open=20), last_offered=NOON),
        "c": a_load("c", places=3),  # no cap: counted as 3 of 10
    }
    assert order(decided(a_partner("a"), a_partner("b"), a_partner("c"), loads=loads)) == ["b", "c", "a"]


def test_of_equal_loads_who_waited_longest_comes_first_and_who_never_had_an_offer_before_all():
    loads = {
        "a": a_load("a", last_offered=NOON - timedelta(hours=1)),
        "b": a_load("b", last_offered=NOON - timedelta(days=1)),
        "c": a_load("c"),
    }
    assert order(decided(a_partner("a"), a_partner("b"), a_partner("c"), loads=loads)) == ["c", "b", "a"]


def test_between_equals_the_id_decides():
    assert order(decided(a_partner("b"), a_partner("a"), a_partner("c"))) == ["a", "b", "c"]


def test_who_served_this_person_before_comes_first_of_all_if_eligible():
    preferred = replace(ENQUIRY, preferred="old")
    old, new = working_in("old", "DE rank 9", tier=9), working_in("new", "DE 80331", tier=1)
    assert order(decided(old, new, enquiry=preferred)) == ["old", "new"]
    assert order(decided(replace(old, paused=True), new, enquiry=preferred)) == ["new"]


def test_offers_in_turn_reach_everybody_equally_often():
    partners = [a_partner(f"p{number}") for number in range(5)]
    loads = {partner.id: a_load(partner.id) for partner in partners}
    given_to = []
    for minute in range(50):
        chosen = decided(*partners, loads=loads).chosen
        assert chosen is not None
        loads[chosen] = replace(loads[chosen], last_offered=NOON + timedelta(minutes=minute))
        given_to.append(chosen)
    assert [given_to.count(partner.id) for partner in partners] == [10] * 5


def test_the_keys_of_a_candidate_say_in_words_what_ranked_it():
    load = a_load("p1", places=2, caps=Caps(open=10), last_offered=NOON)
    (candidate,) = decided(working_in("p1", "DE 80* rank 2"), loads={"p1": load}).ranked
    assert candidate.keys == (
        ("served_before", False),
        ("territory", "DE 80* rank 2"),
        ("rank", 2),
        ("tier", 2),
        ("load", "2/10"),
        ("last_offered", "2026-11-25T11:00:00+00:00"),
    )


# The shortlist


def many(count: int) -> list[Partner]:
    return [a_partner(f"p{number:03d}") for number in range(count)]


def test_the_shortlist_holds_the_best_by_what_the_network_alone_knows():
    network = Network.compile("n1", [*many(200), working_in("best", "DE 80331"), working_in("worst", "DE")], {})
    listed = shortlist(ENQUIRY, network, POLICY, NOON)
    assert len(listed) == len(set(listed)) == SHORTLIST
    assert listed[0] == "best"
    assert "worst" not in listed
    assert shortlist(ENQUIRY, network, POLICY, NOON, limit=500)[-1] == "worst"


def test_the_shortlist_names_nobody_whom_their_profile_excludes():
    network = Network.compile("n1", [a_partner("a", paused=True), a_partner("b"), a_partner("c")], {})
    tried = replace(ENQUIRY, tried=frozenset({"c"}))
    assert shortlist(tried, network, POLICY, NOON) == ("b",)


def test_in_a_crowded_place_every_equal_partner_is_looked_at_in_turn():
    network = Network.compile("n1", many(200), {})
    looked_at: set[str] = set()
    for number in range(20):
        looked_at.update(shortlist(replace(ENQUIRY, seed=f"lead-{number}"), network, POLICY, NOON))
    assert len(looked_at) == 200


def test_a_decision_looks_at_the_shortlist_and_counts_who_is_beyond_it():
    network = Network.compile("n1", many(200), {})
    loads = {partner: a_load(partner) for partner in shortlist(ENQUIRY, network, POLICY, NOON)}
    decision = decide(ENQUIRY, network, POLICY, loads, NOON)
    assert set(order(decision)) == set(loads)
    assert decision.excluded == {}
    assert (len(decision.considered), decision.beyond) == (SHORTLIST, 110)


def test_a_longer_shortlist_begins_with_the_shorter_one():
    network = Network.compile("n1", many(200), {})
    short, long = (shortlist(ENQUIRY, network, POLICY, NOON, limit) for limit in (90, 180))
    assert long[:90] == short


def test_coverage_counts_whom_a_decision_would_rank():
    partners = [a_partner("a"), a_partner("b", paused=True), a_partner("c")]
    network = Network.compile("n1", partners, {})
    loads = {"a": a_load("a", caps=Caps(open=1), places=1), "c": a_load("c")}
    assert eligible_now(ENQUIRY, network, POLICY, loads, NOON) == (partners[2],)


# The record


def test_the_record_names_versions_loads_candidates_and_exclusions():
    loads = {"a": a_load("a", places=1, caps=Caps(open=4), seq=7, made={"d2026-11-25": 2, "d2026-11-24": 9})}
    network = Network.compile("n1", [a_partner("a"), a_partner("b", paused=True)], {})
    record = record_of(decide(ENQUIRY, network, POLICY, loads, NOON), network)
    assert len(record.pop("inputs")) == 16
    assert record == {
        "schema": 2,
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


def raw_size(record: dict[str, Any]) -> int:
    return len(json.dumps(record, ensure_ascii=False).encode())


def a_crowd(id_of: Any) -> dict[str, Any]:
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
    partners = [a_partner(id_of(number), caps=Caps(open=100), **states[number % 10]) for number in range(1500)]
    loads = {
        partner.id: a_load(partner.id, places=number % 9, caps=partner.caps, seq=10**6, last_offered=NOON)
        for number, partner in enumerate(partners)
    }
    network = Network.compile("n1", partners, {})
    return record_of(decide(ENQUIRY, network, POLICY, loads, NOON), network)


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


def a_busy_crowd(number: int, limit: int, **told: Any) -> tuple[Network, Policy, Decision, dict[str, Any]]:
    """Loads of years, with everything a load can say, in numbers that do not repeat."""
    dice = Random(number)

    def many(most: int) -> int:
        return dice.randrange(most)

    caps = Caps(open=100, day=90, week=300, month=900, paced=True, products={"heat-pump": 50})
    partners = [a_partner(f"{n:_>40}", caps=caps) for n in range(number)]
    loads = {
        partner.id: a_load(
            partner.id,
            places=many(90),
            caps=replace(caps, open=99),
            seq=many(50_000),
            last_offered=NOON - timedelta(milliseconds=many(10**10)),
            made={"d2026-11-25": many(80), "w2026-48": many(250), "m2026-11": many(800)},
            products={"heat-pump": many(40), "boiler": many(40)},
            turn=many(2_000) * STRIDE,
            figures=Figures(*map(many, (2_000, 500, 300, 1_500, 10**6, 300, 500, 5 * 10**6, 50))),
        )
        for partner in partners
    }
    network = Network.compile("n1", partners, {})
    policy = replace(POLICY, order=("exploration", "weight", "performance", "load"))
    decision = decide(ENQUIRY, network, policy, loads, NOON, limit)
    return network, policy, decision, json.loads(json.dumps(record_of(decision, network, told)))


def test_a_record_with_every_load_at_its_fullest_and_the_longest_ids_is_packed_and_can_be_made_again():
    network, policy, decision, record = a_busy_crowd(1500, 90)
    assert raw_size(record) < 8_000
    assert (len(record["ranked"]), record["eligible"], len(load_rows(record))) == (10, 90, 90)
    assert "loads_left_out" not in record
    again = decide(ENQUIRY, network, policy, loads_of(record, decision.considered, network), NOON)
    assert json.loads(json.dumps(record_of(again, network))) == record


def test_a_record_with_a_wave_of_forty_and_fifty_backups_passed_over_fits_too():
    offered, backups = [f"{number:_>40}" for number in range(40)], [f"{number:B>40}" for number in range(50)]
    told = {"offered": offered, "kind": "routed", "wave": 2, "passed_over": {"full": backups}}
    *_, record = a_busy_crowd(1500, 90, **told)
    assert raw_size(record) < 8_000
    assert told_beside(record) == told
    assert len(load_rows(record)) + record.get("loads_left_out", 0) == 90


def test_where_a_long_search_saw_more_loads_than_fit_the_record_says_how_many_it_left_out():
    network, _, decision, record = a_busy_crowd(1500, 720)
    assert raw_size(record) < 8_000
    assert record["loads_left_out"] == 720 - len(load_rows(record)) > 0
    with pytest.raises(ValueError, match="zip"):
        loads_of(record, decision.considered, network)


# For any network at all

IDS = ["a", "b", "c", "d", "e", "f"]
REGIONS = {
    "north": Region(country="XX", postcodes=["0*", "100-149"]),
    "centre": Region(country="XX", postcodes=["333", "334", "33*"]),
    "all": Region(country="XX", postcodes=["0*", "000-999"]),
    "abroad": Region(country="YY", postcodes=["3*"]),
}


def mostly(usual: Any, *rare: Any) -> st.SearchStrategy[Any]:
    """A network where nobody is eligible shows little. (In the middle: Hypothesis likes the ends of a list.)"""
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
postcodes = st.just("333") | codes | st.sampled_from(["", "33", "3333", "33A", "33!", "33 3", "unknown"])
territories = st.builds(
    lambda entry, rank, kind: Territory.parse(
        f"not {entry}" if kind == "not" else entry + (f" rank {rank}" if rank > 1 else "") + kind
    ),
    st.sampled_from(["XX", "YY", "region north", "region centre", "region all", "region abroad", "region gone"])
    | st.just("*")
    | codes.map(lambda code: f"XX {code}")
    | codes.map(lambda code: f"XX {code[:2]}*")
    | codes.map(lambda code: f"XX {code[:1]}*")
    | st.tuples(codes, codes).map(lambda ends: f"XX {min(ends)}-{max(ends)}")
    | codes.map(lambda code: f"XX 30km {code}")
    | codes.map(lambda code: f"XX 90km {code}")
    | st.just("area box"),
    st.integers(1, 3),
    st.sampled_from(["", "", "", "", "not", " backup"]),
)


def parsed_takes(*texts: str) -> tuple[Condition, ...]:
    return tuple(map(Condition.parse, texts))


MORNINGS = ResponseHours.parse({day: ["05:00-12:00", "22:00-24:00"] for day in ("mon", "tue", "wed", "thu", "fri")})
CLOSED = ResponseHours.parse({})
DONE = (
    Figures(offers=2, answers=2, declined=2),
    Figures(offers=20, answers=18, declined=3, lapsed=2, used=4_000, won=5, lost=4, value=70_000),
    Figures(offers=9, answers=4, lapsed=5, used=3_000, won=1, lost=6, value=300, returned=2),
)
PLACES = Gazetteer({f"XX {code}": Point(*place) for code in map(str, range(100, 1000)) if (place := where(code))})


def profiles(partner_id: str) -> st.SearchStrategy[Partner]:
    email = f"{partner_id}@example.com"
    return st.builds(
        Partner,
        id=st.just(partner_id),
        name=st.just(partner_id),
        contact=st.just(Person(email)),
        country=st.just("XX"),
        time_zone=st.sampled_from(["Europe/Berlin", "Pacific/Auckland", "America/Denver", "Mars/Base"]),
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
        takes=mostly(
            (), *(parsed_takes(*t) for t in (["area at least 50"], ["weekday in mon, tue"], ["colour is red"]))
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
        places=few,
        made=st.dictionaries(periods, few, max_size=8),
        last_offered=st.none() | moments,
        products=mostly({}, {"p": 1}, {"p": 2, "q": 5}),
        turn=st.integers(0, 4).map(lambda turns: turns * 400_000_000),
        figures=mostly(Figures(), *DONE),
        seq=few,
    )


networks = st.tuples(*map(profiles, IDS)).map(list)
loads_of_some = st.builds(
    lambda loads, missing: {partner: load for partner, load in loads.items() if partner not in missing},
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
    answers=mostly({}, {"area": "50"}, {"area": "49.5", "colour": "blue"}, {"colour": "red", "wish": "s"}),
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
    performance=st.sampled_from([Performance(), Performance(of=["conversion", "returns"], prior=3, newcomers=0)]),
    top_tier_from=mostly(None, 75),
    skips_closed=st.sampled_from([frozenset(), frozenset({("p", "soon"), ("q", "emergency")})]),
    calendar=st.sampled_from([None, a_programme().hq_calendar]),
)


def compiled(partners: list[Partner]) -> Network:
    return Network.compile("n", partners, REGIONS, PLACES, AREAS)


any_case = given(enquiry=enquiries, partners=networks, policy=policies, loads=loads_of_some, now=moments)
thoroughly = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@settings(thoroughly, max_examples=300)
@any_case
def test_the_index_and_a_plain_scan_over_all_partners_decide_the_same(enquiry, partners, policy, loads, now):
    decision = decide(enquiry, compiled(partners), policy, loads, now)
    ranked, excluded = reference_decision(enquiry, partners, REGIONS, policy, loads, now)
    assert order(decision) == ranked
    assert {reason: set(partners) for reason, partners in decision.excluded.items()} == excluded


@thoroughly
@given(case=st.data(), enquiry=enquiries, partners=networks, policy=policies, loads=loads_of_some, now=moments)
def test_the_order_in_which_partners_and_loads_are_given_does_not_matter(case, enquiry, partners, policy, loads, now):
    other_partners = case.draw(st.permutations(partners))
    other_loads = dict(case.draw(st.permutations(list(loads.items()))))
    one = decide(enquiry, compiled(partners), policy, loads, now)
    other = decide(enquiry, compiled(other_partners), policy, other_loads, now)
    assert other == one


@thoroughly
@any_case
def test_a_decision_from_a_stored_snapshot_is_the_same_decision(enquiry, partners, policy, loads, now):
    network = compiled(partners)
    packed, body = pack(network)
    assert decide(enquiry, unpack(body), policy, loads, now) == decide(enquiry, packed, policy, loads, now)
    undrawn = Network.compile("n", partners, REGIONS)  # documents are older than coordinates and outlines
    from_json = Network.from_document(json.loads(json.dumps(undrawn.to_document())))
    assert decide(enquiry, from_json, policy, loads, now) == decide(enquiry, undrawn, policy, loads, now)


@thoroughly
@any_case
def test_a_short_shortlist_leaves_out_nobody_who_comes_before_one_it_names(enquiry, partners, policy, loads, now):
    static = replace(
        policy,
        skips_closed=frozenset(),
        order=tuple(name for name in policy.order if name in ("served_before", "preferred", "rank", "tier"))
        or ("tier",),
    )
    network = compiled(partners)
    everybody = {partner.id: a_load(partner.id) for partner in partners}
    ranked, _ = reference_decision(enquiry, partners, REGIONS, static, everybody, now)
    decision = decide(enquiry, network, static, everybody, now)
    keys = {candidate.partner: candidate.keys for candidate in decision.ranked}
    for limit in range(1, len(ranked) + 1):
        listed = [name for name in shortlist(enquiry, network, static, now, limit) if name in keys]
        assert len(listed) == limit
        assert [keys[name] for name in listed] == [keys[name] for name in ranked[:limit]]


@thoroughly
@any_case
def test_nobody_is_offered_a_lead_who_must_not_be(enquiry, partners, policy, loads, now):
    network = compiled(partners)
    decision = decide(enquiry, network, policy, loads, now)
    for candidate in decision.ranked:
        partner, load = network.partners[candidate.partner], loads[candidate.partner]
        assert partner.active
        assert load.active
        assert partner.id not in enquiry.tried
        assert load.caps.open is None or load.places < load.caps.open
    named = [partner for partners in decision.excluded.values() for partner in partners]
    assert sorted([*order(decision), *named]) == sorted(network.covering(enquiry.country, enquiry.postcode))
    for candidate in decision.backups:
        assert candidate.partner in decision.excluded["backup"]
        assert loads[candidate.partner].active
    assert list(decision.excluded) == [reason for reason in REASONS if reason in decision.excluded]


@thoroughly
@any_case
def test_a_record_is_json_and_bounded_whatever_is_decided(enquiry, partners, policy, loads, now):
    network = compiled(partners)
    decision = decide(enquiry, network, policy, loads, now)
    record = record_of(decision, network)
    assert json.loads(json.dumps(record)) == record
    assert raw_size(record) < 8_000
    assert record["chosen"] == decision.chosen


@settings(thoroughly, max_examples=300)
@any_case
def test_a_decision_is_made_again_from_its_record(enquiry, partners, policy, loads, now):
    network = compiled(partners)
    record = json.loads(json.dumps(record_of(decide(enquiry, network, policy, loads, now), network)))
    considered = shortlist(enquiry, network, policy, now, record["limit"])
    again = decide(enquiry, network, policy, loads_of(record, considered, network), now, record["limit"])
    assert json.loads(json.dumps(record_of(again, network))) == record


@given(country=st.text(max_size=5), postcode=st.text(max_size=15), product=st.text(max_size=5))
def test_any_text_at_all_is_decided_on(country, postcode, product):
    enquiry = Enquiry(country, postcode, product, product, product, seed=postcode)
    decided(working_in("p1", "DE", "DE 80*"), enquiry=enquiry)


@pytest.mark.parametrize("zone", ["", "Mars/Base", "Europe", "/etc/passwd", "../x", "\0"])
def test_a_zone_nobody_knows_is_read_as_utc(zone):
    assert decided(a_partner("p1", time_zone=zone)).chosen == "p1"


def test_the_chain_is_strict_so_that_each_key_decides_only_between_equals_before_it():
    ladder = [
        {"territories": (Territory.parse("DE 80331"),)},
        {"territories": (Territory.parse("DE 80*"),), "tier": 1},
        {"territories": (Territory.parse("DE 80*"),), "tier": 2},
        {"territories": (Territory.parse("DE 80* rank 2"),), "tier": 1},
        {"territories": (Territory.parse("DE"),), "tier": 1},
    ]
    for better, worse in pairwise(ladder):
        assert order(decided(a_partner("z", **better), a_partner("a", **worse))) == ["z", "a"]
