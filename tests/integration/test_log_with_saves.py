"""What the log tells of rules, people and keys is saved together with them: both or neither."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from routing_core.domain.people import person_id
from tests.integration.test_desk_by_api import Machine
from tests.support.builders import programme_document
from tests.support.world import World, a_programme, munich

PEOPLE = [
    {"email": "ada@example.com", "name": "Ada", "role": "admin"},
    {"email": "sam@example.com", "name": "Sam", "role": "viewer"},
]


@pytest.fixture
def hq(world: World) -> World:
    settings = {k: v for k, v in programme_document()["hq"].items() if k != "emails"}
    world.use(a_programme(hq=settings | {"people": PEOPLE}), munich(1))
    return world


def save_rules(hq: World) -> Any:
    return Machine(hq, "programme:write")("PATCH /v1/programme", {"name": "Other"})


def add_person(hq: World) -> Any:
    new = {"email": "new@example.com", "role": "viewer"}
    return Machine(hq, "people:write")("POST /v1/people", new)


def change_person(hq: World) -> Any:
    sam = person_id("sam@example.com")
    return Machine(hq, "people:write")("PATCH /v1/people/{person}", {"name": "S"}, person=sam)


def remove_person(hq: World) -> Any:
    sam = person_id("sam@example.com")
    return Machine(hq, "people:write", "people:read")("DELETE /v1/people/{person}", person=sam)


def make_key(hq: World) -> Any:
    wanted = {"name": "shop", "scopes": ["leads:read"]}
    return Machine(hq, "keys:write", "leads:read")("POST /v1/keys", wanted)


def lines(hq: World) -> list[str]:
    return [str(item["entry"]) for item in hq.items("read-model") if "entry" in item]


def state(hq: World) -> list[str]:
    """All that is in force: the pointer of the rules, and the keys."""
    kept = [item for item in hq.items("leads") if item["pk"] == "PROGRAMME"]
    listed = [item for item in hq.items("partners") if item["pk"] == "KEYS"]
    # Those with which tests call are named so.
    keys = [item["sk"] for item in listed if not item["name"].startswith("machine-")]
    return [*map(repr, kept), *keys]


@pytest.mark.parametrize(
    ("act", "kinds"),
    [
        (save_rules, ["rules.saved"]),
        (add_person, ["rules.saved", "person.added"]),
        (change_person, ["rules.saved", "person.changed"]),
        (remove_person, ["rules.saved", "person.removed"]),
        (make_key, ["key.made"]),
    ],
)
def test_whoever_dies_between_saving_and_noting_has_done_both(
    hq: World, monkeypatch: pytest.MonkeyPatch, act: Callable[[World], Any], kinds: list[str]
) -> None:
    client = hq.wiring._dynamo
    saved = client.transact_write_items
    dead = {"Error": {"Code": "Dead", "Message": "the process is gone"}}

    def last_call(**request: Any) -> Any:
        answer = saved(**request)

        def gone(*_: Any, **__: Any) -> Any:
            raise ClientError(dead, "any")  # type: ignore[arg-type]

        for name in ("put_item", "update_item", "transact_write_items"):
            monkeypatch.setattr(client, name, gone)
        return answer

    before = len(lines(hq))
    monkeypatch.setattr(client, "transact_write_items", last_call)
    act(hq)
    monkeypatch.undo()
    told = lines(hq)[before:]
    assert all(any(kind in line for line in told) for kind in kinds), told


@pytest.mark.parametrize("act", [save_rules, add_person, remove_person, make_key])
def test_where_the_line_cannot_be_written_nothing_is_saved(
    hq: World, monkeypatch: pytest.MonkeyPatch, act: Callable[[World], Any]
) -> None:
    rows = hq.wiring.row_writes
    monkeypatch.setattr(rows, "_table", "no-such-table")
    monkeypatch.setattr(rows, "_months", {f"LOG#{hq.now:%Y-%m}"})
    before = state(hq)
    # The contract has no failures, so that whoever checks an answer by it says so.
    with pytest.raises(KeyError, match="500"):
        act(hq)
    assert state(hq) == before
