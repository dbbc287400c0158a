"""The enquiry of `make smoke` is one that the rules of any stack take, as they are."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import boto3
import pytest
import yaml

from infra.local.api import Api, Refused
from infra.tools.hq_key import create_key
from infra.tools.smoke_enquiry import PLACES, enquiry, place_of
from infra.tools.smoke_guests import KEY_NAME, PARTNER, SCOPES, Guests, NotSeen
from infra.tools.stack import Target
from routing_core.domain import programmes
from tests.support.builders import programme_document
from tests.support.embedded import SAMPLES
from tests.support.world import World

WRITTEN = {
    **{each.name: each for each in files(programmes).iterdir() if each.name.endswith(".yaml")},
    **{each.parent.name: each for each in SAMPLES.glob("*/programme.yaml")},
}


class WorldsApi(Api):
    """The application of a world, for the tool, which else calls it over HTTP."""

    def __init__(self, world: World, run: str) -> None:
        key = create_key(boto3.client("dynamodb"), "partners", f"{KEY_NAME}{run}", SCOPES)
        super().__init__("", key)
        self.world = world

    def call(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        media_type: str = "application/json",
    ) -> bytes:
        headers = {"X-Api-Key": self.key, "Content-Type": media_type}
        answer = self.world.http(method, path, body=body, headers=headers)
        if answer.status >= 400:
            raise Refused(answer.status, answer.body)
        return answer.body.encode()


def entered(world: World, rules: dict[str, Any], number: int) -> Any:
    """The answer to the enquiry by one of the forms."""
    form = rules["forms"][number]
    fields = enquiry(rules, form, place_of(rules, form, ""))
    headers = {"X-Api-Key": world.api_key("leads:write")}
    return world.http("POST", "/v1/leads", json_body=fields, headers=headers)


def used(world: World, document: dict[str, Any]) -> dict[str, Any]:
    """Put rules by the API, and read them as the tool does."""
    headers = {"X-Api-Key": world.api_key("programme:write", "programme:read")}
    put = world.http("PUT", "/v1/programme", json_body=document, headers=headers)
    assert put.status == 200, put.body
    rules: dict[str, Any] = world.http("GET", "/v1/programme", headers=headers).json()
    return rules


@pytest.mark.parametrize("name", sorted(WRITTEN))
def test_every_form_of_every_programme_that_we_give_takes_it(world: World, name: str) -> None:
    rules = used(world, yaml.safe_load(WRITTEN[name].read_text("utf-8")))
    for number in range(len(rules["forms"])):
        answer = entered(world, rules, number)
        assert answer.status == 201, answer.body


@pytest.mark.parametrize("name", sorted(WRITTEN))
def test_the_tests_partner_fits_every_programme_and_is_offered_it_at_once(
    world: World, name: str
) -> None:
    rules = used(world, yaml.safe_load(WRITTEN[name].read_text("utf-8")))
    form = rules["forms"][0]
    country, postcode = place_of(rules, form, "")
    for run in ("abcd", "efgh"):
        guests = Guests(Target("relay", boto3.client), WorldsApi(world, run), run)
        guests.add_partner(country, postcode, rules)
        world.compile()
        fields = enquiry(rules, form, (country, postcode))
        fields |= {"partner": PARTNER, "source": PARTNER, "submission_id": run}
        told = guests.api.send("POST", "/v1/leads", fields)
        assert (told["answer"], told["lead"]) == ("offered", guests.lead)
        assert [offer.partner for offer in world.lead(guests.lead).offers] == [PARTNER]
        world.deliver()
        world.feed()
        assert guests.clear() == 1
        assert world.lead(guests.lead).status == "erased"
        known = world.wiring.partners.get(PARTNER)
        assert known
        assert known.deactivated


def test_questions_of_every_kind_are_answered(world: World) -> None:
    document = programme_document()
    option = {"id": "a", "label": {"en": "A", "de": "A"}}
    kinds: dict[str, dict[str, Any]] = {
        "text": {},
        "number": {},
        "yes_no": {},
        "choice": {"options": [option]},
    }
    many = {"options": [option], "many": True}
    for name, more in [*kinds.items(), ("many", many)]:
        kind = "choice" if name == "many" else name
        label = {"en": name, "de": name}
        asked = {"id": f"q-{name}", "label": label, "kind": kind, "required": True, **more}
        document["forms"][0].setdefault("questions", []).append(asked)
    document["forms"][0]["phone_required"] = True
    rules = used(world, document)
    answer = entered(world, rules, 0)
    assert answer.status == 201, answer.body


@pytest.mark.parametrize("country", sorted(PLACES))
def test_it_knows_a_postcode_of_each_country_that_it_names(world: World, country: str) -> None:
    document = programme_document(country=country)
    document["forms"][0]["countries"] = [country]
    rules = used(world, document)
    answer = entered(world, rules, 0)
    assert answer.status == 201, answer.body


def test_a_country_that_it_does_not_know_wants_to_be_told_a_postcode() -> None:
    rules, form = {"country": "IS"}, {"countries": ["IS"]}
    with pytest.raises(NotSeen, match="POSTCODE="):
        place_of(rules, form, "")
    assert place_of(rules, form, "101") == ("IS", "101")


def test_somebody_is_in_no_hurry() -> None:
    rules = {
        "country": "DE",
        "languages": ["de"],
        "urgencies": [{"id": "now", "emergency": True}, {"id": "soon"}],
    }
    form = {"id": "f", "countries": ["DE"], "urgencies": ["soon", "now"], "products": ["boiler"]}
    assert enquiry(rules, form, ("DE", "80331"))["urgency"] == "soon"
