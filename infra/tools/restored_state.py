"""Brings restored tables to where they may be worked on: what must not come back does not.

A restored table has forgotten what was done since: who was erased, whose links and which keys were
ended, who was signed out. That is done again here, before the stack is pointed at the table and
once more after it, for what was done meanwhile. And the loads of partners are counted again, for
each table is restored for itself.

The ledger of erasures is HQ's activity log, which stands in the table of lists: by ids and instants
alone.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from routing_core.aws.codecs.lead_items import lead_from_item
from routing_core.aws.codecs.load_items import OPEN_OF_PRODUCT, LoadAttribute, load_from_item
from routing_core.aws.codecs.value_codecs import Item
from routing_core.aws.settings import StoreSettings
from routing_core.aws.tables.api_keys import ApiKeys
from routing_core.aws.tables.dynamo import condition_failed, deserialize_item, serialize_item
from routing_core.aws.tables.read_model_table import ReadModelTable
from routing_core.domain.errors import NotFound
from routing_core.domain.events import LeadErased
from routing_core.domain.lead import Lead, open_counts
from routing_core.domain.partner import Load, Partner
from routing_core.service.kernel.read_model import LogEntry, LogFilter
from routing_core.service.kernel.services import Services
from routing_core.service.upkeep.erase_lead import erase_on_request

Say = Callable[[str], None]


@dataclass(frozen=True)
class Side:
    """One pair of tables, and what works on them."""

    services: Services
    stores: StoreSettings


@dataclass(frozen=True)
class Ground:
    """What was in use, what was restored, and the point between them."""

    dynamodb: Any
    """A client of DynamoDB."""
    old: Side
    new: Side
    log: ReadModelTable
    """The table of lists, which is not restored."""
    at: datetime
    """The instant that was restored."""


def settle(ground: Ground, now: datetime, say: Say) -> None:
    """Do again what may not be undone by a restore, and count the loads again."""
    say(f"{erase_again(ground, now)} enquiries erased again")
    say(f"{revoke_keys_again(ground)} API keys revoked again")
    say(f"{end_links_again(ground, now)} partners' links ended again, as theirs had been")
    if sign_hq_out(ground, now):
        say("everybody at HQ is signed out, and their links have ended")
    wrong = recount_loads(ground)
    say(f"{len(wrong)} partners' loads corrected" + "".join(f"\n  {each}" for each in wrong))


def erase_again(ground: Ground, now: datetime) -> int:
    """Erase again whoever asked for it since the point; return how many are erased by this."""
    erased = 0
    for entry in _erasures(ground):
        lead = ground.new.services.leads.get(entry.lead)
        if lead is None or lead.contact is None:
            continue  # it came after the point, or is erased already
        erase_on_request(ground.new.services, entry.lead, entry.by, now)
        erased += 1
    return erased


def _erasures(ground: Ground) -> Iterator[LogEntry]:
    """Yield the lines of the log about erasures since the point."""
    wanted = LogFilter(kinds=frozenset({LeadErased.kind}), since=ground.at)
    cursor = ""
    while True:
        page = ground.log.log(wanted, cursor)
        yield from page.entries
        cursor = page.cursor
        if not cursor:
            return


def revoke_keys_again(ground: Ground) -> int:
    """Revoke again which API keys were revoked since the point; return how many they are."""
    book = ApiKeys(ground.dynamodb, ground.new.stores.partners_table)
    alive = {note.id for note in book.all() if note.revoked is None}
    known = ApiKeys(ground.dynamodb, ground.old.stores.partners_table).all()
    gone = [note for note in known if note.revoked and note.id in alive]
    for note in gone:
        book.revoke(note.id, note.revoked or ground.at)
    return len(gone)


def end_links_again(ground: Ground, now: datetime) -> int:
    """End all links of each partner of whom any were ended since the point; return how many."""
    partners = ground.new.services.partners
    restored: Mapping[str, Partner] = {each.id: each for each in partners.all()}
    ended = 0
    for before in ground.old.services.partners.all():
        after = restored.get(before.id)
        if after is None or before.links <= after.links:
            continue
        # Beyond each generation that ever was, so that no link of any of them opens.
        for _ in range(before.links - after.links + 1):
            partners.revoke_links(before.id, now)
        ended += 1
    return ended


def sign_hq_out(ground: Ground, now: datetime) -> bool:
    """Raise the programme's number of HQ's links above any that it had; tell whether it was low."""
    try:
        programme = ground.new.services.programme
        most = ground.old.services.programme.hq.links
    except NotFound:
        return False
    if programme.hq.links > most:
        return False
    hq = programme.hq.model_copy(update={"links": most + 1})
    ground.new.services.rules.save_programme(programme.model_copy(update={"hq": hq}), now)
    return True


# ── loads ─────────────────────────────────────────────────────────────────────────────────────────


def recount_loads(ground: Ground) -> list[str]:
    """Count what each partner has open, from the leads, and name whose count was corrected.

    A load that somebody changes meanwhile is left alone: that commit counts by itself, and the next
    run counts again.
    """
    # The loads first: one that has not changed since is compared with leads that were read later.
    loads = [
        load_from_item(item)
        for item in _scanned(ground.dynamodb, ground.new.stores.partners_table, "LOAD")
    ]
    counted: dict[str, Counter[str]] = defaultdict(Counter)
    for lead in leads_of(ground.dynamodb, ground.new.stores.leads_table):
        for partner, places in open_counts(lead).items():
            counted[partner][lead.product] += places
    return [load.partner for load in loads if _corrected(ground, load, counted[load.partner])]


def _corrected(ground: Ground, load: Load, counted: Counter[str]) -> bool:
    """Write what was counted over a load that says something else; tell whether it did."""
    if load.open_count == counted.total() and Counter(load.products) == counted:
        return False
    products = {name: counted[name] for name in {*load.products, *counted}}
    names = {f"#p{number}": f"{OPEN_OF_PRODUCT}{name}" for number, name in enumerate(products)}
    values = {f":p{number}": count for number, count in enumerate(products.values())}
    sets = [f"#p{number} = :p{number}" for number in range(len(products))]
    try:
        ground.dynamodb.update_item(
            TableName=ground.new.stores.partners_table,
            Key=serialize_item({"pk": f"PARTNER#{load.partner}", "sk": "LOAD"}),
            UpdateExpression=f"SET {', '.join(['#open = :open', '#seq = :next', *sets])}",
            ConditionExpression="#seq = :seq OR attribute_not_exists(#seq)",
            ExpressionAttributeNames={
                "#open": LoadAttribute.OPEN_COUNT,
                "#seq": LoadAttribute.SEQUENCE,
                **names,
            },
            ExpressionAttributeValues=serialize_item(
                {":open": counted.total(), ":seq": load.seq, ":next": load.seq + 1, **values}
            ),
        )
    except ClientError as error:
        if not condition_failed(error):
            raise
        return False
    return True


def leads_of(dynamodb: Any, table: str) -> Iterator[Lead]:
    """Read every lead of a table but those that cannot be read, which rebuilding the lists names."""
    for item in _scanned(dynamodb, table, "LEAD"):
        with suppress(AttributeError, KeyError, TypeError, ValueError):
            yield lead_from_item(item)


def _scanned(dynamodb: Any, table: str, kind: str) -> Iterator[Item]:
    """Yield the items of a table that have this sort key."""
    pages = dynamodb.get_paginator("scan").paginate(
        TableName=table,
        FilterExpression="sk = :kind",
        ExpressionAttributeValues=serialize_item({":kind": kind}),
        ConsistentRead=True,
    )
    for page in pages:
        yield from map(deserialize_item, page["Items"])
