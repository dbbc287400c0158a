"""The layer is built on any machine, for the processor that the stack asks for."""

from __future__ import annotations

import gzip
import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from infra.checks.layer_size import is_within_bounds, size_of
from tests.support.stack import resources
from tests.support.template import ROOT

FOLDERS = [
    "botocore/data/s3",
    "babel/locale-data",
    "holidays/locale/de",
    "phonenumbers/shortdata",
    "aws_lambda_powertools/utilities",
]
"""What the recipe prunes; a stand-in for the wheels that pip would bring."""


class Machine:
    """A machine that has one Python, and a strip that breaks whatever it is given."""

    def __init__(self, folder: Path, version: str) -> None:
        self.bin, self.layer = folder / "bin", folder / "layer"
        self.told = folder / "pip"
        self.bin.mkdir()
        self._command("strip", "echo broken > $2")
        for really_here in ("python", "python3", "python3.13"):
            self._command(really_here, "exit 1")
        self._command("llvm-strip", "exit 0")
        made = "; ".join(f'mkdir -p "{self.layer}/python/{folder}"' for folder in FOLDERS)
        python = f"""case "$*" in
*"pip install"*) echo "$*" > {self.told}; {made}; echo foreign > "{self.layer}/python/library.so";;
-c*) exec {shlex.quote(sys.executable)} -c "import sys; sys.version_info = ({version}); $2";;
*compileall*) echo code > "{self.layer}/python/library.pyc";;
esac"""
        self._command("any-python", python)

    def _command(self, name: str, script: str) -> None:
        path = self.bin / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def build(self, *settings: str) -> str:
        command = ["make", "-s", "-C", str(ROOT / "layers/routing_core"), "build-RoutingCore"]
        asked = [f"ARTIFACTS_DIR={self.layer}", f"PYTHON={self.bin}/any-python", *settings]
        surroundings = {"PATH": f"{self.bin}:/usr/bin:/bin"}
        done = subprocess.run(
            [*command, *asked], env=surroundings, capture_output=True, text=True, check=True
        )
        return done.stderr


@pytest.mark.parametrize(("architecture", "machine"), [("arm64", "aarch64"), ("x86_64", "x86_64")])
def test_the_wheels_are_those_of_the_asked_processor_whatever_builds(
    tmp_path: Path, architecture: str, machine: str
) -> None:
    here = Machine(tmp_path, "3, 13")
    here.build(f"ARCHITECTURE={architecture}")
    asked = here.told.read_text()
    platforms = re.findall(r"--platform (\S+)", asked)
    assert f"manylinux_2_28_{machine}" in platforms
    assert all(platform.endswith(f"_{machine}") for platform in platforms)
    assert "--only-binary=:all:" in asked
    assert "--python-version 3.13 --implementation cp" in asked


def test_no_strip_of_this_machine_touches_a_foreign_library(tmp_path: Path) -> None:
    here = Machine(tmp_path, "3, 13")
    here.build()
    assert (here.layer / "python/library.so").read_text() == "foreign\n"


def test_the_runtimes_own_python_makes_byte_code(tmp_path: Path) -> None:
    here = Machine(tmp_path, "3, 13")
    assert here.build() == ""
    assert size_of(here.layer)[1] > 0


def test_without_the_runtimes_python_it_is_said_that_functions_start_more_slowly(
    tmp_path: Path,
) -> None:
    here = Machine(tmp_path, "3, 11")
    told = here.build()
    assert "No Python 3.13" in told
    assert "more slowly" in told
    assert size_of(here.layer)[1] == 0


def test_addresses_of_services_without_a_model_are_left_out(tmp_path: Path) -> None:
    model = tmp_path / "sesv2/2019-09-27/service-2.json.gz"
    model.parent.mkdir(parents=True)
    model.write_bytes(gzip.compress(b'{"metadata": {"endpointPrefix": "email"}}'))
    file = tmp_path / "endpoints.json"
    aws = {"partition": "aws", "regions": {"eu-west-1": {}}, "services": {"email": {}, "ec2": {}}}
    file.write_text(json.dumps({"version": 3, "partitions": [aws]}))
    script = ROOT / "layers/routing_core/prune_endpoints.py"
    subprocess.run([sys.executable, script, tmp_path], check=True)
    assert json.loads(file.read_text())["partitions"] == [aws | {"services": {"email": {}}}]


@pytest.mark.parametrize(("most", "kept"), [(32_000_000, True), (32_000_001, False)])
def test_the_layer_of_every_function_has_bounds(tmp_path: Path, most: int, kept: bool) -> None:
    with (tmp_path / "library.so").open("wb") as file:
        file.truncate(most)
    assert is_within_bounds(tmp_path) is kept


def test_functions_and_layers_are_of_one_processor_by_default() -> None:
    for makefile in ("Makefile", "layers/routing_core/Makefile", "layers/hq_tools/Makefile"):
        text = (ROOT / makefile).read_text()
        assert re.search(r"^ARCHITECTURE +\?= arm64$", text, re.MULTILINE), makefile
    asked = {"Ref": "Architecture"}
    functions = [r for r in resources().values() if r["Type"] == "AWS::Lambda::Function"]
    assert all(f["Properties"]["Architectures"] == [asked] for f in functions)
    layers = [r for r in resources().values() if r["Type"] == "AWS::Lambda::LayerVersion"]
    assert len(layers) == 2
    assert all(each["Properties"]["CompatibleArchitectures"] == [asked] for each in layers)
