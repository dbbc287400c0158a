"""What `make run` packages, also when it is called twice at once in one clone."""

from __future__ import annotations

import re
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from infra.local.package import ROOT, function_zips, layer_zip

BUILT_BY_TWO = """\
build-RoutingCore:
	mkdir -p $(ARTIFACTS_DIR)/python/routing_core
	echo found = True > $(ARTIFACTS_DIR)/python/library.py
	touch ../../building.$$$$
	while [ `ls ../../building.* | wc -l` -lt 2 ]; do sleep 0.01; done
"""
"""A recipe that ends only when another one has begun."""


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    layer = tmp_path / "layers/routing_core"
    (layer / "routing_core").mkdir(parents=True)
    (layer / "routing_core/core.py").write_text("core = True\n")
    (layer / "requirements.txt").write_text("library==1\n")
    (layer / "Makefile").write_text(BUILT_BY_TWO)
    (tmp_path / "functions/intake").mkdir(parents=True)
    (tmp_path / "functions/intake/app.py").write_text("app = True\n" * 100_000)
    return tmp_path


def test_two_that_build_the_layer_at_once_both_get_it_whole(clone: Path) -> None:
    with ThreadPoolExecutor() as both:
        first, second = both.map(lambda out: layer_zip(clone, out), [clone / "build"] * 2)
    assert first == second
    assert sorted(zipfile.ZipFile(first).namelist()) == [
        "python/library.py",
        "python/routing_core/core.py",
    ]
    assert len(list((clone / "build").iterdir())) == 2, "nothing half done is left over"


def test_two_that_package_a_function_at_once_both_get_it_whole(clone: Path) -> None:
    with ThreadPoolExecutor(8) as many:
        made = list(many.map(lambda out: function_zips(clone, out), [clone / "build"] * 8))
    (zipped,) = {path for zips in made for path in zips.values()}
    assert zipfile.ZipFile(zipped).testzip() is None
    assert [path.name for path in zipped.parent.iterdir()] == [zipped.name]


def test_whoever_waits_for_another_environment_is_told_how_long() -> None:
    makefile = (ROOT / "Makefile").read_text()
    made = re.findall(r"^(\.venv[\w-]*)/[^:\n]*:.*\n(.*)", makefile, re.MULTILINE)
    assert len(made) == 6
    for environment, first_command in made:
        assert re.search(rf"new_venv,{environment},[a-z ]*minutes?\)", first_command), environment
    assert "Making $(1) (once; $(2))" in makefile
