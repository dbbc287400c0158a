"""Values with DynamoDB's types, as boto3 writes and reads them."""

from __future__ import annotations

from decimal import Decimal, Inexact
from enum import StrEnum
from types import MappingProxyType
from typing import Any

import pytest
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from hypothesis import given
from hypothesis import strategies as st

from routing_core.aws.codecs.typed_values import plain_value, typed_value

NUMBERS = st.integers(-(10**37), 10**37) | st.decimals(-1000, 1000, places=3)
LEAVES = st.none() | st.booleans() | NUMBERS | st.text() | st.binary()
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


class Colour(StrEnum):
    RED = "red"


@given(VALUES)
def test_values_are_written_and_read_as_boto3_does(value: Any) -> None:
    typed = typed_value(value)
    assert typed == TypeSerializer().serialize(value)
    assert plain_value(typed) == TypeDeserializer().deserialize(typed) == value


def test_an_enum_is_text_and_a_tuple_a_list_and_a_read_only_map_a_map() -> None:
    typed = typed_value(MappingProxyType({"colour": Colour.RED, "pair": (1, True)}))
    assert typed == {"M": {"colour": {"S": "red"}, "pair": {"L": [{"N": "1"}, {"BOOL": True}]}}}
    assert type(typed["M"]["colour"]["S"]) is str


def test_a_set_of_texts_is_one_as_the_marks_of_a_day_are() -> None:
    for marks in ({"received", "accepted"}, frozenset({"received", "accepted"})):
        typed = typed_value(marks)
        assert typed == {"SS": ["accepted", "received"]}
        assert plain_value(typed) == set(marks)


@pytest.mark.parametrize("value", [0.5, object(), {1, 2}, set(), [0.5], {"deep": {"deeper": 0.5}}])
def test_what_dynamodb_has_no_type_for_is_refused(value: Any) -> None:
    with pytest.raises(TypeError):
        typed_value(value)


@pytest.mark.parametrize("number", [Decimal("Infinity"), Decimal("NaN")])
def test_no_infinite_number_is_written(number: Decimal) -> None:
    with pytest.raises(TypeError):
        typed_value(number)


def test_a_number_that_dynamodb_would_round_is_refused() -> None:
    with pytest.raises(Inexact):
        typed_value(10**38 + 1)


def test_a_type_that_no_item_of_ours_has_is_refused() -> None:
    with pytest.raises(TypeError):
        plain_value({"NS": ["1"]})
