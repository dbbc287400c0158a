"""What the documents say of files and commands is so, and CI and pre-commit run what they say."""

import os
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text()
READMES = (
    "README.md",
    "functions/README.md",
    "layers/routing_core/README.md",
    "infra/README.md",
    "tests/README.md",
)
DOCUMENTS = (
    *READMES,
    "CONTRIBUTING.md",
    "SECURITY.md",
    "infra/own-key.md",
    "layers/routing_core/DECISIONS.md",
    "layers/routing_core/PROGRAMME.md",
)
LONGEST_README = 200
MAKEFILE = (ROOT / "Makefile").read_text()
CI = (ROOT / ".ci/run").read_text()
LEAST_BEHAVIOURS = 30


def table(title: str) -> list[list[str]]:
    """Gives the cells of the table under a title, row by row, without its head."""
    section = CONTRIBUTING.partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    rows = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in rows[2:]]


def targets(text: str) -> set[str]:
    """Gives the make targets of a document: those in its blocks of commands and those in its
    sentences.
    """
    blocks = "".join(re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL))
    sentences = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    commands = [*blocks.splitlines(), *re.findall(r"`([^`]+)`", sentences)]
    return set(re.findall(r"^make ([a-z][a-z-]+)", "\n".join(commands), re.MULTILINE))


@pytest.mark.parametrize("document", READMES)
def test_a_readme_is_read_in_one_go(document: str) -> None:
    assert len((ROOT / document).read_text().splitlines()) <= LONGEST_README


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_file_that_a_document_names_is_there(document: str) -> None:
    text = (ROOT / document).read_text()
    named = re.findall(r"`([\w.][\w./-]*(?:/|/[\w./-]*\.\w+))`", text)
    linked = re.findall(r"\]\((?!https?:)([^)#]+)\)", text)
    beside = (ROOT / document).parent
    bases = (ROOT, beside, beside / "routing_core")
    lost = [name for name in named if not any((base / name).exists() for base in bases)]
    assert lost == []
    assert [name for name in linked if not (beside / name).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_make_target_that_a_document_names_is_there(document: str) -> None:
    there = set(re.findall(r"^([a-z][a-z-]*):", MAKEFILE, re.MULTILINE))
    assert targets((ROOT / document).read_text()) - there == set()


def test_a_behaviour_is_found_by_its_file() -> None:
    rows = table("Where a behaviour lives")
    assert len(rows) >= LEAST_BEHAVIOURS
    assert [file for _, file in rows if not (ROOT / file.strip("`")).is_file()] == []
    assert len({behaviour for behaviour, _ in rows}) == len({file for _, file in rows}) == len(rows)


def test_every_lane_that_ci_runs_is_explained() -> None:
    explained = {
        re.sub(r" .*", "", command.strip("`").removeprefix("make "))
        for command, *_ in table("Lanes of tests")
    }
    run = set(re.findall(r"\bmake ([a-z-]+)", CI)) - {"demo"}
    assert run <= explained


def test_the_first_commands_of_a_contributor_work() -> None:
    (block,) = re.findall(r"^```sh\n(.*?)^```", CONTRIBUTING, re.MULTILINE | re.DOTALL)
    assert block.splitlines() == ["make help", "make test-fast"]
    shell = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    done = subprocess.run(
        ["make", "help"], cwd=ROOT, env=shell, capture_output=True, text=True, check=True
    )
    assert "make test-fast" in done.stdout


def workflow() -> dict[Any, Any]:
    parsed: dict[Any, Any] = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text())
    return parsed


def test_the_workflow_runs_what_a_change_must_pass_and_may_only_read() -> None:
    parsed = workflow()
    triggers = parsed[True]  # `on` is a truth value to YAML 1.1; GitHub reads it as the word
    assert set(triggers) == {"push", "pull_request"}
    assert parsed["permissions"] == {"contents": "read"}
    (job,) = parsed["jobs"].values()
    assert [step["run"] for step in job["steps"] if "run" in step] == [".ci/run"]
    assert os.access(ROOT / ".ci/run", os.X_OK)


def test_the_workflow_has_the_python_that_the_functions_run_on() -> None:
    template = (ROOT / "template.yaml").read_text()
    (runtime,) = set(re.findall(r"Runtime: python(3\.\d+)", template))
    (job,) = workflow()["jobs"].values()
    assert job["container"].startswith(f"python:{runtime}-")


def test_pre_commit_runs_the_commands_of_make_check() -> None:
    (repository,) = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    hooks = [hook["entry"] for hook in repository["hooks"]]
    recipe = re.findall(r"^check:.*\n((?:\t.*\n)+)", MAKEFILE, re.MULTILINE)[0]
    commands = [line.strip() for line in recipe.splitlines() if line.startswith("\t$(BIN)/")]
    assert hooks == [command.replace("$(BIN)", ".venv/bin") for command in commands]
    assert {hook["pass_filenames"] for hook in repository["hooks"]} == {False}


def test_the_changelog_names_the_version_of_the_package_after_what_is_unreleased() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    titles = re.findall(r"^## (.*)$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert titles[0] == "Unreleased"
    assert re.fullmatch(rf"{re.escape(project['version'])} - \d{{4}}-\d\d-\d\d", titles[1])
