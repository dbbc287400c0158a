"""Requests and write units of a routed lead and of an accept, counted, not timed: `make bench-requests`.

The real handlers run over moto; every call of a warm function to DynamoDB is seen. Write units follow DynamoDB's rules:
an item costs one for each kilobyte begun, twice that in a transaction; an index entry costs one when it is put or taken
away, two when its key changes, nothing when it stays as it was.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from routing_core.service.submit_lead import lead_id
from tests.world import World, a_programme, a_world, munich, tables

READS = {"GetItem", "BatchGetItem", "Query"}
KINDS = {"S", "N", "B", "BOOL", "NULL", "L", "M", "SS", "NS"}
Item = dict[str, Any]


@dataclass
class Bill:
    reads: int = 0
    writes: int = 0
    units: int = 0
    lines: list[str] = field(default_factory=list)


@contextmanager
def billed(world: World) -> Iterator[Bill]:
    """What happens inside is counted. Whatever is read only to count it is not."""
    bill = Bill()
    client = world.wiring._dynamo
    before: dict[tuple[str, str, str], Item] = {}
    counting = [True]

    def item_at(key: tuple[str, str, str]) -> Item:
        counting[0] = False
        try:
            found = client.get_item(TableName=key[0], Key={"pk": {"S": key[1]}, "sk": {"S": key[2]}})
        finally:
            counting[0] = True
        return found.get("Item", {})

    def on_call(params: dict[str, Any], model: Any, **_: Any) -> None:
        if not counting[0]:
            return
        if model.name in READS:
            bill.reads += 1
            bill.lines.append(f"    {model.name}")
            return
        bill.writes += 1
        for write in params.get("TransactItems", [{model.name.removesuffix("Item"): params}]):
            body = next(iter(write.values()))
            place = body.get("Key") or body["Item"]
            key = (body["TableName"], place["pk"]["S"], place["sk"]["S"])
            before.setdefault(key, item_at(key))

    client.meta.events.register("provide-client-params.dynamodb", on_call)
    try:
        yield bill
    finally:
        client.meta.events.unregister("provide-client-params.dynamodb", on_call)
    indexes = {name: table.get("GlobalSecondaryIndexes", []) for name, table in tables()}
    for key, old in before.items():
        new = item_at(key)
        size = max(_size(old), _size(new))
        base = 2 * math.ceil(size / 1024)
        entries = sum(_index_units(index, old, new) for index in indexes[key[0]])
        bill.units += base + entries
        bill.lines.append(f"    {key[1].split('#')[0]:10} {key[2]:14} {size:5} bytes  {base} + {entries}")


def _index_units(index: dict[str, Any], old: Item, new: Item) -> int:
    names = [k["AttributeName"] for k in index["KeySchema"]]

    def entry(item: Item) -> Any:
        return [item[n] for n in names] if all(n in item for n in names) else None

    was, now = entry(old), entry(new)
    return 0 if was == now else (was is not None) + (now is not None)


def _size(value: Any) -> int:
    """Bytes of an item as DynamoDB counts them, within a few."""
    if isinstance(value, dict) and len(value) == 1 and (kind := next(iter(value))) in KINDS:
        inner = value[kind]
        if kind == "S":
            return len(inner.encode())
        if kind == "N":
            return len(inner) // 2 + 2
        if kind == "B":
            return len(bytes(inner))
        if kind == "M":
            return 3 + _size(inner) + len(inner)
        if kind in ("L", "SS", "NS"):
            return 3 + sum(1 + (_size(v) if kind == "L" else len(v)) for v in inner)
        return 1
    return sum(len(name.encode()) + _size(each) for name, each in value.items())


GOALS: dict[str, tuple[int, int, int] | None] = {
    "a routed lead": (1, 1, 18),
    "an accept": (1, 1, 8),
    "a decline": None,
    "an expiry": None,
    "a look at an offer": None,
}
"""Reads, writes and write units at most; None: counted for information."""


def bills(world: World) -> list[Bill]:
    """One for each line of ``GOALS``, in a warm function whose caches are filled."""
    world.use(a_programme(), *(munich(n) for n in range(1, 21)))
    world.wiring.rules._clock = lambda: 0.0  # on a slow machine the caches must not grow old meanwhile
    for n, name in enumerate(("warm", "declined", "expired")):
        world.post_lead(name, email=f"{name}@posteo.de", phone=f"+498999998124{n}")
    warm, declined, expired = (lead_id("enquiry", name) for name in ("warm", "declined", "expired"))
    world.press(world.offer_link(warm), action="accept")
    with billed(world) as routed:
        lead = world.post_lead("counted").json()["lead"]
    paths = {
        name: world.offer_link(each) for name, each in (("accept", lead), ("decline", declined), ("look", expired))
    }
    with billed(world) as accepted:
        world.http("POST", paths["accept"], form={"action": "accept"})
    with billed(world) as refused:
        world.http("POST", paths["decline"], form={"action": "decline", "reason": "busy"})
    with billed(world) as looked:
        world.http("GET", paths["look"])
    offer = world.lead(expired).offers[0]
    world.now = offer.expires_at
    with billed(world) as ended:
        world.wake({"lead": expired, "version": 1})
    return [routed, accepted, refused, ended, looked]


def main() -> int:
    missed = False
    with pytest.MonkeyPatch.context() as monkeypatch, a_world(monkeypatch) as world:
        counted = bills(world)
    for (what, goal), bill in zip(GOALS.items(), counted, strict=True):
        told = f"{what:20} {bill.reads} read  {bill.writes} write  {bill.units:2} write units"
        if goal is not None:
            met = bill.reads <= goal[0] and bill.writes <= goal[1] and bill.units <= goal[2]
            missed |= not met
            told += f"   goal {goal[0]}, {goal[1]}, {goal[2]}: {'met' if met else 'MISSED'}"
        print(told, *bill.lines, sep="\n")
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
