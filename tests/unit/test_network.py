"""The compiled network: who covers a place, found without looking at anybody else; the stored
snapshot.
"""

import json
import struct
import zlib
from dataclasses import replace
from datetime import date

import pytest

from routing_core.domain.calendar.business_time import ResponseHours
from routing_core.domain.errors import NewerData
from routing_core.domain.partner import Absence, Caps, ExtraOpen, Partner, Person
from routing_core.domain.partner_plain import partner_from_plain, partner_to_plain
from routing_core.domain.programme.areas import Region
from routing_core.domain.programme.rules import Condition
from routing_core.routing.index.arrays import Arrays
from routing_core.routing.index.network import Network
from routing_core.routing.index.profiles import Profiles
from routing_core.routing.index.snapshot import pack, unpack
from routing_core.routing.policy import Enquiry, Policy
from tests.support.builders import NOON, a_programme, working_in

POLICY = Policy.of(a_programme(), 1)
ENQUIRY = Enquiry("DE", "80331", "boiler", "soon", "de")
REGIONS = {
    "bavaria": Region(country="DE", postcodes=["80*", "81*", "82000-87999"]),
    "munich": Region(country="DE", postcodes=["80331-81929"]),
    "old-town": Region(country="DE", postcodes=["80331"]),
}


FULLY_FILLED = working_in(
    "isar",
    "DE 80* rank 2",
    "region bavaria",
    version=7,
    type="premium",
    tier=1,
    contact=Person("isar@example.com", "Ida", "+498912345"),
    second_contact=Person("office@example.com"),
    street="Isarweg 1",
    postcode="80331",
    town="München",
    website="https://example.com",
    languages=frozenset({"de", "en"}),
    tags=frozenset({"solar", "emergency"}),
    specialisations=frozenset({"listed buildings"}),
    weight=3,
    lead_filters=(Condition.parse("area at least 100"), Condition.parse("weekday in mon, tue")),
    certificates={"kaelteschein": date(2027, 1, 31), "meister": None},
    response_hours=ResponseHours.parse({"mon": ["08:00-12:00", "13:00-24:00"]}),
    holiday_region="DE-BY",
    holidays=(date(2026, 12, 25),),
    absences=(Absence(date(2026, 8, 1), date(2026, 8, 14)),),
    caps=Caps(
        open=10,
        day=0,
        week=None,
        month=40,
        paced=True,
        products={"boiler": 3},
        product_offers={"boiler": {"day": 1}},
    ),
    extra_open=ExtraOpen(2, date(2026, 12, 31)),
    paused=True,
    paused_by="link:0123abcd",
    deactivated=True,
    bounced=True,
    unreachable=("0123456789ab",),
    generations={"0123456789ab": 2},
    ended={"ba987654": 1},
    revoked=1,
    address_generation=4,
    listed={"paused": '"yes"'},
    backup="b",
    links=3,
)


def covering(network: Network, postcode: str, country: str = "DE") -> dict[str, str]:
    return {
        partner: str(territory)
        for partner, territory in network.covering(country, postcode).items()
    }


def test_everybody_who_covers_a_place_is_found_by_their_most_specific_entry():
    network = Network.compile(
        "v1",
        [
            working_in("everywhere", "DE"),
            working_in("many", "DE", "DE 8*", "DE 80*", "DE 80331"),
            working_in("ranged", "DE 80000-81999", "DE 80300-80399"),
            working_in("regional", "region bavaria"),
            working_in("elsewhere", "DE 20*", "AT", "DE 80332"),
        ],
        REGIONS,
    )
    assert covering(network, "80331") == {
        "everywhere": "DE",
        "many": "DE 80331",
        "ranged": "DE 80300-80399",
        "regional": "region bavaria",
    }
    assert covering(network, "81000") == {
        "everywhere": "DE",
        "many": "DE 8*",
        "ranged": "DE 80000-81999",
        "regional": "region bavaria",
    }


def test_of_equally_specific_entries_the_better_rank_counts():
    network = Network.compile(
        "v1", [working_in("a", "DE 80* rank 2", "DE 80000-80999", "DE rank 3")], {}
    )
    assert covering(network, "80331") == {"a": "DE 80000-80999"}


def test_a_region_is_as_specific_as_what_it_names():
    network = Network.compile(
        "v1",
        [working_in("a", "region bavaria", "region munich", "region old-town", "DE 8*")],
        REGIONS,
    )
    assert covering(network, "80331") == {"a": "region old-town"}
    assert covering(network, "80332") == {"a": "region munich"}
    assert covering(network, "82000") == {"a": "region bavaria"}
    assert covering(network, "89000") == {"a": "DE 8*"}


def test_what_is_taken_away_inside_a_territory_is_not_covered_and_the_most_specific_entry_has_the_last_word():
    network = Network.compile(
        "v1",
        [
            working_in("a", "DE 80*", "not DE 803*", "DE 80331"),
            working_in("b", "region munich", "not DE 8*"),
        ],
        REGIONS,
    )
    assert covering(network, "80100") == {"a": "DE 80*"}
    assert covering(network, "80300") == {}
    assert covering(network, "80331") == {"a": "DE 80331", "b": "region munich"}


@pytest.mark.parametrize(
    ("entries", "covered", "not_covered"),
    [
        (["DE 80000-80999", "not DE 80500-82999"], ["80499"], ["80500", "80999"]),
        (["region munich", "not DE 80400-89999"], ["80331"], ["80400", "81000"]),
        (["DE 80330-80339", "not region munich"], ["80330"], ["80331"]),
        (["region old-town", "not region munich"], ["80331"], []),
        (["DE 80000-80999", "not DE 80*"], [], ["80000", "80331"]),
        (["DE 80*", "not DE 8*", "DE 81331"], ["80331", "81331"], ["81000"]),
        (
            ["DE", "not DE 80*", "not DE 803*", "DE 8033*", "not DE 80331"],
            ["80332", "10115"],
            ["80331", "80300"],
        ),
        (["DE 80* backup", "not DE 803*"], ["80100"], ["80331"]),
        (["*", "not DE", "DE 803*"], ["80331"], ["80100"]),
        (["DE", "not *"], ["80331"], []),
    ],
)
def test_what_is_taken_away_is_away_but_for_entries_that_lie_wholly_inside_it(
    entries, covered, not_covered
):
    network = Network.compile("v1", [working_in("a", *entries)], REGIONS)
    assert [code for code in [*covered, *not_covered] if covering(network, code)] == covered


def test_british_districts_lie_inside_what_they_are_part_of_and_not_inside_what_begins_alike():
    districts = Region(country="GB", postcodes=["B1*", "B10*"])
    network = Network.compile(
        "v1",
        [
            working_in("inside", "GB B*", "not GB B1*", "GB B1 1*", "GB B1 2AA"),
            working_in("alike", "region districts", "not GB B1*"),
            working_in("lettered", "GB EC1A*", "not GB EC1*"),
        ],
        {"districts": districts},
    )
    assert (
        set(covering(network, "B1 1AA", "GB"))
        == set(covering(network, "B1 2AA", "GB"))
        == {"inside"}
    )
    assert covering(network, "B1 3AA", "GB") == {}
    assert set(covering(network, "B10 0AA", "GB")) == {"inside", "alike"}
    assert set(covering(network, "EC1A 1BB", "GB")) == {"lettered"}


def test_of_equally_specific_entries_taking_away_beats_working_there_and_that_beats_being_backup():
    network = Network.compile(
        "v1",
        [working_in("a", "DE 80*", "not DE 80*"), working_in("b", "DE backup", "DE rank 9")],
        {},
    )
    assert covering(network, "80331") == {"b": "DE rank 9"}


def test_the_world_is_everywhere_and_less_specific_than_any_country():
    network = Network.compile(
        "v1", [working_in("a", "*", "FR"), working_in("b", "*", "not FR")], {}
    )
    assert covering(network, "80331") == {"a": "*", "b": "*"}
    assert covering(network, "75001", "FR") == {"a": "FR"}
    assert covering(network, "not a postcode", "nowhere") == {"a": "*", "b": "*"}


@pytest.mark.parametrize("postcode", ["", "nowhere at all", "80331!", "8" * 40, "٨٠٣٣"])
def test_a_malformed_postcode_finds_whole_country_entries_only(postcode):
    network = Network.compile(
        "v1", [working_in("all", "DE"), working_in("some", "DE 8*", "region munich")], REGIONS
    )
    assert covering(network, postcode) == {"all": "DE"}


def test_an_unknown_country_finds_nobody():
    assert Network.compile("v1", [working_in("a", "DE")], {}).covering("FR", "75001") == {}


def test_a_region_that_the_programme_does_not_name_covers_nothing_and_is_told():
    network = Network.compile("v1", [working_in("a", "region atlantis", "DE 80*")], REGIONS)
    assert network.unresolved == (("a", "atlantis"),)
    assert covering(network, "80331") == {"a": "DE 80*"}


def test_an_unreadable_region_is_refused_saying_what_would_be_right():
    with pytest.raises(ValueError, match="write 80-81"):
        Network.compile("v1", [], {"odd": Region(country="DE", postcodes=["81-80"])})


def test_a_lookup_touches_only_those_who_cover_the_place():
    far_away = [working_in(f"p{number}", f"DE {number:05d}") for number in range(10_000, 11_000)]
    network = Network.compile("v1", [*far_away, working_in("near", "DE 80331")], {})
    (posting,) = network.postings(network.keys("DE", "80331"))
    assert network.partner(posting).id == "near"


def test_only_those_lengths_of_postcodes_are_looked_up_that_somebody_names():
    network = Network.compile(
        "v1", [working_in("a", "DE 803*", "AT"), working_in("b", "DE 8*", "DE 80331")], {}
    )
    assert network.keys("DE", "80331") == ["DE 80331", "DE 803*", "DE 8*"]
    assert network.keys("AT", "1010") == ["AT *"]
    assert network.keys("DE", "") == ["DE *", "* *"]


def test_matching_spots_come_in_the_usual_order_whatever_the_pattern_they_stand_under():
    partners = [
        working_in("wide-first-tier", "DE 8*", tier=1),
        working_in("z-narrow", "DE 803*"),
        working_in("b-narrow", "DE 803*"),
        working_in("ranged", "DE 80331-80339", tier=3),
        working_in("world", "*"),
        working_in("other-product", "DE 8*", products=frozenset({"roof"})),
    ]
    network = Network.compile("v1", partners, {})
    question = network.features.query(POLICY.requirements(ENQUIRY, NOON.date()))
    found = [
        network.partner(posting).id
        for posting in network.matching(network.keys("DE", "80331"), question)
    ]
    assert found == ["ranged", "b-narrow", "z-narrow", "wide-first-tier", "world"]


@pytest.mark.parametrize("tags", [3, 40])
def test_few_and_many_spots_are_matched_alike_and_so_are_few_and_many_traits(tags):
    asked = [frozenset({"wanted"}), frozenset(f"tag {number}" for number in range(tags))]
    partners = [
        working_in(f"p{number:02d}", "DE 80*", tags=asked[number % 2]) for number in range(60)
    ]
    policy = replace(POLICY, urgency_tags={"soon": frozenset({"wanted"})})
    for size in (5, 60):
        network = Network.compile("v1", partners[:size], {})
        question = network.features.query(policy.requirements(ENQUIRY, NOON.date()))
        found = [
            network.partner(posting).id
            for posting in network.matching(network.keys("DE", "80331"), question)
        ]
        assert found == [f"p{number:02d}" for number in range(0, size, 2)]


MANY_TRAITS = frozenset(f"tag {number}" for number in range(100))


@pytest.mark.parametrize(
    "partners",
    [
        [FULLY_FILLED, working_in("plain", "DE"), working_in("nowhere")],
        [
            working_in("a", "DE 80*", tags=MANY_TRAITS),
            working_in("ß ü", "*", "not GB WS9*", "AT backup"),
        ],
        [],
    ],
)
def test_a_snapshot_reads_back_as_the_same_network(partners):
    network, body = pack(Network.compile("", partners, REGIONS))
    again = unpack(body)
    assert again.version == network.version
    assert again.partners == network.partners
    assert (again.regions, again.unresolved) == (network.regions, network.unresolved)
    assert again.territories == network.territories
    assert {name: getattr(again.arrays, name) for name in Arrays.__slots__ if name != "masks"} == {
        name: getattr(network.arrays, name) for name in Arrays.__slots__ if name != "masks"
    }
    assert list(again.arrays.masks) == list(network.arrays.masks)
    assert pack(again)[1] == body


def test_a_snapshot_of_older_code_is_read_too():
    many = [working_in(f"p{number:02d}", "DE 80331", "AT 10*") for number in range(40)]
    network = Network.compile("", [FULLY_FILLED, *many], REGIONS)
    network.partners.block = 16
    network, body = pack(network)
    (length,) = struct.unpack("<I", body[4:8])
    header = json.loads(body[8 : 8 + length])
    del header["depths"], header["block"]
    head = json.dumps(header | {"schema": 1}, separators=(",", ":")).encode()
    again = unpack(body[:4] + struct.pack("<I", len(head)) + head + body[8 + length :])
    assert again.arrays.depths == network.arrays.depths
    assert again.partners == network.partners


def test_partners_stored_by_older_code_in_one_line_are_read_too():
    partners = [working_in(f"p{number}", "DE") for number in range(5)]
    lines = [
        [partner_to_plain(partner) for partner in some] for some in (partners[:3], partners[3:])
    ]
    stored = Profiles(
        [partner.id for partner in partners],
        [zlib.compress(json.dumps(each).encode()) for each in lines],
        block=3,
    )
    assert list(stored.values()) == partners


def test_the_version_of_a_network_is_that_of_its_content():
    one, _ = pack(Network.compile("", [working_in("a", "DE")], REGIONS))
    same, _ = pack(Network.compile("x", [working_in("a", "DE")], REGIONS))
    other, _ = pack(Network.compile("", [working_in("a", "DE", paused=True)], REGIONS))
    assert one.version == same.version != other.version


def test_bytes_of_newer_code_or_of_something_else_are_refused():
    _, body = pack(Network.compile("", [], {}))
    with pytest.raises(ValueError, match="schema 9"):
        unpack(body.replace(b'"schema":2', b'"schema":9'))
    with pytest.raises(ValueError, match="no network snapshot"):
        unpack(b"PK\x03\x04 something else")


def test_a_partner_is_read_only_when_somebody_asks_for_it():
    partners = [working_in(f"p{number:02d}", "DE") for number in range(40)]
    stored = unpack(pack(Network.compile("", partners, {}))[1])
    assert len(stored.partners._known) == 0
    assert stored.partners["p17"] == partners[17]
    assert len(stored.partners._known) == 1
    assert "p17" in stored.partners
    assert "p99" not in stored.partners
    with pytest.raises(KeyError):
        stored.partners["p99"]


def test_networks_stored_as_documents_are_still_read():
    network = Network.compile("v42", [FULLY_FILLED, working_in("plain", "DE")], REGIONS)
    again = Network.from_document(json.loads(json.dumps(network.to_document())))
    assert (again.version, again.partners, again.arrays) == (
        "v42",
        network.partners,
        network.arrays,
    )
    with pytest.raises(ValueError, match="schema 99"):
        Network.from_document(network.to_document() | {"schema": 99})


@pytest.mark.parametrize(
    "partner",
    [FULLY_FILLED, working_in("plain", "DE"), working_in("nowhere", products=frozenset())],
)
def test_a_partner_survives_the_way_through_plain_data(partner):
    assert partner_from_plain(json.loads(json.dumps(partner_to_plain(partner)))) == partner


def test_every_field_of_a_partner_is_filled_in_the_test_of_plain_data():
    empty = working_in(
        "empty",
        type="partner",
        languages=frozenset(),
        confirmed_email="",
        contact=Person("empty@example.com"),
    )
    same = [
        name
        for name in Partner.__slots__
        if name not in {"country", "time_zone", "language", "products"}  # these everybody has
        and getattr(empty, name) == getattr(FULLY_FILLED, name)
    ]
    assert same == []


def test_closed_all_week_is_not_the_same_as_the_programmes_hours():
    closed = working_in("a", response_hours=ResponseHours.parse({}))
    assert partner_from_plain(partner_to_plain(closed)) == closed


def test_fields_of_a_later_schema_are_carried_along_but_a_later_schema_is_not_guessed_at():
    plain = partner_to_plain(FULLY_FILLED)
    later = partner_from_plain(plain | {"radius_km": 30})
    assert replace(later, extra=None) == FULLY_FILLED
    with pytest.raises(NewerData, match="schema 2"):
        partner_from_plain(plain | {"schema": 2})
