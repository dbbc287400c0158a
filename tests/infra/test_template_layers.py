"""Promises about the layers, and what is packaged in them."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib

from infra.local.package import LAYERS
from routing_core.domain.territory import countries
from tests.support.template import (
    FUNCTIONS,
    ROOT,
    properties,
)


def test_the_layer_gets_what_the_code_declares_at_the_versions_that_are_tested() -> None:
    def pins(path: str) -> dict[str, str]:
        lines = (ROOT / path).read_text().splitlines()
        return dict(line.split(" ;")[0].split("==") for line in lines if "==" in line)

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    declared = {
        "routing_core": project["dependencies"],
        "hq_tools": project["optional-dependencies"]["hq"],
    }
    tested = pins("constraints.txt")
    for folder, needed in declared.items():
        layer = pins(f"layers/{folder}/requirements.txt")
        assert set(needed) <= set(layer)
        assert {name: tested.get(name) for name in layer} == layer


def test_what_hq_alone_needs_goes_to_its_functions_and_no_other() -> None:
    layers = {name: len(properties(f"{name}Function")["Layers"]) for name in FUNCTIONS}
    assert {name for name, count in layers.items() if count == 2} == {"Hq", "HqDesk", "Reports"}
    assert set(layers.values()) == {1, 2}
    folders = re.findall("ContentUri: (layers/.+)", (ROOT / "template.yaml").read_text())
    assert folders == [str(layer.source) for layer in LAYERS]


def test_no_function_but_the_one_that_makes_reports_waits_for_numpy_when_it_starts() -> None:
    code = """
import importlib, pathlib, sys
for app in sorted(pathlib.Path("functions").glob("*/app.py")):
    if app.parent.name != "reports":
        importlib.import_module(f"functions.{app.parent.name}.app")
print("numpy" in sys.modules)
"""
    environment = {
        "PYTHONPATH": f".:{LAYERS[0].source}",
        "LEADS_TABLE": "leads",
        "PARTNERS_TABLE": "partners",
        "PATH": "",
    }
    told = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert told.stdout == "False\n", told.stderr


def test_no_committed_file_names_an_index() -> None:
    for name in (
        "constraints.txt",
        "layers/routing_core/requirements.txt",
        "layers/hq_tools/requirements.txt",
        "infra/local/requirements.txt",
    ):
        assert "://" not in (ROOT / name).read_text()


def test_every_botocore_service_that_the_code_asks_for_is_in_the_layer() -> None:
    makefile = (ROOT / "layers/routing_core/Makefile").read_text()
    shipped = re.search(r"^SERVICES\s*:=\s*(.+)$", makefile, re.MULTILINE)
    assert shipped
    sources = [
        *(ROOT / "functions").rglob("*.py"),
        *(ROOT / "layers/routing_core/routing_core").rglob("*.py"),
    ]
    asked = {
        s
        for path in sources
        for s in re.findall(r"client\(\s*[\"']([\w-]+)[\"']", path.read_text())
    }
    assert asked <= set(shipped[1].split())


def test_the_layer_keeps_every_language_in_which_a_list_may_name_a_country() -> None:
    """It is pruned when it is built: what is gone there is only missed by whoever imports a
    list.
    """
    prune = (ROOT / "layers/routing_core/Makefile").read_text()
    kept = set(re.findall(r"! -name '(\w+)\*?\.dat'", prune))
    assert set(countries._LANGUAGES) <= kept


def test_the_layer_keeps_what_boto3_knows_of_every_service_that_the_code_talks_to() -> None:
    wiring = (ROOT / "layers/routing_core/routing_core/aws/wiring.py").read_text()
    makefile = (ROOT / "layers/routing_core/Makefile").read_text()
    kept = re.search(r"^SERVICES +:= (.+)$", makefile, re.MULTILINE)
    assert kept is not None
    assert set(re.findall(r"_client\(\"(\w+)\"\)", wiring)) == set(kept[1].split())
