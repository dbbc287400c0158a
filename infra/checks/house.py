"""Prints how the code reads, in figures that can be compared with other codebases: `make house`.

The figures are signs and not the goal: a line that is wrapped or a comment that fills a gap makes
no code better.
`tests/unit/test_layout.py` reads the same lists and sees to it that they only become shorter.
"""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import tokenize
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import chain
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
AREAS = {
    "core": ROOT / "layers/routing_core/routing_core",
    "functions": ROOT / "functions",
    "infra": ROOT / "infra",
}
"""The folders whose figures are printed beside each other."""
LONG_MODULE = 400
"""Lines of a module, beyond which it wants to be two."""
COMPLEX = 10
"""Ruff's own limit of a function's complexity."""

Comprehension = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
Definition = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)

LAYOUT = frozenset(
    {
        tokenize.COMMENT,
        tokenize.NL,
        tokenize.NEWLINE,
        tokenize.INDENT,
        tokenize.DEDENT,
        tokenize.ENCODING,
        tokenize.ENDMARKER,
    }
)
"""Tokens that nobody reads as code."""

NO_SENTENCE = re.compile(
    "And|As|At|Because|But|By|For|From|How|If|In|Of|On|Or|So|That|To|"
    "What|When|Where|Whether|Which|Who|Whom|Whose|Why|With|Without"
)
"""First words of docstrings that only make sense beside the code they stand on."""

OF_EVERY_MODULE = frozenset({"logger"})
"""Names that are the same everywhere by custom, and that no module imports from another."""


@dataclass(frozen=True)
class Module:
    """One file of ours, read once."""

    path: Path
    """The file, from the root of the file system."""
    source: str
    """Its whole text."""

    @property
    def name(self) -> str:
        """Give the path from the root of the repository, as people would open it."""
        return self.path.relative_to(ROOT).as_posix()

    @cached_property
    def tree(self) -> ast.Module:
        """Parse it, once."""
        return ast.parse(self.source)

    @cached_property
    def tokens(self) -> Sequence[tokenize.TokenInfo]:
        """Take it apart into tokens, comments among them, once."""
        lines = iter(self.source.splitlines(keepends=True))
        return list(tokenize.generate_tokens(lambda: next(lines, "")))


@dataclass(frozen=True)
class Figures:
    """The counts of some modules; figures per 1,000 lines are printed of lines of code."""

    code_lines: int
    """Lines with code on them: no blank line, no comment alone, no docstring."""
    tokens: int
    """Names, numbers, texts and signs of the code."""
    comments: int
    """Lines of comments, also behind code."""
    comprehensions: int
    """Comprehensions and generator expressions."""
    nested_comprehensions: int
    """Those inside another, or with a second `for`."""
    conditionals: int
    """Expressions `a if b else c`."""
    nested_conditionals: int
    """Those inside another."""
    docstrings: int
    """Docstrings, also those under an attribute."""
    docstrings_without_sentence: int
    """Those whose first word needs the code before it."""
    letters_per_identifier: float
    """Letters of a name, as often as it is read."""
    complex_functions: int
    """Functions with a complexity above ten."""
    long_modules: int
    """Modules with more than 400 lines."""


@cache
def modules(folder: Path) -> list[Module]:
    """Read every Python file below a folder, once."""
    return [Module(path, path.read_text("utf-8")) for path in sorted(folder.rglob("*.py"))]


@cache
def product() -> list[Module]:
    """Read every module that the house rules are for: the core, the functions and the tools."""
    return list(chain.from_iterable(map(modules, AREAS.values())))


def nested_comprehensions(module: Module) -> list[str]:
    """Name the functions with a comprehension inside another or looping twice.

    A function comes once for each of them.
    """
    return [where for where, _ in _nested(module.tree, Comprehension)]


def nested_conditionals(module: Module) -> list[str]:
    """Names the functions that have an `a if b else c` within another: once for each."""
    return [where for where, _ in _nested(module.tree, (ast.IfExp,))]


def names_of_several_modules(found: Sequence[Module]) -> dict[str, list[str]]:
    """Give each public name that more than one module defines, with the modules that do.

    It is asked about the core alone: nothing imports the names of a function or a tool.
    """
    defined_in: defaultdict[str, list[str]] = defaultdict(list)
    for module in found:
        for name in _public_names(module.tree):
            defined_in[name].append(module.name)
    return {name: where for name, where in sorted(defined_in.items()) if len(where) > 1}


def complex_functions(folder: Path) -> list[str]:
    """Ask ruff for the functions whose cyclomatic complexity is above ten.

    Each is written as "path:line: message". The measure is that of McCabe 1976.
    """
    limit = f"lint.mccabe.max-complexity={COMPLEX}"
    found = []
    for problem in _ruff("--select", "C901", "--config", limit, str(folder)):
        path = Path(problem["filename"]).relative_to(ROOT).as_posix()
        found.append(f"{path}:{problem['location']['row']}: {problem['message']}")
    return found


def files_that_break(rules: Sequence[str], files: Sequence[str]) -> dict[str, set[str]]:
    """Asks ruff which of some files break which of some rules, whatever they are excepted from."""
    broken: defaultdict[str, set[str]] = defaultdict(set)
    for problem in _ruff("--select", ",".join(rules), *(str(ROOT / file) for file in files)):
        path = Path(problem["filename"]).relative_to(ROOT).as_posix()
        broken[path].add(problem["code"])
    return dict(broken)


def _ruff(*arguments: str) -> list[Any]:
    """Run ruff with its own defaults only and give the problems it found."""
    ruff = str(Path(sys.executable).with_name("ruff"))
    command = [ruff, "check", "--isolated", "--ignore-noqa", "--output-format", "json", *arguments]
    done = subprocess.run(command, capture_output=True, text=True)
    if not done.stdout:
        raise RuntimeError(done.stderr)
    problems: list[Any] = json.loads(done.stdout)
    return problems


def figures(found: Sequence[Module], complex_ones: int) -> Figures:
    """Count what `make house` prints.

    ``complex_ones``: how many functions are too complex, which ruff counts in the folder itself.
    """
    trees = [module.tree for module in found]
    nodes = list(chain.from_iterable(map(ast.walk, trees)))
    names = [node.id for node in nodes if isinstance(node, ast.Name)]
    docstrings = list(chain.from_iterable(map(_docstrings, trees)))
    code = list(chain.from_iterable(map(_code_tokens, found)))
    return Figures(
        code_lines=sum(map(_count_code_lines, found)),
        tokens=len(code),
        comments=sum(map(_count_comments, found)),
        comprehensions=_count(nodes, Comprehension),
        nested_comprehensions=len(list(chain.from_iterable(map(nested_comprehensions, found)))),
        conditionals=_count(nodes, (ast.IfExp,)),
        nested_conditionals=len(list(chain.from_iterable(map(nested_conditionals, found)))),
        docstrings=len(docstrings),
        docstrings_without_sentence=len(list(filter(is_no_sentence, docstrings))),
        letters_per_identifier=sum(map(len, names)) / max(len(names), 1),
        complex_functions=complex_ones,
        long_modules=len(list(filter(_is_long, found))),
    )


def _count(nodes: Sequence[ast.AST], kind: tuple[type[ast.AST], ...]) -> int:
    """Count the nodes of a kind."""
    return len([node for node in nodes if isinstance(node, kind)])


def _code_tokens(module: Module) -> list[tokenize.TokenInfo]:
    """List the tokens of a module that are read as code."""
    of_docstrings = set(_lines_of_docstrings(module.tree))
    code = [token for token in module.tokens if token.type not in LAYOUT]
    return [token for token in code if token.start[0] not in of_docstrings]


def _count_code_lines(module: Module) -> int:
    """Count the lines with code on them; a text over several lines is on all of them."""
    lines: set[int] = set()
    for token in _code_tokens(module):
        lines.update(range(token.start[0], token.end[0] + 1))
    return len(lines)


def _count_comments(module: Module) -> int:
    """Count the comments of a module, each line of a longer one."""
    return len([token for token in module.tokens if token.type == tokenize.COMMENT])


def _is_long(module: Module) -> bool:
    """Tell whether a module has more lines than one should."""
    return len(module.source.splitlines()) > LONG_MODULE


def is_no_sentence(docstring: str) -> bool:
    """Tell whether a docstring begins with a word that makes no sense without code before it."""
    words = docstring.split(maxsplit=1)
    return bool(words) and NO_SENTENCE.fullmatch(words[0].strip("*`:,.")) is not None


def _nested(tree: ast.Module, kind: tuple[type[ast.AST], ...]) -> Iterator[tuple[str, ast.AST]]:
    """Yield each node of a kind that stands inside another or loops twice.

    The name of the function around it comes first.
    """

    def walk(node: ast.AST, where: str, inside: bool) -> Iterator[tuple[str, ast.AST]]:
        if isinstance(node, Definition):
            where = f"{where}.{node.name}" if where else node.name
            inside = False
        if isinstance(node, kind):
            loops_twice = len(getattr(node, "generators", ())) > 1
            if inside or loops_twice:
                yield where or "(top level)", node
            inside = True
        for child in ast.iter_child_nodes(node):
            yield from walk(child, where, inside)

    yield from walk(tree, "", False)


def _public_names(tree: ast.Module) -> set[str]:
    """Collect what a module defines at its top level for others to import."""
    names: set[str] = set()
    for statement in tree.body:
        if isinstance(statement, Definition):
            names.add(statement.name)
        elif isinstance(statement, ast.Assign):
            for target in statement.targets:
                names.update(node.id for node in ast.walk(target) if isinstance(node, ast.Name))
        elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            names.add(statement.target.id)
    return {name for name in names if not name.startswith("_")} - OF_EVERY_MODULE


def _docstrings(tree: ast.Module) -> list[str]:
    """Collect the docstrings of modules, classes and functions, and those under an attribute."""
    return [ast.literal_eval(text) for text in _texts_alone(tree)]


def _lines_of_docstrings(tree: ast.Module) -> Iterator[int]:
    """Yield the numbers of the lines that docstrings are on."""
    for text in _texts_alone(tree):
        yield from range(text.lineno, (text.end_lineno or text.lineno) + 1)


def _texts_alone(tree: ast.Module) -> Iterator[ast.Constant]:
    """Yield the texts that are a statement of their own."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Expr) or not isinstance(node.value, ast.Constant):
            continue
        if isinstance(node.value.value, str):
            yield node.value


def _rows(of: Figures) -> list[tuple[str, str]]:
    """Write the figures as they are printed, one row each."""

    def a_thousand(count: int) -> str:
        return f"{1000 * count / max(of.code_lines, 1):.1f}"

    return [
        ("lines of code", f"{of.code_lines:,}"),
        ("tokens a line of code", f"{of.tokens / max(of.code_lines, 1):.1f}"),
        ("comments per 1,000 lines", a_thousand(of.comments)),
        ("comprehensions per 1,000 lines", a_thousand(of.comprehensions)),
        ("  nested ones", f"{of.nested_comprehensions}"),
        ("conditional expressions per 1,000 lines", a_thousand(of.conditionals)),
        ("  nested ones", f"{of.nested_conditionals}"),
        ("docstrings", f"{of.docstrings:,}"),
        (
            "  that are no sentence",
            f"{100 * of.docstrings_without_sentence / max(of.docstrings, 1):.0f} %",
        ),
        ("mean identifier, letters", f"{of.letters_per_identifier:.1f}"),
        (f"functions with complexity above {COMPLEX}", f"{of.complex_functions}"),
        (f"modules over {LONG_MODULE} lines", f"{of.long_modules}"),
    ]


def _table(columns: dict[str, Figures]) -> Iterator[str]:
    """Yield the lines of a table with a column for each area."""
    rows = {area: _rows(of) for area, of in columns.items()}
    yield " " * 42 + "".join(f"{area:>11}" for area in rows)
    for row in zip(*rows.values(), strict=True):
        what = row[0][0]
        yield f"{what:<42}" + "".join(f"{value:>11}" for _, value in row)


def main() -> int:
    """Print the figures, and with `--lists` where each of them could become better."""
    by_area = {area: modules(folder) for area, folder in AREAS.items()}
    too_complex = {area: complex_functions(folder) for area, folder in AREAS.items()}
    columns = {area: figures(found, len(too_complex[area])) for area, found in by_area.items()}
    everything = product()
    everything_complex = list(chain.from_iterable(too_complex.values()))
    columns["all"] = figures(everything, len(everything_complex))
    print(*_table(columns), sep="\n")
    shared_names = names_of_several_modules(by_area["core"])
    print(f"\npublic names that two or more modules of the core define: {len(shared_names)}")
    if "--lists" in sys.argv[1:]:
        _print_shared_names(shared_names)
        _print_nested(everything)
        _print_long(everything, everything_complex)
    return 0


def _print_shared_names(shared_names: dict[str, list[str]]) -> None:
    """Print each name with the modules that define it."""
    print("\npublic names, and the modules that define them")
    for name, where in shared_names.items():
        print(f"  {name}: {', '.join(where)}")


def _print_nested(everything: Sequence[Module]) -> None:
    """Print the functions with an expression inside another of its kind."""
    print("\nnested comprehensions")
    for module in everything:
        for where in nested_comprehensions(module):
            print(f"  {module.name} {where}")
    print("\nnested conditional expressions")
    for module in everything:
        for where in nested_conditionals(module):
            print(f"  {module.name} {where}")


def _print_long(everything: Sequence[Module], complex_ones: Sequence[str]) -> None:
    """Print what is too long to be read at once."""
    print(f"\nmodules over {LONG_MODULE} lines, and functions that are too complex")
    for module in filter(_is_long, everything):
        print(f"  {module.name}: {len(module.source.splitlines())} lines")
    for problem in complex_ones:
        print(f"  {problem}")


if __name__ == "__main__":
    sys.exit(main())
