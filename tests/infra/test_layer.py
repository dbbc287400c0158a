"""The layers as a function sees them: alone, with nothing of this machine's own packages."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from infra.checks.layer_size import is_within_bounds
from infra.local.package import LAYERS, ROOT, layer_zip

pytestmark = pytest.mark.embedded

IMPORTS = """
import importlib, pathlib, sys
sys.path[:] = [p for p in sys.path if "site-packages" not in p]
sys.path[:0] = [sys.argv[1], sys.argv[2]]
for app in sorted(pathlib.Path(sys.argv[2], "functions").glob("*/app.py")):
    importlib.import_module(f"functions.{app.parent.name}.app")
for module in sorted(pathlib.Path(sys.argv[1], "routing_core").rglob("*.py")):
    name = ".".join(module.relative_to(sys.argv[1]).with_suffix("").parts).removesuffix(".__init__")
    importlib.import_module(name)
from botocore.session import get_session
for service in sys.argv[3].split():
    get_session().create_client(service, region_name="eu-central-1")
import email_validator
assert email_validator.validate_email("a@example.com", check_deliverability=False)
import holidays
for country, parts in holidays.list_supported_countries().items():
    for part in (None, *parts):
        holidays.country_holidays(country, subdiv=part, years=(2026, 2027))
assert holidays.country_holidays("DE", subdiv="BY", years=2026)
import zoneinfo
assert len(zoneinfo.available_timezones()) > 400
resolver = get_session().get_component("endpoint_resolver")
assert resolver.construct_endpoint("s3", "eu-central-1")["hostname"] == "s3.eu-central-1.amazonaws.com"
from routing_core.domain.territory.countries import country_code
for country in ("Österreich", "Suisse", "Paesi Bassi", "Alemania", "Duitsland", "Germany"):
    assert country_code(country), country
print("imported")
"""


def test_the_layer_of_every_function_is_within_its_bounds(tmp_path: Path) -> None:
    with zipfile.ZipFile(layer_zip(ROOT, ROOT / ".local/build")) as archive:
        archive.extractall(tmp_path)
    assert is_within_bounds(tmp_path)


def test_every_function_imports_from_the_layers_alone(tmp_path: Path) -> None:
    for layer in LAYERS:
        with zipfile.ZipFile(layer_zip(ROOT, ROOT / ".local/build", layer)) as archive:
            archive.extractall(tmp_path)
    makefile = (ROOT / "layers/routing_core/Makefile").read_text()
    services = next(
        line.split(":=")[1] for line in makefile.splitlines() if line.startswith("SERVICES")
    )
    environment = {"PATH": "", "LEADS_TABLE": "leads", "PARTNERS_TABLE": "partners"}
    told = subprocess.run(
        [sys.executable, "-I", "-c", IMPORTS, tmp_path / "python", ROOT, services.strip()],
        env=environment,
        capture_output=True,
        text=True,
    )
    assert told.stdout == "imported\n", told.stderr
