"""Instances that go on from one snapshot share no secret, no connection and no random numbers."""

from __future__ import annotations

import importlib
import random
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.checks.lint import transformed
from routing_core.aws import snapstart
from routing_core.aws import wiring as wiring_module
from tests.support.stack import resources
from tests.support.world import World

HOOKS = """
before, after = [], []
register_before_snapshot = before.append
register_after_restore = after.append
"""
WAITED_FOR = {"IntakeFunction", "PartnerFunction", "HqFunction", "HqDeskFunction"}


@pytest.fixture
def on_lambda(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    (tmp_path / "snapshot_restore_py.py").write_text(HOOKS)
    monkeypatch.syspath_prepend(tmp_path)
    yield
    sys.modules.pop("snapshot_restore_py", None)


def test_each_instance_has_random_numbers_of_its_own_after_a_restore(on_lambda: None) -> None:
    snapstart.register_hooks()
    hooks = importlib.import_module("snapshot_restore_py")
    for each in hooks.before:
        each()
    in_the_snapshot = random.getstate()
    instances = set()
    for _ in range(2):
        random.setstate(in_the_snapshot)
        for each in hooks.after:
            each()
        instances.add(random.random())
    assert len(instances) == 2


def test_without_lambda_nothing_is_registered() -> None:
    assert "snapshot_restore_py" not in sys.modules
    snapstart.register_hooks()
    assert "snapshot_restore_py" not in sys.modules


def test_no_function_has_a_client_or_a_secret_before_its_first_request(world: World) -> None:
    wiring_module._client.cache_clear()
    wiring_module.wiring.cache_clear()
    for function in ("intake", "partner", "hq", "hq_desk"):
        importlib.reload(importlib.import_module(f"functions.{function}.app"))
    assert wiring_module._client.cache_info().currsize == 0
    assert wiring_module.wiring.cache_info().currsize == 0


def test_only_functions_that_somebody_waits_for_are_restored_from_snapshots() -> None:
    functions = {
        name: resource["Properties"]
        for name, resource in resources().items()
        if resource["Type"] == "AWS::Lambda::Function"
    }
    asked = {name for name, each in functions.items() if "SnapStart" in each}
    assert asked == WAITED_FOR
    for name in asked:
        assert functions[name]["SnapStart"] == {"ApplyOn": {"Ref": "SnapStart"}}
        assert functions[name]["Runtime"] == "python3.13"
        # What AWS documents that SnapStart does not go with.
        assert not functions[name].keys() & {"FileSystemConfigs", "EphemeralStorage"}
        alias = resources()[f"{name}Aliaslive"]["Properties"]
        assert "ProvisionedConcurrencyConfig" not in alias
    assert transformed()["Parameters"]["SnapStart"]["Default"] == "None"
