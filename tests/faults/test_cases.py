"""The list of cases is complete: nothing in ``service`` writes, and no fact comes true, without
one.
"""

import ast
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from routing_core import service
from routing_core.aws import wiring
from routing_core.domain.events import CLASS_OF, PARTNER_EVENTS
from tests.faults.calls import SERVICES, is_read
from tests.faults.cases import CASES
from tests.faults.deliveries import PatientWorld
from tests.support.invariants import look

FOLDER = Path(str(service.__file__)).parent
PORTS = {
    "leads",
    "relay",
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
    modules = [ast.parse(path.read_text()) for path in FOLDER.glob("*.py")]
    functions = {
        node.name: node
        for module in modules
        for node in module.body
        if isinstance(node, ast.FunctionDef)
    }
    found = {name for name, node in functions.items() if any(map(asks_a_port, ast.walk(node)))}
    while more := {
        name
        for name, node in functions.items()
        if name not in found
        and any(isinstance(each, ast.Name) and each.id in found for each in ast.walk(node))
    }:
        found |= more
    return found


@contextmanager
def writers_noted() -> Iterator[set[str]]:
    """Functions of ``service`` that were at work when something was written."""
    seen: set[str] = set()

    def note(model: Any, **_: Any) -> None:
        frame = sys._getframe() if not is_read(model.name) else None
        while frame:
            if Path(frame.f_code.co_filename).parent == FOLDER:
                seen.add(frame.f_code.co_qualname.partition(".")[0])
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
    assert "submit_lead" in wanted
    assert not sorted(wanted - writers)
    assert not sorted({*CLASS_OF, *PARTNER_EVENTS} - facts)
