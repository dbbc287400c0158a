"""Requests and write units of a routed lead and of an accept, counted, not timed: `make
bench-requests`.

The real handlers run over moto; every call of a warm function to DynamoDB is seen. Write units
follow DynamoDB's rules: an item costs one for each kilobyte begun, twice that in a transaction; an
index entry costs one when it is put or taken away or shows something else than before, two when its
key changes, nothing when it stays as it was. What the read model then costs stands by itself: the
rows of a commit are written by another function, a moment later.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from importlib.resources import files
from typing import Any
from unittest.mock import patch

import pytest

from routing_core.aws.codecs.row_items import partner_row_key, row_content, row_to_item
from routing_core.aws.tables.dynamo import serialize_item
from routing_core.domain import programmes
from routing_core.domain.checks.programme_checks import read_programme
from routing_core.domain.lead import LeadStatus
from routing_core.domain.lead_row import CameFrom, LeadFilter, lead_row
from routing_core.formats.yaml_text import read_yaml
from routing_core.service.kernel.row_store import KeptRow
from tests.support.builders import a_lead
from tests.support.iam import outside
from tests.support.stack import dynamo_tables, tables
from tests.support.world import World, a_programme, a_world, munich

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
    times: dict[tuple[str, str, str], int] = {}
    counting = [True]

    def item_at(key: tuple[str, str, str]) -> Item:
        counting[0] = False
        try:
            with outside():
                found = client.get_item(
                    TableName=key[0], Key={"pk": {"S": key[1]}, "sk": {"S": key[2]}}
                )
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
            times[key] = times.get(key, 0) + (2 if "TransactItems" in params else 1)

    client.meta.events.register("provide-client-params.dynamodb", on_call)
    try:
        yield bill
    finally:
        client.meta.events.unregister("provide-client-params.dynamodb", on_call)
    indexes = {name: table.get("GlobalSecondaryIndexes", []) for name, table in tables()}
    for key, old in before.items():
        new = item_at(key)
        size = max(_size(old), _size(new))
        base = times[key] * math.ceil(size / 1024)
        entries = sum(_index_units(index, old, new) for index in indexes[key[0]])
        bill.units += base + entries
        bill.lines.append(
            f"    {key[1].split('#')[0]:10} {key[2]:14} {size:5} bytes  {base} + {entries}"
        )


def _index_units(index: dict[str, Any], old: Item, new: Item) -> int:
    names = [k["AttributeName"] for k in index["KeySchema"]]
    shown = index["Projection"].get("NonKeyAttributes", [])

    def entry(item: Item) -> Any:
        return [item[n] for n in names] if all(n in item for n in names) else None

    was, now = entry(old), entry(new)
    if was == now:
        return int(was is not None and any(old.get(n) != new.get(n) for n in shown))
    return (was is not None) + (now is not None)


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
    "rows of a routed lead": (1, 8, 8),
    "rows of an accept": (1, 8, 8),
    "rows of the rest": None,
}
"""Reads, writes and write units at most; None: counted for information."""


@dataclass(frozen=True)
class Firm:
    """A programme with twenty partners in Munich, and an enquiry that leaves nothing out."""

    programme: str
    enquiry: dict[str, Any]
    partners: dict[str, Any]

    def move_in(self, world: World) -> None:
        text = files(programmes).joinpath(self.programme).read_text("utf-8")
        world.use(
            read_programme(read_yaml(text)), *(munich(n, **self.partners) for n in range(1, 21))
        )


ASKED = {
    "country": "DE",
    "postcode": "80331",
    "name": "Annemarie Probst-Lindner",
    "phone": "+49 89 99998 777",
    "consent": True,
    "source": "google",
    "utm_source": "google",
    "utm_medium": "cpc",
    "utm_campaign": "spring",
    "referrer": "https://www.google.com/",
}
HEATING = Firm(
    "consumer-trade.yaml",
    ASKED
    | {
        "product": "heat-pump",
        "urgency": "soon",
        "house": "detached",
        "ownership": "owner",
        "heating-age": "22",
        "call-back": "evening",
        "email": "annemarie.probst@posteo.de",
        "message": "Our oil heating has to go. The house has 160 square metres, radiators, and was insulated in 2015.",
    },
    {"certificates": {"f-gas": None}},
)
SOFTWARE = Firm(
    "b2b-resellers.yaml",
    ASKED
    | {
        "product": "suite",
        "urgency": "normal",
        "size": "300",
        "industry": "manufacturing",
        "role": "decides",
        "budget": "under-100k",
        "demo": "yes",
        "company": "Lindner Maschinenbau GmbH",
        "email": "annemarie.probst@lindner-maschinenbau.example",
        "message": "We replace our system in spring and would like to see how the suite plans production at two sites.",
    },
    {"type": "reseller", "products": frozenset({"suite"})},
)


@contextmanager
def warm(world: World) -> Iterator[None]:
    """On a slow machine the caches of a function must not grow old between two calls."""
    with patch.object(world.wiring.rules, "_clock", lambda: 0.0):
        yield


def of_little(world: World) -> dict[str, Bill]:
    """One for each line of ``GOALS``, of a programme that asks little."""
    world.use(a_programme(), *(munich(n) for n in range(1, 21)))
    with warm(world):
        warmed, declined, expired = (
            world.post_lead(name, email=f"{name}@posteo.de", phone=f"+498999998124{n}").json()[
                "lead"
            ]
            for n, name in enumerate(("warm", "declined", "expired"))
        )
        world.press(world.offer_link(warmed), action="accept")
        world.feed()
        with billed(world) as routed:
            lead = world.post_lead("counted").json()["lead"]
        with billed(world) as routed_rows:
            world.feed()
        paths = {
            name: world.offer_link(each)
            for name, each in (("accept", lead), ("decline", declined), ("look", expired))
        }
        with billed(world) as accepted:
            world.http("POST", paths["accept"], form={"action": "accept"})
        with billed(world) as accepted_rows:
            world.feed()
        with billed(world) as refused:
            world.http("POST", paths["decline"], form={"action": "decline", "reason": "busy"})
        with billed(world) as looked:
            world.http("GET", paths["look"])
        offer = world.lead(expired).offers[0]
        world.now = offer.expires_at
        with billed(world) as ended:
            world.wake({"lead": expired, "version": 1})
        with billed(world) as other_rows:
            world.feed()
    bills = [routed, accepted, refused, ended, looked, routed_rows, accepted_rows, other_rows]
    return dict(zip(GOALS, bills, strict=True))


def of_a_firm(firm: Firm, world: World) -> dict[str, Bill]:
    """A routed lead and an accept, with everything answered."""
    firm.move_in(world)
    posted = {"email": "warm@lindner.example", "phone": "+498999998124", "submission_id": "warm"}
    with warm(world):
        for fields in (posted, {"submission_id": "counted"}):
            sent = firm.enquiry | fields | {"started": world.signed_start(fields["submission_id"])}
            world.feed()
            with billed(world) as routed:
                answer = world.http("POST", "/v1/forms/enquiry/leads", json_body=sent).json()
        assert (answer.get("answer"), answer.get("ignored")) == ("offered", []), answer
        with billed(world) as routed_rows:
            world.feed()
        path = world.offer_link(answer["lead"])
        with billed(world) as accepted:
            world.http("POST", path, form={"action": "accept"})
        with billed(world) as accepted_rows:
            world.feed()
    return {
        "a routed lead": routed,
        "an accept": accepted,
        "rows of a routed lead": routed_rows,
        "rows of an accept": accepted_rows,
    }


ALSO_SENT = {f"page-{number:02}": "x" * 17 for number in range(20)}
"""Of fields that the form does not have, as much as is kept: twenty, of 480 bytes in all."""


def and_more(firm: Firm) -> Firm:
    return replace(firm, enquiry=firm.enquiry | ALSO_SENT)


COUNTS: dict[str, Callable[[World], dict[str, Bill]]] = {
    "A programme that asks little": of_little,
    f"{HEATING.programme}, everything answered": partial(of_a_firm, HEATING),
    f"{SOFTWARE.programme}, everything answered": partial(of_a_firm, SOFTWARE),
    f"{HEATING.programme}, with fields of the page's own": partial(of_a_firm, and_more(HEATING)),
    f"{SOFTWARE.programme}, with fields of the page's own": partial(of_a_firm, and_more(SOFTWARE)),
}


def missed(what: str, bill: Bill) -> bool:
    goal = GOALS[what]
    return goal is not None and any(
        much > most for much, most in zip((bill.reads, bill.writes, bill.units), goal, strict=True)
    )


LISTED = 100_000
"""So many leads are in the lists whose first pages are counted."""
MOST_QUERIES = 4


def first_pages(world: World, leads: int) -> dict[str, list[str]]:
    """The requests that the first page of each list takes, with so many leads received this month.

    The rows are put where moto keeps them: what is counted is reading.
    """
    month = world.now.replace(day=1, hour=0)
    table = dynamo_tables()["read-model"]
    apart = (world.now - month) / leads
    for number in range(leads):
        lead = a_lead(id=f"L{number:024d}", received_at=month + number * apart)
        row = lead_row(lead, CameFrom(), world.now)
        table.put_item(serialize_item(row_to_item(KeptRow(row))))
        if number % 100 == 0:
            key = partner_row_key("munich-1", row)
            table.put_item(serialize_item(key | row_content(row)))
    lists = {
        "all leads": LeadFilter(),
        "one state": LeadFilter(states=frozenset({LeadStatus.OFFERED})),
        "one partner": LeadFilter(partner="munich-1"),
        "one product and urgency": LeadFilter(product="heat-pump", urgency="soon"),
    }
    counted = {}
    for name, wanted in lists.items():
        with billed(world) as bill:
            page = world.wiring.read_model.page(wanted, world.now)
        assert len(page.rows) == 50, name
        counted[name] = [line.strip() for line in bill.lines]
    return counted


def main() -> int:
    failed = False
    for name, count in COUNTS.items():
        with pytest.MonkeyPatch.context() as monkeypatch, a_world(monkeypatch) as world:
            found = count(world)
        print(f"{name}:")
        for what, bill in found.items():
            told = f"{what:20} {bill.reads} read  {bill.writes} write  {bill.units:2} write units"
            if goal := GOALS[what]:
                failed |= missed(what, bill)
                told += f"   goal {goal[0]}, {goal[1]}, {goal[2]}: {'MISSED' if missed(what, bill) else 'met'}"
            print(told, *bill.lines, sep="\n")
        print()
    with pytest.MonkeyPatch.context() as monkeypatch, a_world(monkeypatch) as world:
        pages = first_pages(world, LISTED)
    print(f"First page of a list, among {LISTED:,} leads:")
    for name, requests in pages.items():
        failed |= len(requests) > MOST_QUERIES or set(requests) != {"Query"}
        print(
            f"{name:24} {len(requests)} x {', '.join(sorted(set(requests)))}   goal {MOST_QUERIES}"
        )
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
