"""What the commit before the records had tables of their own has stored: read, and written back as
it was.

``items.jsonl.gz`` was written by that commit while the integration tests ran: every item whose
attributes, statuses
or events no other item shows, and one of each kind with everything on it. The networks are its
snapshots.
"""

import base64
import gzip
import json
import struct
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any
from zlib import decompress

import pytest

from routing_core.aws.codecs.contact_items import known_contact_from_item, known_contact_to_item
from routing_core.aws.codecs.context_items import context_from_item, context_to_item
from routing_core.aws.codecs.event_items import event_from_item, event_to_item
from routing_core.aws.codecs.lead_items import lead_from_item, lead_to_item
from routing_core.aws.codecs.load_items import load_from_item
from routing_core.aws.tables.dynamo import deserialize_item, serialize_item
from routing_core.domain.partner_plain import partner_from_plain, partner_to_plain
from routing_core.domain.programme.programme import Programme
from routing_core.domain.programme.stored_document import read_stored
from routing_core.domain.values.extensible import CARRIED
from routing_core.routing.index.profiles import Profiles
from routing_core.routing.index.snapshot import pack, unpack

STORED = Path(__file__).parents[1] / "samples" / "stored_before"
Item = dict[str, Any]


def as_read(value: Any) -> Any:
    """Numbers as DynamoDB gives them, and bytes for what is base64 in the file."""
    if isinstance(value, dict):
        return (
            base64.b64decode(value["base64"])
            if "base64" in value
            else {k: as_read(v) for k, v in value.items()}
        )
    if isinstance(value, list):
        return [as_read(each) for each in value]
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return Decimal(value) if is_number else value


def items() -> list[Item]:
    lines = gzip.decompress((STORED / "items.jsonl.gz").read_bytes()).decode().splitlines()
    return [as_read(json.loads(line)) for line in lines]


def kind_of(item: Mapping[str, Any]) -> str:
    return str(item["sk"]).partition("#")[0]


def event_again(item: Item) -> Item:
    """``commit`` is the table's own: it knows by it whether a write whose answer was lost was its
    own.
    """
    again = event_to_item(event_from_item(item))
    assert (
        decompress(again["decision"]) == decompress(item["decision"])
        if "decision" in item
        else True
    )
    return again | {name: item[name] for name in ("commit", "decision") if name in item}


def profile_again(item: Item) -> Item:
    return item | {"profile": partner_to_plain(partner_from_plain(item["profile"]))}


def programme_again(item: Item) -> Item:
    document = json.loads(decompress(item["document"]))
    programme, mended = read_stored(Programme, document)
    assert mended == ()
    written = programme.model_dump(mode="json", by_alias=True)
    for section in written.keys() - document.keys():  # what there is since then has its defaults
        assert section in SINCE_THEN
        del written[section]
    for name in written["hq"].keys() - document["hq"].keys():
        assert name in IN_HQ_SINCE_THEN
        del written["hq"][name]
    assert json.dumps(written) == json.dumps(document)
    return item


SINCE_THEN = {"reports", "mail_texts", "mail_subjects", "late_mail"}
"""Sections of a programme that the commit before did not know."""
IN_HQ_SINCE_THEN = {"people"}
"""What it did not know of a programme's ``hq``."""


NO_LONGER_WRITTEN = {"month_shard"}
"""Attributes that the commit before wrote, and that nothing reads any more."""
WRITTEN_BACK: Mapping[str, Callable[[Item], Item]] = {
    "LEAD": lambda item: lead_to_item(lead_from_item(item)),
    "CONTEXT": lambda item: context_to_item(
        item["pk"].removeprefix("LEAD#"), context_from_item(item)
    ),
    "EVENT": event_again,
    "CLAIM": lambda item: known_contact_to_item(known_contact_from_item(item)),
    "PROFILE": profile_again,
}


def test_items_written_by_the_commit_before_are_read_and_written_back_as_they_were() -> None:
    stored = [item for item in items() if kind_of(item) in WRITTEN_BACK]
    assert {kind_of(item) for item in stored} == WRITTEN_BACK.keys()
    for item in stored:
        again = deserialize_item(serialize_item(WRITTEN_BACK[kind_of(item)](item)))
        assert again == {name: item[name] for name in item if name not in NO_LONGER_WRITTEN}


def test_programmes_written_by_the_commit_before_are_read_as_they_were() -> None:
    programmes = [item for item in items() if item["pk"] == "PROGRAMME"]
    assert len(programmes) >= 3
    for item in programmes:
        programme_again(item)


def told(value: Any) -> Any:
    """Give the fields of a record as a list, without what newer code may have written in it."""
    if isinstance(value, tuple):
        return [told(each) for each in value]
    if not is_dataclass(value):
        return value
    named = [each.name for each in fields(value) if each.name != CARRIED]
    return [told(getattr(value, name)) for name in named]


def test_loads_written_by_the_commit_before_are_read_as_they_were() -> None:
    """LOAD is changed piece by piece and never written as a whole: ``loads.json`` has what that
    commit read of each.
    """
    loads = [load_from_item(item) for item in items() if kind_of(item) == "LOAD"]
    # Of what has been added behind the last field since, the default is read.
    assert {load.extra_open for load in loads} == {None}
    read = json.loads(json.dumps([told(load)[:-1] for load in loads], default=str))
    assert read == json.loads((STORED / "loads.json").read_text())


@pytest.mark.parametrize("path", sorted(STORED.glob("*.network")), ids=lambda path: path.stem)
def test_snapshots_written_by_the_commit_before_are_read_and_written_back_as_they_were(
    path: Path,
) -> None:
    body = path.read_bytes()
    network = unpack(body)
    again, written = pack(network)
    assert again.version == network.version
    assert head(written) == head(body)
    partners = Profiles.of(list(network.partners.values()))
    assert profiles(partners) == profiles(network.partners)


def head(body: bytes) -> Any:
    end = 8 + struct.unpack("<I", body[4:8])[0]
    return json.loads(body[8:end])


def profiles(partners: Profiles) -> list[Any]:
    """The stored form of all partners; in which order their fields stand means nothing."""
    blocks = [json.loads(decompress(block)) for block in partners.blocks()]
    return [profile for block in blocks for profile in block]
