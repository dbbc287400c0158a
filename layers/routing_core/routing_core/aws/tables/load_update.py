"""Change a partner's LOAD within a commit: all that the commit does there is one update."""

from dataclasses import replace
from typing import Any

from routing_core.aws.codecs.load_items import (
    FIGURE_OF,
    LAPSE_OF,
    OPEN_OF_PRODUCT,
    LoadAttribute,
    lapse_to_text,
    load_key,
)
from routing_core.aws.codecs.value_codecs import instant_text
from routing_core.aws.tables.dynamo import serialize_item
from routing_core.aws.tables.update_expression import UnmovedExpression, UpdateExpression
from routing_core.service.kernel.ports import LoadChange


def load_update(
    table: str, partner: str, opened: int, product: str, change: LoadChange
) -> dict[str, Any] | None:
    """Give the write of a transaction that changes a partner's LOAD, or None if nothing changes.

    ``opened`` is by how much this commit raises the number of open offers, all of them of
    ``product``. The caps in the conditions are those stored in LOAD when the decision was made; a
    cap lowered since has raised ``seq``, so a decision on exactly what it saw fails and is made
    again.
    """
    if not opened and _changes_nothing(change):
        return None
    if change.only_checked:
        update: UpdateExpression = UnmovedExpression()
        opened = 1
    else:
        update = UpdateExpression()
    if opened:
        update.add(LoadAttribute.OPEN_COUNT, opened)
        update.add(f"{OPEN_OF_PRODUCT}{product}", opened)
    for figure, amount in change.figures.items():
        update.add(f"{FIGURE_OF}{figure}", amount)
    _count_offer(update, change)
    _uncount_offer(update, change)
    _note_lapses(update, change)
    _require(update, product, change)
    update.add(LoadAttribute.SEQUENCE, 1)
    key = {"TableName": table, "Key": serialize_item(load_key(partner))}
    return {"Update": key | update.arguments()}


def _changes_nothing(change: LoadChange) -> bool:
    # Figures alone are no reason to write: they are added where LOAD is written anyway.
    return replace(change, figures={}) == LoadChange()


def _count_offer(update: UpdateExpression, change: LoadChange) -> None:
    for counter, cap in change.counts.items():
        update.add(counter, 1)
        if cap is not None:
            update.require_below(counter, cap)
    for counter in change.forget_counts:
        update.remove(counter)
    if change.offered_at:
        update.put(LoadAttribute.LAST_OFFERED, instant_text(change.offered_at))
    if change.pass_value is not None:
        update.put(LoadAttribute.WEIGHTED_ORDER, change.pass_value)


def _uncount_offer(update: UpdateExpression, change: LoadChange) -> None:
    for counter in change.uncount:
        update.add(counter, -1)
    if change.pass_value_back:
        update.add(LoadAttribute.WEIGHTED_ORDER, -change.pass_value_back)


def _note_lapses(update: UpdateExpression, change: LoadChange) -> None:
    if change.lapse:
        update.put(f"{LAPSE_OF}{change.lapse.lead}", lapse_to_text(change.lapse))
    if change.answered:
        update.put(LoadAttribute.LAPSES, 0)
        update.put(LoadAttribute.UNSEEN, 0)
    for lead in change.forget_lapses:
        update.remove(f"{LAPSE_OF}{lead}")
    if change.pause:
        update.put(LoadAttribute.PAUSED, True)
    if change.unpause:
        update.remove(LoadAttribute.PAUSED)


def _require(update: UpdateExpression, product: str, change: LoadChange) -> None:
    if change.guarded:
        update.require(_is_active(update))
        update.require(_is_not_paused(update))
    if change.open_cap is not None:
        update.require_below(LoadAttribute.OPEN_COUNT, change.open_cap)
    if change.product_cap is not None:
        update.require_below(f"{OPEN_OF_PRODUCT}{product}", change.product_cap)
    if change.seq is not None:
        update.require(_load_is_as_seen(update, change.seq))


def _load_is_as_seen(update: UpdateExpression, seq: int) -> str:
    name = update.name(LoadAttribute.SEQUENCE)
    as_seen = f"{name} = {update.value('seen', seq)}"
    if seq == 0:
        # A LOAD that nobody has changed yet may have no number.
        return f"(attribute_not_exists({name}) OR {as_seen})"
    return as_seen


def _is_active(update: UpdateExpression) -> str:
    return f"{update.name(LoadAttribute.ACTIVE)} = {update.value('yes', True)}"


def _is_not_paused(update: UpdateExpression) -> str:
    return f"attribute_not_exists({update.name(LoadAttribute.PAUSED)})"
