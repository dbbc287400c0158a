"""No failure is swallowed: whoever catches broadly, or goes on as if nothing were, says so.

Each line at the level ERROR is counted by the metric `ErrorsLogged` of its function's log, which an
alarm watches. What is caught by the name of one refusal, and answered with a value, is no failure:
that is a result.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CORE = ROOT / "layers/routing_core/routing_core"
PLACES = (ROOT / "functions", CORE, ROOT / "infra/tools")
BROAD = frozenset(
    {
        "BaseException",
        "BotoCoreError",
        "ClientError",
        "Exception",
        "HTTPClientError",
        "OSError",
        "RelayError",
    }
)
"""What many different failures are, also those that nobody thought of."""
SAYS_SO = (".exception", ".error", "sys.exit")
"""The ends of calls that are counted, or end a tool with a word."""

NOT_SWALLOWED = {
    # what cannot be read so is read otherwise, or is no such thing
    "domain/calendar/business_time.py::zone_of": "an unknown time zone, which warnings name",
    "domain/calendar/zones.py::is_of_a_place": "asks whether there is such a time zone",
    "domain/enquiry/location.py::read_location": "no postcode: the town is looked up next",
    "domain/territory/countries.py::_by_name": "a language without names of countries",
    "domain/values/phones.py::read_phone": "read by the next country's rules",
    "formats/partner_cells.py::iso_date": "not written so: the next way is tried",
    "formats/yaml_following.py::yaml_following": "what follows cannot be kept: written anew",
    "reporting/report_schedule.py::named_period": "no such month: refused below",
    "service/hq/partner_list.py::_after": "a cursor of nobody's: the list begins anew",
    "service/intake/proof_of_work.py::_expiry_in": "no proof: the post is looked at by people",
    # somebody else was faster, which is looked at again
    "aws/tables/long_import.py::_shut": "nobody can say who was first: the gate is looked at again",
    "service/hq/hq_queue.py::_with_all_alike": "the notice says that some were left",
    "service/hq_desk/partner_import.py::save_import": "the table is shown anew and says so",
    "service/hq_desk/people_desk.py::act_on_person": "taken out by somebody else: so be it",
    "service/hq_desk/sign_in.py::renewed_cookie": "no longer signed in: no cookie is renewed",
    "service/kernel/retry.py::retry_on_conflict": "tried again; the last conflict is raised",
    "service/notifications/held_mails.py::flush_digests": "being sent by another sweep",
    "service/notifications/hq_access.py::request_hq_link": "why a fresh link is asked for",
    # told to whoever asked
    "functions/hq_desk/refusals.py::_what_went_wrong": "a stranger reads it on a bare page",
    "service/hq/rehearsal.py::_tried": "why the rules cannot be saved: their author reads it",
    "infra/tools/account_checks.py::findings_of": "what cannot be asked is one of the findings",
    "infra/tools/before_deploy.py::missing": "what is missing is what the command lists",
    "infra/tools/smoke.py::run": "says FAILED and why, and the command fails",
    "infra/tools/smoke.py::_clear": "says FAILED and why, and the command fails",
    "infra/tools/restore_ground.py::leads_of": "rebuilding the lists names each of them",
}
"""What looks like swallowing and is not → why."""


def functions() -> Iterator[tuple[str, ast.FunctionDef]]:
    for place in PLACES:
        for path in sorted(place.rglob("*.py")):
            shown = path.relative_to(CORE if place == CORE else ROOT).as_posix()
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.FunctionDef):
                    yield f"{shown}::{node.name}", node


def caught(node: ast.expr | None) -> set[str]:
    """The names of what is caught; without any it is everything."""
    if node is None:
        return {"BaseException"}
    if isinstance(node, ast.Tuple):
        return {name for each in node.elts for name in caught(each)}
    return {ast.unparse(node).rpartition(".")[2]}


def is_told(body: list[ast.stmt]) -> bool:
    """Something is raised on, or logged as an error."""
    nodes = [node for statement in body for node in ast.walk(statement)]
    calls = [ast.unparse(node.func) for node in nodes if isinstance(node, ast.Call)]
    return any(isinstance(node, ast.Raise) for node in nodes) or any(
        call.endswith(SAYS_SO) for call in calls
    )


def swallows(node: ast.AST) -> bool:
    """It catches broadly, or goes on without a word, and neither raises nor logs an error."""
    if isinstance(node, ast.Call):
        return ast.unparse(node.func).endswith("suppress")
    if not isinstance(node, ast.ExceptHandler) or is_told(node.body):
        return False
    goes_on = all(isinstance(each, (ast.Pass, ast.Continue)) for each in node.body)
    return goes_on or not BROAD.isdisjoint(caught(node.type))


def test_whoever_catches_broadly_or_goes_on_silently_is_counted_or_has_a_reason() -> None:
    found = {name for name, function in functions() if any(map(swallows, ast.walk(function)))}
    assert sorted(found - NOT_SWALLOWED.keys()) == [], "log it as an error, raise, or say why not"
    assert sorted(NOT_SWALLOWED.keys() - found) == [], "no longer so: take it out of the list"


@pytest.mark.parametrize(
    ("body", "is_swallowed"),
    [
        ("except Exception:\n    return None", True),
        ("except (KeyError, botocore.exceptions.ClientError):\n    return None", True),
        ("except:\n    return None", True),
        ("except KeyError:\n    pass", True),
        ("except KeyError:\n    return None", False),
        ("except Exception:\n    logger.exception('so')", False),
        ("except Exception:\n    logger.warning('so')", True),
        ("except ClientError as error:\n    if x:\n        return\n    raise", False),
    ],
)
def test_the_rule_itself(body: str, is_swallowed: bool) -> None:
    tree = ast.parse(f"try:\n    work()\n{body}")
    assert any(map(swallows, ast.walk(tree))) is is_swallowed
