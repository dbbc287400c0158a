"""API keys on HQ's desk: made and shown once, scoped, listed with their last use, revoked at once."""

import re
from datetime import timedelta

import boto3
import pytest

from infra.tools import hq_key
from infra.tools.hq_key import create_key
from routing_core.aws.tables.api_keys import ApiKeys, key_digest
from routing_core.domain.api_key import KeyScope, NewKey, checked_key
from routing_core.domain.errors import InvalidInput
from routing_core.domain.people import person_id
from routing_core.service.hq.save_programme import save_programme
from routing_core.service.kernel.read_model import LogFilter
from tests.support.builders import programme_document
from tests.support.hooks import writes_counted
from tests.support.world import World, a_programme

ADMIN, MANAGER, VIEWER = "hq@example.com", "south@example.com", "looks@example.com"
KEYS = "/hq/keys"


@pytest.fixture
def hq(world: World) -> World:
    world.use(a_programme())
    people = [
        {"email": ADMIN, "name": "Ada Admin", "role": "admin"},
        {"email": MANAGER, "role": "manager"},
        {"email": VIEWER, "role": "viewer"},
    ]
    save_programme(world.wiring.services, programme_document(hq={"people": people}), world.now)
    return world


def made(world: World, name: str = "crm", *scopes: str) -> str:
    """A key made on the page."""
    ticked = {f"scope.{scope}": "yes" for scope in scopes or ("leads:read",)}
    page = world.desk(ADMIN).post(KEYS, action="make", name=name, **ticked)
    assert page.status == 200
    (key,) = re.findall(r'value="(pr_[\w-]+)"', page.body)
    return str(key)


def status(world: World, key: str, path: str = "/v1/programme") -> int:
    return world.http("GET", path, headers={"X-Api-Key": key}).status


def listed(world: World) -> dict[str, str]:
    """Each row of the page by the name of its key."""
    body = world.desk(ADMIN).get(KEYS).body
    rows = re.findall(r'<th scope="row">([^<]*)</th>(.*?)</tr>', body, re.DOTALL)
    return {name: " ".join(re.sub("<[^>]+>", " ", rest).split()) for name, rest in rows}


def log(world: World) -> list[tuple[str, str, str, str]]:
    entries = world.wiring.read_model.log(LogFilter()).entries
    return [(e.kind, e.by, e.about, e.detail) for e in entries if e.kind.startswith("key.")]


def test_a_key_is_shown_once_and_may_do_what_was_ticked(hq: World) -> None:
    assert "There are no keys yet" in hq.desk(ADMIN).get(KEYS).body
    key = made(hq, "crm", "programme:read")
    assert status(hq, key) == 200
    assert status(hq, key, "/v1/partners") == 403
    again = hq.desk(ADMIN).get(KEYS).body
    assert key not in again
    assert listed(hq)["crm"].startswith("Read and try the rules ")
    assert "by Ada Admin" in listed(hq)["crm"]
    assert key not in repr(hq.items("partners"))
    assert log(hq) == [("key.made", f"link:{person_id(ADMIN)}", "crm", "programme:read")]


def test_a_revoked_key_opens_nothing_from_that_moment_on(hq: World) -> None:
    crm, shop = made(hq, "crm", "programme:read"), made(hq, "shop", "programme:read")
    assert status(hq, crm) == status(hq, shop) == 200
    key_id = key_digest(crm)[:12]
    for _ in range(2):
        told = hq.desk(ADMIN).press(KEYS, action="revoke", key=key_id)
        assert "The key is revoked." in told.body
    assert (status(hq, crm), status(hq, shop)) == (401, 200)
    assert "Revoked" in listed(hq)["crm"]
    assert "Revoked" not in listed(hq)["shop"]
    assert log(hq)[0][:3] == ("key.revoked", f"link:{person_id(ADMIN)}", "crm")
    assert hq.desk(ADMIN).post(KEYS, action="revoke", key="nothing").status == 404


def test_when_a_key_was_used_is_noted_once_an_hour(hq: World) -> None:
    key = made(hq, "crm", "programme:read")
    assert "Not yet" in listed(hq)["crm"]
    hq.now = hq.now.replace(minute=40)
    with writes_counted(hq) as writes:
        for _ in range(5):
            assert status(hq, key) == 200
    assert len(writes) == 1
    (note,) = hq.wiring.api_keys.all()
    assert note.last_used == hq.now.replace(minute=0, second=0, microsecond=0)
    hq.now += timedelta(minutes=19)
    with writes_counted(hq) as writes:
        status(hq, key)
    assert not writes
    hq.now += timedelta(minutes=1)
    with writes_counted(hq) as writes:
        status(hq, key)
        # Another warm function comes later in the same hour, and finds it noted.
        ApiKeys(boto3.client("dynamodb"), "partners").used(key, hq.now + timedelta(minutes=5))
    assert len([each for each in writes if each]) <= 2
    (note,) = hq.wiring.api_keys.all()
    assert note.last_used == hq.now.replace(second=0, microsecond=0)


def test_a_key_made_from_a_console_stands_in_the_list_and_is_revoked_like_any_other(
    hq: World,
) -> None:
    key = create_key(boto3.client("dynamodb"), "partners", "console", ["programme:read"])
    assert "Read and try the rules" in listed(hq)["console"]
    hq.desk(ADMIN).post(KEYS, action="revoke", key=key_digest(key)[:12])
    assert status(hq, key) == 401


def test_a_key_from_before_there_was_a_list_comes_into_it_when_it_is_used(hq: World) -> None:
    key = create_key(boto3.client("dynamodb"), "partners", "old", ["programme:read"])
    row = {"pk": {"S": "KEYS"}, "sk": {"S": key_digest(key)[:12]}}
    boto3.client("dynamodb").delete_item(TableName="partners", Key=row)
    assert "old" not in listed(hq)
    assert status(hq, key) == 200
    assert "Read and try the rules" in listed(hq)["old"]
    hq.desk(ADMIN).post(KEYS, action="revoke", key=key_digest(key)[:12])
    assert status(hq, key) == 401


def test_the_console_and_the_desk_store_the_same_and_know_the_same_scopes(hq: World) -> None:
    desk, console = made(hq, "desk"), create_key(boto3.client("dynamodb"), "partners", "console")
    rows = {item["pk"]: item for item in hq.items("partners", lambda pk, sk: sk == "KEY")}
    by_desk, by_console = (rows[f"KEY#{key_digest(key)}"] for key in (desk, console))
    assert by_desk.keys() - by_console.keys() == {"by"}
    assert [*hq_key.SCOPES] == [scope.value for scope in KeyScope]


@pytest.mark.parametrize(
    ("name", "scopes", "field", "says"),
    [
        ("", ["leads:read"], "name", "Use letters"),
        ("a/b", ["leads:read"], "name", "Use letters"),
        ("link", ["leads:read"], "name", "Use letters"),
        ("link:0123", ["leads:read"], "name", "Use letters"),
        ("x" * 61, ["leads:read"], "name", "Use letters"),
        ("crm", ["leads:read"], "name", "Another key has this name"),
        ("new", [], "scopes", "at least one"),
        ("new", ["everything"], "scopes", "at least one"),
    ],
)
def test_a_key_that_cannot_be_made_is_told_at_its_field_and_nothing_is_lost(
    hq: World, name: str, scopes: list[str], field: str, says: str
) -> None:
    made(hq, "crm")
    ticked = {f"scope.{scope}": "yes" for scope in scopes}
    page = hq.desk(ADMIN).post(KEYS, action="make", name=name, **ticked)
    assert page.status == 422
    (wrong,) = re.findall(rf'id="f-key-{field}-error">([^<]*)<', page.body)
    assert says in wrong
    assert "pr_" not in page.body
    if scopes == ["leads:read"]:
        assert 'name="scope.leads:read" value="yes" checked' in page.body
    assert len(hq.wiring.api_keys.all()) == 1


def test_the_name_of_a_revoked_key_stays_taken_for_the_log_goes_on_naming_it(hq: World) -> None:
    key = made(hq, "crm")
    hq.desk(ADMIN).post(KEYS, action="revoke", key=key_digest(key)[:12])
    page = hq.desk(ADMIN).post(KEYS, action="make", name="crm", **{"scope.leads:read": "yes"})
    assert page.status == 422


@pytest.mark.parametrize("email", [MANAGER, VIEWER])
def test_nobody_but_an_admin_sees_makes_or_revokes_keys(hq: World, email: str) -> None:
    key = made(hq, "crm", "programme:read")
    desk = hq.desk(email)
    with writes_counted(hq) as writes:
        assert desk.get(KEYS).status == 403
        form = {"name": "new", "scope.leads:read": "yes"}
        assert desk.post(KEYS, action="make", **form).status == 403
        assert desk.post(KEYS, action="revoke", key=key_digest(key)[:12]).status == 403
    assert not writes
    assert status(hq, key) == 200


def test_a_key_with_no_scope_that_we_know_is_refused_before_it_is_made() -> None:
    with pytest.raises(InvalidInput):
        checked_key(NewKey("crm", frozenset({"leads:everything"})), ())
