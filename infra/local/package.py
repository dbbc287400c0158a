"""Packages functions and layers as `sam build` does, for the interpreter that runs here.

Names carry the hash of what is inside, so that nothing is built, sent or deployed twice.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Layer:
    """A layer as the template has it."""

    source: Path
    """The folder of its source, below the root."""
    name: str
    """The template's name of it, and that of the Makefile's target behind ``build-``."""


CORE = Layer(Path("layers/routing_core"), "RoutingCore")
"""Our own package and what every function needs."""
HQ_TOOLS = Layer(Path("layers/hq_tools"), "HqTools")
"""What only HQ's functions get: numpy for figures, openpyxl for spreadsheets."""
LAYERS = (CORE, HQ_TOOLS)


def function_zips(root: Path, out: Path) -> dict[str, Path]:
    """Pack each function, and give the zips by what the template calls them: ``functions/<name>``.

    A zip holds exactly that folder under that path, so that the same import works there as here.
    """
    packages = {}
    for app in sorted((root / "functions").glob("*/app.py")):
        folder = app.parent
        packages[f"functions/{folder.name}"] = _zip(out, folder.name, root, _sources(folder))
    return packages


def layer_zip(root: Path, out: Path, layer: Layer = CORE) -> Path:
    """Pack a layer with wheels for this interpreter, and give the zip."""
    source = root / layer.source
    core = _sources(source / "routing_core")
    whole = hashlib.sha256(_recipe(source) + _digest(source, core))
    target = out / f"layer-{whole.hexdigest()[:16]}.zip"
    if target.exists():
        return target
    built = layer_folder(root, out, layer)
    with _AtomicZip(target) as archive:
        for path in sorted(built.rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(built))
        for path in core:
            archive.write(path, Path("python") / path.relative_to(source))
    return target


def named_by_content(path: Path, out: Path) -> Path:
    """Copy a file under a name that is a hash of it, and give the copy."""
    content = path.read_bytes()
    target = out / f"{hashlib.sha256(content).hexdigest()[:16]}-{path.name}"
    if not target.exists():
        out.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return target


def layer_folder(root: Path, out: Path, layer: Layer = CORE) -> Path:
    """Install a layer's packages, and give the folder whose ``python`` holds them.

    Our own package is left out. They are installed once for each requirements file.
    """
    source = root / layer.source
    recipe = _recipe(source)
    built = out / f"layer-{hashlib.sha256(recipe).hexdigest()[:16]}"
    if not built.exists():
        told = f"Building {layer.source} (once; 15 to 60 seconds)"
        print(told, file=sys.stderr, flush=True)
        out.mkdir(parents=True, exist_ok=True)
        # In a folder of its own: another make run may build the same meanwhile.
        part = Path(tempfile.mkdtemp(prefix="layer-", suffix=".part", dir=out))
        command = ["make", "-s", "-C", str(source), f"build-{layer.name}", f"ARTIFACTS_DIR={part}"]
        subprocess.run(
            [
                *command,
                f"PYTHON={sys.executable}",
                f"RUNTIME={_runtime()}",
                "WHEELS=--only-binary=:all:",
            ],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        shutil.rmtree(part / "python/routing_core", ignore_errors=True)
        with contextlib.suppress(OSError):  # another make run was faster, and made the same
            part.rename(built)
        shutil.rmtree(part, ignore_errors=True)
    return built


def _recipe(source: Path) -> bytes:
    """Give all that the layer's packages depend on; another recipe is another folder."""
    return (
        (source / "requirements.txt").read_bytes()
        + (source / "Makefile").read_bytes()
        + _runtime().encode()
    )


def _runtime() -> str:
    """Name the version of the interpreter that runs here, such as 3.13."""
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def _sources(folder: Path) -> list[Path]:
    """List the files below a folder that somebody wrote, in an order that never changes."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return sorted(path for path in files if "__pycache__" not in path.parts)


def _digest(base: Path, paths: Iterable[Path]) -> bytes:
    """Hash files with their names, as they are below a folder."""
    # A zero byte ends each: else a byte could go from one file to the next without a new hash.
    digest = hashlib.sha256()
    for path in paths:
        digest.update(str(path.relative_to(base)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.digest()


def _zip(out: Path, name: str, base: Path, paths: Sequence[Path]) -> Path:
    """Pack files as they are below a folder, unless that was done before, and give the zip."""
    target = out / f"{name}-{_digest(base, paths).hex()[:16]}.zip"
    if not target.exists():
        with _AtomicZip(target) as archive:
            for path in paths:
                archive.write(path, path.relative_to(base))
    return target


class _AtomicZip:
    """A zip that appears under its name only when it is complete.

    Another make run may make the same one meanwhile.
    """

    def __init__(self, target: Path) -> None:
        """Prepare a zip that shall have this name."""
        self.target = target
        target.parent.mkdir(parents=True, exist_ok=True)

    def __enter__(self) -> zipfile.ZipFile:
        """Open the zip under another name, for writing."""
        number, name = tempfile.mkstemp(
            prefix=self.target.stem, suffix=".part", dir=self.target.parent
        )
        os.close(number)
        self.part = Path(name)
        self.archive = zipfile.ZipFile(
            self.part, "w", zipfile.ZIP_DEFLATED, compresslevel=1, strict_timestamps=False
        )
        return self.archive

    def __exit__(self, failed: type | None, *_: object) -> None:
        """Give the zip its name, or throw it away if something was raised."""
        self.archive.close()
        if failed is None:
            self.part.replace(self.target)
        self.part.unlink(missing_ok=True)
