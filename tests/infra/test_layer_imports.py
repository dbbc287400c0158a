"""What a function may import at any time is in a layer that it gets."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.infra.test_template import FUNCTIONS, ROOT, properties

CORE = ROOT / "layers/routing_core"
OF_HQ_ALONE = {"numpy", "openpyxl", "et_xmlfile"}
"""What is only in the layer of HQ's functions."""


def modules() -> dict[str, Path]:
    """Give our own modules by their name."""
    found = {}
    for root, package in ((CORE, "routing_core"), (ROOT, "functions")):
        for path in (root / package).rglob("*.py"):
            parts = path.relative_to(root).with_suffix("").parts
            found[".".join(parts).removesuffix(".__init__")] = path
    return found


def imported(path: Path) -> Iterator[str]:
    """Give what a module imports, at its top or anywhere within."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def reached(start: str, ours: dict[str, Path]) -> set[str]:
    """Give the packages of others that a module may import, by whatever chain of our own."""
    seen, others, left = {start}, set(), [start]
    while left:
        for name in imported(ours[left.pop()]):
            if name not in ours:
                others.add(name.partition(".")[0])
            elif name not in seen:
                seen.add(name)
                left.append(name)
    return others


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_without_hqs_layer_imports_nothing_of_it_even_later(function: str) -> None:
    code = properties(f"{function}Function")
    start = code["Handler"].removesuffix(".handler")
    others = reached(start, modules())
    if len(code["Layers"]) == 1:
        assert not others & OF_HQ_ALONE
    else:
        assert others & OF_HQ_ALONE, "it needs no layer of HQ's"
