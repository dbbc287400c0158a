"""HQ's lists of coordinates: what they know is covered by distance, what they do not know by
everything else.
"""

from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from routing_core.aws.tables.place_lists import PLACES
from routing_core.aws.tables.rules_store import FRESH_SECONDS
from routing_core.domain.territory.territory import Territory
from tests.integration.test_hq import Hq, codes
from tests.support.builders import a_partner, programme_document
from tests.support.hooks import nothing_listed
from tests.support.world import ENQUIRY, Answer, World, a_programme, munich

MUNICH, AUGSBURG, DACHAU = "80331;48.137;11.575", "86150;48.371;10.898", "85221;48.26;11.43"


def know_where(hq: Hq, *lines: str, country: str = "DE", dry_run: bool = False) -> Answer:
    text = "\n".join(("postcode;lat;lon", *lines))
    return hq("PUT", f"/v1/places/{country}" + ("?dry_run=true" if dry_run else ""), text, "csv")


def near(partner: int, territory: str = "DE 20km 80331", **changes: object) -> object:
    return replace(munich(partner, **changes), territories=(Territory.parse(territory),))


@pytest.fixture
def hq(world: World) -> Hq:
    """One partner by radius, one for the whole country."""
    world.use(a_programme(), near(1), near(2, "DE"))
    return Hq(world)


def first_asked(hq: Hq, key: str, **fields: str) -> str:
    lead = hq.world.post_lead(key, email=f"{key}@posteo.de", phone="", **fields).json()["lead"]
    partner: str = hq.world.lead(lead).offers[0].partner
    return partner


@pytest.mark.slow
def test_a_list_that_is_sent_routes_the_next_enquiry_without_a_deployment(hq: Hq) -> None:
    rules = hq.world.wiring.rules
    rules._clock = lambda: seconds
    seconds = 0.0
    assert rules.network().unresolved == (("munich-1", "DE 20km 80331"),)
    assert first_asked(hq, "before") == "munich-2"
    answer = know_where(hq, MUNICH, AUGSBURG)
    assert (answer.status, answer.json()["postcodes"]) == (200, 2)
    hq.world.deliver()
    seconds = FRESH_SECONDS  # a warm function looks again
    assert first_asked(hq, "after") == "munich-1"


def test_the_nearer_partner_is_asked_first_and_who_is_nowhere_last(world: World) -> None:
    order = a_programme(routing={"order": ["distance"]})
    everywhere = (Territory.parse("DE"),)
    homes = {"a-nowhere": "99999", "b-augsburg": "86150", "c-dachau": "85221"}
    world.use(
        order,
        *(a_partner(name, postcode=code, territories=everywhere) for name, code in homes.items()),
    )
    hq = Hq(world)
    know_where(hq, MUNICH, AUGSBURG, DACHAU)
    world.deliver()
    lead = world.post_lead().json()["lead"]
    (decision,) = hq("GET", f"/v1/leads/{lead}").json()["decisions"]
    assert [each["partner"] for each in decision["ranked"]] == [
        "c-dachau",
        "b-augsburg",
        "a-nowhere",
    ]


def test_the_answer_says_what_the_list_means_for_the_partners_there_are(hq: Hq) -> None:
    hq.world.add(
        near(3, "DE 30km 99999", postcode="86150"),
        near(4, "DE 10km 86159", postcode="1"),
        near(5, "DE 10km 48.1,11.5"),
        near(6, "AT 10km 1010", country="AT", postcode="1010"),
    )
    said = know_where(hq, MUNICH, "86*;48.371;10.898").json()
    assert (said["country"], said["postcodes"], said["dry_run"]) == ("DE", 2, False)
    assert [said[side] for side in ("south", "west", "north", "east")] == [
        48.137,
        10.898,
        48.371,
        11.575,
    ]
    assert said["territories"] == {"found": 2, "unknown": 1}
    assert said["partners"] == {"found": 1, "unknown": 4}
    assert said["warnings"] == [
        "DE 30km 99999 is the territory of munich-3: its middle is not in the list, so it covers nothing"
    ]


def test_partners_saved_a_moment_ago_are_counted_though_the_network_is_not_compiled_yet(
    hq: Hq,
) -> None:
    hq.world.wiring.partners.save([(near(3, "DE 5km 86150"), None)], hq.world.now)
    assert know_where(hq, MUNICH, AUGSBURG).json()["territories"] == {"found": 2, "unknown": 0}


def test_a_list_of_a_country_where_nobody_asks_is_kept_and_said_to_wait(hq: Hq) -> None:
    assert know_where(hq, MUNICH).json()["warnings"] == []
    assert (
        "no form asks in FR"
        in know_where(hq, "75001;48.86;2.34", country="fr").json()["warnings"][0]
    )
    hq.world.deliver()
    assert hq.world.wiring.rules.network().places.names == ["DE 80331"]
    hq.world.add(near(3, "FR", country="FR"))
    assert hq.world.wiring.rules.network().places.names == ["DE 80331", "FR 75001"]


def test_what_is_there_is_told_by_country_with_its_date(hq: Hq) -> None:
    assert hq("GET", "/v1/places").json() == {"places": []}
    know_where(hq, "1010;48.2;16.37", country="AT")
    hq.world.advance(minutes=1)
    know_where(hq, MUNICH)
    hq.world.advance(minutes=1)
    know_where(hq, MUNICH, AUGSBURG)
    now = hq.world.now
    assert hq("GET", "/v1/places").json()["places"] == [
        {"country": "AT", "postcodes": 1, "saved_at": (now - timedelta(minutes=2)).isoformat()},
        {"country": "DE", "postcodes": 2, "saved_at": now.isoformat()},
    ]


def test_a_dry_run_says_the_same_and_keeps_nothing(hq: Hq) -> None:
    tried = know_where(hq, MUNICH, dry_run=True).json()
    assert hq("GET", "/v1/places").json() == {"places": []}
    assert know_where(hq, MUNICH).json() == tried | {"dry_run": False}


def test_of_a_list_with_errors_each_is_named_and_the_old_list_stays(hq: Hq) -> None:
    know_where(hq, MUNICH)
    before = hq.world.items("partners")
    answer = know_where(hq, AUGSBURG, "1067;51;13.7", "80331;north;11", "80331;95;500")
    assert answer.status == 422
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert codes(answer) == {
        "row 3, postcode": "no_postcode",
        "row 4, lat": "no_number",
        "row 5, lat": "off_the_earth",
        "row 5, lon": "off_the_earth",
    }
    assert "1067* for all that begin so" in answer.json()["errors"][0]["message"]
    assert hq.world.items("partners") == before


@pytest.mark.parametrize("country", ["UK", "XX", "germany", "D*"])
def test_a_country_that_is_none_is_refused(hq: Hq, country: str) -> None:
    answer = know_where(hq, MUNICH, country=country)
    assert (answer.status, codes(answer)) == (422, {"country": "no_country"})


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ("postcode;lat;lon;town\n80331;48;11;München\n".encode("latin-1"), 400, "malformed"),
        ("postcode;lat;lon\n80331;48;11\n".encode("utf-16"), 400, "malformed"),
        (b"postcode;lat;lon\n80331;48;11\x00\n", 422, "not_utf8"),
        (b"postcode;lat;lon\n" + b"80331;48;11\n" * 350_000, 422, "file_too_large"),
        (b"postcode;lat;lon\n" + b"x" * 10_000_000, 413, "too_large"),
        (b"", 422, "empty"),
        (b"\x89PNG\r\n\x1a\n", 400, "malformed"),
    ],
)
@pytest.mark.slow
def test_what_is_no_list_is_refused_in_words(hq: Hq, body: bytes, status: int, code: str) -> None:
    answer = hq.world.http("PUT", "/v1/places/DE", body=body, headers={"X-Api-Key": hq.key})
    assert (answer.status, [error["code"] for error in answer.json()["errors"]]) == (status, [code])
    assert hq("GET", "/v1/places").json() == {"places": []}


def test_without_rules_nothing_is_kept(world: World) -> None:
    assert know_where(Hq(world), MUNICH).status == 404
    assert world.items("partners", lambda pk, sk: pk == PLACES["pk"]) == []


def test_two_lists_of_one_moment_are_not_mixed_the_later_one_stands(hq: Hq) -> None:
    know_where(hq, AUGSBURG)
    know_where(hq, MUNICH)
    hq.world.deliver()
    assert hq.world.wiring.rules.network().places.names == ["DE 80331"]
    assert [each["postcodes"] for each in hq("GET", "/v1/places").json()["places"]] == [1]


def test_a_draft_partner_by_distance_is_tried_with_the_list_before_anybody_works_by_distance(
    world: World,
) -> None:
    world.use(a_programme(), near(1, "DE 1*"))
    hq = Hq(world)
    know_where(hq, MUNICH, DACHAU)
    world.deliver()
    shown = hq("GET", "/v1/partners/munich-1").json()
    draft = {name: value for name, value in shown.items() if name != "status"} | {
        "territories": ["DE 20km 80331"]
    }
    wanted = {
        "form": "enquiry",
        **{n: ENQUIRY[n] for n in ("country", "product", "urgency")},
        "postcode": "85221",
    }
    tried = hq("POST", "/v1/programme/dry-run", {"partners": [draft], "enquiry": wanted}).json()
    assert [offer["partner"] for offer in tried["offers"]] == ["munich-1"]


# ── what nobody knows the place of ────────────────────────────────────────────────────────────────


def test_without_a_list_the_network_is_compiled_all_the_same(hq: Hq) -> None:
    assert hq.world.wiring.rules.network().unresolved == (("munich-1", "DE 20km 80331"),)


def test_a_list_that_somebody_took_out_of_the_bucket_stops_nothing(hq: Hq) -> None:
    know_where(hq, MUNICH)
    rules = hq.world.wiring.rules
    (item,) = hq.world.items("partners", lambda pk, sk: pk == PLACES["pk"])
    rules._s3().delete_object(Bucket=rules._bucket, Key=item["DE"]["object"])
    with nothing_listed(hq.world):
        hq.world.compile()
    assert rules.network().unresolved == (("munich-1", "DE 20km 80331"),)


@pytest.mark.parametrize("postcode", ["80333", "01067"])
@pytest.mark.slow
def test_an_enquiry_from_a_place_that_the_list_does_not_know_goes_to_whoever_else_covers_it(
    hq: Hq, postcode: str
) -> None:
    know_where(hq, MUNICH, AUGSBURG)
    hq.world.deliver()
    assert first_asked(hq, "known", postcode="80331") == "munich-1"
    assert first_asked(hq, "unknown", postcode=postcode) == "munich-2"


def sentences(hq: Hq, lead: str) -> str:
    (decision,) = hq("GET", f"/v1/leads/{lead}/decisions?replay=true").json()["decisions"]
    assert decision["replay"]["identical"]
    return " ".join(decision["sentences"])


@pytest.mark.parametrize("order", [["distance", "load"], ["load"]])
@pytest.mark.slow
def test_the_decision_says_that_the_place_is_not_known_where_that_made_a_difference(
    world: World, order: list[str]
) -> None:
    world.use(a_programme(routing={"order": order}), near(1), near(2, "DE", postcode="99999"))
    hq = Hq(world)
    know_where(hq, MUNICH, AUGSBURG)
    world.deliver()
    unknown = world.post_lead("unknown", postcode="80333").json()["lead"]
    assert (
        "The location of 80333 is unknown, so distances and areas drawn on a map were not taken into account"
        in sentences(hq, unknown)
    )
    assert "distance unknown" not in sentences(hq, unknown), "that is so of everybody"
    known = world.post_lead("known", email="known@posteo.de", phone="").json()["lead"]
    assert world.lead(known).offers[0].partner == "munich-1"
    assert "The location of" not in sentences(hq, known)
    assert ("distance unknown" in sentences(hq, known)) is ("distance" in order)


def test_where_nothing_depends_on_the_place_nobody_misses_it(world: World) -> None:
    world.use(a_programme(), near(1, "DE 80*"), near(2, "AT 20km 1010", country="AT"))
    lead = world.post_lead().json()["lead"]
    assert "The location of" not in sentences(Hq(world), lead)


def test_a_country_without_a_list_is_decided_by_postcodes(world: World) -> None:
    world.use(
        a_programme(),
        near(1),
        near(2, "AT 20km 1010", country="AT"),
        near(3, "AT 10*", country="AT"),
    )
    hq = Hq(world)
    know_where(hq, MUNICH)
    world.deliver()
    assert first_asked(hq, "one", country="AT", postcode="1010") == "munich-3"
    (lead,) = world.lead_ids()
    assert "The location of 1010 is unknown" in sentences(hq, lead)


def test_a_territory_whose_middle_is_not_known_is_a_warning_when_the_programme_is_saved(
    hq: Hq,
) -> None:
    lost = (
        "PUT /v1/places: the centre of DE 20km 80331 is unknown, but it is the territory of munich-1: "
        "that covers nothing"
    )
    saved = hq("PUT", "/v1/programme", programme_document())
    assert (saved.status, lost in saved.json()["warnings"]) == (200, True)
    know_where(hq, MUNICH)
    hq.world.deliver()
    assert lost not in hq("PUT", "/v1/programme", programme_document()).json()["warnings"]


def test_an_order_by_distance_without_places_is_a_warning_when_the_programme_is_saved(
    hq: Hq,
) -> None:
    hq.world.add(near(3, postcode="80331"))
    by_distance = programme_document(routing={"order": ["distance"]})
    said = (
        "routing.order: distance orders nobody: no partner has a postcode that PUT /v1/places knows"
    )
    saved = hq("PUT", "/v1/programme", by_distance)
    assert (saved.status, said in saved.json()["warnings"]) == (200, True)
    know_where(hq, MUNICH)
    hq.world.deliver()
    assert "distance orders nobody" not in " ".join(
        hq("PUT", "/v1/programme", by_distance).json()["warnings"]
    )


def test_the_coverage_report_names_a_territory_whose_middle_is_not_known(hq: Hq) -> None:
    assert hq("GET", "/v1/network/coverage").json()["lost"] == [
        {"partner": "munich-1", "territory": "DE 20km 80331"}
    ]
    table = hq.world.http(
        "GET", "/v1/network/coverage", headers={"X-Api-Key": hq.key, "Accept": "text/csv"}
    ).body
    assert "covers nothing;;DE 20km 80331;;;;Isar Wärme 1;" in table
    page = urlsplit(hq.world.wiring.services.queue_link()).path + "/coverage"
    assert "Territories that cover nothing" in hq.world.http("GET", page).body
    know_where(hq, MUNICH)
    hq.world.deliver()
    assert hq("GET", "/v1/network/coverage").json()["lost"] == []
    assert "Territories that cover nothing" not in hq.world.http("GET", page).body


# ── how far it is ─────────────────────────────────────────────────────────────────────────────────


def test_a_partner_sees_how_far_it_is_before_accepting_if_the_programme_says_so(
    world: World,
) -> None:
    shown = a_programme(before_accept=["postcode", "distance"])
    augsburg = munich(1, postcode="86150", language="en", languages=frozenset({"de", "en"}))
    world.use(shown, augsburg)
    know_where(Hq(world), MUNICH, AUGSBURG)
    world.deliver()
    lead = world.post_lead().json()["lead"]
    world.deliver()
    assert "56 km" in world.http("GET", world.offer_link(lead)).body
    assert "56 km" in mail_text(world, "munich-1")
    world.use(a_programme(before_accept=["postcode"]))
    assert " km" not in world.http("GET", world.offer_link(lead)).body


def mail_text(world: World, to: str) -> str:
    body = world.mails(to)[-1].get_body(("plain",))
    assert body
    return str(body.get_content())
