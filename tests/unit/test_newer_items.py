"""What newer code wrote is carried along by this code, or refused by name; never lost, never guessed
at.
"""

import hashlib
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

import pytest
from pydantic import BaseModel

from routing_core.aws.codecs.contact_items import known_contact_from_item, known_contact_to_item
from routing_core.aws.codecs.context_items import context_from_item, context_to_item
from routing_core.aws.codecs.event_items import event_from_item, event_to_item
from routing_core.aws.codecs.lead_items import lead_from_item, lead_to_item
from routing_core.aws.codecs.list_items import list_from_item, list_to_item
from routing_core.aws.codecs.row_items import ROW_CODEC
from routing_core.aws.tables.dynamo import deserialize_item, serialize_item
from routing_core.aws.tables.rules_store import readable_network
from routing_core.domain.draft import Draft
from routing_core.domain.errors import NewerData
from routing_core.domain.events import CommitRecord
from routing_core.domain.lead import (
    Colleague,
    Contact,
    Context,
    Interest,
    InterestKind,
    Lead,
    LeadStatus,
    Moved,
    Note,
    Undo,
)
from routing_core.domain.lead_file import FileKind, LeadFile
from routing_core.domain.lead_list import LeadList, ListMode, ListSettings
from routing_core.domain.lead_row import CameFrom, lead_row
from routing_core.domain.lifecycle import ending
from routing_core.domain.partner_plain import partner_from_plain, partner_to_plain
from routing_core.domain.programme.programme import Programme
from routing_core.domain.programme.stored_document import read_stored
from routing_core.domain.rule_version import RULES_WRITER
from routing_core.domain.values.extensible import known_fields
from routing_core.routing.index.snapshot import SNAPSHOT_SCHEMA
from routing_core.service.kernel.ports import KnownContact, Listed
from tests.support.builders import NOON, a_lead, a_partner, a_programme, an_offer

Item = dict[str, Any]
NEWER: Item = {"later": {"deep": [1, True, None, b"\x00"]}}
"""An attribute that this code knows nothing of."""
LEAD = a_lead(
    contact=Contact("Erika", "erika@example.com", "+4989123456"),
    offers=(an_offer(), an_offer("p2", 2)),
    colleague=Colleague("p1", "kim@example.com"),
    undo=Undo(LeadStatus.ACCEPTED, NOON, ()),
    moves=(Moved(1, "80331"),),
)
CONTEXT = Context(
    message="Please call",
    notes=(Note(NOON, "partner", "on holiday"),),
    interest=(Interest(NOON, InterestKind.WEBINAR, "Heat pumps"),),
    files=(LeadFile("f1", "plan.pdf", FileKind.PDF, 10, NOON, "hq", "00"),),
)


def stored(item: Item) -> Item:
    """The item as the table gives it back."""
    return deserialize_item(serialize_item(item))


def context_again(item: Item) -> Item:
    return context_to_item("L1", context_from_item(item))


def lead_again(item: Item) -> Item:
    return lead_to_item(lead_from_item(item))


@pytest.mark.parametrize(
    "path",
    [(), ("offers", 0), ("offers", 1), ("contact",), ("colleague",), ("undo",)],
    ids=str,
)
def test_what_this_code_does_not_know_of_a_lead_stands_in_it_again(path: tuple[Any, ...]) -> None:
    item = lead_to_item(LEAD)
    part: Any = item
    for step in path:
        part = part[step]
    part.update(NEWER)
    assert lead_again(stored(item)) == stored(item)


@pytest.mark.parametrize("path", [(), ("notes", 0), ("interest", 0), ("files", 0)], ids=str)
def test_what_this_code_does_not_know_of_a_context_stands_in_it_again(
    path: tuple[Any, ...],
) -> None:
    item = context_to_item("L1", CONTEXT)
    part: Any = item
    for step in path:
        part = part[step]
    part.update(NEWER)
    assert context_again(stored(item)) == stored(item)


def test_what_stands_behind_the_last_field_of_a_list_stands_there_again() -> None:
    item = lead_to_item(LEAD)
    item["moves"][0].append("later")
    assert lead_again(stored(item)) == stored(item)
    earlier = Listed("L2", NOON)
    contact = known_contact_to_item(KnownContact("k", (Listed("L3", NOON), earlier)))
    contact["earlier"][0].append("later")
    contact.update(NEWER)
    assert known_contact_to_item(known_contact_from_item(stored(contact))) == stored(contact)


def test_a_step_of_the_lead_carries_along_what_it_does_not_touch() -> None:
    item = lead_to_item(LEAD) | NEWER
    item["offers"][0].update(NEWER)
    lead = lead_from_item(stored(item))
    seen = replace(lead.offers[0], seen_at=NOON)
    moved = lead_to_item(replace(lead, version=9, offers=(seen, lead.offers[1])))
    assert moved["later"] == moved["offers"][0]["later"] == NEWER["later"]
    assert moved["version"] == 9
    assert "later" not in moved["offers"][1]


def test_what_this_code_does_not_know_wins_over_nothing_that_it_does() -> None:
    lead = replace(LEAD, extra={"score": 99, "later": 1})
    assert lead_to_item(lead)["score"] == LEAD.score


def test_keys_of_indexes_are_not_carried_but_made_anew() -> None:
    item = lead_to_item(LEAD) | {"holder": "somebody", "holder_at": "then", "due_shard": "x"}
    assert lead_from_item(stored(item)) == lead_from_item(stored(lead_to_item(LEAD)))


def test_erasing_somebody_erases_what_this_code_does_not_know_of_them() -> None:
    lead = lead_from_item(stored(lead_to_item(LEAD) | {"second_name": "Mustermann"}))
    draft = Draft(replace(lead, status=LeadStatus.WON))
    ending.erase(draft, a_programme(), "hq")
    assert "second_name" not in lead_to_item(draft.lead)


def test_what_is_carried_is_shown_to_nobody() -> None:
    lead = lead_from_item(stored(lead_to_item(LEAD) | NEWER))
    assert "later" not in repr(lead)
    assert "extra" not in asdict(lead, dict_factory=known_fields)


def test_a_partner_a_person_and_caps_keep_what_newer_code_wrote() -> None:
    plain = partner_to_plain(a_partner("p1")) | NEWER
    plain["contact"] |= {"pronoun": "she"}
    plain["caps"] = plain.get("caps", {}) | {"quarter": 7}
    assert partner_to_plain(partner_from_plain(plain)) == plain


def test_a_row_and_an_import_keep_what_newer_code_wrote() -> None:
    row = ROW_CODEC.write(lead_row(LEAD, CameFrom("", "", ""), NOON)) | {"later": [1]}
    assert ROW_CODEC.write(ROW_CODEC.read(row)) == row
    settings = ListSettings("fair", "form", ListMode.ROUTE)
    imported = LeadList("list", "hq", NOON, settings)
    item = list_to_item(imported) | NEWER
    item["settings"].update(NEWER)
    assert list_to_item(list_from_item(stored(item))) == stored(item)


def newer_enum(item: Item) -> Item:
    return item | {"status": "sleeping"}


def newer_offer_status(item: Item) -> Item:
    return item | {"offers": [{**item["offers"][0], "s": "postponed"}]}


def newer_deadline(item: Item) -> Item:
    return item | {"deadlines": ["1795599600000 dance 1"]}


def longer_deadline(item: Item) -> Item:
    return item | {"deadlines": ["1795599600000 expire 1 twice"]}


def newer_schema(item: Item) -> Item:
    return item | {"schema": 2}


@pytest.mark.parametrize(
    "change", [newer_enum, newer_offer_status, newer_deadline, longer_deadline, newer_schema]
)
def test_a_lead_that_only_newer_code_understands_is_refused_by_name(
    change: Callable[[Item], Item],
) -> None:
    with pytest.raises(NewerData):
        lead_from_item(stored(change(lead_to_item(LEAD))))


def test_a_context_and_a_commit_of_a_newer_schema_are_refused_by_name() -> None:
    with pytest.raises(NewerData, match="schema 2, this code reads 1"):
        context_from_item(stored(context_to_item("L1", CONTEXT) | {"schema": 2}))
    commit = event_to_item(CommitRecord("L1", 1, NOON, None, ()))
    with pytest.raises(NewerData):
        event_from_item(stored(commit | {"schema": 2}))
    with pytest.raises(NewerData):
        partner_from_plain(partner_to_plain(a_partner("p1")) | {"schema": 2})
    with pytest.raises(NewerData):
        read_stored(Programme, a_programme().model_dump(mode="json", by_alias=True) | {"schema": 2})


def test_of_several_snapshots_the_newest_that_this_code_reads_is_taken() -> None:
    now = SNAPSHOT_SCHEMA
    assert readable_network({"object": "a"}) == "a"
    assert readable_network({"object": "a", "schema": now, "older": {"1": "b"}}) == "a"
    newer = {"object": "c", "schema": now + 1, "older": {"1": "b", str(now): "a"}}
    assert readable_network(newer) == "a"
    with pytest.raises(NewerData):
        readable_network({"object": "c", "schema": now + 1})


FIELDS_OF_THE_RULES = "61f4816c9484fb48"
"""What the rules are made of, as of ``RULES_WRITER``."""


def shape_of(model: type[BaseModel]) -> str:
    """Every word, bound and field of a document, without what only describes them."""

    def bare(part: Any) -> Any:
        if isinstance(part, dict):
            told = {"description", "title", "examples"}
            return {name: bare(each) for name, each in part.items() if name not in told}
        return [bare(each) for each in part] if isinstance(part, list) else part

    return hashlib.sha256(repr(bare(model.model_json_schema())).encode()).hexdigest()[:16]


def test_whoever_gives_the_rules_a_field_raises_their_writer() -> None:
    """Older code saves no rules over newer ones, and knows them by this number."""
    assert (RULES_WRITER, shape_of(Programme)) == (1, FIELDS_OF_THE_RULES)


def test_a_lead_without_anything_newer_is_as_small_as_ever() -> None:
    assert lead_from_item(stored(lead_to_item(LEAD))).extra is None
    assert isinstance(lead_from_item(stored(lead_to_item(LEAD))), Lead)
