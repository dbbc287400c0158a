"""What the functions really call, recorded over a journey and every case of the fault harness, is
what their roles in the template allow: nothing less, and nothing more without a reason.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from typing import Any

import boto3
import pytest

from infra.tools.hq_key import create_key
from routing_core.domain.partner import Person
from routing_core.formats.yaml_following import programme_yaml
from tests.faults.cases import CASES
from tests.faults.deliveries import PatientWorld
from tests.faults.stages import small_transactions
from tests.integration.test_hq_partners import hidden, multipart
from tests.integration.test_import_pages import started
from tests.support.iam import Needed, functions, recorded
from tests.support.roles import Right, Statement, role_of
from tests.support.stack import BASE_URL, resources
from tests.support.world import ENQUIRY, World, a_programme, a_world, munich


@pytest.fixture(scope="module")
def journey() -> Needed:
    """What each function needed, in a long journey and in every case of the fault harness."""
    with (
        pytest.MonkeyPatch.context() as environment,
        a_world(environment) as world,
        recorded() as in_journey,
    ):
        _queues_and_configuration_set(environment)
        people = {"second_contact": Person("boss@example.com"), "confirmed_email": ""}
        world.use(
            a_programme(hq={"emails": ["hq@example.com"], "digests": ["16:00"]}),
            munich(1),
            munich(2),
        )
        _everything(world, people)
    with pytest.MonkeyPatch.context() as environment, a_world(environment, PatientWorld) as patient:
        _queues_and_configuration_set(environment)
        empty = patient.saved()
        with small_transactions(), recorded() as in_cases:
            for prepare in CASES.values():
                patient.back_to(empty)
                prepare(patient)()
    return {name: in_journey[name] | in_cases[name] for name in functions()}


def _queues_and_configuration_set(environment: pytest.MonkeyPatch) -> None:
    """What other tests do without, since it takes them time."""
    queues = resources()["HqDeskFunction"]["Properties"]["Environment"]["Variables"]
    names = re.findall(r"(\w+)=\$\{(\w+)\}", queues["FAILURE_QUEUES"]["Fn::Sub"])
    sqs = boto3.client("sqs")
    urls = {hop: sqs.create_queue(QueueName=name)["QueueUrl"] for hop, name in names}
    environment.setenv("FAILURE_QUEUES", " ".join(f"{hop}={url}" for hop, url in urls.items()))
    boto3.client("sesv2").create_configuration_set(ConfigurationSetName="relay")
    environment.setenv("CONFIGURATION_SET", "relay")


def _everything(world: World, people: Mapping[str, Any]) -> None:
    """Accepted, declined, lapsed, moved by hand, confirmed, revoked, imported, erased: each
    function at its work.
    """
    world.wiring.partners.save(
        [(munich(number, **people), None) for number in (3, 4, 5)], world.now
    )
    world.deliver()
    world.press(world.mailed_link("munich-3@", "c"))
    first, second, third = (
        str(world.post_lead(name, email=f"{name}@posteo.de", phone="").json()["lead"])
        for name in ("a", "b", "c")
    )
    world.deliver()
    world.feed()
    world.press(world.offer_link(first), action="accept")
    _files(world, first)
    world.press(world.offer_link(second), action="decline", reason="busy")
    partner = str(world.lead(first).owner)
    world.press(world.wiring.links.desk(partner, 1).removeprefix(BASE_URL), action="renew")
    world.run_for(hours=30)
    world.sweep()
    world.deliver()
    world.press(world.hq_link(third), action="assign", partner="munich-2")
    world.press(world.hq_link(), action="retry")
    world.press(f"{world.hq_link()}/partners/munich-1", action="revoke")
    world.http("GET", f"{world.hq_link()}/coverage")
    world.http("POST", f"{world.hq_link()}/coverage")
    _at_the_desk(world)
    world.press(world.hq_link(third), action="erase")
    key = {"X-Api-Key": create_key(boto3.client("dynamodb"), "partners")}
    document = {"contact": {"email": "new@example.com"}, "confirmed": True}
    assert world.http("PUT", "/v1/partners/munich-1", json_body=document, headers=key).status == 200
    world.http("GET", "/v1/partners", headers=key)
    places = {**key, "content-type": "text/csv"}
    world.http("PUT", "/v1/places/DE", body="postcode;lat;lon\n80331;48.1;11.5", headers=places)
    world.deliver()
    world.run_for(hours=30)
    world.sweep()
    server = {"X-Api-Key": world.api_key("leads:submit")}
    world.http(
        "POST",
        "/v1/forms/enquiry/leads",
        json_body=ENQUIRY | {"email": "eva@posteo.de"},
        headers=server,
    )
    world.http("GET", f"/v1/leads/{first}", headers=key)
    listed = world.http("GET", "/v1/leads?limit=1", headers=key).json()["leads"]
    world.http("GET", f"/v1/leads?reference={listed[0]['reference']}", headers=key)
    world.renew_calendars()
    world.feed()
    _partners_on_the_desk(world)
    _on_the_desk(world)
    _reports(world, key)


def _on_the_desk(world: World) -> None:
    """Somebody at HQ signs in, looks around, acts, and signs out."""
    own = {"origin": BASE_URL}
    world.http("POST", "/hq", form={"email": "hq@example.com"}, headers=own)
    world.deliver()
    assert world.http("POST", world.mailed_link("hq@", "hq/in"), form={}, headers=own).cookies
    desk = world.desk()
    pages = ("devices", "coverage", "coverage/map", "people", "people/new", "keys", "log")
    for path in ("/hq", *(f"/hq/{each}" for each in pages)):
        assert desk.get(path).status == 200, path
    desk.post("/hq/keys", action="make", name="crm", **{"scope.log:read": "yes"})
    made = next(key for key in world.wiring.api_keys.all() if key.name == "crm")
    desk.post("/hq/keys", action="revoke", key=made.id)
    desk.post("/hq/devices", action="everywhere")


def _reports(world: World, key: dict[str, str]) -> None:
    """Two months are reported, one asked for by a program and one at the desk; all are read, and
    the figures of the running one are counted.
    """
    world.now = datetime(2026, 12, 20, 12, tzinfo=UTC)
    world.http("POST", "/v1/reports", json_body={"period": "2026-11"}, headers=key)
    world.make_reports()
    world.post_lead("december", email="december@posteo.de", phone="")
    world.deliver()
    world.now = datetime(2027, 1, 2, 12, tzinfo=UTC)
    world.nudge_reports()
    desk = world.desk()
    desk.post("/hq/reports", period="2026-12")
    world.make_reports()
    desk.get("/hq/reports")
    desk.post(
        "/hq/reports/costs", text="month;source;cost\n2026-12;fair;1", action="save", version="0"
    )
    assert "2026" in desk.get("/hq/reports/costs").body
    costs = {"costs": [{"month": "2026-12", "source": "fair", "cost": 2}]}
    assert world.http("PUT", "/v1/costs", json_body=costs, headers=key).status == 200
    assert world.http("GET", "/v1/costs", headers=key).json()["version"] == 2
    assert desk.get("/hq/reports/2026-12").status == 200
    assert world.http("GET", "/v1/reports/2026-12", headers=key).status == 200
    world.http("GET", "/v1/reports", headers=key)
    assert world.http("GET", "/v1/figures?period=2027-01", headers=key).status == 200
    assert world.http("GET", world.mailed_link("munich-2", "r")).status == 200
    stop = world.wiring.links.stop_digest("0" * 12, "digest")
    assert world.press(stop.removeprefix(BASE_URL), action="stop").status == 200
    latest = world.wiring.links.report("munich-2", "", world.load("munich-2").links)
    world.http("GET", latest.removeprefix(BASE_URL))


def _partners_on_the_desk(world: World) -> None:
    """Somebody at HQ looks at partners, changes one, imports a list; a machine comes too late."""
    desk = world.desk()
    for path in ("", "/munich-1", "/munich-1/deactivate"):
        assert desk.get(f"/hq/partners{path}").status == 200, path
    assert desk.post("/hq/partners/export").status == 200
    for action in ("pause", "resume"):
        desk.press("/hq/partners/munich-1", action=action)
    desk.press("/hq/partners/munich-1", action="send_link", email="new@example.com")
    rows = "id;name;email;territories;products"
    rows += "".join(f"\nd{n};D {n};d{n}@example.com;DE 9*;boiler" for n in range(40))
    page = desk.send("/hq/partners/import", **multipart(file=rows.encode())).body
    answer = desk.send("/hq/partners/import", **multipart(**hidden(page)))
    assert answer.status == 303
    key = {"X-Api-Key": world.api_key("partners:write"), "If-Match": '"1"'}
    late = world.http("PATCH", "/v1/partners/munich-1", json_body={"name": "x"}, headers=key)
    assert late.status == 412


def _at_the_desk(world: World) -> None:
    """What somebody at HQ does who has signed in."""
    desk = world.desk()
    desk.get("/hq")
    lead = world.post_lead("d", email="d@posteo.de", phone="").json()["lead"]
    world.deliver()
    desk.press(f"/hq/leads/{lead}", action="assign", partner="munich-1", version="")
    desk.press(f"/hq/leads/{lead}", action="note", text="They call back.")
    desk.get("/hq/leads?q=d@posteo.de")
    desk.press("/hq/leads/export?kind=csv")
    _lists_of_leads(world)
    _the_rules(world)


def _files(world: World, lead: str) -> None:
    """Attached, opened by HQ and by the owner, and removed, on the desk and by a machine."""
    desk = world.desk()
    files = f"leads/{lead}/files"
    body = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nA\r\n--b--'
    form = {"content-type": "multipart/form-data; boundary=b"}
    assert desk.send(f"/hq/{files}", body=body, headers=form).status == 303
    key = {"X-Api-Key": world.api_key("leads:write", "leads:read")}
    world.http("POST", f"/v1/{files}", body=b"B", headers=key)
    by_hand, by_key = world.http("GET", f"/v1/{files}", headers=key).json()["files"]
    offer = world.offer_link(lead).removeprefix(BASE_URL)
    assert world.http("GET", f"{offer}/files/{by_hand['id']}").status == 200
    assert world.http("GET", f"/v1/{files}/{by_key['id']}", headers=key).status == 200
    assert desk.get(f"/hq/{files}/{by_key['id']}").status == 200
    world.http("DELETE", f"/v1/{files}/{by_key['id']}", headers=key)
    desk.post(f"/hq/{files}/{by_hand['id']}")
    world.feed()


def _lists_of_leads(world: World) -> None:
    """Leads are entered and imported, by a person and by a machine; some wait for the sweep."""
    desk = world.desk()
    desk.post("/hq/leads/new", submission_id="phoned", **{**ENQUIRY, "consent": "yes"})
    rows = "".join(f"E{n};089 9999812{n};80331;boiler;soon;yes\r\n" for n in range(10, 15))
    content = f"Name;Phone;Postcode;Product;Urgency;Consent\r\n{rows}"
    path = started(desk, content.encode())
    desk.press(path, action="change", all_agreed="yes")
    desk.press(path, action="mend", **{"cell.2.0": "Ernst"})
    desk.press(path, action="decide")
    world.sweep()
    desk.press(path, action="cancel")
    key = world.api_key("leads:write", "leads:read")
    headers = {"X-Api-Key": key, "Content-Type": "text/csv"}
    answer = world.http(
        "POST", "/v1/leads/import?name=machine", body=content, headers=headers
    ).json()
    imported = f"/v1/leads/imports/{answer['import']}"
    world.http("GET", imported, headers=headers)
    world.advance(minutes=30)
    world.sweep()
    world.http("POST", f"{imported}/cancel", headers=headers)
    export = world.http("POST", "/v1/leads/exports", headers=headers).json()["export"]
    assert world.http("GET", f"/v1/leads/exports/{export}", headers=headers).status == 200
    note = {"action": "note", "text": "x", "leads": [{"lead": world.lead_ids()[0]}]}
    world.http("POST", "/v1/leads/bulk", json_body=note, headers={"X-Api-Key": key})
    past = "Date;Postcode;Product;Urgency\r\n2026-01-07;80331;boiler;soon\r\n"
    world.http("POST", "/v1/leads/import?name=past&mode=past", body=past, headers=headers)


def _the_rules(world: World) -> None:
    """Edited, played, planned, called off."""
    desk = world.desk()
    text = f"{programme_yaml(world.wiring.services.programme)}\ncurrency: CHF\n"
    draft = {"text": text, "base": str(world.wiring.rules.programme()[0])}
    desk.post("/hq/rules/edit", action="keep", **draft)
    desk.post("/hq/rules/edit", action="drop")
    played = desk.post("/hq/rules/edit", action="back_test", **draft)
    world.deliver()
    desk.get(f"{played.headers['Location']}/page")
    later = (world.now + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    draft |= {"revision": "1", "starts_at": later}
    desk.post("/hq/rules/edit", action="put", **draft)
    planned = world.wiring.rules.planned()
    assert planned is not None
    desk.post(f"/hq/rules/versions/{planned.number}", action="call_off")
    _by_a_machine(world)


def _by_a_machine(world: World) -> None:
    """A key has a draft played, changes people, and makes and revokes another key."""
    scopes = ("programme:read", "programme:write", "people:write", "keys:read", "keys:write")
    key = {"X-Api-Key": world.api_key(*scopes)}
    programme = world.wiring.services.programme.model_dump(mode="json", by_alias=True)
    draft = {"programme": programme | {"currency": "SEK"}}
    asked = world.http("POST", "/v1/programme/back-tests", json_body=draft, headers=key)
    assert asked.status == 202
    name = asked.json()["back_test"]
    assert world.http("GET", f"/v1/programme/back-tests/{name}", headers=key).status == 200
    person = {"email": "machine-made@example.com", "role": "viewer"}
    added = world.http("POST", "/v1/people", json_body=person, headers=key)
    assert added.status == 201
    assert world.http("DELETE", f"/v1/people/{added.json()['id']}", headers=key).status == 200
    wanted = {"name": "by machine", "scopes": ["keys:read"]}
    made = world.http("POST", "/v1/keys", json_body=wanted, headers=key).json()["id"]
    assert world.http("DELETE", f"/v1/keys/{made}", headers=key).status == 200


def parts(statement: Statement) -> tuple[str, ...]:
    """Its actions, resources and keys."""
    return (*statement.actions, *statement.resources, *statement.abouts)


def parts_of(name: str, sid: str) -> Iterator[str]:
    """Those of the statements of that name in a function's role."""
    for statement in role_of(name).statements:
        if statement.sid == sid:
            yield from parts(statement)


STREAM = "polled by the event source mapping, with this role"
GIVEN_UP = "sent by Lambda itself when all tries have failed, with this role"
ERASED_MEANWHILE = "somebody is erased while a file with them is being written"
TAKEN_BACK = "what was put for a lead that was erased meanwhile: test_lead_files"
WRITTEN_BY_SAM = ""
"""A statement without a name: where calls go that failed."""
WAVE = "the pointers of a wave go with it"
LEASE = "a mail that could not be sent gives back its lease"
IMPORT = "a decided import is finished by whoever comes first: test_long_import"
WHAT_IS_THERE = "asked where something is not there: test_denied_is_not_missing"
FLOOD = "posts of browsers that come in a flood: test_floods"
WITHOUT_A_CALL: Mapping[tuple[str, str, str], str] = {
    **{
        (name, sid, part): why
        for name, sid, why in (
            ("outbox", "Stream", STREAM),
            ("read_model", "Stream", STREAM),
            ("network", "Stream", STREAM),
            ("outbox", "StreamsListed", STREAM),
            ("read_model", "StreamsListed", STREAM),
            ("network", "StreamsListed", STREAM),
            ("notify", "Queue", STREAM),
            ("outbox", "GivenUp", GIVEN_UP),
            ("read_model", "GivenUp", GIVEN_UP),
            ("network", "GivenUp", GIVEN_UP),
            ("wake", WRITTEN_BY_SAM, GIVEN_UP),
            ("sweep", WRITTEN_BY_SAM, GIVEN_UP),
            ("calendars", WRITTEN_BY_SAM, GIVEN_UP),
            ("reports", WRITTEN_BY_SAM, GIVEN_UP),
            ("back_test", WRITTEN_BY_SAM, GIVEN_UP),
            ("outbox", "Counts", FLOOD),
            ("partner", "WhatIsThere", WHAT_IS_THERE),
            ("hq", "WhatIsThere", WHAT_IS_THERE),
            ("hq_desk", "WhatIsThere", WHAT_IS_THERE),
            ("reports", "WhatIsThere", WHAT_IS_THERE),
            ("network", "WhatIsThere", WHAT_IS_THERE),
            ("partner", "ImportsRead", IMPORT),
            ("notify", "ImportsRead", IMPORT),
            ("notify", "TriesAnew", "a mailbox is written to again after it bounced"),
            ("calendars", "ImportsRead", IMPORT),
        )
        for part in parts_of(name, sid)
    },
    **{(name, "FilesOfLeads", "s3:DeleteObject"): TAKEN_BACK for name in ("hq", "hq_desk")},
    **{(name, "Exports", "s3:DeleteObject"): ERASED_MEANWHILE for name in ("hq", "hq_desk")},
    **{
        (name, "ReportRows", "dynamodb:UpdateItem"): "a report that failed is made again"
        for name in ("hq", "hq_desk")
    },
    ("intake", "LeadsWritten", "dynamodb:DeleteItem"): WAVE,
    ("hq_desk", "LeadsWritten", "dynamodb:DeleteItem"): WAVE,
    ("notify", "Queue", "sqs:SendMessage"): "SES takes every mail here: nothing is put back",
    ("notify", "Leads", "dynamodb:DeleteItem"): LEASE,
    ("calendars", "Programme", "dynamodb:DeleteItem"): LEASE,
    ("reports", "MailsNoted", "dynamodb:DeleteItem"): LEASE,
    ("reports", "MailsNoted", "dynamodb:PutItem"): "a mail that SES refuses for good is noted",
    ("partner", "PartnersWritten", "IMPORT#*"): IMPORT,
    ("calendars", "Partners", "dynamodb:GetItem"): IMPORT,
    ("intake", "LeadsWritten", "PROOF#*"): FLOOD,
    ("intake", "LeadsWritten", "PRESSURE"): FLOOD,
}
"""Function, statement and the action, resource or key of it that no call here needs, and why it is
given all the same.
"""


def test_no_function_calls_what_its_role_does_not_allow(journey: Needed) -> None:
    missing = {
        f"{name}: {right}"
        for name, needed in journey.items()
        for right in needed
        if not role_of(name).may(*right)
    }
    assert not missing


def test_no_role_allows_what_its_function_never_calls(journey: Needed) -> None:
    unused = {
        (name, statement.sid, part)
        for name in functions()
        for statement in role_of(name).statements
        if statement.effect == "Allow"
        for part in _unused(statement, journey[name])
    }
    assert unused - WITHOUT_A_CALL.keys() == set(), "take it from the role, or say why it is given"


def _unused(statement: Statement, needed: Collection[Right]) -> Iterator[str]:
    """Its actions, resources and keys that none of the calls it allowed was about."""
    calls = [right for right in needed if statement.speaks_of(right)]
    parts = {
        statement.actions: [right.action for right in calls],
        statement.resources: [right.resource for right in calls],
        statement.abouts: [right.about for right in calls],
    }
    for patterns, met in parts.items():
        yield from (p for p in patterns if not any(fnmatchcase(each, p) for each in met))


def test_every_right_that_has_a_reason_is_there() -> None:
    given = {
        (name, statement.sid, part)
        for name in functions()
        for statement in role_of(name).statements
        for part in parts(statement)
    }
    assert WITHOUT_A_CALL.keys() - given == set()


def test_the_journey_has_every_function_call_aws(journey: Needed) -> None:
    idle = [name for name, needed in journey.items() if not needed]
    assert not idle
