"""The fault harness: short in every run of the tests, at length with `make test-faults` (RELAY_FULL=1)."""

import os
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.faults.deliveries import PatientWorld
from tests.world import World, a_world

FULL = bool(os.environ.get("RELAY_FULL"))
told_at_the_end: list[str] = []
"""Figures that are printed when all is over."""


@pytest.hookimpl
def pytest_terminal_summary(terminalreporter: Any) -> None:
    if told_at_the_end:
        terminalreporter.section("faults")
        for line in told_at_the_end:
            terminalreporter.write_line(line)


@pytest.fixture(scope="package")
def _empty() -> Iterator[tuple[PatientWorld, Mapping[str, Any]]]:
    with pytest.MonkeyPatch.context() as environment, a_world(environment, PatientWorld) as made:
        assert isinstance(made, PatientWorld)
        yield made, made.saved()


@pytest.fixture
def patient(_empty: tuple[PatientWorld, Mapping[str, Any]]) -> PatientWorld:
    made, nothing = _empty
    made.back_to(nothing)
    return made


@pytest.fixture
def world(patient: PatientWorld) -> World:
    return patient
