"""The fault harness: short in every run of the tests, at length with `make test-faults`
(RELAY_FULL=1).
"""

import os
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import Any
from unittest.mock import patch

import pytest

from tests.faults.deliveries import PatientWorld, short_letter
from tests.faults.stages import small_transactions
from tests.support.world import World, a_world

FULL = bool(os.environ.get("RELAY_FULL"))
told_at_the_end: list[str] = []
"""Figures that are printed when all is over."""
LEAST_STEPS = 10_000
"""Of the simulation, at length."""
counted: defaultdict[str, Counter[str]] = defaultdict(Counter)
"""Figures that several tests add to, and processes if there are several, by what they are figures
of.
"""


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: Any) -> None:
    if told_at_the_end or counted:
        terminalreporter.section("faults")
        for what, figures in counted.items():
            terminalreporter.write_line(
                f"{what}: {', '.join(f'{name} {figures[name]}' for name in figures)}"
            )
        for line in told_at_the_end:
            terminalreporter.write_line(line)
        failed = sum(len(terminalreporter.stats.get(how, ())) for how in ("failed", "error"))
        terminalreporter.write_line(f"violations: {failed}")


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Several processes (-n): each hands over what it saw to the one that prints, and to judge the
    whole.
    """
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["faults"] = (
            told_at_the_end,
            {k: dict(v) for k, v in counted.items()},
        )
        return
    never = [
        f"{what}: {name}"
        for what, figures in counted.items()
        for name in figures
        if not figures[name]
    ]
    steps = counted["simulation"]["steps"] if "simulation" in counted else LEAST_STEPS
    missing = [f"never met, so nothing is shown of it: {', '.join(never)}"] if never else []
    if steps < LEAST_STEPS:
        missing.append(f"only {steps} steps of the simulation, {LEAST_STEPS} are wanted")
    if FULL and missing:
        told_at_the_end.extend(missing)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    lines, figures = getattr(node, "workeroutput", {}).get("faults", ([], {}))
    told_at_the_end.extend(lines)
    for what, of_this in figures.items():
        counted[what].update(of_this)


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


@pytest.fixture
def swift() -> Iterator[None]:
    """Letters have tests of their own, and nobody needs to wait for a transaction that met
    another.
    """
    with (
        patch("functions.notify.app.render_mail", short_letter),
        patch("functions.sweep.app.render_mail", short_letter),
        patch("functions.reports.sending.render_report_mail", short_letter),
        patch("routing_core.aws.tables.leads_table.PAUSES", (0, 0, 0)),
        patch("routing_core.aws.tables.dynamo.PAUSES", (0, 0, 0)),
    ):
        yield


@pytest.fixture
def few_at_once() -> Iterator[None]:
    with small_transactions():
        yield
