"""The released code beside the code of today, over one moto."""

import subprocess
import tarfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from io import BytesIO
from pathlib import Path
from random import Random

import pytest

from tests.faults.playground import partners, programmes
from tests.rolling.fleet import Fleet, Host, RollingWorld
from tests.support.world import a_world

ROOT = Path(__file__).resolve().parents[2]
RELEASE = Path(__file__).with_name("last_release.txt")
Start = Callable[..., AbstractContextManager[Fleet]]


@pytest.fixture(scope="session")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The code of the last release, out of the history."""
    commit = RELEASE.read_text().split()[0]
    done = subprocess.run(
        ["git", "-C", str(ROOT), "archive", commit, "layers", "functions"], capture_output=True
    )
    if done.returncode:
        why = done.stderr.decode(errors="replace").strip()
        pytest.skip(f"the last release, {commit[:8]}, is not in this clone (git says: {why})")
    folder = tmp_path_factory.mktemp("released")
    with tarfile.open(fileobj=BytesIO(done.stdout)) as archive:
        archive.extractall(folder, filter="data")
    return folder


@pytest.fixture
def start(released: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Start:
    """Starts both versions, with nothing stored but rules and partners that the old one saved."""

    @contextmanager
    def started(seed: str, change: str = "", old: Path = released) -> Iterator[Fleet]:
        with a_world(monkeypatch, RollingWorld) as world:
            assert isinstance(world, RollingWorld)
            hosts = [Host("old", old, tmp_path / "old"), Host("new", ROOT, tmp_path / "new")]
            fleet = Fleet(world, *hosts, Random(seed))
            try:
                with fleet.at_work():
                    world.wiring.rules.save_programme(programmes()[0], world.now)
                    world.wiring.partners.save([(each, None) for each in partners()], world.now)
                    world.deliver()
                    if change:
                        fleet.changed(fleet.new, change)
                    yield fleet
            finally:
                for host in hosts:
                    host.end()

    return started
