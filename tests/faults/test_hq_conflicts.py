"""Nobody at HQ takes back, without knowing it, what somebody did a moment ago."""

import re
from typing import Any

import boto3
import pytest

from infra.tools.hq_key import create_key
from tests.support.hooks import meanwhile
from tests.support.world import Answer, World, a_programme, munich


@pytest.fixture
def offered(world: World) -> str:
    world.use(a_programme(), munich(1), munich(2), munich(3))
    return str(world.post_lead().json()["lead"])


def page_of(world: World, lead: str) -> dict[str, str]:
    """The hidden fields of the assign button as the page shows them now."""
    body = world.http("GET", world.hq_link(lead)).body
    return {"action": "assign", "version": re.findall(r'name="version" value="(\d+)"', body)[0]}


def others(world: World, lead: str) -> list[str]:
    asked = {offer.partner for offer in world.lead(lead).offers}
    return sorted({"munich-1", "munich-2", "munich-3"} - asked)


def assign(world: World, lead: str, fields: dict[str, str], partner: str) -> Answer:
    return world.http("POST", world.hq_link(lead), form={**fields, "partner": partner})


def again(answer: Answer) -> dict[str, str]:
    """The fields of the second, explicit button."""
    card = answer.body.partition('role="alert"')[2].partition("</section>")[0]
    return dict(re.findall(r'name="(\w+)" value="([^"]*)"', card))


def test_hq_does_not_take_a_lead_unasked_from_who_accepted_a_second_ago(
    world: World, offered: str
) -> None:
    seen, other = page_of(world, offered), others(world, offered)[0]
    world.press(world.offer_link(offered), action="accept")
    owner = world.lead(offered).owner
    answer = assign(world, offered, seen, other)
    assert answer.status == 409
    assert world.lead(offered).owner == owner, "nothing was done"
    name = f"Isar Wärme {str(owner)[-1]}"
    assert f"{name} has it now. Take it away from them" in answer.body
    assert "accepted" in answer.body
    assert assign(world, offered, again(answer), other).status == 303
    assert world.lead(offered).owner is None
    assert world.lead(offered).offers[-1].partner == other


def test_an_accept_between_reading_and_writing_is_not_overrun(world: World, offered: str) -> None:
    seen, other, link = (
        page_of(world, offered),
        others(world, offered)[0],
        world.offer_link(offered),
    )
    with meanwhile(world, lambda: world.press(link, action="accept")):
        answer = assign(world, offered, seen, other)
    assert answer.status == 409
    assert world.lead(offered).owner is not None


def test_of_four_at_hq_the_first_wins_and_the_others_are_asked(world: World, offered: str) -> None:
    seen, (first, second) = page_of(world, offered), others(world, offered)
    assert assign(world, offered, seen, first).status == 303
    for partner in (second, second, second):
        assert assign(world, offered, seen, partner).status == 409
    assert world.lead(offered).offers[-1].partner == first


@pytest.mark.parametrize("action", ["erase", "reject", "release", "move"])
def test_no_button_decides_on_what_is_no_longer_so(world: World, offered: str, action: str) -> None:
    seen = page_of(world, offered)
    world.press(world.offer_link(offered), action="accept")
    before = world.items()
    answer = world.http(
        "POST", world.hq_link(offered), form={**seen, "action": action, "postcode": "80333"}
    )
    assert answer.status == 409
    assert world.items() == before
    assert again(answer)["action"] == action


def test_that_somebody_looked_or_wrote_a_note_is_no_conflict(world: World, offered: str) -> None:
    seen, other = page_of(world, offered), others(world, offered)[0]
    world.http("POST", f"{world.offer_link(offered)}/seen")
    world.http("POST", world.hq_link(offered), form={"action": "note", "text": "Call me."})
    assert assign(world, offered, seen, other).status == 303


def test_what_was_typed_comes_back_harmless(world: World, offered: str) -> None:
    seen = page_of(world, offered)
    world.press(world.offer_link(offered), action="accept")
    evil = '"><script>alert(1)</script>'
    answer = world.http(
        "POST",
        world.hq_link(offered),
        form={**seen, "action": "move", "postcode": evil, evil: evil},
    )
    assert answer.status == 409
    assert "<script>alert" not in answer.body


# ── the API ───────────────────────────────────────────────────────────────────────────────────────


def test_a_program_that_did_not_read_who_has_the_lead_takes_it_from_nobody(
    world: World, offered: str
) -> None:
    key = {"X-Api-Key": world.api_key("leads:read", "leads:write")}
    other = others(world, offered)[0]

    def call(headers: dict[str, str]) -> Answer:
        return world.http(
            "POST",
            f"/v1/leads/{offered}/assign",
            json_body={"partner": other},
            headers=key | headers,
        )

    world.press(world.offer_link(offered), action="accept")
    owner, before = world.lead(offered).owner, world.items()
    refused = call({})
    assert refused.status == 428
    assert "If-Match" in refused.json()["detail"]
    assert str(owner) in refused.json()["detail"]
    assert world.items() == before
    assert call({"If-Match": "*"}).status == 200, "said outright, it is done"
    assert world.lead(offered).offers[-1].partner == other


def test_an_accept_while_a_program_assigns_without_a_version_is_not_overrun(
    world: World, offered: str
) -> None:
    key = {"X-Api-Key": world.api_key("leads:write")}
    other, link = others(world, offered)[0], world.offer_link(offered)
    with meanwhile(world, lambda: world.press(link, action="accept")):
        answer = world.http(
            "POST", f"/v1/leads/{offered}/assign", json_body={"partner": other}, headers=key
        )
    assert answer.status == 428
    assert world.lead(offered).owner is not None


def test_a_page_that_shows_no_version_takes_a_lead_from_nobody_unasked(
    world: World, offered: str
) -> None:
    other = others(world, offered)[0]
    world.press(world.offer_link(offered), action="accept")
    owner = world.lead(offered).owner
    asked = assign(world, offered, {"action": "assign"}, other)
    assert asked.status == 409
    assert "has it now. Take it away from them" in asked.body
    assert world.lead(offered).owner == owner
    assert assign(world, offered, again(asked), other).status == 303


def test_a_program_that_says_what_it_read_overruns_nobody_and_one_that_does_not_works_as_ever(
    world: World, offered: str
) -> None:
    key = {"X-Api-Key": create_key(boto3.client("dynamodb"), "partners")}
    other = others(world, offered)[0]

    def call(headers: dict[str, str]) -> Any:
        body = {"partner": other}
        return world.http(
            "POST", f"/v1/leads/{offered}/assign", json_body=body, headers=key | headers
        )

    etag = world.http("GET", f"/v1/leads/{offered}", headers=key).headers["ETag"]
    assert etag == '"1"'
    world.press(world.offer_link(offered), action="accept")
    stale = call({"If-Match": etag})
    assert stale.status == 409
    assert "offer.accepted" in stale.json()["detail"]
    assert call({"If-Match": "seven"}).status == 422
    assert world.lead(offered).owner is not None
    fresh = call(
        {"If-Match": world.http("GET", f"/v1/leads/{offered}", headers=key).headers["ETag"]}
    )
    assert fresh.status == 200
    assert fresh.headers["ETag"] == f'"{world.lead(offered).version}"'
    assert call({}).status == 200
