"""Promises about the distribution before the API (``infra/edge.yaml``): what it says by itself."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

import pytest
from samtranslator.yaml_helper import yaml_parse

from infra.checks.lint import EDGE
from routing_core.aws.http import ALWAYS

RESOURCES: dict[str, Any] = yaml_parse(EDGE.read_text())["Resources"]
CODE: str = RESOURCES["ShapeErrors"]["Properties"]["Code"]["ZipFile"]
BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
OWN = {name.lower(): value for name, value in ALWAYS.items()}


def shaped(
    status: int,
    method: str = "GET",
    asked: dict[str, str] | None = None,
    came: dict[str, str] | None = None,
) -> dict[str, Any]:
    """Give what the function at the edge makes of an answer of the API."""
    named: dict[str, Any] = {}
    exec(CODE, named)
    answer = {"status": str(status), "headers": _as_cloudfront(came or {})}
    request = {"method": method, "headers": _as_cloudfront(asked or {})}
    event = {"Records": [{"cf": {"request": request, "response": answer}}]}
    given: dict[str, Any] = named["handler"](event, None)
    return given


def _as_cloudfront(headers: dict[str, str]) -> dict[str, Any]:
    return {name: [{"key": name, "value": value}] for name, value in headers.items()}


def sent(answer: dict[str, Any], name: str) -> str:
    """Give the value of a header of an answer."""
    value: str = answer["headers"][name][0]["value"]
    return value


@pytest.mark.parametrize("status", [429, 503, 504])
def test_a_person_whom_the_api_itself_turns_away_reads_to_try_again_and_that_nothing_is_lost(
    status: int,
) -> None:
    page = shaped(status, "POST", BROWSER)
    assert page["status"] == str(status)
    assert "We are busy right now" in page["body"]
    assert "what you typed is kept" in page["body"]
    assert sent(page, "content-type") == "text/html; charset=utf-8"
    assert sent(page, "retry-after") == "60"
    assert sent(page, "cache-control") == "no-store"
    german = shaped(status, "POST", BROWSER | {"accept-language": "de-AT,de;q=0.9"})
    assert '<html lang="de">' in german["body"]
    assert "Ihre Angaben sind noch da" in german["body"]


def test_whoever_only_looked_is_not_told_of_anything_typed() -> None:
    page = shaped(503, "GET", BROWSER)["body"]
    assert "Reload this page in a minute." in page
    assert "typed" not in page
    assert "body" not in shaped(503, "HEAD", BROWSER)


def test_a_program_gets_a_problem_document() -> None:
    answer = shaped(503, "POST", {"accept": "application/json"})
    assert sent(answer, "content-type") == "application/problem+json"
    problem = json.loads(answer["body"])
    assert problem["status"] == 503
    assert problem["detail"].endswith("Try again in a minute.")


def test_what_is_too_large_says_how_much_may_be_sent_and_not_to_try_it_again() -> None:
    page = shaped(413, "POST", BROWSER)
    assert "a list up to 4 MB" in page["body"]
    assert "Reload" not in page["body"]
    assert "retry-after" not in page["headers"]


@pytest.mark.parametrize("status", [200, 303, 403, 404, 413, 429, 500, 503])
def test_what_our_functions_answer_passes_as_it_is(status: int) -> None:
    """They mark each of their answers; what API Gateway says by itself has no such header."""
    answer = shaped(status, "POST", BROWSER, OWN)
    assert answer == {"status": str(status), "headers": _as_cloudfront(OWN)}


@pytest.mark.parametrize("status", [200, 301, 404])
def test_what_is_no_refusal_passes_whoever_says_it(status: int) -> None:
    assert "body" not in shaped(status, "GET", BROWSER)


def test_changed_code_is_another_version() -> None:
    said = RESOURCES["ShapeErrorsVersion"]["Properties"]["Description"]
    assert said == hashlib.sha256(CODE.encode()).hexdigest()[:8]


def test_it_stands_behind_every_address_and_may_do_nothing_else() -> None:
    config = RESOURCES["Distribution"]["Properties"]["DistributionConfig"]
    wanted = [{"EventType": "origin-response", "LambdaFunctionARN": {"Ref": "ShapeErrorsVersion"}}]
    for behaviour in (config["DefaultCacheBehavior"], *config["CacheBehaviors"]):
        assert behaviour["LambdaFunctionAssociations"] == wanted
    role = RESOURCES["ShapeErrorsRole"]["Properties"]
    assert not {"Policies", "ManagedPolicyArns"} & set(role)


def test_cloudfront_writes_no_page_of_its_own_over_what_our_functions_say() -> None:
    config = RESOURCES["Distribution"]["Properties"]["DistributionConfig"]
    for each in config["CustomErrorResponses"]:
        assert set(each) == {"ErrorCode", "ErrorCachingMinTTL"}
        assert each["ErrorCachingMinTTL"] == 0


def test_whoever_asks_for_too_much_is_counted_once_and_told_as_a_person_or_a_program() -> None:
    acl = RESOURCES["Limits"]["Properties"]
    counted, program, person = sorted(acl["Rules"], key=lambda rule: int(rule["Priority"]))
    assert counted["Action"] == {"Count": {}}
    ((label,),) = [each.values() for each in counted["RuleLabels"]]
    marked, asked = program["Statement"]["AndStatement"]["Statements"]
    assert marked["LabelMatchStatement"]["Key"] == label
    assert asked["ByteMatchStatement"]["SearchString"] == "/v1/"
    assert person["Statement"]["LabelMatchStatement"]["Key"] == label
    bodies = acl["CustomResponseBodies"]
    for rule, kind in ((program, "APPLICATION_JSON"), (person, "TEXT_HTML")):
        told = rule["Action"]["Block"]["CustomResponse"]
        assert told["ResponseCode"] == 429
        assert bodies[told["CustomResponseBodyKey"]]["ContentType"] == kind
    assert json.loads(bodies["Problem"]["Content"])["status"] == 429
    assert len(bodies["Page"]["Content"]) < 4096
    assert re.search("what you typed is kept.*Ihre Angaben sind noch da", bodies["Page"]["Content"])
