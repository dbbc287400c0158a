"""A dry run: draft rules and draft partners, one lead, the decision in sentences, and nothing
saved.
"""

from typing import Any

import pytest

from routing_core.domain.partner import Caps
from tests.integration.test_hq import Hq, codes
from tests.support.builders import programme_document
from tests.support.world import ENQUIRY, World, a_programme, munich

WANTED = {
    "form": "enquiry",
    **{name: ENQUIRY[name] for name in ("country", "postcode", "product", "urgency")},
}


@pytest.fixture
def hq(world: World) -> Hq:
    world.use(a_programme(), munich(1, tier=1), munich(2))
    return Hq(world)


def tried(hq: Hq, **body: Any) -> Any:
    answer = hq("POST", "/v1/programme/dry-run", body)
    assert answer.status == 200, answer.body
    return answer.json()


def test_an_enquiry_is_decided_and_explained_and_nothing_is_saved(hq: Hq) -> None:
    before = hq.world.items(), hq.world.items("partners")
    result = tried(hq, enquiry=WANTED)
    assert (hq.world.items(), hq.world.items("partners")) == before
    assert [offer["partner"] for offer in result["offers"]] == ["munich-1"]
    assert result["decision"]["offered"] == "munich-1"
    assert any("Isar Wärme 1" in sentence for sentence in result["sentences"])
    assert "Isar Wärme 1 would have until 14:00 today." in result["sentences"]


def test_a_draft_of_the_rules_decides_instead_of_those_in_force(hq: Hq) -> None:
    products = [{"id": "heat-pump", "name": {"en": "H", "de": "H"}, "required_tags": ["gold"]}]
    form = programme_document()["forms"][0] | {"products": ["heat-pump"]}
    result = tried(
        hq, programme=programme_document(products=products, forms=[form]), enquiry=WANTED
    )
    assert result["offers"] == []
    assert result["decision"]["excluded"]["tag"]["count"] == 2
    assert (
        "products[0].required_tags: no partner has 'gold', so nobody is offered heat-pump"
        in result["warnings"]
    )
    assert hq.world.wiring.rules.programme()[0] == 1


def test_the_rules_may_be_sent_as_the_file_they_are_written_in(hq: Hq) -> None:
    import yaml

    text = yaml.safe_dump(
        programme_document(offers=[{"window": {"minutes": 15}, "total": {"working_days": 2}}])
    )
    result = tried(hq, programme=text, enquiry=WANTED)
    assert "Isar Wärme 1 would have until 12:15 today." in result["sentences"]


def test_draft_partners_take_part_beside_those_there_are(hq: Hq) -> None:
    away = {"id": "munich-1", "paused": True}
    new = {
        "id": "new",
        "name": "Neue Wärme",
        "contact": {"email": "new@example.com"},
        "country": "DE",
        "language": "de",
        "languages": ["de", "en"],
        "territories": ["DE 80331"],
        "products": ["heat-pump"],
        "confirmed": True,
    }
    assert tried(hq, partners=[away], enquiry=WANTED)["decision"]["offered"] == "munich-2"
    assert tried(hq, partners=[new], enquiry=WANTED)["decision"]["offered"] == "new"


def test_a_stored_lead_is_looked_at_as_if_it_came_now(hq: Hq) -> None:
    lead = hq.world.post_lead() and hq.world.lead_ids()[0]
    hq.world.press(hq.world.offer_link(lead), action="decline", reason="busy")
    result = tried(hq, lead=lead)
    assert result["decision"]["offered"] == "munich-1"
    assert hq.world.lead(lead).offers[-1].partner == "munich-2"


def stored(hq: Hq, **changes: Any) -> str:
    return hq.world.post_lead(**changes).json()["lead"]


def test_a_stored_lead_gets_its_region_and_points_from_the_draft(hq: Hq) -> None:
    lead = stored(hq, owner="owner")
    south = {
        "south": {"name": {"en": "South", "de": "Süden"}, "country": "DE", "postcodes": ["8*"]}
    }
    points = [
        {
            "field": "owner",
            "is": "owner",
            "points": -50,
            "because": {"en": "Owner", "de": "Besitzer"},
        }
    ]
    points += [
        {
            "field": "message",
            "is": "present",
            "points": 3,
            "because": {"en": "Told", "de": "Erzählt"},
        }
    ]
    draft = programme_document(
        regions=south,
        routing={"rules": ["require tag gold when region is south"]},
        qualification={"points": points},
    )
    of_stored = tried(hq, programme=draft, lead=lead)
    anew = tried(
        hq, programme=draft, enquiry=WANTED | {"owner": "owner", "message": ENQUIRY["message"]}
    )
    for result in (of_stored, anew):
        assert (result["score"], result["outcome"], result["offers"]) == (-47, "review", [])
        assert result["decision"]["excluded"]["tag"]["count"] == 2


@pytest.mark.parametrize("caps", [{"open": 1}, {"day": 1}, {"products": {"heat-pump": 1}}])
@pytest.mark.slow
def test_a_stored_lead_does_not_stand_in_its_own_way(world: World, caps: dict[str, Any]) -> None:
    world.use(a_programme(), munich(1, tier=1, caps=Caps(**caps)), munich(2))
    hq = Hq(world)
    lead = stored(hq)
    for action in (None, "accept"):  # offered, then owned
        if action:
            world.press(world.offer_link(lead), action=action)
        result = tried(hq, lead=lead)
        assert [offer["partner"] for offer in result["offers"]] == ["munich-1"]
    other = stored(hq, key="key-2", email="other@example.com", phone="")
    assert [offer["partner"] for offer in tried(hq, lead=other)["offers"]] == ["munich-2"]


def test_what_is_wrong_is_named_with_its_place(hq: Hq) -> None:
    def refused(**body: Any) -> dict[str, str]:
        answer = hq("POST", "/v1/programme/dry-run", body)
        assert answer.status == 422
        return codes(answer)

    assert refused() == {"enquiry": "required"}
    assert refused(enquiry=WANTED, lead="L1") == {"enquiry": "required"}
    assert refused(enquiry=WANTED | {"form": "nope"}) == {"enquiry.form": "unknown_option"}
    assert refused(enquiry=WANTED | {"postcode": "8"}) == {"enquiry.postcode": "invalid_postcode"}
    assert refused(enquiry=WANTED, partners={"id": "new"}) == {"partners": "invalid"}
    assert "partners[0].name" in refused(enquiry=WANTED, partners=[{"id": "new"}])
    assert "partners[0]" in str(refused(enquiry=WANTED, partners=["new"]))
    assert "forms" in refused(enquiry=WANTED, programme={"name": "x"})
    assert hq("POST", "/v1/programme/dry-run", {"lead": "LNONE"}).status == 404
