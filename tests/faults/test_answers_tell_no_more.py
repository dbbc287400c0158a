"""What every answer carries, and what none tells: headers against old tricks, nothing that only the
product uses.
"""

from typing import Any

import boto3
import pytest

from infra.tools.hq_key import create_key
from routing_core.present.explain.lead_document import INTERNAL
from tests.support.stack import BASE_URL
from tests.support.world import ENQUIRY, Answer, World, a_programme, munich


@pytest.fixture
def answers(world: World) -> dict[str, Answer]:
    """One answer of each sort: pages, JSON, problems, files, a redirect, nothing at all, from all
    three functions.
    """
    world.use(a_programme(), munich(1))
    posted = world.post_lead()
    lead_id = posted.json()["lead"]
    offer = world.offer_link(lead_id)
    accepted = world.http("POST", offer, form={"action": "accept"})
    held = world.post_lead("held", email="max@posteo.de", phone="", website_url="x").json()["lead"]
    queue = world.wiring.services.queue_link().removeprefix(BASE_URL)
    key = {"X-Api-Key": create_key(boto3.client("dynamodb"), "partners")}
    return {
        "posted": posted,
        "wrong": world.post_lead("two", email="x"),
        "form": world.http("GET", "/f/enquiry"),
        "definition": world.http("GET", "/v1/forms/enquiry"),
        "script": world.http("GET", "/embed.js"),
        "asked before": world.http("OPTIONS", "/v1/forms/enquiry"),
        "offer": world.http("GET", offer),
        "accepted": accepted,
        "seen": world.http("POST", f"{offer}/seen"),
        "card": world.http("GET", f"{offer}/contact.vcf"),
        "refused": world.http("GET", "/o/nonsense"),
        "queue": world.http("GET", queue),
        "no key": world.http("GET", f"/v1/leads/{lead_id}"),
        "lead": world.http("GET", f"/v1/leads/{lead_id}", headers=key),
        "held": world.http("GET", f"/v1/leads/{held}", headers=key),
        "decisions": world.http("GET", f"/v1/leads/{lead_id}/decisions", headers=key),
        "partner": world.http("GET", "/v1/partners/munich-1", headers=key),
        "rules": world.http("GET", "/v1/programme", headers=key | {"Accept": "application/yaml"}),
    }


def test_no_answer_may_be_read_as_something_else_or_asked_for_without_tls(
    answers: dict[str, Answer],
) -> None:
    for name, answer in answers.items():
        assert answer.headers["X-Content-Type-Options"] == "nosniff", name
        assert answer.headers["Strict-Transport-Security"] == "max-age=31536000", name


def test_the_api_tells_nothing_that_only_the_product_uses(
    world: World, answers: dict[str, Answer]
) -> None:
    told = answers["lead"].json()
    lead, held = (world.lead(answers[name].json()["lead"]["id"]) for name in ("lead", "held"))
    context = world.wiring.leads.context(lead.id)
    assert context
    internal = {lead.payload_hash, *lead.claims, *context.marks, held.from_client}
    assert all((lead.payload_hash, lead.claims, context.marks, held.from_client)), (
        "there is something to be told"
    )
    for name, answer in answers.items():
        assert not [each for each in internal if each in answer.body], name
        assert not [each for each in INTERNAL if f'"{each}":' in answer.body], name
    assert _leaves(told) >= {ENQUIRY["email"], "munich-1"}


def _leaves(value: Any) -> set[Any]:
    if isinstance(value, dict):
        return set().union(*map(_leaves, value.values())) if value else set()
    if isinstance(value, list):
        return set().union(*map(_leaves, value)) if value else set()
    return {value}
