"""What comes through the distribution before the API, and what does not (``infra/edge.yaml``)."""

from collections.abc import Iterator
from typing import Any

import pytest

from infra.checks.lint import EDGE
from routing_core.aws import edge, http
from routing_core.domain.checks.programme_checks import read_programme
from tests.support.builders import programme_document
from tests.support.world import World, munich

SECRET = "a-secret-of-the-distribution-of-tests"
NEXT = "the-next-secret-of-the-distribution-0"
FORM = "/f/enquiry"


@pytest.fixture
def behind_edge(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    world.use(read_programme(programme_document()), munich(1))
    monkeypatch.setenv("EDGE_SECRET", SECRET)
    http._edge_secrets.cache_clear()
    yield world
    http._edge_secrets.cache_clear()


def through(secret: str = SECRET, viewer: str = "198.51.100.7") -> dict[str, str]:
    return {"X-Relay-Secret": secret, "x-relay-viewer": viewer}


@pytest.mark.parametrize("headers", [{}, through("guessed"), through(""), through(SECRET + ",")])
def test_what_comes_past_the_distribution_is_answered_by_nothing(
    behind_edge: World, headers: dict[str, str]
) -> None:
    refused = behind_edge.http("GET", FORM, headers=headers)
    assert (refused.status, refused.body) == (403, "")
    posted = behind_edge.http("POST", "/v1/forms/enquiry/leads", json_body={}, headers=headers)
    assert posted.status == 403
    assert behind_edge.lead_ids() == []


def test_what_comes_through_it_is_answered(behind_edge: World) -> None:
    assert behind_edge.http("GET", FORM, headers=through()).status == 200


def test_while_the_secret_is_exchanged_both_are_known(
    behind_edge: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EDGE_SECRET", f"{SECRET},{NEXT}")
    http._edge_secrets.cache_clear()
    for secret in (SECRET, NEXT):
        assert behind_edge.http("GET", FORM, headers=through(secret)).status == 200


@pytest.mark.parametrize("secrets", [f"{SECRET},", f",{SECRET}", ","])
@pytest.mark.parametrize("headers", [{}, through("")])
def test_a_comma_too_many_lets_nobody_in(secrets: str, headers: dict[str, str]) -> None:
    event = {"headers": headers, "requestContext": {"http": {"sourceIp": "203.0.113.1"}}}
    assert edge.as_seen_at_edge(event, secrets) is None


def test_whoever_called_the_distribution_is_who_is_counted() -> None:
    event: dict[str, Any] = {
        "headers": through(viewer="2001:db8::7"),
        "requestContext": {"requestId": "1", "http": {"sourceIp": "203.0.113.1", "method": "GET"}},
    }
    seen = edge.as_seen_at_edge(event, SECRET)
    assert seen is not None
    assert seen["requestContext"] == {
        "requestId": "1",
        "http": {"sourceIp": "2001:db8::7", "method": "GET"},
    }


def test_without_a_distribution_nobody_says_to_be_somebody_else() -> None:
    event = {"headers": through(), "requestContext": {"http": {"sourceIp": "203.0.113.1"}}}
    assert edge.as_seen_at_edge(event, "") == event


def test_the_distribution_sends_what_the_api_reads_under_names_that_cloudfront_allows() -> None:
    template = EDGE.read_text()
    for name in (edge.KNOWN_BY_HEADER, edge.VIEWER_HEADER):
        assert not name.startswith(("x-edge-", "x-amz-", "x-real-ip"))
    assert template.count("OriginRequestPolicyId:") == template.count("PathPattern:") + 1
    assert f"HeaderName: {edge.KNOWN_BY_HEADER}," in template
    assert f'request.headers["{edge.VIEWER_HEADER}"]' in template
