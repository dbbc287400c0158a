"""A list of partners that no transaction can hold: all of it or nothing, whatever fails, whoever
comes in between.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from copy import copy
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError, ReadTimeoutError

from infra.tools.hq_key import create_key
from routing_core.aws.tables import long_import, partners_table
from routing_core.domain.activity import ActivityKind
from routing_core.domain.partner import Partner
from routing_core.service.kernel.read_model import LogFilter
from tests.integration.test_addresses import PERMANENT, notify
from tests.support.hooks import hooked, refused
from tests.support.stack import BASE_URL
from tests.support.world import Answer, World, a_programme, munich

OLD = [munich(n) for n in range(1, 4)]
LISTED = [f"munich-{n}" for n in range(1, 8)]
"""Three known and four new partners: four transactions of two."""

State = Mapping[str, tuple[int, str]]


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two partners fill a transaction: every step of a thousand, in a hundredth of the time."""
    for module in (long_import, partners_table):
        monkeypatch.setattr(module, "PER_TRANSACTION", 2)


@pytest.fixture
def hq(world: World, small: None) -> Callable[..., Answer]:
    world.use(a_programme())
    for partner in OLD:
        world.add(partner)
    key = create_key(boto3.client("dynamodb"), "partners")

    def call(method: str, path: str, body: Any) -> Answer:
        return world.http(method, path, json_body=body, headers={"X-Api-Key": key})

    # When a key was used is noted once in a while: not among the calls that are counted here.
    assert call("GET", "/v1/places", None).status == 200
    return call


def listed(name: str = "New", ids: list[str] = LISTED) -> dict[str, Any]:
    partner = {
        "country": "DE",
        "language": "de",
        "territories": ["DE 80*"],
        "products": ["heat-pump"],
        "confirmed": True,
        "type": "installer",
    }
    contact = {i: {"contact": {"email": f"{i}@example.com"}} for i in ids}
    return {"partners": [partner | contact[i] | {"id": i, "name": f"{name} {i}"} for i in ids]}


def state(world: World) -> State:
    return {p.id: (p.version, p.name) for p in world.wiring.partners.all()}


def staged(world: World) -> list[dict[str, Any]]:
    return world.items("partners", lambda pk, sk: pk.startswith("IMPORT#"))


def told_in_log(world: World) -> list[str]:
    """What HQ's log says of imports of partners."""
    found = world.wiring.read_model.log(LogFilter()).entries
    return [each.detail for each in found if each.kind == ActivityKind.PARTNERS_IMPORTED]


def gate_is_open(world: World) -> bool:
    return not [
        row for row in world.items("partners", lambda pk, sk: sk == "GATE") if "shut_for" in row
    ]


@contextmanager
def gone_after(world: World, calls: int, moment: str) -> Iterator[list[int]]:
    """From just before or just after that call on the table does not answer: the process might as
    well be dead.
    """
    made = [0]

    def count(**_: Any) -> None:
        made[0] += 1
        if made[0] > calls:
            raise EndpointConnectionError(endpoint_url="https://dynamodb")

    events = world.wiring._dynamo.meta.events
    events.register(f"{moment}.dynamodb.*", count)
    try:
        yield made
    finally:
        events.unregister(f"{moment}.dynamodb.*", count)


def died(
    world: World, hq: Callable[..., Answer], calls: int, moment: str = "before-call"
) -> Answer:
    with gone_after(world, calls, moment):
        return hq("POST", "/v1/partners/import", listed())


def calls_of_an_import(world: World, hq: Callable[..., Answer]) -> int:
    point = world.saved()
    with gone_after(world, 999, "before-call") as made:
        assert hq("POST", "/v1/partners/import", listed()).status == 200
    world.back_to(point)
    return made[0]


def half_done(world: World, hq: Callable[..., Answer]) -> Answer:
    """An import that is decided, and of which one transaction was applied."""
    applied = [0]

    def count(**_: Any) -> None:
        applied[0] += 1
        if applied[0] > 2:  # the decision is the first
            raise EndpointConnectionError(endpoint_url="https://dynamodb")

    with hooked(world, "before-call", "TransactWriteItems", count, times=999):
        answer = hq("POST", "/v1/partners/import", listed())
    assert sum(name.startswith("New") for _, name in state(world).values()) == 2
    return answer


# ── whatever dies ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("moment", ["before-call", "after-call"])
@pytest.mark.slow
def test_after_a_crash_at_any_call_the_sweep_leaves_all_of_the_list_or_nothing(
    world: World, hq: Callable[..., Answer], moment: str
) -> None:
    before = state(world)
    whole = {i: (2 if i in before else 1, f"New {i}") for i in LISTED}
    point, seen = world.saved(), set()
    for calls in range(calls_of_an_import(world, hq)):
        answer = died(world, hq, calls, moment)
        halfway = state(world)
        world.sweep()
        after = state(world)
        assert after in (before, whole), f"half of it, after {calls} calls"
        assert halfway == before or after == whole, "what was begun is finished"
        assert answer.status == 500 or (answer.status == 202 and after == whole), (
            "a promise is kept"
        )
        assert gate_is_open(world)
        assert not [row for row in staged(world) if "partners" in row and after == whole]
        seen.add((answer.status, after == whole, halfway == after))
        world.back_to(point)
    # Before the decision nothing has changed; after it, all of it comes to pass, and is said to.
    assert {(500, False, True), (202, True, False)} <= seen


def test_an_unfinished_import_says_so_and_is_finished_by_the_sweep(
    world: World, hq: Callable[..., Answer]
) -> None:
    answer = half_done(world, hq)
    assert (answer.status, answer.json()["finished"]) == (202, False)
    assert sorted((*answer.json()["created"], *answer.json()["updated"])) == LISTED
    world.sweep()
    assert {name for _, name in state(world).values()} == {f"New {i}" for i in LISTED}
    world.deliver()
    assert set(world.wiring.rules.network().partners) == set(LISTED)


def test_the_same_list_again_finishes_it_too_and_finds_everything_unchanged(
    world: World, hq: Callable[..., Answer]
) -> None:
    half_done(world, hq)
    again = hq("POST", "/v1/partners/import", listed()).json()
    assert (again["unchanged"], again["finished"]) == (LISTED, True)


def test_the_log_tells_of_a_list_from_its_decision_on_and_once(
    world: World, hq: Callable[..., Answer]
) -> None:
    half_done(world, hq)
    assert told_in_log(world) == ["created=4 updated=3"]
    world.sweep()
    hq("POST", "/v1/partners/import", listed())
    assert told_in_log(world) == ["created=4 updated=3"]


@pytest.mark.parametrize("number", [1, 7], ids=["short", "long"])
def test_a_list_of_which_the_log_could_not_tell_is_not_saved(
    world: World, hq: Callable[..., Answer], number: int
) -> None:
    before = state(world)
    table = world.wiring.row_writes._table
    world.wiring.row_writes._table = "there-is-no-such-table"
    try:
        answer = hq("POST", "/v1/partners/import", listed(ids=LISTED[:number]))
    finally:
        world.wiring.row_writes._table = table
    assert answer.status == 500
    assert (state(world), told_in_log(world)) == (before, [])


@pytest.mark.slow
def test_a_newer_list_stands_over_an_older_one_that_was_not_finished(
    world: World, hq: Callable[..., Answer]
) -> None:
    half_done(world, hq)
    assert hq("POST", "/v1/partners/import", listed("Newer")).status == 200
    world.sweep()
    assert {name for _, name in state(world).values()} == {f"Newer {i}" for i in LISTED}


@pytest.mark.parametrize("partner", [LISTED[0], LISTED[-1]])
@pytest.mark.slow
def test_a_partner_saved_after_the_decision_is_not_overwritten_by_it(
    world: World, hq: Callable[..., Answer], partner: str
) -> None:
    half_done(world, hq)
    saved = hq("PUT", f"/v1/partners/{partner}", listed("Own")["partners"][LISTED.index(partner)])
    if (
        saved.status == 409
    ):  # read before the import was finished, which the attempt to save then did
        saved = hq(
            "PUT", f"/v1/partners/{partner}", listed("Own")["partners"][LISTED.index(partner)]
        )
    assert saved.status == 200
    world.sweep()
    names = {i: name for i, (_, name) in state(world).items()}
    assert names == {i: f"New {i}" for i in LISTED} | {partner: f"Own {partner}"}


def test_a_partners_own_button_in_between_is_kept_beside_the_list(
    world: World, hq: Callable[..., Answer]
) -> None:
    half_done(world, hq)
    desk = world.wiring.links.desk("munich-3", 1).removeprefix(BASE_URL)
    assert world.press(desk, action="pause").status == 200
    world.sweep()
    known = world.wiring.partners.get("munich-3")
    assert known
    assert (known.name, known.paused) == ("New munich-3", True)


def test_a_bounce_in_between_is_kept_beside_the_list(
    world: World, hq: Callable[..., Answer]
) -> None:
    half_done(world, hq)
    notify(world, "Bounce", bounce=PERMANENT)
    world.sweep()
    known = world.wiring.partners.get("munich-1")
    assert known
    assert (known.name, known.bounced) == ("New munich-1", True)


def test_who_slept_over_a_chunk_overwrites_nothing(world: World, hq: Callable[..., Answer]) -> None:
    half_done(world, hq)

    def others_finish_and_go_on(**_: Any) -> None:
        world.wiring.partners.finish_import(world.now)
        known = world.wiring.partners.get("munich-3")
        assert known
        world.wiring.partners.save([(replace(known, name="Own"), known.version)], world.now)

    with hooked(world, "before-call", "TransactWriteItems", others_finish_and_go_on):
        world.sweep()
    assert state(world)["munich-3"] == (3, "Own")
    assert gate_is_open(world)


# ── whoever comes in between ──────────────────────────────────────────────────────────────────────


def saves(world: World, partner: Partner) -> Callable[..., None]:
    def act(**_: Any) -> None:
        known = world.wiring.partners.get(partner.id)
        world.wiring.partners.save([(partner, known.version if known else None)], world.now)

    return act


def test_a_partner_of_the_list_changed_while_it_was_decided_refuses_it_whole(
    world: World, hq: Callable[..., Answer]
) -> None:
    with hooked(
        world, "before-call", "TransactWriteItems", saves(world, replace(munich(2), name="Own"))
    ):
        answer = hq("POST", "/v1/partners/import", listed())
    assert answer.status == 409
    assert "munich-2" in answer.json()["detail"]
    assert {i: name for i, (_, name) in state(world).items()} == {p.id: p.name for p in OLD} | {
        "munich-2": "Own"
    }
    assert gate_is_open(world)


def test_another_partner_changed_meanwhile_is_no_obstacle(
    world: World, hq: Callable[..., Answer]
) -> None:
    with hooked(world, "before-call", "TransactWriteItems", saves(world, munich(99))):
        assert hq("POST", "/v1/partners/import", listed()).status == 200
    assert set(state(world)) == {*LISTED, "munich-99"}


def test_of_two_lists_at_once_one_is_refused_whole(world: World, hq: Callable[..., Answer]) -> None:
    def other_list(**_: Any) -> None:
        assert hq("POST", "/v1/partners/import", listed("Other")).status == 200

    with hooked(world, "before-call", "TransactWriteItems", other_list):
        assert hq("POST", "/v1/partners/import", listed()).status == 409
    assert {name for _, name in state(world).values()} == {f"Other {i}" for i in LISTED}


def test_a_decision_whose_reply_is_lost_was_made(world: World, hq: Callable[..., Answer]) -> None:
    def silence(**_: Any) -> None:
        raise ReadTimeoutError(endpoint_url="https://dynamodb")

    with hooked(world, "after-call", "TransactWriteItems", silence):
        answer = hq("POST", "/v1/partners/import", listed())
    assert (answer.status, answer.json()["finished"]) == (200, True)
    assert {name for _, name in state(world).values()} == {f"New {i}" for i in LISTED}


def test_a_commit_on_a_lead_may_meet_a_chunk(world: World, hq: Callable[..., Answer]) -> None:
    with refused(world, "TransactionConflict", times=2) as calls:
        assert hq("POST", "/v1/partners/import", listed()).status == 200
    assert calls == [7]  # the decision was refused twice, and four chunks followed


# ── what is stored ────────────────────────────────────────────────────────────────────────────────


def test_what_is_staged_is_emptied_when_applied_and_expires_when_it_never_is(
    world: World, hq: Callable[..., Answer]
) -> None:
    with hooked(
        world, "before-call", "TransactWriteItems", saves(world, replace(munich(2), name="Own"))
    ):
        hq("POST", "/v1/partners/import", listed())
    abandoned = staged(world)
    assert len([row for row in abandoned if "partners" in row]) == 4
    hq("POST", "/v1/partners/import", listed())
    rows = staged(world)
    assert len([row for row in rows if "partners" not in row]) == 4
    assert all(0 < int(row["expires"]) - world.now.timestamp() <= 7 * 86_400 for row in rows)


def test_a_partner_too_large_to_store_is_named_before_anything_changes(
    world: World, hq: Callable[..., Answer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partners_table, "CHUNK_BYTES", 600)
    before, large = state(world), listed()
    large["partners"][4]["territories"] = [f"DE {n}" for n in range(10_000, 10_080)]
    answer = hq("POST", "/v1/partners/import", large)
    assert answer.status == 422
    assert [(e["field"], e["code"]) for e in answer.json()["errors"]] == [("munich-5", "too_large")]
    assert (state(world), staged(world)) == (before, [])


def test_a_list_that_was_refused_can_be_decided_by_nobody_later(
    world: World, hq: Callable[..., Answer]
) -> None:
    before = state(world)
    died(world, hq, calls_of_an_import(world, hq) // 2)
    world.sweep()
    assert (state(world), told_in_log(world)) == (before, [])
    assert [row for row in staged(world) if "partners" in row]


@pytest.mark.slow
def test_a_thousand_partners_are_imported_by_one_call(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.use(a_programme())
    key = create_key(boto3.client("dynamodb"), "partners")
    ids = [f"p{n:04}" for n in range(1000)]
    # moto copies the whole table for each item of a transaction, to undo it when refused; none is
    # here.
    monkeypatch.setattr(
        "moto.dynamodb.models.copy", SimpleNamespace(deepcopy=lambda it: it, copy=copy)
    )
    answer = world.http(
        "POST", "/v1/partners/import", json_body=listed(ids=ids), headers={"X-Api-Key": key}
    )
    assert (answer.status, answer.json()["created"]) == (200, ids)
    assert sorted(state(world)) == ids
    assert all(load.active for load in world.wiring.leads.loads(ids).values())


@pytest.mark.slow
def test_those_who_wait_are_woken_once_for_everybody_who_came(
    world: World, hq: Callable[..., Answer]
) -> None:
    waiting = world.post_lead(postcode="90402").json()["lead"]
    world.deliver()
    assert world.lead(waiting).status == "hq_queue"
    told, list_ = len(world.published), listed()
    for partner in list_["partners"]:
        partner["territories"] = ["DE 90*"]
    hq("POST", "/v1/partners/import", list_)
    world.deliver()
    woken = [
        json.loads(e["Detail"])
        for e in world.published[told:]
        if e["DetailType"] == "partner.changed"
    ]
    assert woken == [{"schema": 1, "kind": "partner.changed", "partners": LISTED}]
    assert world.lead(waiting).status == "offered"
