"""Every record has one table, and no field of a record is forgotten in it."""

from dataclasses import dataclass, fields
from datetime import timedelta

import pytest

from routing_core.aws.codecs.contact_items import EARLIER_CODEC, NEWEST_CODEC
from routing_core.aws.codecs.context_items import CONTEXT_CODEC, NOTE_CODEC
from routing_core.aws.codecs.event_items import COMMIT_RECORD_CODEC
from routing_core.aws.codecs.lead_items import (
    COLLEAGUE_CODEC,
    CONTACT_CODEC,
    DEADLINES,
    LEAD_CODEC,
    MOVED_CODEC,
    OFFER_CODEC,
    UNDO_CODEC,
)
from routing_core.aws.codecs.load_items import (
    FIGURES_CODEC,
    LOAD_CODEC,
    lapse_from_text,
    lapse_to_text,
)
from routing_core.aws.codecs.record_codec import RecordCodec, StoredField
from routing_core.aws.codecs.value_codecs import WHOLE_NUMBER
from routing_core.domain.lead import Deadline, DeadlineKind
from routing_core.domain.partner import Lapse
from routing_core.domain.values.extensible import CARRIED
from tests.support.builders import NOON

RECORDS = [
    COLLEAGUE_CODEC,
    COMMIT_RECORD_CODEC,
    CONTACT_CODEC,
    CONTEXT_CODEC,
    EARLIER_CODEC,
    FIGURES_CODEC,
    LEAD_CODEC,
    LOAD_CODEC,
    MOVED_CODEC,
    NEWEST_CODEC,
    NOTE_CODEC,
    OFFER_CODEC,
    UNDO_CODEC,
]


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.kind.__name__)
def test_every_field_of_a_record_has_a_row_and_a_name_of_its_own(record: RecordCodec) -> None:
    rows = [row.field for row in record.rows]
    stored = [row.stored for row in record.rows]
    assert len(set(rows)) == len(rows)
    assert len(set(stored)) == len(stored)
    named = {field.name for field in fields(record.kind)} - {CARRIED}
    assert {*rows, *record.beside} == named
    assert not record.beside & set(rows)


def test_the_fields_of_a_record_that_is_stored_as_a_list_stay_in_their_order() -> None:
    """Lists have no names: a field put in between would be read as what stood there before."""
    assert [row.field for row in EARLIER_CODEC.rows] == ["lead", "until", "place"]
    assert [row.field for row in MOVED_CODEC.rows] == ["version", "postcode", "region", "offers"]


def test_what_is_stored_as_one_text_comes_back_whole() -> None:
    deadlines = tuple(Deadline(NOON + timedelta(milliseconds=1), kind, 3) for kind in DeadlineKind)
    assert DEADLINES.read(DEADLINES.write(deadlines)) == deadlines
    assert [field.name for field in fields(Deadline)] == ["at", "kind", "offer"]
    for unseen in (False, True):
        lapse = Lapse("ABCD1234", "f00d", NOON.date(), unseen)
        assert lapse_from_text("ABCD1234", lapse_to_text(lapse)) == lapse
    assert [field.name for field in fields(Lapse)] == ["lead", "person", "day", "unseen"]


@dataclass(frozen=True)
class Parcel:
    number: int
    weight: int = 0
    street: str = ""


PARCEL = RecordCodec(
    Parcel,
    StoredField("number", "n", WHOLE_NUMBER),
    StoredField("weight", "w", WHOLE_NUMBER, always=True),
    StoredField("street", "s"),
)


def test_a_default_is_left_out_unless_it_is_always_written() -> None:
    assert PARCEL.write(Parcel(1)) == {"n": 1, "w": 0}
    assert PARCEL.read({"n": 1}) == Parcel(1)
    assert PARCEL.read(PARCEL.write(Parcel(1, 2, "Am Markt 1"))) == Parcel(1, 2, "Am Markt 1")


def test_a_field_without_a_default_that_is_missing_is_an_error() -> None:
    with pytest.raises(TypeError, match="number"):
        PARCEL.read({"w": 1})


def test_a_list_of_another_length_is_an_error() -> None:
    assert PARCEL.read_list(PARCEL.write_list(Parcel(1, 2))) == Parcel(1, 2)
    with pytest.raises(ValueError, match="zip"):
        PARCEL.read_list([1, 2])
