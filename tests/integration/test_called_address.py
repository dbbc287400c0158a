"""Where links of the API's functions lead: to the template's address, else to where API Gateway was
called.
"""

import pytest

from routing_core.aws.called_address import called_address, note_called_address
from routing_core.aws.wiring import wiring
from tests.support.stack import BASE_URL
from tests.support.triggers import API_DOMAIN
from tests.support.world import World, a_programme, munich

FORGED = {
    "Host": "evil.example",
    "X-Forwarded-Host": "evil.example",
    "Forwarded": "host=evil.example",
}


@pytest.fixture
def without_address(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """A stack that was deployed with no address of its own, as its API's functions see it."""
    world.use(a_programme(), munich(1))
    monkeypatch.setenv("BASE_URL", "")
    wiring.cache_clear()
    return world


def test_a_stack_with_no_address_links_to_where_its_api_was_called(without_address: World) -> None:
    told = without_address.post_lead().json()
    assert told["status_url"].startswith(f"https://{API_DOMAIN}/s/")
    form = without_address.http("GET", "/v1/forms/enquiry").json()
    assert form["hosted_url"].startswith(f"https://{API_DOMAIN}/f/enquiry")


def test_what_headers_say_of_the_address_changes_no_link(without_address: World) -> None:
    answers = [
        without_address.http("GET", address, headers=FORGED)
        for address in ("/v1/forms/enquiry", "/f/enquiry")
    ]
    assert [answer.status for answer in answers] == [200, 200]
    assert not any("evil.example" in f"{answer.body} {answer.headers}" for answer in answers)


def test_the_address_of_the_template_goes_before_the_one_that_was_called(world: World) -> None:
    world.use(a_programme(), munich(1))
    assert world.post_lead().json()["status_url"].startswith(f"{BASE_URL}/s/")


def test_each_request_is_answered_with_its_own_address() -> None:
    note_called_address({"requestContext": {"domainName": "one.example"}})
    assert called_address() == "https://one.example"
    note_called_address({"requestContext": {"domainName": "two.example"}})
    assert called_address() == "https://two.example"
    note_called_address({"Records": []})
    assert called_address() == ""
