"""A fresh product over moto for each test; what takes long to make is made once."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.support.world import World, a_world


@pytest.fixture(scope="package")
def _empty() -> Iterator[tuple[World, Mapping[str, Any]]]:
    with pytest.MonkeyPatch.context() as environment, a_world(environment) as made:
        yield made, made.saved()


@pytest.fixture
def world(_empty: tuple[World, Mapping[str, Any]]) -> World:
    made, nothing = _empty
    made.back_to(nothing)
    return made
