"""What the newer of two versions may be besides today's code: tomorrow's, or one with a mistake.

A process that runs a version executes this file and makes one of the changes in it.
"""

import json
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

Item = dict[str, Any]


def everywhere(module: str, name: str, make: Callable[[Any], Any]) -> None:
    """Puts something in the place of a name, wherever it was imported to."""
    import_module("routing_core.aws.wiring")
    original = getattr(import_module(f"routing_core.{module}"), name)
    instead = make(original)
    for loaded in list(sys.modules.values()):
        if loaded.__name__.startswith("routing_core") and loaded.__dict__.get(name) is original:
            setattr(loaded, name, instead)


def written(change: Callable[[Item], Item]) -> None:
    """Each lead is written as it would be, and then changed."""
    everywhere(
        "aws.codecs.lead_items",
        "lead_to_item",
        lambda write: lambda lead: change(write(lead)),
    )


def read(check: Callable[[Item], Any]) -> None:
    """Each lead is looked at before it is read."""

    def looking(read_lead: Any) -> Any:
        def look_first(item: Item) -> Any:
            check(item)
            return read_lead(item)

        return look_first

    everywhere("aws.codecs.lead_items", "lead_from_item", looking)


# ── tomorrow ──────────────────────────────────────────────────────────────────────────────────────


def tomorrow() -> None:
    """Leads, offers and contacts have an attribute more; networks and rules are newer ones."""
    written(with_news)
    everywhere("routing.index.snapshot", "SNAPSHOT_SCHEMA", lambda today: today + 1)
    everywhere("domain.rule_version", "RULES_WRITER", lambda today: today + 1)


def with_news(item: Item) -> Item:
    parts = [item, *item.get("offers", [])]
    if item.get("contact"):
        parts.append(item["contact"])
    if item["status"] != "erased":
        for part in parts:
            part["tomorrow"] = {"known": ["to", "tomorrow"]}
    return item


# ── mistakes ──────────────────────────────────────────────────────────────────────────────────────


def a_new_key_is_required() -> None:
    written(lambda item: item | {"channel": "form"})
    read(lambda item: item["channel"])


def an_attribute_has_another_name() -> None:
    def renamed(item: Item) -> Item:
        item["enquired_for"] = item.pop("product")
        return item

    def named_again(item: Item) -> None:
        item.setdefault("product", item.get("enquired_for"))

    written(renamed)
    read(named_again)


def an_attribute_is_left_out() -> None:
    """Nobody reads it any more, but the older code does."""

    def left_out(item: Item) -> Item:
        item.pop("deadlines", None)
        return item

    written(left_out)


def timers_say_it_in_other_words() -> None:
    timers = import_module("routing_core.aws.queues.timers")

    class Renamed:
        @staticmethod
        def dumps(event: Item) -> str:
            return json.dumps({"lead_id": event.pop("lead"), **event})

    timers.json = Renamed  # type: ignore[attr-defined]


def a_newer_network_replaces_the_older_one() -> None:
    everywhere("routing.index.snapshot", "SNAPSHOT_SCHEMA", lambda today: today + 1)
    everywhere("aws.tables.rules_store", "_older_snapshots", lambda _: lambda before: {})


def links_are_signed_in_another_way() -> None:
    links = import_module("routing_core.service.kernel.links")
    whole = links.Links._serializer

    def salted(self: Any, key_id: str, purpose: Any) -> Any:
        made = whole(self, key_id, purpose)
        made.salt += b".2"
        return made

    links.Links._serializer = salted


def what_is_not_known_is_not_carried() -> None:
    """Of the older of two versions: it forgets what the newer one wrote."""

    def forgetting(item: Item) -> Item:
        return {name: part for name, part in item.items() if name != "tomorrow"}

    written(forgetting)


CHANGES: dict[str, Callable[[], None]] = {
    "tomorrow": tomorrow,
    "a new key is required": a_new_key_is_required,
    "an attribute has another name": an_attribute_has_another_name,
    "an attribute is left out": an_attribute_is_left_out,
    "timers say it in other words": timers_say_it_in_other_words,
    "a newer network replaces the older one": a_newer_network_replaces_the_older_one,
    "links are signed in another way": links_are_signed_in_another_way,
    "what is not known is not carried": what_is_not_known_is_not_carried,
}
