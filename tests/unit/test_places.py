"""Where postcodes are: territories by distance and outline, and how far a partner has to go."""

import math
from array import array
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing_core.domain.errors import InvalidInput
from routing_core.domain.partner import Load, Partner
from routing_core.domain.territory.gazetteer import (
    Circle,
    Gazetteer,
    Point,
    cell_of,
    cells_of,
    km_between,
    outline,
)
from routing_core.domain.territory.territory import Territory, TerritoryKind
from routing_core.formats.partner_document import read_partner
from routing_core.routing.decide.decision import decide
from routing_core.routing.decide.situation import Situation
from routing_core.routing.index.network import Network
from routing_core.routing.index.snapshot import pack, unpack
from routing_core.routing.policy import Enquiry, Policy
from tests.support.builders import NOON, a_programme, working_in

MUNICH, DACHAU, AUGSBURG = Point(48.137, 11.575), Point(48.26, 11.43), Point(48.371, 10.898)
PLACES = Gazetteer(
    {"DE 80331": MUNICH, "DE 85221": DACHAU, "DE 86150": AUGSBURG, "GB WS9": Point(52.6, -1.92)}
)


def a_ring(west: float, south: float, east: float, north: float) -> list[list[float]]:
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


SQUARE = {
    "type": "Polygon",
    "coordinates": [
        [[11.0, 48.0], [12.0, 48.0], [12.0, 49.0], [11.0, 49.0], [11.0, 48.0]],
        [[11.5, 48.1], [11.7, 48.1], [11.7, 48.2], [11.5, 48.2], [11.5, 48.1]],
    ],
}
"""Around Munich, with a hole where Munich is."""
WITHOUT_THE_CENTRE = {
    "type": "Polygon",
    "coordinates": [SQUARE["coordinates"][0], a_ring(11.55, 48.12, 11.59, 48.15)],
}


def network(*partners: Partner, places: Gazetteer = PLACES, areas: Any = None) -> Network:
    return Network.compile("n", partners, {}, places, areas)


def covering(found: Network, postcode: str, country: str = "DE") -> dict[str, str]:
    return {
        partner: str(territory) for partner, territory in found.covering(country, postcode).items()
    }


@pytest.mark.parametrize(
    ("sloppy", "text"),
    [
        ("DE 50km 80331", "DE 50km 80331"),
        ("de  50 km  80331 rank 2", "DE 50km 80331 rank 2"),
        ("DE 2.5km 48.137, 11.575", "DE 2.5km 48.137,11.575"),
        ("GB 10km WS9 8AA backup", "GB 10km WS98AA backup"),
        ("not DE 5km 80331", "not DE 5km 80331"),
        ("area munich-ring", "area munich-ring"),
    ],
)
def test_a_radius_and_an_area_read_as_they_are_written(sloppy, text):
    assert str(Territory.parse(sloppy)) == text
    assert Territory.parse(text) == Territory.parse(sloppy)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("DE 50km", "not a postcode in DE"),
        ("DE 50km nowhere", "as in DE 50km 80331"),
        ("DE 0km 80331", "write from 1km to 500km"),
        ("DE 900km 80331", "write from 1km to 500km"),
        ("DE 5km 99,11", "latitude,longitude"),
    ],
)
def test_a_radius_nobody_can_read_is_refused_saying_what_would_be_right(text, says):
    with pytest.raises(ValueError) as refused:
        Territory.parse(text)
    assert says in str(refused.value)


def test_distances_are_those_on_the_map():
    assert km_between(MUNICH, AUGSBURG) == pytest.approx(56, abs=1)
    assert km_between(MUNICH, MUNICH) == 0
    assert km_between(Point(0, 179.5), Point(0, -179.5)) == pytest.approx(111, abs=1)


def test_a_radius_covers_what_is_near_enough_and_in_its_country():
    found = network(working_in("near", "DE 20km 80331"), working_in("far", "DE 60km 48.137,11.575"))
    assert covering(found, "85221") == {"near": "DE 20km 80331", "far": "DE 60km 48.137,11.575"}
    assert covering(found, "86150") == {"far": "DE 60km 48.137,11.575"}
    assert covering(found, "80331", country="AT") == {}


def test_an_outline_covers_what_is_inside_and_not_in_its_holes():
    found = network(working_in("ring", "area ring"), areas={"ring": SQUARE})
    assert covering(found, "85221") == {"ring": "area ring"}
    assert covering(found, "80331") == {}
    assert covering(found, "86150") == {}


def test_where_a_postcode_is_not_known_entries_by_postcode_and_country_stand_in():
    partners = [
        working_in("radius", "DE 60km 80331"),
        working_in("prefix", "DE 8*"),
        working_in("country", "DE"),
    ]
    assert set(covering(network(*partners), "80333")) == {"prefix", "country"}
    assert set(covering(network(*partners, places=Gazetteer()), "80331")) == {"prefix", "country"}


def test_a_radius_around_an_unknown_place_and_an_unknown_area_cover_nothing_and_are_told():
    found = network(working_in("a", "DE 20km 99999"), working_in("b", "area nowhere"))
    assert found.unresolved == (("a", "DE 20km 99999"), ("b", "nowhere"))
    assert covering(found, "80331") == {}


def test_a_radius_is_as_specific_as_it_is_small_and_parts_of_it_can_be_taken_away():
    found = network(
        working_in("a", "DE 200km 80331", "DE 5km 80331 rank 2", "DE 80*"),
        working_in("b", "DE", "not DE 30km 80331"),
    )
    assert covering(found, "80331") == {"a": "DE 5km 80331 rank 2"}
    assert covering(found, "86150") == {"a": "DE 200km 80331", "b": "DE"}


NEARBY = Gazetteer(
    {
        "DE 80331": MUNICH,
        "DE 81549": Point(48.103, 11.6),
        "DE 85716": Point(48.28, 11.56),
        "DE 85221": DACHAU,
    }
    | {"DE 85049": Point(48.76, 11.42)}
)


@pytest.mark.parametrize(
    ("entries", "covered"),
    [
        (["DE 30km 80331", "not DE 85*"], ["80331", "81549"]),
        (["DE 40km 80331", "not DE 85*"], ["80331", "81549"]),
        (["DE 30km 80331", "not DE 85*", "DE 85221"], ["80331", "81549", "85221"]),
        (["DE 30km 80331", "not DE 85*", "DE 852*"], ["80331", "81549", "85221"]),
        (["area ring", "not DE 85*"], ["81549"]),
        (["DE 5km 85716", "not DE 85*"], []),
        (["not DE", "DE 5km 80331"], ["80331", "81549"]),
        (["DE", "not DE 30km 80331", "DE 5km 80331"], ["80331", "81549", "85049"]),
        (["DE 20km 80331", "not DE 18km 85716"], ["81549"]),
        (["DE 16.5km 80331", "not DE 17km 85716"], ["81549"]),
        (["DE 85*", "not DE 30km 80331"], ["85049"]),
        (["DE 8*", "not DE 30km 80331", "DE 852*", "DE 81549"], ["81549", "85049", "85221"]),
        (["DE 8*", "not area ring"], ["80331"]),
        (["area ring", "not DE 10km 85716"], ["81549", "85049"]),
    ],
)
def test_parts_are_taken_out_of_a_circle_however_small_and_only_what_lies_wholly_inside_them_stays(
    entries, covered
):
    found = network(working_in("a", *entries), places=NEARBY, areas={"ring": WITHOUT_THE_CENTRE})
    again = unpack(pack(found)[1])
    for each in (found, again):
        assert [name[3:] for name in NEARBY.names if covering(each, name[3:])] == covered


def test_a_british_district_lies_inside_a_circle_if_its_own_places_do():
    places = Gazetteer(
        {"GB B1": Point(52.48, -1.9), "GB B16": Point(52.48, -2.1), "GB B13": Point(52.6, -1.9)}
    )
    found = network(working_in("a", "GB B*", "not GB 5km B11BD", "GB B1*"), places=places)
    assert covering(found, "B1 1BD", "GB") == {"a": "GB B1*"}
    assert covering(found, "B16 1BD", "GB") == {"a": "GB B*"}


def test_a_longer_postcode_is_looked_up_by_what_it_begins_with():
    assert PLACES.locate("GB", "WS9 8AA") == PLACES.locate("GB", "WS9")
    assert PLACES.locate("GB", "W1A 1AA") is None


@pytest.mark.parametrize(
    ("postcode", "district"),
    [
        ("E1 6AN", "E1"),
        ("E16 2AA", "E16"),
        ("EC1A 1BB", "EC1"),
        ("EC2A 1BB", "EC"),
        ("M1 1AE", None),
        ("B1 1BD", "B"),
    ],
)
def test_a_british_postcode_lies_in_its_district_and_in_no_other_that_begins_alike(
    postcode, district
):
    districts = {
        f"GB {code}": Point(51, n)
        for n, code in enumerate(("E1", "E16", "EC", "EC1", "M11", "B", "B11"))
    }
    assert Gazetteer(districts).locate("GB", postcode) == districts.get(f"GB {district}")


def test_a_radius_too_wide_for_its_cells_is_measured_everywhere_in_its_country():
    found = network(
        working_in("north", "SE 500km 11122"),
        places=Gazetteer({"SE 11122": Point(59.3, 18), "SE 98138": Point(67.9, 20.2)}),
    )
    assert covering(found, "111 22", "SE") == {"north": "SE 500km 11122"}
    assert covering(found, "981 38", "SE") == {}


@given(
    lat=st.floats(-70, 70),
    lon=st.floats(-180, 180),
    km=st.floats(1, 300),
    north=st.floats(-1, 1),
    east=st.floats(-1, 1),
)
def test_whatever_a_circle_covers_lies_in_its_cells_also_beyond_the_date_line(
    lat, lon, km, north, east
):
    circle = Circle(Point(lat, lon), km)
    ((_, high),) = circle.boxes()
    beside = lon + east * (high.lon - lon)
    point = Point(lat + north * (high.lat - lat), (beside + 180) % 360 - 180)
    if circle.covers(point):
        assert cell_of(point) in cells_of(circle)


FIJI = Gazetteer(
    {"FJ 1001": Point(-17, -179.95), "FJ 1002": Point(-17, 179.95), "FJ 1003": Point(-17, 178)}
)


def test_a_radius_goes_on_beyond_the_date_line():
    found = network(working_in("a", "FJ 50km 1002"), working_in("b", "FJ 50km 1001"), places=FIJI)
    assert set(covering(found, "1001", "FJ")) == set(covering(found, "1002", "FJ")) == {"a", "b"}
    assert covering(found, "1003", "FJ") == {}


def a_box(west: float, east: float) -> list[list[list[float]]]:
    return [a_ring(west, -18, east, -16)]


@pytest.mark.parametrize(
    "geojson",
    [
        {"type": "Polygon", "coordinates": a_box(179, -179)},
        {"type": "MultiPolygon", "coordinates": [a_box(179, 180), a_box(-180, -179)]},
    ],
)
def test_an_outline_goes_on_beyond_the_date_line_in_one_piece_or_cut_there(geojson):
    programme = a_programme(areas={"fiji": {"geojson": geojson}})
    areas = {name: area.geojson for name, area in programme.areas.items()}
    found = network(working_in("a", "area fiji"), places=FIJI, areas=areas)
    assert set(covering(found, "1001", "FJ")) == set(covering(found, "1002", "FJ")) == {"a"}
    assert covering(found, "1003", "FJ") == {}
    assert outline(geojson).km2 == pytest.approx(
        outline({"type": "Polygon", "coordinates": a_box(10, 12)}).km2
    )


def test_a_hole_beyond_the_date_line_is_a_hole():
    around = {"type": "Polygon", "coordinates": a_box(179, -179) + a_box(-179.99, -179.9)}
    assert [outline(around).covers(Point(-17, lon)) for lon in (-179.95, -179.5, 179.95)] == [
        False,
        True,
        True,
    ]


def test_an_area_may_have_parts_that_are_far_from_each_other():
    far_apart = {"type": "MultiPolygon", "coordinates": [a_box(-64, -60), a_box(5, 8)]}
    assert a_programme(areas={"both": {"geojson": far_apart}}).areas["both"].geojson == far_apart


def test_places_that_older_code_stored_in_another_order_are_found():
    stored = Gazetteer.stored(["DE 86150", "DE 80331"], array("d", (*AUGSBURG, *MUNICH)))
    assert (stored.locate("DE", "80331"), stored.locate("DE", "86150")) == (MUNICH, AUGSBURG)
    assert dict(stored) == {"DE 80331": MUNICH, "DE 86150": AUGSBURG}


def test_a_snapshot_keeps_places_and_shapes():
    found = network(
        working_in("a", "DE 20km 80331", postcode="86150"),
        working_in("b", "area ring"),
        areas={"ring": SQUARE},
    )
    packed, body = pack(found)
    again = unpack(body)
    assert again.shapes == packed.shapes
    assert (
        covering(again, "85221")
        == covering(found, "85221")
        == {"a": "DE 20km 80331", "b": "area ring"}
    )
    assert pack(again)[1] == body


def test_the_nearer_partner_comes_first_and_who_is_nowhere_last():
    partners = [
        working_in("augsburg", "DE", postcode="86150"),
        working_in("nowhere", "DE"),
        working_in("dachau", "DE", postcode="85221"),
    ]
    policy = replace(Policy.of(a_programme(), 1), order=("distance",))
    loads = {partner.id: Load(partner.id, active=True) for partner in partners}
    decision = decide(
        Situation(
            Enquiry("DE", "80331", "boiler", "soon", "de"), network(*partners), policy, NOON, loads
        )
    )
    told = [(candidate.partner, dict(candidate.keys)["distance"]) for candidate in decision.ranked]
    assert told == [("dachau", 17), ("augsburg", 56), ("nowhere", None)]


@pytest.mark.parametrize(
    ("geojson", "says"),
    [
        ({"type": "Point", "coordinates": [11, 48]}, "write a GeoJSON Polygon"),
        ({}, "write a GeoJSON Polygon"),
        ({"type": "Polygon", "coordinates": [[[11, 48], [12, 48]]]}, "is not closed"),
        (
            {"type": "Polygon", "coordinates": [[[11, 48], [12, 48], [12, 49], [11, 49]]]},
            "the last like the first",
        ),
        (
            {"type": "Polygon", "coordinates": [*SQUARE["coordinates"], [[11.5, 48.1]]]},
            "is not closed",
        ),
        ({"type": "Polygon", "coordinates": [["x"]]}, "coordinates nobody can read"),
        ({"type": "Polygon", "coordinates": [[[10**400, 48]] * 4]}, "coordinates nobody can read"),
        ({"type": "Polygon", "coordinates": [[[math.nan, 48]] * 4]}, "outside the earth"),
        ({"type": "Polygon", "coordinates": [[[11, math.inf]] * 4]}, "outside the earth"),
        ({"type": "Polygon"}, "coordinates nobody can read"),
        ({"type": "Feature", "geometry": None}, "write a GeoJSON Polygon"),
        ({"type": "Feature", "geometry": "here"}, "write a GeoJSON Polygon"),
        (
            {"type": "Polygon", "coordinates": [[[11, 98], [12, 48], [12, 49], [11, 98]]]},
            "outside the earth",
        ),
        (
            {"type": "Polygon", "coordinates": [[[-90, -60], [90, -60], [90, 60], [-90, -60]]]},
            "too wide",
        ),
        ({"type": "Polygon", "coordinates": [[[n, 80] for n in (0, 120, -120, 0)]]}, "too wide"),
    ],
)
def test_an_area_nobody_can_draw_is_refused(geojson, says):
    with pytest.raises(InvalidInput) as refused:
        a_programme(areas={"ring": {"geojson": geojson}})
    assert [(p.field, says in p.message) for p in refused.value.problems] == [
        ("areas.ring.geojson", True)
    ]


def test_a_ring_that_was_stored_before_it_had_to_be_closed_is_still_read():
    ring = [[11.0, 48.0], [12.0, 48.0], [12.0, 49.0], [11.0, 49.0]]
    found = network(
        working_in("a", "area ring"), areas={"ring": {"type": "Polygon", "coordinates": [ring]}}
    )
    assert covering(found, "80331") == {"a": "area ring"}


def test_a_partner_may_name_only_areas_that_the_programme_draws():
    programme = a_programme(areas={"ring": {"geojson": {"type": "Feature", "geometry": SQUARE}}})
    document = {
        "id": "p1",
        "name": "Example",
        "contact": {"email": "p1@example.com"},
        "products": ["boiler"],
        "territories": ["area ring"],
    }
    assert (
        read_partner(document, programme, date(2026, 11, 22)).territories[0].reach
        is TerritoryKind.AREA
    )
    with pytest.raises(InvalidInput, match="'lake' is not a known area: there are ring"):
        read_partner(document | {"territories": ["area lake"]}, programme, date(2026, 11, 22))
    assert outline(SQUARE).covers(DACHAU)
