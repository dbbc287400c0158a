"""Promises about the shape of the code.

What does not hold everywhere yet stands in `layout_exceptions.yaml` by name. That list may only
become shorter: what is new fails, and so does an exception that nothing needs any more.
"""

import ast
import tomllib
from collections import Counter
from pathlib import Path

import pytest
import yaml

from infra.checks import house

ROOT = Path(__file__).resolve().parents[2]
HANDLERS = sorted((ROOT / "functions").glob("*/*.py"))
LIST = Path(__file__).with_name("layout_exceptions.yaml")
EXCEPTIONS = yaml.safe_load(LIST.read_text())


@pytest.mark.parametrize("path", HANDLERS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_handler_parses_makes_one_call_and_renders_in_sixty_lines(path: Path) -> None:
    """What it imports does not count: a line for each name says nothing of what it does."""
    source = path.read_text()
    imports = [
        statement.end_lineno or 0
        for statement in ast.parse(source).body
        if isinstance(statement, (ast.Import, ast.ImportFrom))
    ]
    assert len(source.splitlines()) - max(imports, default=0) <= 60


def none_but(exceptions: list[str], found: list[str], rule: str) -> None:
    """Fails for what is found and no exception, and for an exception that is not found any more."""
    new = sorted((Counter(found) - Counter(exceptions)).elements())
    gone = sorted((Counter(exceptions) - Counter(found)).elements())
    assert not new, "\n".join([f"{rule}; mend it in:", *new])
    assert not gone, "\n".join([f"well done; now take out of {LIST.relative_to(ROOT)}:", *gone])


@pytest.mark.slow
def test_no_comprehension_stands_in_another_or_loops_twice() -> None:
    found = [
        f"{module.name} {where}"
        for module in house.product()
        for where in house.nested_comprehensions(module)
    ]
    none_but(
        EXCEPTIONS["nested_comprehensions"],
        found,
        "A loop reads better than a nested comprehension",
    )


def test_no_conditional_expression_stands_in_another() -> None:
    found = [
        f"{module.name} {where}"
        for module in house.product()
        for where in house.nested_conditionals(module)
    ]
    none_but(
        EXCEPTIONS["nested_conditionals"],
        found,
        "An if statement reads better than a nested conditional",
    )


def test_a_public_name_of_the_core_is_defined_in_one_module() -> None:
    found = list(house.names_of_several_modules(house.modules(house.AREAS["core"])))
    none_but(
        EXCEPTIONS["names_of_several_modules"],
        found,
        "A name has one module; `make house` lists who has it",
    )


def test_no_file_is_excepted_from_a_rule_that_it_keeps() -> None:
    listed = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["ruff"]["lint"][
        "per-file-ignores"
    ]
    excepted = {path: set(rules) for path, rules in listed.items() if "*" not in path}
    rules = sorted(set().union(*excepted.values()))
    broken = house.files_that_break(rules, list(excepted)) if excepted else {}
    assert excepted == broken


def test_what_is_nested_is_found_by_the_function_around_it() -> None:
    source = """
def outer():
    def inner():
        return [[a for a in b] for b in c]
    return {a for b in c for a in b}

x = 1 if a else 2 if b else 3
"""
    module = house.Module(ROOT / "example.py", source)
    assert house.nested_comprehensions(module) == ["outer.inner", "outer"]
    assert house.nested_conditionals(module) == ["(top level)"]


@pytest.mark.parametrize(
    "plain", ["[f(a) for a in b] + [a for a in c]", "[lambda: 1 for a in b]", "a if b else c"]
)
def test_what_stands_beside_something_is_not_nested(plain: str) -> None:
    module = house.Module(ROOT / "example.py", f"x = {plain}\n")
    assert house.nested_comprehensions(module) == house.nested_conditionals(module) == []


def test_one_name_in_two_modules_is_found_with_both() -> None:
    first = house.Module(ROOT / "first.py", "def told(): ...\n_HIDDEN = 1\nMOST = 1\n")
    second = house.Module(ROOT / "second.py", "MOST: int = 2\n_HIDDEN = 2\n\nclass Told: ...\n")
    assert house.names_of_several_modules([first, second]) == {"MOST": ["first.py", "second.py"]}
