"""Runs a state machine of ours as Step Functions would, as far as ours need it: in order, at once.

Waits between tries are left out. What it does not know fails loudly.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

MACHINES = Path(__file__).resolve().parents[2] / "infra" / "statemachines"
Call = Callable[[dict[str, Any]], Any]
"""Calls the function behind a task."""


class StateFailed(Exception):
    """An execution, or an item of a map, that ended in failure."""

    def __init__(self, error: str, cause: str = ""):
        self.error = error
        super().__init__(f"{error}: {cause}")


class Machine:
    """A state machine, and the function that its tasks call."""

    def __init__(self, name: str, call: Call):
        self.definition: dict[str, Any] = json.loads((MACHINES / f"{name}.asl.json").read_text())
        self._call = call
        self.steps: list[str] = []
        """The names of the states that were entered, in their order."""

    def run(self, given: dict[str, Any]) -> Any:
        return self._run(self.definition, given)

    def _run(self, part: dict[str, Any], given: Any) -> Any:
        name = part["StartAt"]
        while True:
            state = part["States"][name]
            self.steps.append(name)
            try:
                given = self._enter(state, given)
            except StateFailed as failed:
                if not state.get("Catch") or state["Type"] == "Fail":
                    raise
                (catch,) = state["Catch"]
                assert catch["ErrorEquals"] == ["States.ALL"]
                told = {"Error": failed.error, "Cause": str(failed)}
                given = _placed(given, catch.get("ResultPath", "$"), told)
                name = catch["Next"]
                continue
            if state["Type"] == "Succeed" or state.get("End"):
                return given
            name = self._next(state, given)

    def _next(self, state: dict[str, Any], given: Any) -> str:
        if state["Type"] != "Choice":
            return str(state["Next"])
        for choice in state["Choices"]:
            if _is_chosen(choice, given):
                return str(choice["Next"])
        return str(state["Default"])

    def _enter(self, state: dict[str, Any], given: Any) -> Any:
        match state["Type"]:
            case "Task":
                result = self._tried(state, _filled(state["Parameters"], given))
                return _placed(given, state.get("ResultPath", "$"), result)
            case "Map":
                items = _at(given, state["ItemsPath"])
                results = [self._run(state["ItemProcessor"], item) for item in items]
                return _placed(given, state.get("ResultPath", "$"), results)
            case "Pass":
                return _at(given, state.get("OutputPath", "$"))
            case "Choice" | "Succeed":
                return given
            case "Fail":
                raise StateFailed(state["Error"], state["Cause"])
        raise NotImplementedError(state["Type"])

    def _tried(self, state: dict[str, Any], sent: dict[str, Any]) -> Any:
        (retry,) = state["Retry"]
        for tries_left in range(retry["MaxAttempts"], -1, -1):
            try:
                # What comes and goes is JSON, as on the wire.
                return json.loads(json.dumps(self._call(json.loads(json.dumps(sent)))))
            except Exception as error:
                if not tries_left:
                    raise StateFailed(type(error).__name__, str(error)) from error
        raise AssertionError("no try at all")


def _is_chosen(choice: dict[str, Any], given: Any) -> bool:
    if "IsPresent" in choice:
        name = choice["Variable"].removeprefix("$.")
        return (name in given) is choice["IsPresent"]
    return bool(_at(given, choice["Variable"]) == choice["BooleanEquals"])


def _filled(template: dict[str, Any], given: Any) -> dict[str, Any]:
    filled = {}
    for name, value in template.items():
        if name.endswith(".$"):
            filled[name.removesuffix(".$")] = _at(given, value)
        else:
            filled[name] = value
    return filled


def _at(given: Any, path: str) -> Any:
    for part in path.removeprefix("$").split("."):
        if part:
            given = given[part]
    return given


def _placed(given: Any, path: str | None, result: Any) -> Any:
    if path is None:
        return given
    if path == "$":
        return result
    return {**given, path.removeprefix("$."): result}
