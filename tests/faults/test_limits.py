"""What strangers and HQ may write without end: it is refused or cut, and never stops intake or
answers 500.
"""

import json
import re
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from infra.tools.hq_key import create_key
from routing_core.aws.tables.dynamo import serialize_item
from routing_core.aws.tables.programme_table import programme_key
from routing_core.domain.people import person_id
from routing_core.domain.values.clean import one_line
from tests.faults.conftest import FULL
from tests.support.stack import BASE_URL, routes
from tests.support.triggers import Context, request
from tests.support.world import ENQUIRY, World, a_programme, munich

# ── the rules and partners of code before there were bounds ───────────────────────────────────────

DAYS = 1_000_000_000


def store(world: World, **changes: Any) -> None:
    """The programme in force, written as the code before wrote it: unchecked."""
    document = a_programme().model_dump(mode="json", by_alias=True)
    for name, value in changes.items():
        document[name] = document.get(name, {}) | value if isinstance(value, dict) else value
    item = programme_key(1) | {
        "document": zlib.compress(json.dumps(document).encode(), 9),
        "saved_at": "2026-03-01",
    }
    world.wiring._dynamo.put_item(TableName="leads", Item=serialize_item(item))
    world.wiring.rules._programme = None
    world.wiring.rules.look_again()


STOPPED: dict[str, dict[str, Any]] = {
    "a window of repeats of a billion days": {"repeat": {"window_days": DAYS}},
    "an outcome in a billion days": {"afterwards": {"outcome_days": DAYS}},
    "five thousand reminders": {"afterwards": {"status_days": list(range(1, 5_000))}},
    "more points than a table can count": {
        "qualification": {
            "points": [{"field": "phone", "is": "valid", "points": 10**40, "because": {"en": "x"}}]
        }
    },
    "a pause after no lapse": {"lapses": {"pause": 0}},
    "a field that only newer code has": {"lapses": {"of_newer_code": 1}},
}


@pytest.mark.parametrize("number", STOPPED)
def test_one_number_stops_no_enquiry_and_no_accept(
    world: World, number: str, capsys: pytest.CaptureFixture[str]
) -> None:
    world.use(a_programme(), munich(1))
    store(world, **STOPPED[number])
    answer = world.post_lead()
    assert answer.status == 201, answer.body
    lead = answer.json()["lead"]
    assert world.press(world.offer_link(lead), action="accept").status == 200
    assert world.lead(lead).owner == "munich-1"
    assert world.press(world.offer_link(lead), action="won", value="1000").status == 200
    world.sweep()
    assert '"RulesOutsideBounds"' in capsys.readouterr().out


def test_rules_within_the_bounds_set_off_no_alarm(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.use(a_programme(), munich(1))
    world.sweep()
    assert "RulesOutsideBounds" not in capsys.readouterr().out


@pytest.mark.parametrize("number", [name for name in STOPPED if "newer" not in name])
def test_one_number_that_would_stop_intake_is_not_saved(world: World, number: str) -> None:
    world.use(a_programme(), munich(1))
    key = {"x-api-key": create_key(world.wiring._dynamo, "partners", "tests")}
    document = a_programme().model_dump(mode="json", by_alias=True)
    (changed,) = STOPPED[number]
    document[changed] = document[changed] | STOPPED[number][changed]
    answer = world.http("PUT", "/v1/programme", json_body=document, headers=key)
    assert answer.status == 422, answer.body
    assert {problem["field"].partition(".")[0] for problem in answer.json()["errors"]} == {changed}
    assert world.post_lead().status == 201


def test_a_tier_that_no_network_can_hold_leaves_no_network_behind(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.use(a_programme(), munich(1))
    client = world.wiring._dynamo
    world.wiring.partners.save([(munich(2), None)], world.now)
    for row in client.scan(TableName="partners")["Items"]:
        if row["pk"]["S"] == "PARTNER#munich-2" and row["sk"]["S"] == "PROFILE":
            row["profile"]["M"]["tier"] = {"N": "300"}
            client.put_item(TableName="partners", Item=row)
    World.hear_of_partners(world)
    partners = world.wiring.rules.network().partners
    assert {name: partner.tier for name, partner in partners.items()} == {
        "munich-1": 2,
        "munich-2": 9,
    }
    assert '"ProfilesOutsideBounds"' in capsys.readouterr().out


# ── what would keep a function busy ───────────────────────────────────────────────────────────────


def hq(world: World, method: str, path: str, body: str, kind: str = "application/json") -> Any:
    key = create_key(world.wiring._dynamo, "partners", "tests")
    return world.http(method, path, body=body, headers={"x-api-key": key, "content-type": kind})


TOO_MUCH: dict[str, tuple[str, str, str, str, str]] = {
    "45,000 keys": (
        "PUT",
        "/v1/programme",
        "\n".join(f"k{n}: 1" for n in range(45_000)),
        "yaml",
        "50,000 keys",
    ),
    "45,000 keys in JSON": (
        "PUT",
        "/v1/programme",
        json.dumps({f"k{n}": 1 for n in range(30_000)}),
        "json",
        "There is no such field.",
    ),
    "a number to the base of 60": (
        "PUT",
        "/v1/programme",
        "name: 1" + ":59" * 160_000,
        "yaml",
        "at most 200 char",
    ),
    "a million partners that are none": (
        "POST",
        "/v1/partners/import",
        '{"partners": [' + "1," * 999_999 + "1]}",
        "json",
        "1,000,000, which is too many",
    ),
    "ten thousand partners that are none": (
        "POST",
        "/v1/partners/import",
        '{"partners": [' + "1," * 9_999 + "1]}",
        "json",
        "more errors",
    ),
    "a million drafts": (
        "POST",
        "/v1/programme/dry-run",
        '{"enquiry": {"form": "enquiry"}, "partners": [' + "1," * 999_999 + "1]}",
        "json",
        "too many",
    ),
    "a hundred thousand columns": (
        "POST",
        "/v1/partners/import",
        "id;" * 100_000,
        "csv",
        "at most 1,000",
    ),
    "a hundred thousand columns of places": (
        "PUT",
        "/v1/places/DE",
        "lat;" * 100_000,
        "csv",
        "at most 1,000",
    ),
    "a draft larger than any programme": (
        "POST",
        "/v1/programme/dry-run",
        json.dumps({"enquiry": {"form": "enquiry"}, "programme": {"name": "x" * 600_000}}),
        "json",
        "too large",
    ),
    "an outline of sixty thousand points": (
        "PUT",
        "/v1/programme",
        json.dumps(
            a_programme().model_dump(mode="json", by_alias=True)
            | {
                "areas": {"a": {"geojson": {"type": "Polygon", "coordinates": [[[1, 2]] * 60_000]}}}
            },
            separators=(",", ":"),
        ),
        "json",
        "simplify it",
    ),
}


@pytest.mark.parametrize("what", TOO_MUCH)
def test_too_much_is_refused_before_it_is_worked_on(world: World, what: str) -> None:
    world.use(a_programme(), munich(1))
    method, path, body, kind, said = TOO_MUCH[what]
    kinds = {"yaml": "application/yaml", "json": "application/json", "csv": "text/csv"}
    answer = hq(world, method, path, body, kinds[kind])
    assert answer.status == 422, answer.body[:300]
    assert said in answer.body, answer.body[:500]
    assert len(answer.json()["errors"]) <= 101


def test_a_thousand_accents_on_one_letter_are_a_few(world: World) -> None:
    accents = "e" + "\u0301\u0323" * 2_000
    assert len(one_line(accents)) <= 40
    assert one_line("Ça va? e\u0301\u0323") == "Ça va? \u1eb9\u0301"
    world.use(a_programme(), munich(1))
    assert world.post_lead(message=accents).status == 201


@pytest.mark.parametrize("pages", ["/s/{s}", "/o/{o}", "/d/{d}", "/q/{q}"])
def test_five_thousand_digits_in_an_address_are_no_fault_of_ours(world: World, pages: str) -> None:
    world.use(a_programme(), munich(1))
    lead = world.post_lead().json()["lead"]
    path = pages.format(**tokens_of(world, lead))
    assert world.http("GET", f"{path}?did=x.{'9' * 5_000}").status == 200
    assert world.http("GET", f"{path}?did=noted.{int(world.now.timestamp())}").status == 200


@pytest.mark.parametrize(
    "field", ["submission_id", "started", "language", "locale", "name", "message", "owner"]
)
def test_half_an_emoji_loses_nobody_their_enquiry(world: World, field: str) -> None:
    world.use(a_programme(), munich(1))
    typed = "owner\ud83c" if field == "owner" else "Erika \ud83c"
    answer = world.http(
        "POST",
        "/v1/forms/enquiry/leads",
        json_body=ENQUIRY | {"submission_id": "one", field: typed},
    )
    assert answer.status == 201, answer.body


def test_an_id_longer_than_a_key_is_nobodys(watched: World) -> None:
    world, long = watched, "x" * 3_000
    world.use(a_programme(), munich(1))
    lead = world.post_lead(key=long).json()["lead"]
    assert world.post_lead(key=long).json()["lead"] == lead
    key = {"x-api-key": create_key(world.wiring._dynamo, "partners", "tests")}
    for path in (
        f"/v1/leads/{long}",
        f"/v1/partners/{long}",
        f"/v1/forms/{long}",
        f"/v1/leads/{long}/decisions",
    ):
        assert world.http("GET", path, headers=key).status == 404, path
    assert (
        world.http("PUT", f"/v1/partners/{long}", json_body={"name": "x"}, headers=key).status
        == 422
    )
    for partner in (long, "", "\ud800"):
        answer = world.http(
            "POST", f"/v1/leads/{lead}/assign", json_body={"partner": partner}, headers=key
        )
        assert answer.status in (404, 422), answer.body
    tried = {"partners": [{"id": long}], "lead": lead}
    assert world.http("POST", "/v1/programme/dry-run", json_body=tried, headers=key).status == 422
    assert (
        world.http("POST", "/v1/programme/dry-run", json_body={"lead": long}, headers=key).status
        == 404
    )


# ── whatever is sent, wherever ────────────────────────────────────────────────────────────────────

HOSTILE = [
    *(
        "",
        " ",
        ".",
        "x.",
        "%",
        "%ff",
        "%00",
        "#",
        "../..",
        "'",
        '"',
        "\\",
        "<>",
        "{}",
        "[]",
        "null",
        "true",
        "${x}",
    ),
    *(
        "-1",
        "9" * 5_000,
        "x." + "9" * 5_000,
        "1e999999",
        "NaN",
        "1.2.3,4.5",
        "2026-13-45",
        "9999-12-31",
        "0001-01-01",
    ),
    *(
        "\x00",
        "\ud800",
        "a\udfffb",
        "\u202e",
        "e" + "\u0301" * 3_000,
        "🏠" * 600,
        "x" * 1_500,
        "x" * 5_000,
    ),
    *(
        "LEAD#x",
        "+" + "9" * 30,
        "a@" + "b." * 120 + "de",
        "DE 80* rank " + "9" * 20,
        "area at least " + "9" * 4_400,
    ),
    *("assign", "won", "hq", "colleague", "partner"),
]
TEXTS = st.sampled_from(HOSTILE) | st.text(max_size=30)
VALUES = st.recursive(
    TEXTS
    | st.none()
    | st.booleans()
    | st.integers(-(10**40), 10**40)
    | st.sampled_from([10**400, 1e308, -0.0]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
KNOWN = (
    "action partner reason text value phone postcode town name email submission_id started step back language consent "
    "message product urgency country context owner partners programme enquiry lead id territories caps takes "
    "certificates absences weight tier response_hours contact repeat lapses hq forms from to first last"
)
FIELDS = st.sampled_from(KNOWN.split())
QUERY = st.dictionaries(
    st.sampled_from(
        ["did", "lang", "show", "section", "as", "dry_run", "replay", "postcode", "utm_source"]
    ),
    TEXTS,
)


@pytest.fixture
def watched(world: World) -> Iterator[World]:
    """A world in which DynamoDB refuses keys as AWS does; moto does not."""
    with keys_are_checked(world):
        yield world


def tokens_of(world: World, lead: str) -> dict[str, str]:
    """By the first letter of their pages' addresses."""
    links = world.wiring.links
    addresses = {
        "o": world.offer_link(lead),
        "d": links.desk("munich-1", world.load("munich-1").links),
        "q": world.wiring.services.queue_link(),
        "s": links.status(lead),
    }
    return {name: address.rpartition("/")[2] for name, address in addresses.items()}


@contextmanager
def keys_are_checked(world: World) -> Iterator[None]:
    def check(params: Mapping[str, Any], **_: Any) -> None:
        for text in _keys(params):
            assert 0 < len(text.encode()) <= 1024, "DynamoDB takes no such key"

    events = world.wiring._dynamo.meta.events
    events.register("provide-client-params.dynamodb", check)
    yield
    events.unregister("provide-client-params.dynamodb", check)


def _keys(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        for name, each in part.items():
            if name in ("pk", "sk") and isinstance(each, dict):
                yield each["S"]
            else:
                yield from _keys(each)
    elif isinstance(part, (list, tuple)):
        for each in part:
            yield from _keys(each)


def every_route() -> list[tuple[str, str]]:
    """Those of the template, and HQ's, which mostly come by the ones that take the rest."""
    lines = [(route, function) for route, function in routes() if not route.startswith("ANY ")]
    answered = [(route, name) for name in ("hq", "hq_desk") for route in _decorated(name)]
    known = {_shape(route) for route, _ in lines}
    return [*lines, *(each for each in answered if _shape(each[0]) not in known)]


def tries(route: str) -> int:
    """How often a route is tried: HQ's many, behind a key or a cookie, less often in short."""
    return 25 if FULL or route in dict(routes()) else 4


def _shape(route: str) -> str:
    return re.sub(r"\{\w+\}", "{}", route)


def _decorated(function: str) -> list[str]:
    app = import_module(f"functions.{function}.app").app
    answered = (*app._static_routes, *app._dynamic_routes)
    paths = [(each.method, each.path.replace("<", "{").replace(">", "}")) for each in answered]
    return [f"{method} {path}" for method, path in paths]


@pytest.mark.parametrize(("route", "function"), every_route())
def test_whatever_is_sent_to_a_route_it_never_answers_500(
    watched: World, route: str, function: str
) -> None:
    world = watched
    world.use(a_programme(), munich(1), munich(2))
    lead = world.post_lead().json()["lead"]
    key = create_key(world.wiring._dynamo, "partners", "tests")
    tokens = tokens_of(world, lead)
    ours = {
        "form": "enquiry",
        "id": "munich-1" if "partners" in route else lead,
        "country": "DE",
        "token": tokens.get(route.partition(" /")[2][:1], "x"),
        "lead": lead,
        "partner": "munich-1",
        "person": person_id("hq@example.com"),
        "version": "1",
        "part": "offers",
    }
    cookie = world.desk().cookie
    method, _, pattern = route.partition(" ")
    handler = __import__(f"functions.{function}.app", fromlist=["handler"]).handler
    point = world.saved()

    @settings(max_examples=tries(route), derandomize=True, suppress_health_check=list(HealthCheck))
    @given(st.data())
    def sent(data: st.DataObject) -> None:
        world.back_to(point)
        draw = partial(data.draw)
        parameters = {
            name: draw(st.just(value) | TEXTS.filter(bool))
            for name, value in ours.items()
            if f"{{{name}}}" in pattern
        }
        path = pattern
        for name, value in parameters.items():
            path = path.replace(f"{{{name}}}", value)
        headers = {
            "x-api-key": key,
            "cookie": cookie,
            "origin": BASE_URL,
            "accept": draw(st.sampled_from(["text/html", "application/json", "text/csv"])),
        }
        headers |= {
            "accept-language": draw(TEXTS),
            "idempotency-key": draw(TEXTS),
            "referer": draw(TEXTS),
        }
        body, kind = draw(BODIES)
        headers["content-type"] = kind
        event = request(method, pattern, urlsplit(BASE_URL), parameters, headers, body, world.now)
        event |= {"rawPath": path, "queryStringParameters": draw(QUERY)}
        event["requestContext"]["http"]["path"] = path
        answer = handler(event, Context())
        assert answer["statusCode"] < 500, (path[:200], body, answer.get("body", "")[:300])
        json.dumps(answer).encode()

    sent()


def _form(fields: Mapping[str, str]) -> str:
    return urlencode(
        {
            name.encode("utf-8", "replace"): value.encode("utf-8", "replace")
            for name, value in fields.items()
        }
    )


JSON = st.dictionaries(FIELDS | TEXTS, VALUES, max_size=5).map(lambda value: json.dumps(value))
ENQUIRIES = st.dictionaries(FIELDS, VALUES, max_size=4).map(
    lambda value: json.dumps(ENQUIRY | value)
)
FORMS = st.dictionaries(FIELDS | TEXTS, TEXTS, max_size=6).map(_form)
BODIES = st.one_of(
    st.tuples(JSON | ENQUIRIES, st.just("application/json")),
    st.tuples(FORMS, st.just("application/x-www-form-urlencoded")),
    st.tuples(
        TEXTS.map(lambda text: text.encode("utf-8", "replace")),
        st.sampled_from(["text/csv", "text/plain", ""]),
    ),
)
