"""The coverage report: every gap found, nothing else called one, and said so that a person finds it
on a map.
"""

import csv
import io
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from html import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing_core.domain.partner import Absence, Caps, Load
from routing_core.domain.programme.rules import Condition
from routing_core.domain.territory.gazetteer import Gazetteer, Point
from routing_core.domain.territory.territory import Territory
from routing_core.present.explain import coverage_report
from routing_core.present.explain.coverage_report import coverage_csv, coverage_document
from routing_core.present.pages.coverage import coverage_page
from routing_core.present.told import doubts_for_programs
from routing_core.routing.decide.decision import decide
from routing_core.routing.decide.situation import Situation
from routing_core.routing.index.network import Network
from routing_core.routing.policy import Enquiry, Policy
from routing_core.routing.report import programme_fit
from routing_core.routing.report.cells import Cell, cut_into_cells
from routing_core.routing.report.coverage import NO_TERRITORY, FindingKind, KeptOut
from routing_core.routing.report.programme_fit import misfits
from routing_core.routing.report.survey import survey_coverage
from routing_core.service.hq.check_coverage import NetworkCoverageView
from tests.support.builders import NOON, a_partner, a_programme, programme_document
from tests.support.few import examples
from tests.unit.test_samples import SAMPLES, sample
from tests.unit.test_samples import network as sample_network

FORM = programme_document()["forms"][0]


def in_(*entries, id="p1", **changes):
    return a_partner(id, territories=tuple(map(Territory.parse, entries)), **changes)


def programme(*countries, **changes):
    form = FORM | {
        "countries": list(countries or ["AT"]),
        "products": ["boiler"],
        "urgencies": ["soon"],
    }
    return a_programme(**({"forms": [form], "match_language": False} | changes))


BY_LOAD = {"routing": {"order": ["load"]}}
"""Whoever covers a place may come first there."""


def network(programme, *partners):
    return Network.compile("1", partners, programme.regions)


def found(programme, *partners):
    """FindingKind, area and partners of each finding, gaps with who is kept out."""
    report = survey_coverage(programme, network(programme, *partners), NOON)
    return [
        (spot.kind.value, spot.area, *(spot.partners or reasons(spot.kept_out)))
        for spot in report.findings
    ]


def reasons(kept_out):
    return tuple((out.partner, out.reason) for out in kept_out)


def test_a_country_is_cut_where_territories_begin_and_end():
    assert found(programme(), in_("AT 1*"), in_("AT 1500-2499", id="p2")) == [
        ("thin", "AT 1000-1499", "p1"),
        ("overlap", "AT 1500-1999", "p1", "p2"),
        ("thin", "AT 2000-2499", "p2"),
        ("gap", "AT 2500-9999"),
    ]


def test_a_second_choice_is_no_overlap():
    """Every place with a first and a second partner was called one."""
    second = in_("AT 1* rank 2", "AT 2*", id="p2")
    third = in_("AT 1* backup", id="p3")
    assert found(programme(), in_("AT 1*"), second, third) == [
        ("thin", "AT 2*", "p2"),
        ("gap", "AT 3000-9999"),
    ]
    both_second = in_("AT 1* rank 2", id="p3")
    assert found(programme(), in_("AT 1* rank 2"), both_second)[0] == (
        "overlap",
        "AT 1*",
        "p1",
        "p3",
    )


def test_whoever_comes_first_by_a_narrower_area_or_a_better_tier_shares_with_nobody():
    """``AT 12*`` beside ``AT 1*`` was called an overlap, though the narrower entry always comes
    first.
    """
    assert found(programme(), in_("AT"), in_("AT 1*", id="p2"))[0] == ("thin", "AT 2000-9999", "p1")
    assert found(programme(), in_("AT"), in_("AT", id="p2", tier=3)) == []
    tier_later = programme(routing={"order": ["territory", "load", "tier"]})
    assert found(tier_later, in_("AT"), in_("AT", id="p2", tier=3)) == [
        ("overlap", "AT", "p1", "p2")
    ]


def test_an_overlap_names_those_who_share_the_first_place_and_nobody_behind_them():
    both, second = (in_("AT 1*"), in_("AT 1*", id="p2")), in_("AT 1* rank 2", id="p3")
    assert found(programme(), *both, second, in_("AT", id="p4"))[0] == (
        "overlap",
        "AT 1*",
        "p1",
        "p2",
    )


def test_where_the_first_is_away_those_who_come_next_overlap_and_where_ranks_do_not_count_all_do():
    away = in_("AT 1*", id="p1", paused=True)
    others = (in_("AT 1* rank 2", id="p2"), in_("AT 1* rank 2", id="p3"))
    assert found(programme(), away, *others)[0] == ("overlap", "AT 1*", "p2", "p3")
    by_load = programme(routing={"order": ["load"]})
    assert found(by_load, in_("AT 1*"), in_("AT 1* rank 2", id="p2"))[0] == (
        "overlap",
        "AT 1*",
        "p1",
        "p2",
    )


def test_of_a_product_that_is_in_order_everywhere_nothing_is_said():
    report = survey_coverage(
        programme(), network(programme(), in_("AT"), in_("AT rank 2", id="p2")), NOON
    )
    assert report.findings == ()


def test_neighbours_with_the_same_answer_are_one_area_written_as_a_territory():
    assert found(programme(), in_("AT 30*", "AT 31*", "AT 4*", "AT 5020")) == [
        ("gap", "AT 1000-2999"),
        ("thin", "AT 3000-3199", "p1"),
        ("gap", "AT 3200-3999"),
        ("thin", "AT 4*", "p1"),
        ("gap", "AT 5000-5019"),
        ("thin", "AT 5020", "p1"),
        ("gap", "AT 5021-9999"),
    ]


def test_a_country_that_nobody_works_in_is_one_gap():
    assert found(programme("CH"), in_("AT 1*")) == [("gap", "CH")]


def test_numbers_that_are_nobodys_address_are_no_gap():
    german = programme("DE")
    assert found(
        german, in_("DE 0*", "DE 1*", "DE 2*", "DE 3*", "DE 40000-42999", "DE 44000-99999")
    ) == [("thin", "DE", "p1")]


def test_a_named_region_is_where_the_programme_says_and_named_beside_the_area():
    report = survey_coverage(programme("DE"), network(programme("DE"), in_("region munich")), NOON)
    assert [(spot.area, spot.region) for spot in report.of(FindingKind.THIN)] == [
        ("DE 80000-81999", "munich")
    ]


def test_where_postcodes_have_letters_areas_are_beginnings():
    assert found(programme("GB", **BY_LOAD), in_("GB WS*"), in_("GB WS9*", id="p2")) == [
        ("gap", "GB without WS*"),
        ("thin", "GB WS* without WS9*", "p1"),
        ("overlap", "GB WS9*", "p1", "p2"),
    ]


def test_where_somebody_works_by_distance_the_known_places_are_the_borders():
    points = {
        "AT 1010": Point(48.2, 16.37),
        "AT 2340": Point(48.08, 16.28),
        "AT 5020": Point(47.8, 13.04),
    }
    rules = programme()
    there = Network.compile("1", [in_("AT 20km 1010")], rules.regions, Gazetteer(points))
    found = [(spot.kind.value, spot.area) for spot in survey_coverage(rules, there, NOON).findings]
    assert found == [
        ("gap", "AT 100*"),
        ("thin", "AT 1010"),
        ("gap", "AT 1011-2339"),
        ("thin", "AT 2340"),
        ("gap", "AT 2341-9999"),
    ]


def test_a_beginning_that_no_postcode_has_is_no_area():
    names = [
        cell.first
        for cell in cut_into_cells("CA", [Territory.parse("CA K1A*"), Territory.parse("CA D*")])
    ]
    assert names == ["*", "K1A*"]


def test_british_districts_are_told_apart():
    assert found(
        programme("GB", **BY_LOAD), in_("GB B1*"), in_("GB B10*", id="p2"), in_("GB B1 1*", id="p3")
    ) == [
        ("gap", "GB without B1*, B10*"),
        ("overlap", "GB B1 1*", "p1", "p3"),
        ("thin", "GB B1* without B1 1*", "p1"),
        ("thin", "GB B10*", "p2"),
    ]


def test_what_is_taken_away_from_a_territory_is_a_gap_and_a_backup_of_a_place_is_somebody():
    assert found(programme(), in_("AT", "not AT 2*"), in_("AT 23* backup", id="p2")) == [
        ("thin", "AT 1*", "p1"),
        ("gap", "AT 2000-2299"),
        ("thin", "AT 23*", "p2"),
        ("gap", "AT 2400-2999"),
        ("thin", "AT 3000-9999", "p1"),
    ]


def test_who_works_in_the_world_is_there_in_every_country():
    assert found(programme("AT", "CH"), in_("*")) == [("thin", "AT", "p1"), ("thin", "CH", "p1")]


TAKES_WEEKDAYS = {"lead_filters": (Condition.parse("weekday in mon, tue, wed, thu, fri"),)}
WORKDAYS, WEEKEND = ("mon", "tue", "wed", "thu", "fri"), ("sat", "sun")
WEEK = [NOON + timedelta(days) for days in range(7)]
EVERY_DAY = (*WORKDAYS, *WEEKEND)
LOADS = {name: Load(name, active=True) for name in ("p1", "p2", "p3", "p4")}
ENTRIES = st.sampled_from(
    [
        "AT",
        "AT 1*",
        "AT 12*",
        "AT 123*",
        "AT 1234",
        "AT 1100-1299",
        "AT 1999-2000",
        "AT 9*",
        "AT 9999",
        "AT 3000-7777",
    ]
)


@settings(max_examples=examples(15), deadline=None)
@given(st.lists(st.lists(ENTRIES, min_size=1, max_size=3, unique=True), max_size=4))
@pytest.mark.slow
def test_of_every_postcode_the_report_says_what_routing_would_say(territories):
    rules = programme(**BY_LOAD)
    partners = [in_(*entries, id=f"p{n}") for n, entries in enumerate(territories)]
    there = network(rules, *partners)
    loads = {p.id: Load(p.id, active=True) for p in partners}
    said = {}
    for spot in survey_coverage(rules, there, NOON).findings:
        area = Territory.parse(spot.area)
        said |= {
            code: spot.partners for code in range(1000, 10_000) if area.covers("AT", str(code))
        }
    assert sorted(said) == list(range(1000, 10_000))
    borders = {
        code
        for code in said
        if said[code] != said.get(code - 1) or said[code] != said.get(code + 1)
    }
    for code in {*borders, *range(1000, 10_000, 61)}:
        enquiry = Enquiry("AT", str(code), "boiler", "soon", "de")
        ranked = decide(Situation(enquiry, there, Policy.of(rules, 1), NOON, loads)).ranked
        assert sorted(candidate.partner for candidate in ranked) == list(said[code])


def test_of_every_weekday_the_report_says_what_routing_would_say():
    """Also where a partner's day is not HQ's, as long as both are awake."""
    rules = programme(
        routing={
            "rules": [
                "require tag on-call when weekday in sat, sun",
                "forbid tag calm when weekday is mon",
            ]
        }
    )
    partners = (
        in_("AT", **TAKES_WEEKDAYS),
        in_(
            "AT",
            id="p2",
            tags=frozenset({"on-call"}),
            lead_filters=(Condition.parse("weekday is not sun"),),
        ),
        in_("AT", id="p3", tags=frozenset({"on-call", "calm"}), time_zone="Europe/London"),
        in_(
            "AT",
            id="p4",
            lead_filters=(
                Condition.parse("weekday in wed, sat"),
                Condition.parse("urgency is soon"),
            ),
        ),
    )
    there = network(rules, *partners)
    spots = survey_coverage(rules, there, NOON).findings
    for day in WEEK:
        ranked = decide(
            Situation(
                Enquiry("AT", "1010", "boiler", "soon", "de"),
                there,
                Policy.of(rules, 1),
                day,
                LOADS,
            )
        ).ranked
        said = [
            s.partners
            for s in spots
            for need in s.demands
            if f"{day:%a}".lower() in (need.weekdays or EVERY_DAY)
        ]
        assert said == [tuple(sorted(candidate.partner for candidate in ranked))], f"{day:%A}"


def test_a_gap_says_who_is_there_and_why_they_are_not_asked():
    partners = (
        in_("AT 1*", paused=True),
        in_("AT 1*", id="p2", products=frozenset({"heat-pump"})),
        in_("AT 1*", id="p3", absences=(Absence(date(2026, 11, 1), date(2026, 12, 1)),)),
        in_("AT 1*", id="p4", caps=Caps(open=0)),
    )
    kept_out = (("p1", "paused"), ("p3", "absent"), ("p2", "product"), ("p4", "full"))
    assert found(programme(), *partners)[0] == ("gap", "AT 1*", *kept_out)


def test_who_is_not_there_and_would_not_do_it_either_is_no_hope():
    paused = in_("AT 1*", paused=True, products=frozenset({"heat-pump"}))
    assert found(programme(), paused)[0] == ("gap", "AT 1*", ("p1", "product"))


def test_a_pause_after_lapses_stands_in_the_load_alone_and_counts():
    rules = programme()
    there = network(rules, in_("AT 1*"), in_("AT 1*", id="p2"))
    loads = {"p1": Load("p1", active=False, lapses=3), "p2": Load("p2", active=True)}
    report = survey_coverage(rules, there, NOON, loads)
    assert [(s.area, s.partners, reasons(s.kept_out)) for s in report.of(FindingKind.THIN)] == [
        ("AT 1*", ("p2",), (("p1", "lapsed"),))
    ]
    assert reasons(report.unreachable) == (("p1", "lapsed"),)


def test_an_absence_says_until_when_and_what_follows_on_belongs_to_it():
    days = (
        Absence(date(2026, 11, 20), date(2026, 11, 30)),
        Absence(date(2026, 12, 1), date(2026, 12, 10)),
    )
    report = survey_coverage(programme(), network(programme(), in_("AT 1*", absences=days)), NOON)
    assert report.of(FindingKind.GAP)[0].kept_out == (KeptOut("p1", "absent", date(2026, 12, 10)),)
    assert report.of(FindingKind.GAP)[0].waits


def test_one_partner_beside_one_who_is_away_is_a_thin_spot_that_names_both():
    away = in_("AT 1*", id="p2", paused=True)
    spot = survey_coverage(programme(), network(programme(), in_("AT 1*"), away), NOON).of(
        FindingKind.THIN
    )[0]
    assert (spot.partners, reasons(spot.kept_out)) == (("p1",), (("p2", "paused"),))


def test_the_backup_of_somebody_who_is_away_is_somebody():
    partners = (in_("AT 1*", paused=True, backup="p2"), in_("DE 80*", id="p2"))
    report = survey_coverage(programme(), network(programme(), *partners), NOON)
    spot = report.of(FindingKind.THIN)[0]
    assert (spot.area, spot.partners, reasons(spot.kept_out)) == (
        "AT 1*",
        ("p2",),
        (("p1", "paused"),),
    )
    assert reasons(report.unreachable) == (("p1", "paused"),)
    alone = programme(
        fallback={"hq_hold": {"minutes": 60}, "backup": [{"order": ["territory", "programme"]}]}
    )
    assert survey_coverage(alone, network(alone, *partners), NOON).of(FindingKind.THIN) == ()


def test_what_is_so_for_some_enquiries_only_says_for_which():
    urgencies = [
        {"id": "emergency", "name": {"en": "Emergency"}, "required_tags": ["on-call"]},
        {"id": "soon", "name": {"en": "Soon"}},
    ]
    form = FORM | {"countries": ["AT"], "products": ["boiler"]}
    rules = a_programme(languages=["en"], urgencies=urgencies, forms=[form], match_language=False)
    report = survey_coverage(rules, network(rules, in_("AT")), NOON)
    assert [
        (s.kind.value, s.area, [n.urgency for n in s.demands], s.always) for s in report.findings
    ] == [
        ("gap", "AT", ["emergency"], False),
        ("thin", "AT", ["soon"], False),
    ]


def test_a_gap_for_some_enquiries_has_the_reason_of_these_and_one_for_all_the_nearest():
    urgencies = [
        {
            "id": "emergency",
            "name": {"en": "Emergency", "de": "Notfall"},
            "required_tags": ["on-call"],
        },
        {"id": "soon", "name": {"en": "Soon", "de": "Bald"}},
    ]
    form = FORM | {"countries": ["AT"], "products": ["boiler"]}
    rules = a_programme(urgencies=urgencies, forms=[form], match_language=True)

    def told(partner):
        spots = survey_coverage(rules, network(rules, partner), NOON).findings
        return {
            tuple((need.urgency, need.language) for need in spot.demands): reasons(spot.kept_out)
            for spot in spots
            if spot.kind is FindingKind.GAP
        }

    german = in_("AT", languages=frozenset({"de"}))
    assert told(german) == {
        (("emergency", "en"), ("soon", "en")): (("p1", "language"),),
        (("emergency", "de"),): (("p1", "tag"),),
    }
    (whole,) = told(replace(german, paused=True)).values()
    assert whole == (("p1", "paused"),)


def test_a_rule_for_one_region_counts_there_only():
    rules = programme("DE", routing={"rules": ["require tag gold when region is munich"]})
    report = survey_coverage(rules, network(rules, in_("DE 8*")), NOON)
    assert [(s.kind.value, s.area, s.region, reasons(s.kept_out)) for s in report.findings][
        1:4
    ] == [
        ("gap", "DE 80000-81999", "munich", (("p1", "tag"),)),
        ("thin", "DE 82000-89999", "", ()),
        ("gap", "DE 9*", "", ()),
    ]


def by_weekday(report):
    return [
        (
            spot.kind.value,
            spot.area,
            *{need.weekdays for need in spot.demands},
            spot.partners or reasons(spot.kept_out),
        )
        for spot in report.findings
    ]


@pytest.mark.parametrize("now", WEEK, ids=lambda now: f"{now:%a}".lower())
def test_on_whatever_day_it_is_asked_a_gap_at_the_weekend_is_one_at_the_weekend(now):
    report = survey_coverage(programme(), network(programme(), in_("AT", **TAKES_WEEKDAYS)), now)
    assert by_weekday(report) == [
        ("thin", "AT", WORKDAYS, ("p1",)),
        ("gap", "AT", WEEKEND, (("p1", "not_taken"),)),
    ]
    assert report.unreachable == ()


@pytest.mark.parametrize("now", [WEEK[0], WEEK[3]])
def test_a_rule_for_one_weekday_counts_on_that_day_only(now):
    rules = programme(
        routing={"rules": ["require tag on-call when weekday is sun"], **BY_LOAD["routing"]}
    )
    never_monday = {
        "lead_filters": (
            Condition.parse("weekday is not mon"),
            Condition.parse("area at least 100"),
        )
    }
    there = network(
        rules, in_("AT", **never_monday), in_("AT 1*", id="p2", tags=frozenset({"on-call"}))
    )
    assert by_weekday(survey_coverage(rules, there, now)) == [
        ("thin", "AT 1*", ("mon", "sun"), ("p2",)),
        ("overlap", "AT 1*", ("tue", "wed", "thu", "fri", "sat"), ("p1", "p2")),
        ("gap", "AT 2000-9999", ("mon",), (("p1", "not_taken"),)),
        ("thin", "AT 2000-9999", ("tue", "wed", "thu", "fri", "sat"), ("p1",)),
        ("gap", "AT 2000-9999", ("sun",), (("p1", "tag"),)),
    ]


def test_a_tag_named_like_the_weekday_may_be_asked_for():
    rules = programme(routing={"rules": ["require tag answer weekday"]})
    report = survey_coverage(rules, network(rules, in_("AT", tags=frozenset({"tue", "sat"}))), NOON)
    assert by_weekday(report)[-1] == ("thin", "AT", ("tue", "sat"), ("p1",))


def test_a_certificate_that_ends_tomorrow_is_a_certificate_on_every_weekday():
    product = {"id": "boiler", "name": {"en": "B", "de": "B"}, "certificate": "f"}
    rules = programme(
        products=[product], routing={"rules": ["prefer tag calm when weekday is sat"]}
    )
    report = survey_coverage(
        rules, network(rules, in_("AT", certificates={"f": NOON.date()})), NOON
    )
    assert [(spot.kind, spot.always) for spot in report.findings] == [(FindingKind.THIN, True)]
    after = survey_coverage(
        rules, network(rules, in_("AT", certificates={"f": NOON.date()})), NOON + timedelta(1)
    )
    assert [(spot.kind, reasons(spot.kept_out)) for spot in after.findings] == [
        (FindingKind.GAP, (("p1", "certificate"),))
    ]


def test_who_is_away_and_takes_nothing_at_weekends_is_only_missed_on_weekdays():
    paused = in_("AT", paused=True, **TAKES_WEEKDAYS)
    assert by_weekday(survey_coverage(programme(), network(programme(), paused), NOON))[0][-1] == (
        ("p1", "paused"),
    )
    report = survey_coverage(programme(), network(programme(), paused, in_("AT", id="p2")), NOON)
    assert by_weekday(report) == [("thin", "AT", (), ("p2",))]
    assert reasons(report.findings[0].kept_out) == (("p1", "paused"),)


def test_what_is_taken_in_one_region_only_is_no_coverage_elsewhere():
    rules = programme("DE")
    report = survey_coverage(
        rules,
        network(rules, in_("DE 8*", lead_filters=(Condition.parse("region is not munich"),))),
        NOON,
    )
    assert [(s.kind.value, s.area, reasons(s.kept_out)) for s in report.findings][1:3] == [
        ("gap", "DE 80000-81999", (("p1", "not_taken"),)),
        ("thin", "DE 82000-89999", ()),
    ]


@pytest.mark.parametrize(
    ("language", "urgencies", "said"),
    [
        ("en", ["soon"], {"enquiries on Mon, Tue, Wed, Thu, Fri", "enquiries on Sat, Sun"}),
        ("de", ["soon"], {"Anfragen am Mo, Di, Mi, Do, Fr", "Anfragen am Sa, So"}),
        (
            "en",
            ["emergency", "soon"],
            {"Soon on Mon, Tue, Wed, Thu, Fri", "Emergency; Soon on Sat, Sun"},
        ),
    ],
)
def test_page_and_table_say_on_which_weekdays_it_is_so_and_machines_get_their_names(
    language, urgencies, said
):
    form = FORM | {"countries": ["AT"], "products": ["boiler"], "urgencies": urgencies}
    rules = programme(forms=[form], hq=programme_document()["hq"] | {"language": language})
    no_emergencies = (*TAKES_WEEKDAYS["lead_filters"], Condition.parse("urgency is soon"))
    there = network(rules, in_("AT", lead_filters=no_emergencies))
    view = NetworkCoverageView(
        rules, there.partners, survey_coverage(rules, there, NOON), "/coverage", "/queue"
    )
    table = csv.reader(io.StringIO(coverage_csv(view)), delimiter=";")
    assert {row[5] for row in [*table][1:]} == said
    page = coverage_page(view)
    assert all(each in page for each in said)
    needs = [need for spot in coverage_document(view)["spots"] for need in spot["needs"]]
    assert {"urgency": "soon", "language": "en", "weekdays": WEEKEND} in needs


def test_it_is_the_same_at_night_where_closed_partners_are_skipped():
    offers = [{"window": {"minutes": 60}, "total": {"working_days": 2}, "closed": "skip"}]
    rules = programme(offers=offers)
    by_night = survey_coverage(rules, network(rules, in_("AT")), NOON.replace(hour=1))
    assert [(s.kind, s.area) for s in by_night.findings] == [(FindingKind.THIN, "AT")]


def test_partners_out_of_reach_are_named_with_what_is_nearest_to_reaching_them():
    partners = (
        in_("AT 1*", id="reached"),
        in_("DE 80*", id="abroad"),
        in_("region atlantis", id="nowhere"),
        in_("AT 1*", id="silent", confirmed_email=""),
        in_("AT 1*", id="other-work", products=frozenset({"heat-pump"})),
        in_("DE 80*", id="backup"),
    )
    rules = programme(fallback={"hq_hold": {"minutes": 60}, "backup_partner": "backup"})
    assert reasons(survey_coverage(rules, network(rules, *partners), NOON).unreachable) == (
        ("abroad", NO_TERRITORY),
        ("nowhere", NO_TERRITORY),
        ("other-work", "product"),
        ("silent", "unconfirmed"),
    )


PLANTED = {
    "dach-heating": {
        "heat-pump": (
            DACH := {
                "DE 01000-03999": {"elbtal-waerme": "absent"},
                "DE 14000-15999": {"havel-heizung": "unconfirmed"},
                "DE 25*": {},
                "DE 89*": {"ulmer-spatz": "paused"},
                "CH 5*": {},
            }
        ),
        "boiler": DACH,
        "repair": DACH
        | {
            "DE 14000-15999": {"havel-heizung": "product"},
            "DE 89*": {"ulmer-spatz": "product"},
            "CH 7*": {"saentis-energie": "product"},
            "CH 9*": {"saentis-energie": "product"},
        },
    },
    "us-solar": {
        "rooftop-solar": (
            WEST := {
                "US 00500-00999": {},
                "US 14000-14299": {"erie-canal-energy": "unconfirmed"},
                "US 813*": {"aspen-leaf-solar": "certificate"},
                "US 960*": {"shasta-sky-energy": "paused"},
                "US 969*": {},
                "US 99500-99999": {},
            }
        ),
        "battery": {area: why for area, why in WEST.items() if area != "US 813*"},
        "ev-charger": (
            OTHER := {area: dict.fromkeys(why, "product") for area, why in WEST.items()}
        ),
        "repair": OTHER,
    },
}
"""Sample → product → area without anybody → who is there and is not asked. The samples' first lines
say the same.
"""


@cache
def covered(name):
    rules, partners = sample(name)
    return NetworkCoverageView(
        rules, partners, survey_coverage(rules, sample_network(name), NOON), "/coverage", "/queue"
    )


@pytest.mark.parametrize("name", PLANTED)
def test_of_a_sample_the_report_finds_exactly_the_gaps_that_were_planted(name):
    found = {product: {} for product in PLANTED[name]}
    for spot in covered(name).coverage.of(FindingKind.GAP):
        if spot.always:
            found[spot.product][spot.area] = dict(reasons(spot.kept_out))
    assert found == PLANTED[name]
    said = (SAMPLES / name / "programme.yaml").read_text("utf-8").partition("schema:")[0]
    assert all(area in said for areas in PLANTED[name].values() for area in areas)


@pytest.mark.parametrize("name", PLANTED)
def test_hq_finds_the_planted_gaps_on_the_page_and_in_the_table(name):
    view = covered(name)
    page = coverage_page(view).partition('id="k-thin"')[0]
    table = [
        row
        for row in csv.DictReader(io.StringIO(coverage_csv(view)), delimiter=";")
        if not row["only for"]
    ]
    gaps = Counter(row["area"] for row in table if row["\ufefffinding"] == "gap")
    assert gaps == Counter(area for areas in PLANTED[name].values() for area in areas)
    for areas in PLANTED[name].values():
        for area, why in areas.items():
            assert f'<span class="rowtitle">{area}</span>' in page
            assert all(escape(view.partners[partner].name) in page for partner in why)


def test_of_more_findings_than_an_answer_holds_the_gaps_are_told_and_how_many_more_there_are(
    monkeypatch,
):
    view = covered("us-solar")
    assert coverage_document(view)["left_out"] == 0
    gaps = len(view.coverage.of(FindingKind.GAP))
    monkeypatch.setattr(coverage_report, "FINDINGS_OF_A_DOCUMENT", gaps + 1)
    document = coverage_document(view)
    assert [spot["finding"] for spot in document["spots"]] == ["gap"] * gaps + ["thin"]
    assert document["left_out"] == len(view.coverage.findings) - gaps - 1


@pytest.mark.parametrize(
    ("name", "thin", "who"),
    [
        ("dach-heating", {"DE 10*"}, ("havel-heizung", "unconfirmed", None)),
        ("us-solar", {"US 860*", "US 863*"}, ("mogollon-solar", "absent", date(2030, 12, 31))),
    ],
)
def test_of_a_sample_the_report_names_who_would_make_a_thin_spot_thicker(name, thin, who):
    spots = [spot for spot in covered(name).coverage.of(FindingKind.THIN) if spot.kept_out]
    assert {spot.area for spot in spots} == thin
    assert {spot.kept_out for spot in spots} == {(who,)}


def test_of_the_samples_those_out_of_reach_are_those_who_are_not_there():
    assert {name: reasons(covered(name).coverage.unreachable) for name in PLANTED} == {
        "dach-heating": (
            ("elbtal-waerme", "absent"),
            ("havel-heizung", "unconfirmed"),
            ("ulmer-spatz", "paused"),
        ),
        "us-solar": (
            ("erie-canal-energy", "unconfirmed"),
            ("mogollon-solar", "absent"),
            ("shasta-sky-energy", "paused"),
        ),
    }


def test_the_one_irish_area_with_a_letter_in_the_third_place_is_a_cell_as_others_are():
    found = cut_into_cells("IE", map(Territory.parse, ("IE D6W*", "IE D02*")))
    assert {cell.first: cell.postcode[:3] for cell in found if cell.first != "*"} == {
        "D6W*": "D6W",
        "D02*": "D02",
    }


def test_a_cell_of_numbers_names_its_ends():
    assert next(cut_into_cells("CH", [])) == Cell("CH", "1000", "9999", (), "1000")


def test_a_postcode_known_apart_from_what_it_begins_with_is_an_area_of_its_own():
    places = Gazetteer(
        {"AT 10": Point(48.2, 16.4), "AT 1090": Point(47.1, 15.4), "AT 80": Point(47.1, 15.4)}
    )
    rules = programme()
    partner = in_("AT 20km 48.2,16.4")
    report = survey_coverage(rules, Network.compile("n", [partner], rules.regions, places), NOON)
    assert [spot.area for spot in report.of(FindingKind.THIN)] == ["AT 1000-1089", "AT 1091-1099"]


def test_a_territory_that_covers_nothing_is_told():
    rules = programme()
    found = network(rules, in_("AT 10km 1010", "region nowhere", "AT 1*", id="p2"), in_("AT 2*"))
    assert survey_coverage(rules, found, NOON).lost == (("p2", "AT 10km 1010"), ("p2", "nowhere"))


# ── what a programme means for the partners there are ─────────────────────────────────────────────


def no_loads(_):
    return {}


def test_a_programme_that_fits_its_partners_is_saved_without_a_word():
    assert misfits(programme(), network(programme(), in_("AT 1*")), NOON, no_loads) == []
    assert (
        misfits(programme(), network(programme()), NOON, no_loads) == []
    )  # partners are imported after the rules


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {
                "products": [
                    {"id": "boiler", "name": {"en": "B", "de": "B"}, "required_tags": ["gold"]}
                ]
            },
            "products[0].required_tags: no partner has 'gold', so nobody is offered boiler",
        ),
        (
            {
                "products": [
                    {"id": "boiler", "name": {"en": "B", "de": "B"}, "certificate": "f-gas"}
                ]
            },
            "products[0].certificate: no partner has 'f-gas', so nobody is offered boiler",
        ),
        (
            {
                "products": [
                    {"id": "boiler", "name": {"en": "B", "de": "B"}, "certificate": "f-gas"}
                ]
            },
            "forms[0] asks for what no partner could take today: all of it would go to HQ",
        ),
        (
            {},
            "PUT /v1/places: the centre of AT 5km 1010 is unknown, but it is the territory of p3: that covers nothing",
        ),
        ({}, "areas: 'ring' is not named, but it is the territory of p3: that covers nothing"),
        (
            {
                "routing": {
                    "rules": [
                        "prefer tag fast when owner is owner",
                        "require specialisation flats or houses",
                    ]
                }
            },
            "routing.rules[0]: no partner has 'fast', so it prefers nobody",
        ),
        (
            {"routing": {"rules": ["require specialisation flats or houses"]}},
            "routing.rules[0]: no partner has 'flats' or 'houses', so nobody is asked where it applies",
        ),
        (
            {"routing": {"rules": ["require certificate f or g"]}},
            "routing.rules[0]: no partner has 'f'",
        ),
        (
            {"regions": {}},
            "regions: 'munich' is not named, but it is the territory of p2: that covers nothing",
        ),
        (
            {"languages": ["en", "de"], "match_language": True},
            "forms[0] offers boiler to people who read 'en': no partner could take it today",
        ),
    ],
)
def test_what_a_programme_would_leave_without_anybody_is_said(changes, said):
    rules = programme(**changes)
    german = {"languages": frozenset({"de"}), "certificates": {"g": None}}
    lost = in_("AT 5km 1010", "area ring", id="p3", **german)
    partners = (in_("AT 1*", **german), in_("region munich", id="p2", **german), lost)
    assert said in misfits(rules, network(rules, *partners), NOON, no_loads)


AUSTRIA = {"AT 1010": Point(48.2, 16.37)}
GERMANY = {"DE 80331": Point(48.14, 11.57)}
NOWHERE = (
    "routing.order: distance orders nobody: no partner has a postcode that PUT /v1/places knows"
)
NOT_IN_GERMANY = (
    "routing.order: distance orders nobody in DE: no place there is known (PUT /v1/places)"
)


@pytest.mark.parametrize(
    ("order", "places", "said"),
    [
        (["distance"], {}, [NOWHERE]),
        (["distance"], {"AT 9020": Point(46.6, 14.3)}, [NOWHERE]),
        (["distance"], AUSTRIA, [NOT_IN_GERMANY]),
        (["distance"], AUSTRIA | GERMANY, []),
        (["tier"], {}, []),
    ],
)
def test_an_order_by_distance_where_nobody_knows_where_anything_is_is_said(order, places, said):
    rules = programme("AT", "DE", routing={"order": order})
    partners = (in_("AT", country="AT", postcode="1010"), in_("DE", id="p2", country="DE"))
    found = misfits(
        rules, Network.compile("1", partners, rules.regions, Gazetteer(places)), NOON, no_loads
    )
    assert [each for each in found if "distance" in each] == said


def test_a_country_of_a_form_without_partners_is_said_once():
    rules = programme("AT", "CH")
    assert misfits(rules, network(rules, in_("AT 1*")), NOON, no_loads) == [
        "forms[0] asks in CH, where no partner could take any of its products today"
    ]


def test_where_one_is_first_and_another_second_everywhere_somebody_takes_it():
    first, second = in_("AT"), in_("AT rank 2", id="p2")
    rules = programme()
    there = network(rules, first, second)
    assert survey_coverage(rules, there, NOON).findings == ()
    assert misfits(rules, there, NOON, no_loads) == []


def test_a_paused_partner_is_nobody_today():
    alone = replace(in_("AT 1*"), paused=True)
    assert misfits(programme(), network(programme(), alone), NOON, no_loads) == [
        "forms[0] asks for what no partner could take today: all of it would go to HQ (p1 is paused)"
    ]


def test_in_a_network_too_large_to_look_at_while_somebody_waits_the_rest_is_said_all_the_same(
    monkeypatch,
):
    monkeypatch.setattr(programme_fit, "LARGEST_SURVEYED", 1)
    rules = programme(regions={})
    partners = (in_("AT 1*", paused=True), in_("region munich", id="p2"))
    assert misfits(rules, network(rules, *partners), NOON, no_loads) == [
        "regions: 'munich' is not named, but it is the territory of p2: that covers nothing",
        "the network has more than 1 partners: whether all is covered is not looked at here",
    ]


@pytest.mark.parametrize("now", WEEK[:5])
def test_a_network_that_rests_at_weekends_is_said_to_on_every_day(now):
    assert misfits(
        programme(), network(programme(), in_("AT 1*", **TAKES_WEEKDAYS)), now, no_loads
    ) == ["forms[0] offers boiler, which no partner takes on sat, sun"]


def test_who_is_away_is_named_with_how_long_and_so_is_a_backup_partner_who_is():
    absences = (Absence(date(2026, 11, 20), date(2026, 12, 10)),)
    rules = programme(fallback={"hq_hold": {"minutes": 60}, "backup_partner": "p2"})
    there = network(rules, in_("AT 1*", absences=absences), in_("AT 2*", id="p2"))
    loads = {"p2": Load("p2", active=False, lapses=3)}
    assert misfits(rules, there, NOON, lambda _: loads) == [
        "forms[0] asks for what no partner could take today: all of it would go to HQ "
        "(p1 is away until 2026-12-10, p2 was paused after unanswered offers)",
        "fallback.backup_partner: p2 was paused after unanswered offers, so what nobody takes goes to HQ",
    ]


def test_a_product_nobody_does_is_said_beside_one_that_is_done():
    form = FORM | {"countries": ["AT"], "urgencies": ["soon"]}
    rules = programme(forms=[form])
    only_boilers = in_("AT 1*", products=frozenset({"boiler"}))
    assert misfits(rules, network(rules, only_boilers), NOON, no_loads) == [
        "forms[0] offers heat-pump, which no partner could take today, wherever it is asked for"
    ]


LAST = {"fallback": {"hq_hold": {"minutes": 60}, "backup_partner": "last"}}


def viewed(rules, *partners):
    there = network(rules, *partners)
    return NetworkCoverageView(
        rules, there.partners, survey_coverage(rules, there, NOON), "/coverage", "/queue"
    )


def test_where_the_programmes_backup_partner_takes_it_the_report_names_them_and_never_says_nobody():
    last = in_("DE 80*", id="last", name="Auffang GmbH", products=frozenset({"heat-pump"}))
    view = viewed(programme(**LAST), in_("AT 1*"), last)
    gaps = view.coverage.of(FindingKind.GAP)
    assert {spot.backup for spot in gaps} == {"last"}
    page = coverage_page(view)
    assert f"{len(gaps)} gap: only Auffang GmbH, the backup partner, would be asked." in page
    assert "Auffang GmbH would be asked, as the programme&#39;s backup partner" in page
    assert "o partner would be asked" not in page
    assert "Auffang GmbH would be asked" in coverage_csv(view)
    assert {
        spot["backup"] for spot in coverage_document(view)["spots"] if spot["finding"] == "gap"
    } == {"last"}


@pytest.mark.parametrize(
    ("last", "order"),
    [({"paused": True}, ["programme"]), ({"caps": Caps(open=0)}, ["programme"]), ({}, ["partner"])],
    ids=["paused", "takes nothing", "not in the order"],
)
def test_a_programmes_backup_partner_who_would_not_be_asked_fills_no_gap(last, order):
    backup = [{"order": ["programme"]}, {"when": {"product": "boiler"}, "order": order}]
    rules = programme(fallback=LAST["fallback"] | {"backup": backup})
    view = viewed(rules, in_("AT 1*"), in_("DE 80*", id="last", **last))
    assert {spot.backup for spot in view.coverage.of(FindingKind.GAP)} == {""}
    assert "1 gap: no partner would be asked." in coverage_page(view)


def test_where_only_some_is_taken_by_the_programmes_backup_partner_the_report_says_of_how_much():
    form = FORM | {"countries": ["AT"], "urgencies": ["soon"]}
    backup = [{"order": ["partner"]}, {"when": {"product": "boiler"}, "order": ["programme"]}]
    rules = programme(forms=[form], fallback=LAST["fallback"] | {"backup": backup})
    view = viewed(rules, in_("DE 80*", id="last"))
    assert [(spot.product, spot.backup) for spot in view.coverage.of(FindingKind.GAP)] == [
        ("heat-pump", ""),
        ("boiler", "last"),
    ]
    said = "2 gaps: in 1 of them only Installer last, the backup partner, would be asked; in the others, no partner."
    assert said in coverage_page(view)


def test_what_only_the_programmes_backup_partner_could_take_is_not_said_to_go_to_hq():
    rules = programme(**LAST)
    assert misfits(rules, network(rules, in_("DE 80*", id="last")), NOON, no_loads) == [
        "forms[0] asks for what no partner but last, the backup partner, could take today: all of it would go to last"
    ]


def test_what_does_not_fit_is_told_in_german_too():
    rules = programme("AT", "CH", routing={"order": ["distance"]})
    alone = replace(in_("AT 1*", "AT 5km 1010", country="AT"), paused=True)
    found = misfits(rules, network(rules, alone), NOON, no_loads)
    german = doubts_for_programs(found, "de")
    assert len(german) == len(found) > 2
    lost = "steht in keiner Ortsliste, ist aber als Gebiet eingetragen bei: p1"
    assert any(lost in each for each in german)
    assert any("(p1 pausiert)" in each and "die Zentrale" in each for each in german)
    assert doubts_for_programs(found, "en") == found


def test_a_rule_that_no_partner_meets_is_told_in_german_with_its_place():
    rules = programme("AT", routing={"rules": ["require tag gold, silver"]})
    found = misfits(rules, network(rules, in_("AT 1*")), NOON, no_loads)
    (german,) = [each for each in doubts_for_programs(found, "de") if "gold" in each]
    assert german.endswith(
        "Kein Partner hat gold, silver, also wird niemand gefragt, wo die Regel gilt."
    )
    assert "Regel 1" in german
