"""Who gets the lead: each exclusion, each ranking key, the shortlist."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest

from routing_core.domain.partner import Absence, Caps, ExtraOpen, Partner, Person
from routing_core.domain.programme.areas import Region
from routing_core.domain.territory.territory import Territory
from routing_core.routing.decide.decision import BACKUPS, SHORTLIST, decide, eligible_now, shortlist
from routing_core.routing.decide.record import record_of
from routing_core.routing.decide.situation import Situation
from routing_core.routing.index.network import Network
from routing_core.routing.policy import Enquiry, Policy
from tests.support.builders import (
    NOON,
    a_lead,
    a_partner,
    a_programme,
    programme_document,
    working_in,
)
from tests.support.deciding import ENQUIRY, POLICY, a_load, decided, order

UNTIL_TODAY = ExtraOpen(2, date(2026, 11, 25))
UNTIL_YESTERDAY = ExtraOpen(2, date(2026, 11, 24))

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
        ("full", {"caps": Caps(open=2), "open_count": 2}),
        ("full", {"caps": Caps(open=2), "open_count": 3}),
        ("full", {"caps": Caps(open=0)}),
        ("full", {"caps": Caps(open=2), "open_count": 4, "extra_open": UNTIL_TODAY}),
        ("full", {"caps": Caps(open=2), "open_count": 2, "extra_open": UNTIL_YESTERDAY}),
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
    assert decide(Situation(ENQUIRY, network, POLICY, NOON, {})).excluded == {"inactive": ("p1",)}


def test_below_every_cap_a_partner_is_offered_the_lead():
    made = {
        "d2026-11-25": 1,
        "w2026-48": 2,
        "m2026-11": 3,
        "d2026-11-24": 9,
        "w2026-47": 9,
        "m2026-10": 9,
    }
    load = a_load("p1", caps=Caps(open=2, day=2, week=3, month=4), open_count=1, made=made)
    assert decided(a_partner("p1"), loads={"p1": load}).chosen == "p1"


def test_who_takes_two_more_until_today_is_full_with_two_more_than_the_cap():
    load = a_load("p1", caps=Caps(open=2), open_count=3, extra_open=UNTIL_TODAY)
    assert decided(a_partner("p1"), loads={"p1": load}).chosen == "p1"


def test_the_last_day_of_two_more_is_one_of_the_partners_own():
    night = datetime(2026, 11, 25, 23, 30, tzinfo=UTC)  # the 26th in Berlin, the 25th in London
    load = a_load("p1", caps=Caps(open=2), open_count=2, extra_open=UNTIL_TODAY)
    assert decided(a_partner("p1"), loads={"p1": load}, now=night).chosen is None
    london = a_partner("p1", time_zone="Europe/London")
    assert decided(london, loads={"p1": load}, now=night).chosen == "p1"


def test_who_is_deactivated_is_not_even_looked_at():
    decision = decided(a_partner("p1", paused=True, deactivated=True), a_partner("p2"))
    assert decision.chosen == "p2"
    assert decision.excluded == {}


def test_who_was_tried_is_not_tried_again():
    lead = a_lead(language="de")
    decision = decided(a_partner("p1"), a_partner("p2"), enquiry=Enquiry.of(lead))
    assert decision.chosen == "p2"
    assert decision.excluded == {"tried": ("p1",)}


def test_of_several_reasons_the_first_in_the_stated_order_is_given():
    decision = decided(
        a_partner("p1", bounced=True, paused=True), loads={"p1": a_load("p1", active=False)}
    )
    assert decision.excluded == {"bounced": ("p1",)}


@pytest.mark.parametrize(
    "absences", [(), (Absence(date(2027, 8, 1), date(2027, 8, 14)),)], ids=["", "away later"]
)
def test_a_certificate_counts_through_its_last_day_where_the_partner_lives(absences):
    """Who has absences is judged from the profile, everybody else from the network's bits."""
    policy = replace(POLICY, certificates={"heat-pump": "f-gas"})
    last_days = {"ended": date(2026, 11, 24), "last-day": date(2026, 11, 25), "for-ever": None}
    partners = [a_partner("none", absences=absences)]
    partners += [
        a_partner(id, certificates={"f-gas": day}, absences=absences)
        for id, day in last_days.items()
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
    assert policy.requirements(ENQUIRY, NOON.date()).required["tag"] == (frozenset({"certified"}),)
    assert (
        "tag" not in policy.requirements(replace(ENQUIRY, product="boiler"), NOON.date()).required
    )


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
    assert (
        decided(denver, loads={"p1": load}, now=still_the_24th + timedelta(minutes=1)).chosen
        == "p1"
    )


def test_closed_offices_exclude_nobody():
    sunday_night = datetime(2026, 11, 29, 2, 0, tzinfo=UTC)
    assert decided(a_partner("p1"), now=sunday_night).chosen == "p1"


def test_who_does_not_cover_the_place_is_not_even_mentioned():
    decision = decided(working_in("p1", "DE 20*"))
    assert (decision.chosen, decision.excluded) == (None, {})


@pytest.mark.parametrize("zone", ["", "Mars/Base", "Europe", "/etc/passwd", "../x", "\0"])
def test_a_zone_nobody_knows_is_read_as_utc(zone):
    assert decided(a_partner("p1", time_zone=zone)).chosen == "p1"


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
    full = {"full": a_load("full", caps=Caps(open=1), open_count=1)}
    decision = decided(*partners, loads=full)
    assert [backup.partner for backup in decision.backups] == ["near", "second", "country"]
    assert decision.excluded.keys() == {"paused", "backup"}
    assert set(decision.excluded["backup"]) == {"country", "full", "near", "second"}


def test_the_loads_of_a_places_backups_are_read_with_the_shortlist():
    network = Network.compile(
        "n1", [*many(200), *(working_in(f"b{n}", "DE backup") for n in range(9))], {}
    )
    listed = shortlist(Situation(ENQUIRY, network, POLICY, NOON))
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
    assert order(
        decided(working_in("a", "DE 80* rank 2", tier=1), working_in("b", "DE 80000-80999"))
    ) == [
        "b",
        "a",
    ]


def test_of_equal_ranks_the_better_tier_comes_first():
    loads = {"b": a_load("b", open_count=5)}
    assert order(decided(a_partner("a", tier=2), a_partner("b", tier=1), loads=loads)) == ["b", "a"]


def test_of_equal_tiers_who_has_more_room_relative_to_capacity_comes_first():
    loads = {
        "a": a_load("a", open_count=1, caps=Caps(open=2)),
        "b": a_load("b", open_count=4, caps=Caps(open=20), last_offered=NOON),
        "c": a_load("c", open_count=3),  # no cap: counted as 3 of 10
    }
    assert order(decided(a_partner("a"), a_partner("b"), a_partner("c"), loads=loads)) == [
        "b",
        "c",
        "a",
    ]


def test_of_equal_loads_who_waited_longest_comes_first_and_who_never_had_an_offer_before_all():
    loads = {
        "a": a_load("a", last_offered=NOON - timedelta(hours=1)),
        "b": a_load("b", last_offered=NOON - timedelta(days=1)),
        "c": a_load("c"),
    }
    assert order(decided(a_partner("a"), a_partner("b"), a_partner("c"), loads=loads)) == [
        "c",
        "b",
        "a",
    ]


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
    load = a_load("p1", open_count=2, caps=Caps(open=10), last_offered=NOON)
    (candidate,) = decided(working_in("p1", "DE 80* rank 2"), loads={"p1": load}).ranked
    assert candidate.keys == (
        ("served_before", False),
        ("territory", "DE 80* rank 2"),
        ("rank", 2),
        ("tier", 2),
        ("load", "2/10"),
        ("last_offered", "2026-11-25T11:00:00+00:00"),
    )


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


# The shortlist


def many(count: int) -> list[Partner]:
    return [a_partner(f"p{number:03d}") for number in range(count)]


def test_the_shortlist_holds_the_best_by_what_the_network_alone_knows():
    network = Network.compile(
        "n1", [*many(200), working_in("best", "DE 80331"), working_in("worst", "DE")], {}
    )
    listed = shortlist(Situation(ENQUIRY, network, POLICY, NOON))
    assert len(listed) == len(set(listed)) == SHORTLIST
    assert listed[0] == "best"
    assert "worst" not in listed
    assert shortlist(Situation(ENQUIRY, network, POLICY, NOON), limit=500)[-1] == "worst"


def test_the_shortlist_names_nobody_whom_their_profile_excludes():
    network = Network.compile(
        "n1", [a_partner("a", paused=True), a_partner("b"), a_partner("c")], {}
    )
    tried = replace(ENQUIRY, tried=frozenset({"c"}))
    assert shortlist(Situation(tried, network, POLICY, NOON)) == ("b",)


def test_in_a_crowded_place_every_equal_partner_is_looked_at_in_turn():
    network = Network.compile("n1", many(200), {})
    looked_at: set[str] = set()
    for number in range(20):
        looked_at.update(
            shortlist(Situation(replace(ENQUIRY, seed=f"lead-{number}"), network, POLICY, NOON))
        )
    assert len(looked_at) == 200


def test_a_decision_looks_at_the_shortlist_and_counts_who_is_beyond_it():
    network = Network.compile("n1", many(200), {})
    loads = {
        partner: a_load(partner) for partner in shortlist(Situation(ENQUIRY, network, POLICY, NOON))
    }
    decision = decide(Situation(ENQUIRY, network, POLICY, NOON, loads))
    assert set(order(decision)) == set(loads)
    assert decision.excluded == {}
    assert (len(decision.considered), decision.beyond) == (SHORTLIST, 110)


def test_a_longer_shortlist_begins_with_the_shorter_one():
    network = Network.compile("n1", many(200), {})
    short, long = (
        shortlist(Situation(ENQUIRY, network, POLICY, NOON), limit) for limit in (90, 180)
    )
    assert long[:90] == short


def test_coverage_counts_whom_a_decision_would_rank():
    partners = [a_partner("a"), a_partner("b", paused=True), a_partner("c")]
    network = Network.compile("n1", partners, {})
    loads = {"a": a_load("a", caps=Caps(open=1), open_count=1), "c": a_load("c")}
    assert eligible_now(Situation(ENQUIRY, network, POLICY, NOON, loads)) == (partners[2],)
