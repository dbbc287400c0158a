"""A field of a partner is written down in two places: in ``Partner``, and in ``PartnerDoc`` beside
its column.

Whoever forgets one of them, or adds a type that nobody stores yet, reads here what is missing.
"""

import json
from dataclasses import fields

import pytest

from routing_core.domain.partner import Caps, Partner, Person
from routing_core.domain.partner_plain import STORED_TYPES, partner_from_plain, partner_to_plain
from routing_core.domain.values.extensible import CARRIED
from routing_core.formats.partner_columns import COLUMNS, PATHS
from routing_core.formats.partner_document import (
    OF_THE_PRODUCT,
    ONLY_IN_DOCUMENT,
    CapsDoc,
    PartnerDoc,
    PersonDoc,
    partner_document,
)
from tests.unit.test_network import FULLY_FILLED

KNOWN_TO_THE_PRODUCT = {
    *("address_generation", "bounced", "confirmed_email", "unreachable"),
    *("links", "generations", "revoked", "ended"),
    *("holidays", "listed", "version"),
    *("paused_by", "deactivated"),
}
"""What no document says: whoever adds a field that HQ does not set, adds it here."""
CALLED = {about.alias or name for name, about in PartnerDoc.model_fields.items()}
"""The fields of a document as people write them."""


def known_names(kind: type) -> list[str]:
    """The fields of a record but for what newer code may have written in it."""
    return [field.name for field in fields(kind) if field.name != CARRIED]


def test_every_field_of_a_partner_stands_in_its_document_or_is_the_products_alone() -> None:
    assert set(OF_THE_PRODUCT) == {*KNOWN_TO_THE_PRODUCT, CARRIED}
    assert set(PartnerDoc.model_fields) - set(known_names(Partner)) == ONLY_IN_DOCUMENT


def test_the_parts_of_a_document_have_the_fields_of_what_they_describe() -> None:
    for document, kind in ((CapsDoc, Caps), (PersonDoc, Person)):
        assert list(document.model_fields) == known_names(kind)


def test_every_field_of_a_document_and_each_of_its_parts_has_a_column() -> None:
    parts = {"contact": Person, "second_contact": Person, "caps": Caps}
    paths = set()
    for name in CALLED:
        inner = known_names(parts[name]) if name in parts else []
        paths |= {(name, part) for part in inner} or {(name,)}
    assert set(PATHS.values()) == paths
    assert len(COLUMNS) == len(paths)


@pytest.mark.parametrize("kind", [Partner, Caps, Person])
def test_it_is_known_how_each_type_of_field_is_stored(kind: type) -> None:
    types = {field.name: field.type for field in fields(kind)}
    assert [name for name in known_names(kind) if types[name] not in STORED_TYPES] == []


def test_what_is_stored_and_what_is_shown_are_plain_data_of_every_field() -> None:
    stored = json.loads(json.dumps(partner_to_plain(FULLY_FILLED)))
    names = set(known_names(Partner)) - {"lead_filters", "address_generation"}
    assert set(stored) == names | {
        "schema",
        "takes",
        "occasion",
    }  # as they have been since the first version
    assert partner_from_plain(stored) == FULLY_FILLED
    shown = json.loads(json.dumps(partner_document(FULLY_FILLED)))
    assert set(shown) == {"status"} | CALLED - ONLY_IN_DOCUMENT


@pytest.mark.parametrize("name", ["id", "version", "contact", "paused", "links"])
def test_a_stored_partner_without_what_all_have_is_not_guessed_at(name: str) -> None:
    stored = partner_to_plain(FULLY_FILLED)
    del stored[name]
    with pytest.raises(KeyError, match=name):
        partner_from_plain(stored)
