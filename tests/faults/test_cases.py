"""The list of cases is complete: nothing in ``service`` writes, and no fact comes true, without
one.
"""

import ast
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from routing_core import service
from routing_core.aws import wiring
from routing_core.domain.events import CLASS_OF, PARTNER_EVENTS
from tests.faults.calls import SERVICES, is_read
from tests.faults.cases import CASES
from tests.faults.deliveries import PatientWorld
from tests.support.invariants import look

WITHOUT_A_CASE = yaml.safe_load(Path(__file__).with_name("without_a_case.yaml").read_text())
"""What is still to get a case; the list may only become shorter."""
FOLDER = Path(str(service.__file__)).parent
PORTS = {
    "leads",
    "services",
    "partners",
    "rules",
    "bus",
    "outgoing",
    "post",
    "digests",
    "postponed",
    "mailing",
}
WRITES = {
    *(
        "commit",
        "save",
        "finish_import",
        "set_paused",
        "renew_links",
        "revoke_links",
        "confirm",
        "bounce",
        "note_unreachable",
        "save_programme",
        "save_places",
    ),
    *(
        "publish",
        "lease",
        "sent",
        "release",
        "send",
        "hold",
        "flushed",
        "failed",
        "succeeded",
        "once",
        "note_reader",
    ),
}
"""What ``ports`` and their like in ``digests``, ``mailing`` and ``sweep`` say that changes
anything.
"""


def asks_a_port(node: ast.AST) -> bool:
    if not isinstance(node, ast.Attribute) or node.attr not in WRITES:
        return False
    return (getattr(node.value, "attr", "") or getattr(node.value, "id", "")) in PORTS


def that_write() -> set[str]:
    """Functions of ``service`` that ask a port to write, and those that name one of them."""
    functions: dict[tuple[str, str], ast.FunctionDef] = {}
    for path in FOLDER.rglob("*.py"):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.FunctionDef):
                functions[path.stem, node.name] = node
    public = {name: (module, name) for module, name in functions if not name.startswith("_")}
    found = {key for key, node in functions.items() if any(map(asks_a_port, ast.walk(node)))}
    while more := {
        key
        for key, node in functions.items()
        if key not in found and not found.isdisjoint(named_in(node, key[0], functions, public))
    }:
        found |= more
    return {f"{module}.{name}" for module, name in found}


Key = tuple[str, str]


def named_in(
    node: ast.FunctionDef, module: str, functions: Mapping[Key, Any], public: Mapping[str, Key]
) -> set[Key]:
    """The functions that one names: of its own module before those of others."""
    names = {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
    names -= {each.arg for each in ast.walk(node) if isinstance(each, ast.arg)}
    own = {(module, name) for name in names if (module, name) in functions}
    others = {public[name] for name in names if name in public and (module, name) not in own}
    return own | others


@contextmanager
def writers_noted() -> Iterator[set[str]]:
    """Functions of ``service`` that were at work when something was written."""
    seen: set[str] = set()

    def note(model: Any, **_: Any) -> None:
        frame = sys._getframe() if not is_read(model.name) else None
        while frame:
            file = Path(frame.f_code.co_filename)
            if FOLDER in file.parents:
                seen.add(f"{file.stem}.{frame.f_code.co_qualname.partition('.')[0]}")
            frame = frame.f_back

    emitters = [wiring._client(name).meta.events for name in SERVICES]
    for emitter in emitters:
        emitter.register("before-call", note)
    try:
        yield seen
    finally:
        for emitter in emitters:
            emitter.unregister("before-call", note)


@pytest.mark.usefixtures("swift", "few_at_once")
def test_nothing_writes_and_nothing_happens_that_is_not_among_the_cases(
    patient: PatientWorld,
) -> None:
    empty, writers, facts = patient.saved(), set[str](), set[str]()
    for prepare in CASES.values():
        patient.back_to(empty)
        act = prepare(patient)
        before = look(patient)
        published = len(patient.published)
        with writers_noted() as seen:
            act()
        writers |= seen
        facts |= {fact.kind for row in look(patient).since(before) for fact in row.events}
        facts |= {entry["DetailType"] for entry in patient.published[published:]}
    wanted = that_write()
    assert "submit_lead.submit_lead" in wanted
    assert sorted(wanted - writers) == WITHOUT_A_CASE["writers"]
    assert sorted({*CLASS_OF, *PARTNER_EVENTS} - facts) == WITHOUT_A_CASE["events"]
