"""What is answered at which address: HEAD like GET, a slash at the end like none, and a page where
nothing is.
"""

import base64
import gzip
import json
from typing import Any

import pytest

from routing_core.domain.checks.programme_checks import read_programme
from tests.integration.test_links import pages  # noqa: F401
from tests.support.builders import programme_document
from tests.support.hooks import writes_counted
from tests.support.world import Answer, World, a_programme, munich

PAGE = {"accept": "text/html,*/*"}
PUBLIC = ("/f/enquiry", "/embed.js", "/v1/forms/enquiry")
COVERAGE = "/v1/forms/enquiry/coverage?country=DE&postcode=80331&product=heat-pump&urgency=soon"


@pytest.fixture
def links(pages: dict[str, str]) -> list[str]:  # noqa: F811
    return [*pages.values(), f"{pages['o']}/contact.vcf", f"{pages['o']}/contact.ics"]


def but_for_its_body(answer: Answer) -> tuple[int, Any]:
    return answer.status, answer.headers


# ── HEAD ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.slow
def test_head_answers_like_get_without_the_page_and_writes_nothing(
    world: World, links: list[str]
) -> None:
    with writes_counted(world) as writes:
        for path in (*links, *PUBLIC, COVERAGE):
            shown, asked = world.http("GET", path), world.http("HEAD", path)
            assert shown.status == 200, path
            assert but_for_its_body(asked) == but_for_its_body(shown), path
            assert asked.body == ""
    assert writes == []


@pytest.mark.slow
def test_whoever_fetches_links_before_a_person_does_accepts_nothing(
    world: World, links: list[str]
) -> None:
    before = {lead: world.lead(lead) for lead in world.lead_ids()}
    for path in links:
        for method in ("HEAD", "GET", "OPTIONS", "DELETE", "PATCH", "PUT"):
            for address in (path, f"{path}/"):
                world.http(method, address)
    assert {lead: world.lead(lead) for lead in world.lead_ids()} == before


def test_head_of_a_link_that_is_refused_is_refused(world: World, links: list[str]) -> None:
    assert (
        world.http("HEAD", links[0][:-1]).status == world.http("GET", links[0][:-1]).status == 403
    )


def test_head_asks_for_the_key_that_get_asks_for(world: World) -> None:
    world.use(a_programme(), munich(1))
    assert world.http("HEAD", "/v1/partners").status == 401


# ── a slash at the end ────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("spoilt", ["{}/", "{}//", "{}./", "{}%20/", "{}>/"])
@pytest.mark.slow
def test_a_slash_at_the_end_of_a_link_means_nothing(
    world: World, links: list[str], spoilt: str
) -> None:
    for path in links[:6]:
        assert world.http("GET", spoilt.format(path)).status == 200, path


def test_a_button_of_a_page_that_was_opened_with_a_slash_works(
    world: World,
    pages: dict[str, str],  # noqa: F811
) -> None:
    assert world.http("POST", f"{pages['o']}/", form={"action": "attempt"}).status == 303


def test_a_form_is_posted_to_an_address_with_a_slash_too(world: World) -> None:
    world.use(a_programme(), munich(1))
    shown = world.http("GET", "/f/enquiry/")
    assert shown.status == 200
    answer = world.http("POST", "/f/enquiry/", form={"step": "1", "submission_id": "one"})
    assert (answer.status, 'href="#f-postcode"' in answer.body) == (422, True)


# ── addresses that nobody has ─────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "path",
    ["/", "/favicon.ico", "/f", "/o", "/wp-login.php", "/f/enquiry/more", "/q/x/y/z", "/d/x/y"],
)
def test_an_unknown_address_is_a_page_in_the_readers_language(world: World, path: str) -> None:
    world.use(a_programme(), munich(1))
    german = world.http("GET", path, headers=PAGE | {"accept-language": "de-DE,de;q=0.9"})
    assert (german.status, "Seite nicht gefunden" in german.body) == (404, True)
    english = world.http("GET", path, headers=PAGE | {"accept-language": "en"})
    assert "Page not found" in english.body
    assert english.headers["X-Robots-Tag"] == "noindex, nofollow"


@pytest.mark.parametrize(
    "path", ["/v1", "/v1/nothing", "/v1/forms", "/v1/forms/enquiry/nothing", "/nothing"]
)
def test_an_unknown_address_is_a_document_to_a_program(world: World, path: str) -> None:
    world.use(a_programme(), munich(1))
    answer = world.http("GET", path, headers={"accept": "application/json"})
    assert (answer.status, answer.headers["Content-Type"]) == (404, "application/problem+json")
    assert answer.json()["status"] == 404


# ── methods that an address does not take ─────────────────────────────────────────────────────────


@pytest.mark.parametrize("method", ["DELETE", "PATCH", "PUT", "OPTIONS", "POST"])
def test_a_method_that_no_address_takes_does_nothing(world: World, method: str) -> None:
    world.use(a_programme(), munich(1))
    answer = world.http(method, "/embed.js")
    assert (answer.status, answer.headers["Allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", "/v1/partners/munich-1", "DELETE, GET, HEAD, PATCH, PUT"),
        ("POST", "/v1/programme", "GET, HEAD, PATCH, PUT"),
        ("GET", "/v1/programme/dry-run", "POST"),
        ("GET", "/v1/forms/enquiry/leads", "OPTIONS, POST"),
        ("PUT", "/v1/forms/enquiry/leads/", "OPTIONS, POST"),
        ("DELETE", "/f/enquiry", "GET, HEAD, POST"),
    ],
)
def test_a_wrong_method_is_told_which_ones_the_address_takes(
    world: World, method: str, path: str, allowed: str
) -> None:
    world.use(a_programme(), munich(1))
    answer = world.http(method, path, headers={"accept": "application/json"})
    assert (answer.status, answer.headers["Allow"]) == (405, allowed)


def test_a_wrong_method_at_a_link_is_told_on_a_page(world: World, links: list[str]) -> None:
    for path in links:
        answer = world.http("DELETE", path, headers=PAGE)
        assert (answer.status, "noindex" in answer.headers["X-Robots-Tag"]) == (405, True), path
        assert answer.headers["Allow"].startswith("GET, HEAD"), path


# ── compressed, and found by search engines ───────────────────────────────────────────────────────


def unpacked(world: World, path: str, accepts: str = "br, gzip;q=0.8") -> Answer:
    return world.http("GET", path, headers={"accept-encoding": accepts})


@pytest.mark.parametrize("path", ["/embed.js", COVERAGE, "/v1/forms/enquiry"])
def test_what_is_public_is_compressed_for_whoever_takes_that(world: World, path: str) -> None:
    world.use(a_programme(), munich(1))
    answer, plain = unpacked(world, path), world.http("GET", path)
    assert "Accept-Encoding" in answer.headers["Vary"]
    if len(plain.body) < 1_000:
        assert "Content-Encoding" not in answer.headers
        return
    assert answer.headers["Content-Encoding"] == "gzip"
    packed = base64.b64decode(answer.body)
    assert len(packed) < len(plain.body) / 2
    assert gzip.decompress(packed).decode()[:200] == plain.body[:200], (
        "a form's stamp differs each time"
    )


def test_the_form_is_compressed(world: World) -> None:
    world.use(a_programme(), munich(1))
    answer = unpacked(world, "/f/enquiry")
    assert answer.headers["Content-Encoding"] == "gzip"
    assert "</html>" in gzip.decompress(base64.b64decode(answer.body)).decode()


@pytest.mark.parametrize("accepts", ["", "identity", "br", "gzip;q=0", "gzip;q=0, *"])
def test_whoever_does_not_take_it_gets_it_as_it_is(world: World, accepts: str) -> None:
    world.use(a_programme(), munich(1))
    assert "</html>" in unpacked(world, "/f/enquiry", accepts).body


def test_no_page_behind_a_link_is_compressed_for_its_length_would_tell_of_its_token(
    world: World, links: list[str]
) -> None:
    for path in links:
        assert "Content-Encoding" not in unpacked(world, path, "gzip").headers, path


def test_a_form_may_be_found_by_search_engines_and_nothing_else_ever(
    world: World, links: list[str]
) -> None:
    assert world.http("GET", "/f/enquiry").headers["X-Robots-Tag"] == "noindex, nofollow"
    document = programme_document()
    document["forms"][0]["indexed"] = True
    world.use(read_programme(document))
    form = world.http("GET", "/f/enquiry?utm_source=x")
    assert "X-Robots-Tag" not in form.headers
    assert 'name="robots"' not in form.body
    assert '<link rel="canonical" href="/f/enquiry">' in form.body
    refused = world.http("POST", "/f/enquiry", form={"step": "1", "submission_id": "one"})
    for answer in (refused, *(world.http("GET", path) for path in links if "contact." not in path)):
        assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
        assert '<meta name="robots" content="noindex, nofollow">' in answer.body


def test_answers_to_other_pages_say_that_they_differ_by_origin_and_encoding(world: World) -> None:
    world.use(a_programme(), munich(1))
    assert world.http("GET", "/v1/forms/enquiry").headers["Vary"] == "Accept-Encoding, Origin"
    assert json.loads(world.http("GET", "/v1/forms/enquiry").body)["form"] == "enquiry"
