"""Whoever comes by an address of nobody's, or with more than fits, is answered in words."""

import base64

import pytest

from routing_core.aws.bodies import LIST_BODY
from routing_core.formats.sheet_file import LARGEST_FILE
from tests.support.world import World, a_programme

LAMBDA_TAKES = 6 * 1024 * 1024
HEADERS_TAKE = 100_000
A_FORM_TAKES = 100_000


def test_search_engines_are_kept_to_the_forms(world: World) -> None:
    answer = world.http("GET", "/robots.txt")
    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert "Disallow: /\n" in answer.body
    assert "Allow: /f/\n" in answer.body


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_an_address_of_nobodys_has_a_page_for_people_and_a_problem_for_programs(
    world: World, method: str
) -> None:
    world.use(a_programme())
    page = world.http(method, "/nowhere", headers={"accept": "text/html", "accept-language": "de"})
    assert page.status == 404
    assert '<html lang="de"' in page.body
    problem = world.http(method, "/nowhere")
    assert problem.status == 404
    assert problem.headers["Content-Type"] == "application/problem+json"
    assert problem.json()["status"] == 404


def test_the_largest_list_fits_what_lambda_takes() -> None:
    longest = len(base64.b64encode(bytes(LIST_BODY)))
    assert longest + HEADERS_TAKE < LAMBDA_TAKES
    assert LARGEST_FILE + A_FORM_TAKES < LIST_BODY, "who is over it is told so, by name"
