"""One partner's LOAD within a commit: the difference in places and all else it does there, as one
update.
"""

from dataclasses import dataclass, field, replace
from typing import Any

from routing_core.aws.codecs.load_items import (
    FIGURE_OF,
    LAPSE_OF,
    OPEN_OF_PRODUCT,
    lapse_to_text,
    load_key,
)
from routing_core.aws.codecs.value_codecs import instant_text
from routing_core.aws.tables.dynamo import typed
from routing_core.service.kernel.ports import LoadChange


@dataclass(slots=True)
class _Expression:
    sets: list[str] = field(default_factory=list)
    removes: list[str] = field(default_factory=list)
    conditions: list[str] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)

    def name(self, attribute: str) -> str:
        self.names[alias := f"#{_label(attribute)}"] = attribute
        return alias

    def value(self, label: str, value: Any) -> str:
        self.values[f":{label}"] = value
        return f":{label}"

    def add(self, attribute: str, amount: int) -> None:
        alias = self.name(attribute)
        step = self.value(f"by_{_label(attribute)}", amount)
        self.sets.append(f"{alias} = if_not_exists({alias}, {self.value('zero', 0)}) + {step}")

    def put(self, attribute: str, value: Any) -> None:
        self.sets.append(f"{self.name(attribute)} = {self.value(_label(attribute), value)}")

    def below(self, attribute: str, cap: int) -> None:
        alias = self.name(attribute)
        limit = self.value(f"cap_{_label(attribute)}", cap)
        self.conditions.append(f"(attribute_not_exists({alias}) OR {alias} < {limit})")


class _Unmoved(_Expression):
    """The same update in the same shape, which leaves everything as it is: it costs what the real
    one costs.
    """

    def add(self, attribute: str, amount: int) -> None:
        _Expression.add(self, attribute, 0)

    def put(self, attribute: str, value: Any) -> None:
        alias = self.name(attribute)
        nothing = 0 if isinstance(value, int) else ""
        self.sets.append(f"{alias} = if_not_exists({alias}, {self.value(attribute, nothing)})")


def _label(attribute: str) -> str:
    return attribute.replace("-", "_").replace(":", "_")


def load_update(
    table: str, partner: str, places: int, product: str, change: LoadChange
) -> dict[str, Any] | None:
    """The transaction item, or None if nothing changes. ``places`` is the difference this commit
    makes, in ``product``.

    The caps in the conditions are those stored in LOAD when the decision was made; a cap lowered
    since has raised
    ``seq``, so a decision on exactly what it saw fails and is made again.
    """
    if not places and replace(change, figures={}) == LoadChange():
        return None
    update = _Expression()
    if change.only_checked:
        update = _Unmoved()
        places = 1
    if places:
        update.add("places", places)
        update.add(f"{OPEN_OF_PRODUCT}{product}", places)
    for name, amount in change.figures.items():
        update.add(f"{FIGURE_OF}{name}", amount)
    for counter, cap in change.counts.items():
        update.add(counter, 1)
        if cap is not None:
            update.below(counter, cap)
    if change.offered_at:
        update.put("last_offered", instant_text(change.offered_at))
    if change.pass_value is not None:
        update.put("turn", change.pass_value)
    for counter in change.uncount:
        update.add(counter, -1)
    if change.pass_value_back:
        update.add("turn", -change.pass_value_back)
    if change.lapse:
        update.put(f"{LAPSE_OF}{change.lapse.lead}", lapse_to_text(change.lapse))
    if change.answered:
        update.put("lapses", 0)
        update.put("unseen", 0)
    if change.pause:
        update.put("pause", True)
    gone = [*change.forget_counts, *(f"{LAPSE_OF}{lead}" for lead in change.forget_lapses)]
    if change.unpause:
        gone.append("pause")
    update.removes = [update.name(attribute) for attribute in gone]
    update.add("seq", 1)
    _guard(update, product, change)
    return {
        "Update": {
            "TableName": table,
            "Key": typed(load_key(partner)),
            "UpdateExpression": "SET "
            + ", ".join(update.sets)
            + (f" REMOVE {', '.join(update.removes)}" if update.removes else ""),
            "ExpressionAttributeNames": update.names,
            "ExpressionAttributeValues": typed(update.values),
        }
        | ({"ConditionExpression": " AND ".join(update.conditions)} if update.conditions else {})
    }


def _guard(update: _Expression, product: str, change: LoadChange) -> None:
    if change.guarded:
        partner_takes_offers = f"{update.name('active')} = {update.value('yes', True)}"
        not_paused = f"attribute_not_exists({update.name('pause')})"
        update.conditions += [partner_takes_offers, not_paused]
    if change.open_cap is not None:
        update.below("places", change.open_cap)
    if change.product_cap is not None:
        update.below(f"{OPEN_OF_PRODUCT}{product}", change.product_cap)
    if change.seq is not None:
        load_as_seen = f"{update.name('seq')} = {update.value('seen', change.seq)}"
        if change.seq == 0:
            load_as_seen = f"(attribute_not_exists({update.name('seq')}) OR {load_as_seen})"
        update.conditions.append(load_as_seen)
