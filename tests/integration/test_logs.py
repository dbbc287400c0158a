"""What the product writes to its logs over a whole journey: enough to follow it, nothing about
persons, no token.
"""

import io
import re
from collections.abc import Iterator
from contextlib import suppress

import pytest
from botocore.exceptions import ClientError

from tests.support.hooks import refused, timed_out
from tests.support.logged import kept
from tests.support.stack import BASE_URL
from tests.support.world import World, a_programme, munich

PRIVATE = (
    "Erika",
    "Beispiel",
    "erika@",
    "posteo",
    "99998123",  # both phones
    "Please call",
    "dog is friendly",
    "munich-1@example.com",
    "hq@example.com",
    "Chris Example",
)


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    with kept() as stream:
        yield stream


def journey(world: World) -> list[str]:
    """Everything a lead can meet, refusals and failures included; the paths of all links used."""
    world.use(a_programme(), munich(1), munich(2))
    told = world.post_lead().json()
    lead_id, status = told["lead"], told["status_url"].removeprefix(BASE_URL)
    used = [status, world.offer_link(lead_id)]
    world.post_lead(message="Something else.")
    world.post_lead("bad", email="erika@", phone="+4989999981230x")
    world.http("POST", "/v1/forms/enquiry/leads", body='{"name": "Erika Beispiel", "name": "x"}')
    world.post_lead("spam", email="spam@posteo.de", website_url="x")
    world.deliver()
    world.http("GET", used[1] + "x")
    for path in used:
        world.http("GET", path)
    world.press(used[1], action="decline", reason="busy", text="Erika Beispiel is my customer")
    used.append(world.offer_link(lead_id))
    for context in (refused(world, "InternalServerError", 9), timed_out(world)):
        with context:
            world.press(used[2], action="accept")
    world.press(used[2], action="accept")
    world.deliver()
    world.press(status, action="note", text="The dog is friendly.")
    world.press(status, action="phone", phone="+49 89 99998124")
    world.post_lead("repeat", message="Please call again.")
    for path in ("contact.vcf", "contact.ics"):
        world.http("GET", f"{used[2]}/{path}")
    world.press(used[2], action="won", value="12500")
    world.deliver()
    desk = world.wiring.links.desk("munich-1", 1).removeprefix(BASE_URL)
    queue = world.wiring.services.queue_link().removeprefix(BASE_URL)
    used += [desk, queue]
    world.press(desk, action="renew")
    world.deliver()
    world.http("GET", desk)
    world.http("GET", f"{queue}/leads/{lead_id}")
    with (
        refused(world, "InternalServerError", 9),
        suppress(ClientError),
    ):  # Scheduler would try again
        world.run_for(days=1)
    world.sweep()
    return used


@pytest.mark.slow
def test_over_a_whole_journey_nothing_private_and_no_token_is_logged(
    world: World, log: io.StringIO
) -> None:
    used = journey(world)
    text = log.getvalue()
    assert text.count("\n") > 40, "the journey left no trace: nothing was looked at"
    assert not [word for word in PRIVATE if word in text]
    for path in used:
        token = path.split("/")[2]
        assert token not in text
        assert token.rpartition(".")[2] not in text, "the signature alone"


def test_the_log_names_routes_leads_and_facts_so_that_a_journey_can_be_followed(
    world: World, log: io.StringIO
) -> None:
    world.use(a_programme(), munich(1))
    lead_id = world.post_lead().json()["lead"]
    world.deliver()
    world.press(world.offer_link(lead_id), action="accept")
    text = log.getvalue()
    assert lead_id in text
    for word in ("POST /v1/forms/{form}/leads", "POST /o/{token}", "offer.made"):
        assert word in text
    assert re.search(r'"status": ?201', text)


def test_a_failure_is_logged_with_its_route_and_answered_without_its_cause(
    world: World, log: io.StringIO
) -> None:
    world.use(a_programme(), munich(1))
    with refused(world, "InternalServerError", 9):
        answer = world.post_lead()
    assert answer.status == 500
    assert "InternalServerError" not in answer.body
    assert "request failed" in log.getvalue()
